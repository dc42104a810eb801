"""Visitors say how a visit was."""

import sqlalchemy as sa
from alembic import op

from federation.columns import Json, UtcTime

revision = "0031"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for it, on both sides."""
    op.create_table(
        "feedback_answer",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("room_id", sa.String(length=36), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("quiet", sa.String(length=6), nullable=False),
        sa.Column("network", sa.String(length=6), nullable=False),
        sa.Column("again", sa.String(length=6), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("booking_hash", sa.String(length=64), nullable=True),
        sa.Column("hash_until", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_feedback_answer_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_answer")),
        sa.UniqueConstraint("booking_hash", name=op.f("uq_feedback_answer_booking_hash")),
    )
    op.create_index(op.f("ix_feedback_answer_room_id_told"), "feedback_answer", ["room_id", "told"])
    op.create_index(op.f("ix_feedback_answer_month"), "feedback_answer", ["month"])
    op.create_index(op.f("ix_feedback_answer_hash_until"), "feedback_answer", ["hash_until"])
    op.create_table(
        "trip_feedback",
        sa.Column("trip_id", sa.String(length=36), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("said", sa.String(length=4000), nullable=False),
        sa.Column("said_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_trip_feedback_trip_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("trip_id", name=op.f("pk_trip_feedback")),
    )
    op.create_index(op.f("ix_trip_feedback_said_at"), "trip_feedback", ["said_at"])
    op.add_column("room", sa.Column("feedback", Json, server_default=sa.text("'{}'"), nullable=False))
    op.add_column("room", sa.Column("feedback_at", UtcTime(), nullable=True))


def downgrade() -> None:
    """Forget it."""
    op.drop_column("room", "feedback_at")
    op.drop_column("room", "feedback")
    op.drop_table("trip_feedback")
    op.drop_table("feedback_answer")
