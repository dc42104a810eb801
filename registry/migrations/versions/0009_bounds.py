"""What agreements bound, and the rooms they name: a search shows nothing that a booking would be refused."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NUMBERS = {
    "weekdays": "127",
    "opens": "0",
    "closes": "1000000",
    "shortest_minutes": "0",
    "longest_minutes": "1000000",
    "lead_minutes": "0",
    "horizon_days": "1000000",
}
_ROOM_OF = {"sqlite": "json_extract(data, '$.room_id')", "postgresql": "CAST(data AS jsonb) ->> 'room_id'"}


def upgrade() -> None:
    """Bound nothing until a host says so; the room of a desk is known from what was read before."""
    op.add_column("offer", sa.Column("every_room", sa.Boolean(), server_default=sa.true(), nullable=False))
    for name, ever in _NUMBERS.items():
        op.add_column("offer", sa.Column(name, sa.Integer(), server_default=ever, nullable=False))
    op.add_column("offer", sa.Column("closes_at", UtcTime, nullable=True))
    op.add_column("offer", sa.Column("work_kinds", sa.String(), server_default="", nullable=False))
    op.create_table(
        "offer_room",
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("offer_id", sa.String(length=36), nullable=False),
        sa.Column("room_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "offer_id", "room_id", name=op.f("pk_offer_room")),
    )
    op.add_column("desk", sa.Column("room_id", sa.String(length=36), server_default="", nullable=False))
    op.execute(f"UPDATE desk SET room_id = coalesce({_ROOM_OF[op.get_bind().dialect.name]}, '')")  # noqa: S608 - our own words.


def downgrade() -> None:
    """Forget all of it. Offers for certain rooms go: without their rooms they would be for whole sites."""
    op.execute("DELETE FROM offer WHERE NOT every_room")
    op.drop_column("desk", "room_id")
    op.drop_table("offer_room")
    for name in ("work_kinds", "closes_at", *reversed(_NUMBERS), "every_room"):
        op.drop_column("offer", name)
