"""A roll call begins, ends and is told: its answers belong to it from now on."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_SOMEBODY = "(place_id IS NULL) <> (walk_in_id IS NULL)"


def upgrade() -> None:
    """Make the tables. Answers of before belonged to no roll call, and go: they were of one day each."""
    op.drop_table("accounted")
    _make_roll_calls()
    _make_accounted(of_a_roll_call=True)
    _make_outcomes()
    _make_heard()


def downgrade() -> None:
    """Drop them; the answers of the day go too."""
    for name in ("heard_person", "heard_roll_call", "roll_call_report", "roll_call_person", "accounted", "roll_call"):
        op.drop_table(name)
    _make_accounted(of_a_roll_call=False)


def _make_roll_calls() -> None:
    op.create_table(
        "roll_call",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=36), nullable=False),
        sa.Column("is_drill", sa.Boolean(), nullable=False),
        sa.Column("begun_at", UtcTime(), nullable=False),
        sa.Column("begun_by", sa.String(length=100), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("ended_by", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_call")),
    )
    still_open = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_roll_call_open", "roll_call", ["site_id"], unique=True, sqlite_where=still_open, postgresql_where=still_open
    )
    op.create_index(op.f("ix_roll_call_begun_at"), "roll_call", ["begun_at"])


def _make_accounted(*, of_a_roll_call: bool) -> None:
    mine = [sa.Column("roll_call_id", sa.String(length=36), nullable=False)] if of_a_roll_call else []
    whose = sa.ForeignKeyConstraint(["roll_call_id"], ["roll_call.id"], name=op.f("fk_accounted_roll_call_id"))
    op.create_table(
        "accounted",
        sa.Column("id", sa.Integer(), nullable=False),
        *mine,
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("walk_in_id", sa.String(length=36), nullable=True),
        sa.Column("seen", sa.Boolean(), nullable=False),
        sa.Column("sheltering", sa.Boolean(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.CheckConstraint(_SOMEBODY, name=op.f("ck_accounted_somebody")),
        *([whose] if of_a_roll_call else []),
        sa.ForeignKeyConstraint(["place_id"], ["booking_place.id"], name=op.f("fk_accounted_place_id")),
        sa.ForeignKeyConstraint(["walk_in_id"], ["walk_in.id"], name=op.f("fk_accounted_walk_in_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounted")),
    )
    if of_a_roll_call:
        op.create_index(op.f("ix_accounted_roll_call_id"), "accounted", ["roll_call_id"])
    else:
        op.create_index(op.f("ix_accounted_place_id_at"), "accounted", ["place_id", "at"])
        op.create_index(op.f("ix_accounted_walk_in_id_at"), "accounted", ["walk_in_id", "at"])


def _make_outcomes() -> None:
    op.create_table(
        "roll_call_person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("roll_call_id", sa.String(length=36), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("walk_in_id", sa.String(length=36), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("companions", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=True),
        sa.CheckConstraint(_SOMEBODY, name=op.f("ck_roll_call_person_somebody")),
        sa.ForeignKeyConstraint(["roll_call_id"], ["roll_call.id"], name=op.f("fk_roll_call_person_roll_call_id")),
        sa.ForeignKeyConstraint(["place_id"], ["booking_place.id"], name=op.f("fk_roll_call_person_place_id")),
        sa.ForeignKeyConstraint(["walk_in_id"], ["walk_in.id"], name=op.f("fk_roll_call_person_walk_in_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_call_person")),
        sa.UniqueConstraint("roll_call_id", "place_id", name=op.f("uq_roll_call_person_roll_call_id_place_id")),
        sa.UniqueConstraint("roll_call_id", "walk_in_id", name=op.f("uq_roll_call_person_roll_call_id_walk_in_id")),
    )
    op.create_table(
        "roll_call_report",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("roll_call_id", sa.String(length=36), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["roll_call_id"], ["roll_call.id"], name=op.f("fk_roll_call_report_roll_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_call_report")),
        sa.UniqueConstraint(
            "roll_call_id", "home_id", "part", name=op.f("uq_roll_call_report_roll_call_id_home_id_part")
        ),
    )


def _make_heard() -> None:
    op.create_table(
        "heard_roll_call",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("host_name", sa.String(length=100), nullable=False),
        sa.Column("is_drill", sa.Boolean(), nullable=False),
        sa.Column("begun_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=False),
        sa.Column("heard_at", UtcTime(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heard_roll_call")),
    )
    op.create_index(op.f("ix_heard_roll_call_ended_at"), "heard_roll_call", ["ended_at"])
    op.create_table(
        "heard_person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("heard_roll_call_id", sa.String(length=36), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(length=700), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("companions", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["heard_roll_call_id"], ["heard_roll_call.id"], name=op.f("fk_heard_person_heard_roll_call_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_heard_person_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heard_person")),
    )
    op.create_index(op.f("ix_heard_person_heard_roll_call_id"), "heard_person", ["heard_roll_call_id"])
