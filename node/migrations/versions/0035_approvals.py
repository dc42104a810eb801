"""所属長の承認, 包括承認 and 代理; conditions of use become versions."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

from federation.columns import UtcTime
from federation.storage import Json

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and let the conditions in force be the first of many."""
    _conditions("id = 1", "id >= 1", "one_set", "version")
    op.add_column("staff", sa.Column("approver", sa.String(length=32), server_default="", nullable=False))
    op.create_table(
        "standing_approval",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("section", sa.String(length=100), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=False),
        sa.Column("until_minute", sa.Integer(), nullable=False),
        sa.Column("host_codes", Json, nullable=False),
        sa.Column("site_ids", Json, nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.CheckConstraint("from_on <= until_on", name=op.f("ck_standing_approval_days")),
        sa.CheckConstraint(
            "0 <= from_minute AND from_minute < until_minute AND until_minute <= 1440",
            name=op.f("ck_standing_approval_hours"),
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_standing_approval_staff_id")),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_standing_approval_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_approval")),
    )
    op.create_index(op.f("ix_standing_approval_section_until_on"), "standing_approval", ["section", "until_on"])
    op.create_index(op.f("ix_standing_approval_by_id"), "standing_approval", ["by_id"])
    op.create_table(
        "approval",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("batch", sa.String(length=36), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("whose", sa.String(length=10), nullable=False),
        sa.Column("untaken", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("escalated_at", UtcTime(), nullable=True),
        sa.Column("decided_at", UtcTime(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("standing_id", sa.String(length=36), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'asked', 'approved', 'covered', 'returned', 'refused', 'lapsed', 'withdrawn')",
            name=op.f("ck_approval_state"),
        ),
        sa.CheckConstraint("whose IN ('superior', 'personnel')", name=op.f("ck_approval_whose")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_approval_staff_id")),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_approval_by_id")),
        sa.ForeignKeyConstraint(["standing_id"], ["standing_approval.id"], name=op.f("fk_approval_standing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("batch", "staff_id", name=op.f("uq_approval_batch_staff_id")),
    )
    op.create_index(op.f("ix_approval_state_asked_at"), "approval", ["state", "asked_at"])
    op.create_index(op.f("ix_approval_by_id_decided_at"), "approval", ["by_id", "decided_at"])
    op.create_index(op.f("ix_approval_staff_id"), "approval", ["staff_id"])
    op.create_table(
        "approval_trip",
        sa.Column("trip_id", sa.String(length=36), nullable=False),
        sa.Column("approval_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_approval_trip_trip_id")),
        sa.ForeignKeyConstraint(["approval_id"], ["approval.id"], name=op.f("fk_approval_trip_approval_id")),
        sa.PrimaryKeyConstraint("trip_id", name=op.f("pk_approval_trip")),
    )
    op.create_index(op.f("ix_approval_trip_approval_id"), "approval_trip", ["approval_id"])
    op.create_table(
        "deputy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.CheckConstraint("from_on <= until_on", name=op.f("ck_deputy_days")),
        sa.CheckConstraint("staff_id <> deputy_id", name=op.f("ck_deputy_another")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_deputy_staff_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["staff.id"], name=op.f("fk_deputy_deputy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputy")),
    )
    op.create_index(op.f("ix_deputy_staff_id"), "deputy", ["staff_id"])
    op.create_index(op.f("ix_deputy_deputy_id"), "deputy", ["deputy_id"])
    with op.batch_alter_table("home_conditions", copy_from=_as_it_is("id >= 1", "version")) as batch:
        for column in _new():
            batch.add_column(column)
        batch.create_check_constraint(
            op.f("ck_home_conditions_approval_by"), "approval_by IN ('', 'superior', 'personnel')"
        )


def downgrade() -> None:
    """Drop them; of the conditions the version in force stays."""
    with op.batch_alter_table("home_conditions", copy_from=_as_it_is("id >= 1", "version", extended=True)) as batch:
        batch.drop_constraint(op.f("ck_home_conditions_approval_by"), type_="check")
        for column in _new():
            batch.drop_column(column.name)
    op.execute("DELETE FROM home_conditions WHERE id < (SELECT max(id) FROM home_conditions)")
    op.execute("UPDATE home_conditions SET id = 1")
    _conditions("id >= 1", "id = 1", "version", "one_set")
    op.drop_table("deputy")
    op.drop_table("approval_trip")
    op.drop_table("approval")
    op.drop_table("standing_approval")
    op.drop_column("staff", "approver")


def _new() -> list[sa.Column[Any]]:
    none = sa.text("'[]'")
    return [
        sa.Column("approval_by", sa.String(length=10), server_default="", nullable=False),
        sa.Column("approval_work_kinds", Json, server_default=none, nullable=False),
        sa.Column("approval_employments", Json, server_default=none, nullable=False),
        sa.Column("escalate_hours", sa.Integer(), nullable=True),
    ]


def _conditions(before: str, after: str, name: str, new_name: str) -> None:
    """Say otherwise which ids there are."""
    with op.batch_alter_table("home_conditions", copy_from=_as_it_is(before, name)) as batch:
        batch.drop_constraint(op.f(f"ck_home_conditions_{name}"), type_="check")
        batch.create_check_constraint(op.f(f"ck_home_conditions_{new_name}"), after)


def _as_it_is(check: str, name: str, *, extended: bool = False) -> sa.Table:
    """Return the table for SQLite, which makes it anew and has to be told what it looks like."""
    more: list[SchemaItem] = []
    if extended:
        words = "approval_by IN ('', 'superior', 'personnel')"
        more = [*_new(), sa.CheckConstraint(words, name=op.f("ck_home_conditions_approval_by"))]
    return sa.Table(
        "home_conditions",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("privacy", Json, nullable=False),
        sa.Column("work_kinds", Json, nullable=False),
        sa.Column("host_codes", Json, nullable=False),
        sa.Column("employments_barred", Json, nullable=False),
        sa.Column("days_a_week", sa.Integer(), nullable=True),
        sa.Column("limit_yen", sa.Integer(), nullable=True),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(check, name=op.f(f"ck_home_conditions_{name}")),
        sa.ForeignKeyConstraint(["changed_by"], ["staff.id"], name=op.f("fk_home_conditions_changed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_home_conditions")),
        *more,
    )
