"""How surely whoever asked for a trip had signed in, for the times their home asks again without them."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody knows it of the trips there are."""
    op.add_column("trip", sa.Column("acr", sa.String(length=200), server_default="", nullable=False))


def downgrade() -> None:
    """Forget it."""
    op.drop_column("trip", "acr")
