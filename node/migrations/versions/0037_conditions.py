"""More conditions of use: 任命権者, days a month, lead time, and which room is private enough for which work."""

import sqlalchemy as sa
from alembic import op

from federation.storage import Json

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None
_LISTS = ("authorities_barred", "private_levels", "semi_private_levels")
_NUMBERS = ("days_a_month", "lead_hours")


def upgrade() -> None:
    """Add the columns."""
    for name in _LISTS:
        op.add_column("home_conditions", sa.Column(name, Json, server_default=sa.text("'[]'"), nullable=False))
    for name in _NUMBERS:
        op.add_column("home_conditions", sa.Column(name, sa.Integer(), nullable=True))


def downgrade() -> None:
    """Drop them."""
    for name in (*_NUMBERS, *_LISTS):
        op.drop_column("home_conditions", name)
