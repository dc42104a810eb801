"""Help in an evacuation or at the door, in tables of its own, and whose names are no longer used."""

import sqlalchemy as sa
from alembic import op

from federation.columns import Json, UtcTime

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; nobody has said anything yet."""
    op.create_table(
        "assistance",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("kinds", Json, nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("tells_hosts", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_assistance_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_assistance")),
    )
    op.create_table(
        "told_assistance",
        sa.Column("booking_id", sa.String(length=36), nullable=False),
        sa.Column("visitor_id", sa.Integer(), nullable=False),
        sa.Column("kinds", Json, nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_told_assistance_booking_id")),
        sa.ForeignKeyConstraint(["visitor_id"], ["visitor.id"], name=op.f("fk_told_assistance_visitor_id")),
        sa.PrimaryKeyConstraint("booking_id", "visitor_id", name=op.f("pk_told_assistance")),
    )
    op.create_table(
        "withheld",
        sa.Column("visitor_id", sa.Integer(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["visitor_id"], ["visitor.id"], name=op.f("fk_withheld_visitor_id")),
        sa.PrimaryKeyConstraint("visitor_id", name=op.f("pk_withheld")),
    )


def downgrade() -> None:
    """Drop them."""
    for name in ("withheld", "told_assistance", "assistance"):
        op.drop_table(name)
