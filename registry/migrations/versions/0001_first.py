"""The first schema: what both apps have, and the registry's own tables."""

import sqlalchemy as sa
from alembic import op

from federation.audit import guards
from federation.columns import Json, UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table, and the audit log's guards."""
    op.create_table(
        "anchor_seen",
        sa.Column("entity_id", sa.String(length=255), nullable=False),
        sa.Column("configuration", sa.Text(), nullable=False),
        sa.Column("online", sa.String(length=43), nullable=False),
        sa.Column("issued", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("status_list", sa.Text(), nullable=False),
        sa.Column("status_issued", UtcTime(), nullable=True),
        sa.Column("status_etag", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("entity_id", name=op.f("pk_anchor_seen")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("jti", sa.String(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_entries")),
    )
    op.create_index(op.f("ix_audit_entries_at"), "audit_entries", ["at"], unique=False)
    op.create_index(op.f("ix_audit_entries_subject_at"), "audit_entries", ["subject", "at"], unique=False)
    op.create_table(
        "audit_heads",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_heads")),
    )
    op.create_table(
        "feed_cursors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("next", sa.String(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("sweeping", sa.Boolean(), nullable=False),
        sa.Column("read_at", UtcTime(), nullable=True),
        sa.Column("moved_at", UtcTime(), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("failed_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_cursors")),
        sa.UniqueConstraint("member_id", "feed", name=op.f("uq_feed_cursors_member_id_feed")),
    )
    op.create_table(
        "feed_entries",
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("data", Json, nullable=True),
        sa.Column("deleted_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("feed", "kind", "id", name=op.f("pk_feed_entries")),
    )
    op.create_index(op.f("ix_feed_entries_feed_number"), "feed_entries", ["feed", "number"], unique=True)
    op.create_table(
        "members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entity_id", sa.String(length=255), nullable=False),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_kana", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("configuration", sa.Text(), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("issued", UtcTime(), nullable=False),
        sa.Column("configured", UtcTime(), nullable=False),
        sa.Column("expires", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("gone", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("entity_id", name=op.f("uq_members_entity_id")),
    )
    op.create_index(
        "uq_members_code_live",
        "members",
        ["code"],
        unique=True,
        sqlite_where=sa.text("NOT gone"),
        postgresql_where=sa.text("NOT gone"),
    )
    op.create_table(
        "promises",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("payload", Json, nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("dead_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promises")),
        sa.UniqueConstraint("key", name=op.f("uq_promises_key")),
    )
    op.create_index(op.f("ix_promises_dead_at_due_at"), "promises", ["dead_at", "due_at"], unique=False)
    op.create_table(
        "published_feeds",
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("forgotten", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feed", name=op.f("pk_published_feeds")),
    )
    op.create_table(
        "used_tokens",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("expires", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_used_tokens")),
    )
    op.create_index(op.f("ix_used_tokens_expires"), "used_tokens", ["expires"], unique=False)
    op.create_table(
        "feed_met",
        sa.Column("cursor_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("modified", sa.BigInteger(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cursor_id"], ["feed_cursors.id"], name=op.f("fk_feed_met_cursor_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("cursor_id", "kind", "id", name=op.f("pk_feed_met")),
    )
    op.create_table(
        "admission",
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("thumbprint", sa.String(length=43), nullable=False),
        sa.Column("jwks", sa.String(), nullable=False),
        sa.Column("admitted_at", UtcTime(), nullable=False),
        sa.Column("admitted_by", sa.String(), nullable=False),
        sa.Column("signed_at", UtcTime(), nullable=False),
        sa.Column("signed_with", sa.String(length=43), nullable=False),
        sa.Column("configured_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_admission")),
    )
    op.create_table(
        "desk",
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=36), nullable=False),
        sa.Column("privacy", sa.String(length=16), nullable=False),
        sa.Column("features", sa.Integer(), nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_desk")),
    )
    op.create_index("ix_desk_member_id_site_id", "desk", ["member_id", "site_id"], unique=False)
    op.create_table(
        "emergency",
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_emergency")),
    )
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("entity_id", sa.String(), nullable=False),
        sa.Column("configuration", sa.String(), nullable=False),
        sa.Column("thumbprint", sa.String(length=43), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("decided_at", UtcTime(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
    )
    op.create_index(op.f("ix_enrolment_invitation_id"), "enrolment", ["invitation_id"], unique=False)
    op.create_index(
        "uq_enrolment_pending",
        "enrolment",
        ["entity_id"],
        unique=True,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "feed_fault",
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("feed", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("item_id", sa.String(length=300), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "feed", "kind", "item_id", name=op.f("pk_feed_fault")),
    )
    op.create_table(
        "feed_reading",
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("feed", sa.String(length=16), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("pinged", sa.Boolean(), nullable=False),
        sa.Column("tried_at", UtcTime(), nullable=True),
        sa.Column("complete_at", UtcTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("clock_offset_seconds", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("member_id", "feed", name=op.f("pk_feed_reading")),
    )
    op.create_index(op.f("ix_feed_reading_due_at"), "feed_reading", ["due_at"], unique=False)
    op.create_table(
        "free_range",
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("desk_id", sa.String(length=36), nullable=False),
        sa.Column("start", UtcTime(), nullable=False),
        sa.Column("end", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "desk_id", "start", name=op.f("pk_free_range")),
    )
    op.create_table(
        "freedom",
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("desk_id", sa.String(length=36), nullable=False),
        sa.Column("as_of", UtcTime(), nullable=False),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "desk_id", name=op.f("pk_freedom")),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_kana", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_invitation_secret_hash")),
    )
    op.create_table(
        "offer",
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("everyone", sa.Boolean(), nullable=False),
        sa.Column("every_site", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.String(length=10), nullable=False),
        sa.Column("ends_on", sa.String(length=10), nullable=False),
        sa.Column("price_yen", sa.Integer(), nullable=False),
        sa.Column("per_hour", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_offer")),
    )
    op.create_table(
        "offer_home",
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("offer_id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "offer_id", "code", name=op.f("pk_offer_home")),
    )
    op.create_index(op.f("ix_offer_home_code"), "offer_home", ["code"], unique=False)
    op.create_table(
        "offer_site",
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("offer_id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "offer_id", "site_id", name=op.f("pk_offer_site")),
    )
    op.create_table(
        "operator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator")),
        sa.UniqueConstraint("account", name=op.f("uq_operator_account")),
    )
    op.create_table(
        "place",
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_kana", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_place")),
    )
    op.create_index(op.f("ix_place_name"), "place", ["name"], unique=False)
    op.create_table(
        "signed",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("issued_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_signed")),
    )
    op.create_table(
        "site",
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.PrimaryKeyConstraint("member_id", "id", name=op.f("pk_site")),
    )
    op.create_index("ix_site_lat_lon", "site", ["lat", "lon"], unique=False)
    op.create_table(
        "station",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("prefecture", sa.String(length=2), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station")),
    )
    op.create_index(op.f("ix_station_name"), "station", ["name"], unique=False)
    op.create_table(
        "suspension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("confirmed_at", UtcTime(), nullable=True),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.Column("lifted_at", UtcTime(), nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=False),
        sa.Column("lift_reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspension")),
    )
    op.create_index(op.f("ix_suspension_member_id"), "suspension", ["member_id"], unique=False)
    op.create_table(
        "unmet_search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("hour", UtcTime(), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("asker", sa.String(length=6), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unmet_search")),
    )
    op.create_index(op.f("ix_unmet_search_asked_at"), "unmet_search", ["asked_at"], unique=False)
    op.create_index("ix_unmet_search_label_hour", "unmet_search", ["label", "hour"], unique=False)
    for statement in guards(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Drop everything, referring tables first."""
    op.drop_index("ix_unmet_search_label_hour", table_name="unmet_search")
    op.drop_index(op.f("ix_unmet_search_asked_at"), table_name="unmet_search")
    op.drop_table("unmet_search")
    op.drop_index(op.f("ix_suspension_member_id"), table_name="suspension")
    op.drop_table("suspension")
    op.drop_index(op.f("ix_station_name"), table_name="station")
    op.drop_table("station")
    op.drop_index("ix_site_lat_lon", table_name="site")
    op.drop_table("site")
    op.drop_table("signed")
    op.drop_index(op.f("ix_place_name"), table_name="place")
    op.drop_table("place")
    op.drop_table("operator")
    op.drop_table("offer_site")
    op.drop_index(op.f("ix_offer_home_code"), table_name="offer_home")
    op.drop_table("offer_home")
    op.drop_table("offer")
    op.drop_table("invitation")
    op.drop_table("freedom")
    op.drop_table("free_range")
    op.drop_index(op.f("ix_feed_reading_due_at"), table_name="feed_reading")
    op.drop_table("feed_reading")
    op.drop_table("feed_fault")
    op.drop_index(
        "uq_enrolment_pending",
        table_name="enrolment",
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_index(op.f("ix_enrolment_invitation_id"), table_name="enrolment")
    op.drop_table("enrolment")
    op.drop_table("emergency")
    op.drop_index("ix_desk_member_id_site_id", table_name="desk")
    op.drop_table("desk")
    op.drop_table("admission")
    op.drop_table("feed_met")
    op.drop_index(op.f("ix_used_tokens_expires"), table_name="used_tokens")
    op.drop_table("used_tokens")
    op.drop_table("published_feeds")
    op.drop_index(op.f("ix_promises_dead_at_due_at"), table_name="promises")
    op.drop_table("promises")
    op.drop_index(
        "uq_members_code_live",
        table_name="members",
        sqlite_where=sa.text("NOT gone"),
        postgresql_where=sa.text("NOT gone"),
    )
    op.drop_table("members")
    op.drop_index(op.f("ix_feed_entries_feed_number"), table_name="feed_entries")
    op.drop_table("feed_entries")
    op.drop_table("feed_cursors")
    op.drop_table("audit_heads")
    op.drop_index(op.f("ix_audit_entries_subject_at"), table_name="audit_entries")
    op.drop_index(op.f("ix_audit_entries_at"), table_name="audit_entries")
    op.drop_table("audit_entries")
    op.drop_table("anchor_seen")
