"""What may be done only so often in a minute."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "allowance",
        sa.Column("mark", sa.String(length=300), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_allowance")),
    )
    op.create_index(op.f("ix_allowance_until"), "allowance", ["until"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_table("allowance")
