"""What a host proposes instead of a trip that it had to end."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep it with the trip."""
    op.add_column("trip", sa.Column("alternatives", sa.Text(), server_default="[]", nullable=False))


def downgrade() -> None:
    """Forget it."""
    op.drop_column("trip", "alternatives")
