"""Wishes asked for together, each with its own answer."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "series",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcTime, nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_series_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
    )
    op.create_index(op.f("ix_series_staff_id_made_at"), "series", ["staff_id", "made_at"])
    op.create_table(
        "occurrence",
        sa.Column("series_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("site_listing", sa.Text(), nullable=False),
        sa.Column("desk_listing", sa.Text(), nullable=False),
        sa.Column("start", UtcTime, nullable=False),
        sa.Column("end", UtcTime, nullable=False),
        sa.Column("trip_id", sa.String(length=36), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("alternatives", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_occurrence_series_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_occurrence_trip_id")),
        sa.PrimaryKeyConstraint("series_id", "position", name=op.f("pk_occurrence")),
    )
    op.create_index(op.f("ix_occurrence_trip_id"), "occurrence", ["trip_id"])


def downgrade() -> None:
    """Drop them; the trips stay."""
    op.drop_table("occurrence")
    op.drop_table("series")
