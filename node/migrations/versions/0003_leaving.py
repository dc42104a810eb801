"""Visitors whose home has ended their sign-ins, and our own staff who have left."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "ending",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("sub", sa.String(length=255), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "sub", name=op.f("pk_ending")),
    )
    op.create_index(op.f("ix_ending_at"), "ending", ["at"], unique=False)
    op.create_table(
        "departure",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_departure_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_departure")),
    )


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("departure")
    op.drop_table("ending")
