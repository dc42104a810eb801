"""People wait for a desk to become free; a trip may be asked for as a hold."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for them."""
    op.add_column("trip", sa.Column("hold", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "waiting",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("host_name", sa.String(length=100), nullable=False),
        sa.Column("site_id", sa.String(length=36), nullable=False),
        sa.Column("desk_id", sa.String(length=36), nullable=False),
        sa.Column("anywhere", sa.Boolean(), nullable=False),
        sa.Column("site_listing", sa.Text(), nullable=False),
        sa.Column("desk_listing", sa.Text(), nullable=False),
        sa.Column("start", UtcTime, nullable=False),
        sa.Column("end", UtcTime, nullable=False),
        sa.Column("work_kind", sa.String(length=20), nullable=False),
        sa.Column("confidentiality", sa.String(length=4), nullable=False),
        sa.Column("consent_version", sa.String(length=300), nullable=False),
        sa.Column("price_yen", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcTime, nullable=False),
        sa.Column("looked_at", UtcTime, nullable=False),
        sa.Column("offered_until", UtcTime, nullable=True),
        sa.Column("trip_id", sa.String(length=36), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'offered', 'taken', 'withdrawn', 'passed', 'over', 'elsewhere')",
            name=op.f("ck_waiting_state"),
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_waiting_staff_id")),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_waiting_trip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting")),
    )
    op.create_index(op.f("ix_waiting_staff_id_state"), "waiting", ["staff_id", "state"])
    op.create_index(op.f("ix_waiting_state_looked_at"), "waiting", ["state", "looked_at"])
    op.create_index(op.f("ix_waiting_host_site_id_state"), "waiting", ["host", "site_id", "state"])
    op.create_index(op.f("ix_waiting_trip_id"), "waiting", ["trip_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("waiting")
    op.drop_column("trip", "hold")
