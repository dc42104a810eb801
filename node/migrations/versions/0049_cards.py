"""A digest of name and card number, signed into the passes of visitors whose names are not told."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was booked before has none: its guard telephones."""
    op.add_column("booking_place", sa.Column("card", sa.String(length=22), server_default="", nullable=False))
    op.add_column("trip", sa.Column("card_salt", sa.String(length=32), server_default="", nullable=False))


def downgrade() -> None:
    """Forget them."""
    op.drop_column("trip", "card_salt")
    op.drop_column("booking_place", "card")
