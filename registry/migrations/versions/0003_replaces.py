"""Whose place a member has taken, or an invited town will take."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("admission", sa.Column("replaces", sa.String(), nullable=False, server_default="[]"))
    op.add_column("invitation", sa.Column("replaces", sa.String(length=255), nullable=False, server_default=""))


def downgrade() -> None:
    """Drop the columns."""
    op.drop_column("invitation", "replaces")
    op.drop_column("admission", "replaces")
