"""What an agreement may bound beside the seats of a day: weeks, persons, hours, length and kinds of work."""

import sqlalchemy as sa
from alembic import op

from federation.columns import Json

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_BOUNDS = ("seats_a_week", "uses_a_day", "uses_a_week", "opens", "closes", "shortest_minutes", "longest_minutes")


def upgrade() -> None:
    """Bound nothing that was not bounded."""
    for name in _BOUNDS:
        op.add_column("agreement", sa.Column(name, sa.Integer(), nullable=True))
    op.add_column("agreement", sa.Column("work_kinds", Json, server_default="[]", nullable=False))


def downgrade() -> None:
    """Forget the bounds."""
    for name in ("work_kinds", *reversed(_BOUNDS)):
        op.drop_column("agreement", name)
