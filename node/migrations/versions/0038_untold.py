"""Free times that bookings changed are told after them, from a row that says so."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "untold",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("desk_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_untold")),
    )


def downgrade() -> None:
    """Drop it. Desks that are in it are told anew when the horizon rolls on, within a day."""
    op.drop_table("untold")
