"""What was searched in vain near our sites, as the registry last said it."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "demand_heard",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("heard_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand_heard")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("demand_heard")
