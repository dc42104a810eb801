"""Colleagues' desks are asked for together, all or none."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "team",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("made_at", UtcTime, nullable=False),
        sa.CheckConstraint("state IN ('gathering', 'confirming', 'confirmed', 'released')", name=op.f("ck_team_state")),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_team_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
    )
    op.create_index(op.f("ix_team_by_id_made_at"), "team", ["by_id", "made_at"])
    op.create_index(op.f("ix_team_state_made_at"), "team", ["state", "made_at"])
    op.create_table(
        "team_seat",
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("trip_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_team_seat_team_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_team_seat_trip_id")),
        sa.PrimaryKeyConstraint("team_id", "position", name=op.f("pk_team_seat")),
    )
    op.create_index(op.f("ix_team_seat_trip_id"), "team_seat", ["trip_id"], unique=True)


def downgrade() -> None:
    """Drop them; the trips stay."""
    op.drop_table("team_seat")
    op.drop_table("team")
