"""Bookings can be subscribed to as a calendar."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for the addresses' digests."""
    op.create_table(
        "calendar_address",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("made_at", UtcTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_calendar_address_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_calendar_address")),
        sa.UniqueConstraint("digest", name=op.f("uq_calendar_address_digest")),
    )


def downgrade() -> None:
    """Forget them: no subscribed calendar hears of anything any more."""
    op.drop_table("calendar_address")
