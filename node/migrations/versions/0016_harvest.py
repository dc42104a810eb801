"""What the registry says of the way it reads our feeds."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "harvest_heard",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("heard_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvest_heard")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("harvest_heard")
