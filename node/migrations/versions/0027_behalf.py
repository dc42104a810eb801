"""Who booked for whom."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for it."""
    op.create_table(
        "behalf",
        sa.Column("trip_id", sa.String(length=36), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcTime, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_behalf_by_id")),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_behalf_trip_id")),
        sa.PrimaryKeyConstraint("trip_id", name=op.f("pk_behalf")),
    )
    op.create_index(op.f("ix_behalf_by_id_asked_at"), "behalf", ["by_id", "asked_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("behalf")
