"""Dated exceptions to the weekly hours, hours that hold for a season, and the units in which desks are booked."""

import sqlalchemy as sa
from alembic import op

from federation.columns import Json, UtcTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ADDED = (
    ("open_hours", "first_day", sa.Date),
    ("open_hours", "last_day", sa.Date),
    ("site", "slots", lambda: sa.String(length=10)),
    ("room", "opens_on_holidays", sa.Boolean),
    ("room", "slots", lambda: sa.String(length=10)),
    ("desk", "opens_on_holidays", sa.Boolean),
)


def upgrade() -> None:
    """Make the table and add the columns; whatever there is keeps its meaning."""
    op.create_table(
        "dated_exception",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("weekdays", Json, nullable=False),
        sa.Column("yearly", sa.Boolean(), nullable=False),
        sa.Column("stretches", Json, nullable=False),
        sa.Column("words", sa.String(length=100), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.CheckConstraint("kind IN ('closed', 'hours', 'usual', 'extra')", name=op.f("ck_dated_exception_kind")),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_dated_exception_range")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dated_exception")),
    )
    op.create_index(op.f("ix_dated_exception_place_id"), "dated_exception", ["place_id"], unique=False)
    for table, column, kind in _ADDED:
        op.add_column(table, sa.Column(column, kind(), nullable=True))


def downgrade() -> None:
    """Drop them; hours that held for a season only go with it."""
    op.execute("DELETE FROM open_hours WHERE first_day IS NOT NULL OR last_day IS NOT NULL")
    for table, column, _ in reversed(_ADDED):
        op.drop_column(table, column)
    op.drop_table("dated_exception")
