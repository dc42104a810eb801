"""What a room's セキュリティ確認表 says, to be searched for."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("desk", sa.Column("assured", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("desk", sa.Column("assured_until", sa.String(length=10), nullable=False, server_default=""))


def downgrade() -> None:
    """Drop the columns."""
    op.drop_column("desk", "assured_until")
    op.drop_column("desk", "assured")
