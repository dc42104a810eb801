"""People hear of their bookings by mail."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for addresses, and for what was reminded of."""
    op.create_table(
        "mail_wish",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("refused_at", UtcTime, nullable=True),
        sa.Column("pending", sa.String(length=254), nullable=False),
        sa.Column("pending_until", UtcTime, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("codes_sent", sa.Integer(), nullable=False),
        sa.Column("codes_since", UtcTime, nullable=True),
        sa.Column("kinds", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_mail_wish_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_mail_wish")),
    )
    op.create_table(
        "trip_reminder",
        sa.Column("trip_id", sa.String(length=36), nullable=False),
        sa.Column("reminded_at", UtcTime, nullable=False),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_trip_reminder_trip_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("trip_id", name=op.f("pk_trip_reminder")),
    )


def downgrade() -> None:
    """Forget the addresses: nobody hears by mail any more."""
    op.drop_table("trip_reminder")
    op.drop_table("mail_wish")
