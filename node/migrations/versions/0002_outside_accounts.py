"""Whom sources outside of the directory know: issuers, directories, proxies."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "outside_account",
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_outside_account_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source", "subject", name=op.f("pk_outside_account")),
        sa.UniqueConstraint("source", "staff_id", name=op.f("uq_outside_account_source_staff_id")),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("outside_account")
