"""Computers that print the day's list by themselves, and who was told of the night door."""

import sqlalchemy as sa
from alembic import op

from federation.columns import Json, UtcTime

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No computer is let in, and nobody was told."""
    op.create_table(
        "list_printer",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=36), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("made_by", sa.String(length=100), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.Column("printed_at", UtcTime(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rows", Json, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("shown", Json, server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_list_printer_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_printer")),
        sa.UniqueConstraint("digest", name=op.f("uq_list_printer_digest")),
    )
    op.create_table(
        "door_reminder",
        sa.Column("trip_id", sa.String(length=36), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_door_reminder_trip_id")),
        sa.PrimaryKeyConstraint("trip_id", "day", name=op.f("pk_door_reminder")),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("door_reminder")
    op.drop_table("list_printer")
