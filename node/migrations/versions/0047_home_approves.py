"""Bookings whose home approves stays, so that staying longer is asked there."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has said so of the bookings there are."""
    op.add_column("booking", sa.Column("home_approves", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Forget who approves."""
    op.drop_column("booking", "home_approves")
