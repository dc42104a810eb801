"""Corrections of visits, and walk-ins that were settled without a booking."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing was corrected, and nothing settled."""
    op.create_table(
        "visit_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("was_arrived_at", UtcTime(), nullable=True),
        sa.Column("was_left_at", UtcTime(), nullable=True),
        sa.Column("arrived_at", UtcTime(), nullable=True),
        sa.Column("left_at", UtcTime(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["booking_place.id"], name=op.f("fk_visit_correction_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_correction")),
    )
    op.create_index(op.f("ix_visit_correction_place_id"), "visit_correction", ["place_id"])
    op.add_column("walk_in", sa.Column("settled_at", UtcTime(), nullable=True))
    op.add_column("walk_in", sa.Column("settled_by", sa.String(length=100), server_default="", nullable=False))
    op.add_column("walk_in", sa.Column("settled_how", sa.String(length=300), server_default="", nullable=False))


def downgrade() -> None:
    """Forget them."""
    for name in ("settled_how", "settled_by", "settled_at"):
        op.drop_column("walk_in", name)
    op.drop_table("visit_correction")
