"""Closures that move bookings, rooms booked as a whole, and 利用枠."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what bookings, closures, desks and trips have to remember, and the table of 利用枠."""
    op.add_column("booking", sa.Column("closure_id", sa.String(length=36), nullable=True))
    op.add_column("closure", sa.Column("series", sa.String(length=36), nullable=True))
    op.add_column("trip", sa.Column("moved_from", sa.Text(), server_default="", nullable=False))
    op.add_column("desk", sa.Column("kind", sa.String(length=20), server_default="desk", nullable=False))
    op.add_column("desk", sa.Column("capacity", sa.Integer(), nullable=True))
    whole = sa.text("kind = 'whole_room'")
    op.create_index("ix_desk_whole_room", "desk", ["room_id"], unique=True, sqlite_where=whole, postgresql_where=whole)
    op.create_table(
        "pool_rule",
        sa.Column("room_id", sa.String(length=36), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("own", sa.Integer(), nullable=False),
        sa.Column("walk_in", sa.Integer(), nullable=False),
        sa.Column("release_hours", sa.Integer(), nullable=True),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_pool_rule_weekday")),
        sa.CheckConstraint("own >= 0 AND walk_in >= 0", name=op.f("ck_pool_rule_counts")),
        sa.CheckConstraint("release_hours BETWEEN 0 AND 336", name=op.f("ck_pool_rule_release")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_pool_rule_room_id")),
        sa.PrimaryKeyConstraint("room_id", "weekday", name=op.f("pk_pool_rule")),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("pool_rule")
    op.drop_index("ix_desk_whole_room", table_name="desk")
    op.drop_column("desk", "capacity")
    op.drop_column("desk", "kind")
    op.drop_column("trip", "moved_from")
    op.drop_column("closure", "series")
    op.drop_column("booking", "closure_id")
