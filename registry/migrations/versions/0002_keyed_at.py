"""When a member's keys last became others, so that all members can be told."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("admission", sa.Column("keyed_at", UtcTime(), nullable=True))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("admission", "keyed_at")
