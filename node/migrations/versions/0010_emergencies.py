"""災害時臨時開放・臨時閉鎖, and what was published or withdrawn by hand."""

import sqlalchemy as sa
from alembic import op

from federation.columns import Json, UtcTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and let an agreement close at a moment."""
    op.add_column("agreement", sa.Column("closes_at", UtcTime(), nullable=True))
    op.create_table(
        "emergency",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.Column("declared_by", sa.String(length=64), nullable=False),
        sa.Column("around_the_clock", sa.Boolean(), nullable=False),
        sa.Column("agreement_id", sa.String(length=36), nullable=True),
        sa.Column("closure_ids", Json, nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("ended_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint("kind IN ('opening', 'closing')", name=op.f("ck_emergency_kind")),
        sa.CheckConstraint('since < "until"', name=op.f("ck_emergency_range")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_emergency_site_id")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_emergency_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency")),
    )
    op.create_index(op.f("ix_emergency_site_id_until"), "emergency", ["site_id", "until"], unique=False)
    op.create_table(
        "emergency_place",
        sa.Column("emergency_id", sa.String(length=36), nullable=False),
        sa.Column("place_id", sa.String(length=36), nullable=False),
        sa.Column("was_published", sa.Boolean(), nullable=False),
        sa.Column("was_pool", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(["emergency_id"], ["emergency.id"], name=op.f("fk_emergency_place_emergency_id")),
        sa.PrimaryKeyConstraint("emergency_id", "place_id", name=op.f("pk_emergency_place")),
    )
    op.create_table(
        "heard_emergency",
        sa.Column("entity_id", sa.String(length=255), nullable=False),
        sa.Column("site_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("site_name", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("extra_desks", sa.Integer(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.Column("heard_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("entity_id", "site_id", name=op.f("pk_heard_emergency")),
    )
    op.create_index(op.f("ix_heard_emergency_until"), "heard_emergency", ["until"], unique=False)
    op.create_table(
        "publication_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.String(length=36), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("changed", Json, nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.Column("undone_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication_change")),
    )
    op.create_index(op.f("ix_publication_change_place_id"), "publication_change", ["place_id"], unique=False)
    op.create_index(
        op.f("ix_publication_change_changed_by_changed_at"),
        "publication_change",
        ["changed_by", "changed_at"],
        unique=False,
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("publication_change", "heard_emergency", "emergency_place", "emergency"):
        op.drop_table(table)
    op.drop_column("agreement", "closes_at")
