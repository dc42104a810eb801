"""Sites and desks are marked with ☆."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "favourite",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=510), nullable=False),
        sa.Column("host_name", sa.String(length=100), nullable=False),
        sa.Column("site_name", sa.String(length=200), nullable=False),
        sa.Column("desk_name", sa.String(length=200), nullable=False),
        sa.Column("marked_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_favourite_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", "url", name=op.f("pk_favourite")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("favourite")
