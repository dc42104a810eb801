"""Incidents, and how long records are kept."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _make_incidents()
    _make_retention()


def downgrade() -> None:
    """Drop them."""
    for name in ("deletion_record", "retention_period", "incident_entry", "incident"):
        op.drop_table(name)


def _make_incidents() -> None:
    moments = ("told_at", "reported_at", "concluded_at", "closed_at")
    op.create_table(
        "incident",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("partner", sa.String(length=255), nullable=False),
        sa.Column("partner_name", sa.String(length=100), nullable=False),
        sa.Column("is_ours", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("leak", sa.String(length=8), nullable=False),
        sa.Column("is_malicious", sa.Boolean(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("booking_id", sa.String(length=36), nullable=False),
        sa.Column("happened_at", UtcTime(), nullable=False),
        sa.Column("known_at", UtcTime(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.Column("recorded_by", sa.String(length=100), nullable=False),
        *(sa.Column(name, UtcTime(), nullable=True) for name in moments),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index(op.f("ix_incident_closed_at_known_at"), "incident", ["closed_at", "known_at"])
    op.create_index(op.f("ix_incident_booking_id"), "incident", ["booking_id"])
    op.create_table(
        "incident_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("is_ours", sa.Boolean(), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.CheckConstraint("role IN ('reception', 'site_admin', 'personnel')", name=op.f("ck_incident_entry_role")),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_entry_incident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_entry")),
        sa.UniqueConstraint("incident_id", "key", name=op.f("uq_incident_entry_incident_id_key")),
    )


def _make_retention() -> None:
    op.create_table(
        "retention_period",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=100), nullable=False),
        sa.CheckConstraint("length >= 0", name=op.f("ck_retention_period_length")),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_retention_period")),
    )
    op.create_table(
        "deletion_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("up_to", sa.Date(), nullable=False),
        sa.Column("done_at", UtcTime(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deletion_record")),
    )
    op.create_index(op.f("ix_deletion_record_done_at"), "deletion_record", ["done_at"])
