"""What host and home lay down beside the terms: kinds of buildings, places, radius, budgets, blocks, assurance."""

import sqlalchemy as sa
from alembic import op

from federation.columns import Json, UtcTime

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None
_LISTS = ("facility_types", "sites")


def upgrade() -> None:
    """Bar nobody who was not barred; what is booked is paid by whoever serves where now."""
    for name in _LISTS:
        op.add_column("home_conditions", sa.Column(name, Json, server_default=sa.text("'[]'"), nullable=False))
    op.add_column("home_conditions", sa.Column("radius_km", sa.Integer(), nullable=True))
    op.add_column("home_conditions", sa.Column("radius_from", Json, server_default=sa.text("'{}'"), nullable=False))
    _assurance()
    op.add_column("trip", sa.Column("section", sa.String(100), server_default="", nullable=False))
    op.execute("UPDATE trip SET section = (SELECT section FROM staff WHERE staff.id = trip.staff_id)")
    op.create_index("ix_trip_section_start", "trip", ["section", "start"])
    _budgets()
    _blocks()


def _assurance() -> None:
    op.add_column("agreement", sa.Column("assurance", sa.Integer(), server_default="1", nullable=False))


def _budgets() -> None:
    op.create_table(
        "budget",
        sa.Column("section", sa.String(length=100), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("yen", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.Column("lock_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("yen >= 0", name=op.f("ck_budget_yen")),
        sa.ForeignKeyConstraint(["changed_by"], ["staff.id"], name=op.f("fk_budget_changed_by")),
        sa.PrimaryKeyConstraint("section", "year", name=op.f("pk_budget")),
    )


def _blocks() -> None:
    op.create_table(
        "block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("home_code", sa.String(length=6), nullable=False),
        sa.Column("sub", sa.String(length=128), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.CheckConstraint("from_on <= until_on", name=op.f("ck_block_days")),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_block_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block")),
    )
    op.create_index(op.f("ix_block_home_code_until_on"), "block", ["home_code", "until_on"])


def downgrade() -> None:
    """Forget all of it."""
    op.drop_table("block")
    op.drop_table("budget")
    op.drop_index("ix_trip_section_start", "trip")
    op.drop_column("trip", "section")
    op.drop_column("agreement", "assurance")
    for name in ("radius_from", "radius_km", *reversed(_LISTS)):
        op.drop_column("home_conditions", name)
