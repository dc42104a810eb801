"""The lines of a person's own stations are remembered, so that a search can say 乗換なし."""

import sqlalchemy as sa
from alembic import op

from federation.columns import Json

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them, unknown for everybody."""
    op.add_column("staff", sa.Column("station_lines", Json, server_default=sa.text("'{}'"), nullable=False))


def downgrade() -> None:
    """Forget them."""
    op.drop_column("staff", "station_lines")
