"""Who does not come frees the desk; corrections of attendance, and what is reported of desks."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what places and trips have to remember, and the tables."""
    op.add_column("booking_place", sa.Column("released_at", UtcTime(), nullable=True))
    op.add_column("trip", sa.Column("dispute", sa.String(length=20), server_default="", nullable=False))
    op.create_table(
        "no_show_rule",
        sa.Column("site_id", sa.String(length=36), nullable=False),
        sa.Column("grace_minutes", sa.Integer(), nullable=True),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.CheckConstraint("grace_minutes BETWEEN 5 AND 480", name=op.f("ck_no_show_rule_grace")),
        sa.CheckConstraint("most BETWEEN 1 AND 50", name=op.f("ck_no_show_rule_most")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_no_show_rule_site_id")),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_no_show_rule")),
    )
    op.create_table(
        "no_show_dispute",
        sa.Column("booking_id", sa.String(length=36), nullable=False),
        sa.Column("told_at", UtcTime(), nullable=False),
        sa.Column("struck", sa.Boolean(), nullable=True),
        sa.Column("answered_at", UtcTime(), nullable=True),
        sa.Column("answered_by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_no_show_dispute_booking_id")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_no_show_dispute")),
    )
    op.create_table(
        "start_reminder",
        sa.Column("trip_id", sa.String(length=36), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_start_reminder_trip_id")),
        sa.PrimaryKeyConstraint("trip_id", name=op.f("pk_start_reminder")),
    )
    _make_corrections()
    _make_problems()


def _make_corrections() -> None:
    op.create_table(
        "attendance_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attendance_id", sa.Integer(), nullable=False),
        sa.Column("arrived_at", UtcTime(), nullable=True),
        sa.Column("left_at", UtcTime(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.CheckConstraint(
            "left_at IS NULL OR arrived_at IS NULL OR arrived_at < left_at", name=op.f("ck_attendance_correction_range")
        ),
        sa.ForeignKeyConstraint(
            ["attendance_id"], ["attendance.id"], name=op.f("fk_attendance_correction_attendance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_correction")),
    )
    op.create_index(op.f("ix_attendance_correction_attendance_id"), "attendance_correction", ["attendance_id"])

    op.create_table(
        "attendance_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tells_start", sa.Boolean(), nullable=False),
        sa.Column("tells_end", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_rule")),
    )


def _make_problems() -> None:
    op.create_table(
        "desk_problem",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("desk_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("told_at", UtcTime(), nullable=False),
        sa.Column("told_by", sa.String(length=300), nullable=False),
        sa.Column("done_at", UtcTime(), nullable=True),
        sa.Column("done_by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["desk_id"], ["desk.id"], name=op.f("fk_desk_problem_desk_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_problem")),
    )
    op.create_index(op.f("ix_desk_problem_done_at_told_at"), "desk_problem", ["done_at", "told_at"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("desk_problem")
    op.drop_table("attendance_rule")
    for name in ("attendance_correction", "start_reminder", "no_show_dispute", "no_show_rule"):
        op.drop_table(name)
    op.drop_column("trip", "dispute")
    op.drop_column("booking_place", "released_at")
