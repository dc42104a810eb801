"""The first schema: what both apps have, and the node's own tables."""

import sqlalchemy as sa
from alembic import op

from federation.audit import guards
from federation.columns import Json, UtcTime
from federation.exclusion import Exclusion

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

RULES = (Exclusion("claim"), Exclusion("person_time", key="staff_id"))


def upgrade() -> None:
    """Make every table, and the rules that only the database itself can hold."""

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
        "agreement",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("home_code", sa.String(length=6), nullable=True),
        sa.Column("site_ids", Json, nullable=False),
        sa.Column("weekdays", Json, nullable=False),
        sa.Column("seats_a_day", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("lead_minutes", sa.Integer(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=True),
        sa.Column("price_yen", sa.Integer(), nullable=False),
        sa.Column("per", sa.String(length=4), nullable=False),
        sa.Column("price_basis", sa.String(length=300), nullable=False),
        sa.Column("host_approves", sa.Boolean(), nullable=False),
        sa.Column("named_manifest", sa.Boolean(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("suspended_at", UtcTime(), nullable=True),
        sa.Column("lock_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("per IN ('use', 'hour')", name=op.f("ck_agreement_per")),
        sa.CheckConstraint("price_yen >= 0", name=op.f("ck_agreement_price")),
        sa.CheckConstraint("seats_a_day IS NULL OR seats_a_day > 0", name=op.f("ck_agreement_seats")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
    )
    op.create_index(op.f("ix_agreement_home_code"), "agreement", ["home_code"], unique=False)
    op.create_table(
        "closure",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("place_id", sa.String(length=36), nullable=False),
        sa.Column("start", UtcTime(), nullable=False),
        sa.Column("end", UtcTime(), nullable=False),
        sa.Column("template", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("lifted_at", UtcTime(), nullable=True),
        sa.CheckConstraint('start < "end"', name=op.f("ck_closure_range")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    op.create_index(op.f("ix_closure_place_id_end"), "closure", ["place_id", "end"], unique=False)
    op.create_table(
        "house_rules",
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("ja", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_house_rules")),
    )
    op.create_table(
        "known_desk",
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("desk_id", sa.String(length=36), nullable=False),
        sa.Column("host_name", sa.String(length=100), nullable=False),
        sa.Column("site_listing", sa.Text(), nullable=False),
        sa.Column("desk_listing", sa.Text(), nullable=False),
        sa.Column("price_yen", sa.Integer(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("host", "desk_id", name=op.f("pk_known_desk")),
    )
    op.create_index("ix_known_desk_seen", "known_desk", ["seen_at"], unique=False)
    op.create_table(
        "open_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.String(length=36), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "0 <= opens AND opens < closes AND closes <= 1440", name=op.f("ck_open_hours_within_the_day")
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_open_hours_weekday")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_hours")),
    )
    op.create_index(op.f("ix_open_hours_place_id"), "open_hours", ["place_id"], unique=False)
    op.create_table(
        "site",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_kana", sa.String(length=300), nullable=False),
        sa.Column("name_en", sa.String(length=300), nullable=False),
        sa.Column("facility_number", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("stations", Json, nullable=False),
        sa.Column("morning_start", sa.String(length=5), nullable=False),
        sa.Column("noon_end", sa.String(length=5), nullable=False),
        sa.Column("noon_start", sa.String(length=5), nullable=False),
        sa.Column("evening_end", sa.String(length=5), nullable=False),
        sa.Column("opens_on_holidays", sa.Boolean(), nullable=False),
        sa.Column("entrance", sa.String(length=300), nullable=False),
        sa.Column("reception", sa.String(length=300), nullable=False),
        sa.Column("extension", sa.String(length=300), nullable=False),
        sa.Column("bring", sa.String(length=300), nullable=False),
        sa.Column("lunch", sa.String(length=300), nullable=False),
        sa.Column("welcome", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_kana", sa.String(length=100), nullable=False),
        sa.Column("section", sa.String(length=100), nullable=False),
        sa.Column("authority", sa.String(length=40), nullable=False),
        sa.Column("employment", sa.String(length=40), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("home_station", sa.String(length=100), nullable=False),
        sa.Column("work_station", sa.String(length=100), nullable=False),
        sa.Column("lock_version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("number", name=op.f("uq_staff_number")),
    )
    op.create_index("ix_staff_section", "staff", ["section"], unique=False)
    op.create_table(
        "sign_in_attempts",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", UtcTime(), nullable=True),
        sa.Column("expires", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_sign_in_attempts")),
    )
    op.create_index(op.f("ix_sign_in_attempts_expires"), "sign_in_attempts", ["expires"], unique=False)
    op.create_table(
        "visitor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("sub", sa.String(length=128), nullable=False),
        sa.Column("lock_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visitor")),
        sa.UniqueConstraint("home_id", "sub", name=op.f("uq_visitor_home_id_sub")),
    )
    op.create_table(
        "booking",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("short_code", sa.String(length=6), nullable=True),
        sa.Column("agreement_id", sa.String(length=36), nullable=True),
        sa.Column("not_after", UtcTime(), nullable=True),
        sa.Column("hold_until", UtcTime(), nullable=True),
        sa.Column("work_kind", sa.String(length=20), nullable=False),
        sa.Column("confidentiality", sa.String(length=4), nullable=False),
        sa.Column("consent_version", sa.String(length=300), nullable=False),
        sa.Column("price_yen", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("alternatives", Json, nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.Column("deleted_at", UtcTime(), nullable=True),
        sa.Column("frozen_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_booking_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("short_code", name=op.f("uq_booking_short_code")),
    )
    op.create_index(op.f("ix_booking_home_id"), "booking", ["home_id"], unique=False)
    op.create_index(op.f("ix_booking_state"), "booking", ["state"], unique=False)
    op.create_index(
        "ix_booking_tombstone",
        "booking",
        ["home_id", "deleted_at"],
        unique=False,
        sqlite_where=sa.text("not_after IS NULL"),
        postgresql_where=sa.text("not_after IS NULL"),
    )
    op.create_table(
        "home_conditions",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("privacy", Json, nullable=False),
        sa.Column("work_kinds", Json, nullable=False),
        sa.Column("host_codes", Json, nullable=False),
        sa.Column("employments_barred", Json, nullable=False),
        sa.Column("days_a_week", sa.Integer(), nullable=True),
        sa.Column("limit_yen", sa.Integer(), nullable=True),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_home_conditions_one_set")),
        sa.ForeignKeyConstraint(["changed_by"], ["staff.id"], name=op.f("fk_home_conditions_changed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_home_conditions")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("told_at", UtcTime(), nullable=False),
        sa.Column("read_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_notice_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_staff_read", "notice", ["staff_id", "read_at"], unique=False)
    op.create_table(
        "pairwise_subject",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(length=255), nullable=False),
        sa.Column("sub", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_pairwise_subject_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairwise_subject")),
        sa.UniqueConstraint("staff_id", "audience", name=op.f("uq_pairwise_subject_staff_id_audience")),
        sa.UniqueConstraint("sub", name=op.f("uq_pairwise_subject_sub")),
    )
    op.create_table(
        "room",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("privacy", sa.String(length=20), nullable=False),
        sa.Column("talking", sa.String(length=20), nullable=False),
        sa.Column("usual_staff", sa.Integer(), nullable=False),
        sa.Column("security", Json, nullable=False),
        sa.Column("security_checked_on", sa.Date(), nullable=True),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_room_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
    )
    op.create_index(op.f("ix_room_site_id"), "room", ["site_id"], unique=False)
    op.create_table(
        "staff_role",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "role IN ('staff', 'site_admin', 'manager', 'personnel', 'reception')",
            name=op.f("ck_staff_role_known_role"),
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_role_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", "role", name=op.f("pk_staff_role")),
    )
    op.create_table(
        "trip",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("desk_id", sa.String(length=36), nullable=False),
        sa.Column("start", UtcTime(), nullable=False),
        sa.Column("end", UtcTime(), nullable=False),
        sa.Column("sub", sa.String(length=64), nullable=False),
        sa.Column("not_after", UtcTime(), nullable=False),
        sa.Column("work_kind", sa.String(length=20), nullable=False),
        sa.Column("confidentiality", sa.String(length=4), nullable=False),
        sa.Column("consent_version", sa.String(length=300), nullable=False),
        sa.Column("host_name", sa.String(length=100), nullable=False),
        sa.Column("site_listing", sa.Text(), nullable=False),
        sa.Column("desk_listing", sa.Text(), nullable=False),
        sa.Column("price_yen", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("short_code", sa.String(length=20), nullable=False),
        sa.Column("visit_pass", sa.Text(), nullable=False),
        sa.Column("hold_until", UtcTime(), nullable=True),
        sa.Column("cause", sa.String(length=300), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("arrived_at", UtcTime(), nullable=True),
        sa.Column("left_at", UtcTime(), nullable=True),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.CheckConstraint('"end" > start', name=op.f("ck_trip_ends_after_it_starts")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_trip_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trip")),
    )
    op.create_index("ix_trip_host", "trip", ["host"], unique=False)
    op.create_index("ix_trip_staff_start", "trip", ["staff_id", "start"], unique=False)
    op.create_index("ix_trip_state", "trip", ["state"], unique=False)
    op.create_table(
        "attendance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("trip_id", sa.String(length=36), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("section", sa.String(length=100), nullable=False),
        sa.Column("host_name", sa.String(length=100), nullable=False),
        sa.Column("site_name", sa.String(length=100), nullable=False),
        sa.Column("desk_name", sa.String(length=100), nullable=False),
        sa.Column("work_kind", sa.String(length=20), nullable=False),
        sa.Column("start", UtcTime(), nullable=False),
        sa.Column("end", UtcTime(), nullable=False),
        sa.Column("arrived_at", UtcTime(), nullable=True),
        sa.Column("left_at", UtcTime(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_attendance_staff_id")),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_attendance_trip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("trip_id", name=op.f("uq_attendance_trip_id")),
    )
    op.create_index("ix_attendance_day", "attendance", ["day"], unique=False)
    op.create_index("ix_attendance_staff_day", "attendance", ["staff_id", "day"], unique=False)
    op.create_table(
        "command_done",
        sa.Column("booking_id", sa.String(length=36), nullable=False),
        sa.Column("command", sa.String(length=36), nullable=False),
        sa.Column("done_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_command_done_booking_id")),
        sa.PrimaryKeyConstraint("booking_id", "command", name=op.f("pk_command_done")),
    )
    op.create_table(
        "desk",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("room_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("features", Json, nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("pool", sa.String(length=10), nullable=False),
        sa.Column("plan_x", sa.Double(), nullable=True),
        sa.Column("plan_y", sa.Double(), nullable=True),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("lock_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_desk_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk")),
        sa.UniqueConstraint("code", name=op.f("uq_desk_code")),
    )
    op.create_index(op.f("ix_desk_room_id"), "desk", ["room_id"], unique=False)
    op.create_table(
        "manifest_name",
        sa.Column("booking_id", sa.String(length=36), nullable=False),
        sa.Column("visitor_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("section", sa.String(length=300), nullable=False),
        sa.Column("purge_after", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_manifest_name_booking_id")),
        sa.ForeignKeyConstraint(["visitor_id"], ["visitor.id"], name=op.f("fk_manifest_name_visitor_id")),
        sa.PrimaryKeyConstraint("booking_id", "visitor_id", name=op.f("pk_manifest_name")),
    )
    op.create_index(op.f("ix_manifest_name_purge_after"), "manifest_name", ["purge_after"], unique=False)
    op.create_table(
        "person_time",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("trip_id", sa.String(length=36), nullable=False),
        sa.Column("start", UtcTime(), nullable=False),
        sa.Column("end", UtcTime(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.CheckConstraint('start < "end"', name=op.f("ck_person_time_range")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_person_time_staff_id")),
        sa.ForeignKeyConstraint(["trip_id"], ["trip.id"], name=op.f("fk_person_time_trip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_time")),
    )
    op.create_index("ix_person_time_staff_end", "person_time", ["staff_id", "end"], unique=False)
    op.create_index("ix_person_time_trip", "person_time", ["trip_id"], unique=False)
    op.create_table(
        "booking_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("desk_id", sa.String(length=36), nullable=False),
        sa.Column("visitor_id", sa.Integer(), nullable=False),
        sa.Column("start", UtcTime(), nullable=False),
        sa.Column("end", UtcTime(), nullable=False),
        sa.Column("arrived_at", UtcTime(), nullable=True),
        sa.Column("left_at", UtcTime(), nullable=True),
        sa.CheckConstraint('start < "end"', name=op.f("ck_booking_place_range")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_booking_place_booking_id")),
        sa.ForeignKeyConstraint(["desk_id"], ["desk.id"], name=op.f("fk_booking_place_desk_id")),
        sa.ForeignKeyConstraint(["visitor_id"], ["visitor.id"], name=op.f("fk_booking_place_visitor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_place")),
    )
    op.create_index(op.f("ix_booking_place_booking_id"), "booking_place", ["booking_id"], unique=False)
    op.create_index(op.f("ix_booking_place_desk_id_start"), "booking_place", ["desk_id", "start"], unique=False)
    op.create_index(op.f("ix_booking_place_start"), "booking_place", ["start"], unique=False)
    op.create_index(op.f("ix_booking_place_visitor_id_end"), "booking_place", ["visitor_id", "end"], unique=False)
    op.create_table(
        "walk_in",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("home_code", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("section", sa.String(length=300), nullable=False),
        sa.Column("desk_id", sa.String(length=36), nullable=False),
        sa.Column("arrived_at", UtcTime(), nullable=False),
        sa.Column("left_at", UtcTime(), nullable=True),
        sa.Column("booking_id", sa.String(length=36), nullable=True),
        sa.Column("purge_after", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_walk_in_booking_id")),
        sa.ForeignKeyConstraint(["desk_id"], ["desk.id"], name=op.f("fk_walk_in_desk_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_walk_in")),
    )
    op.create_index(op.f("ix_walk_in_arrived_at"), "walk_in", ["arrived_at"], unique=False)
    op.create_table(
        "accounted",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Boolean(), nullable=False),
        sa.Column("sheltering", sa.Boolean(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["booking_place.id"], name=op.f("fk_accounted_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounted")),
    )
    op.create_index(op.f("ix_accounted_place_id_at"), "accounted", ["place_id", "at"], unique=False)
    op.create_table(
        "claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("desk_id", sa.String(length=36), nullable=False),
        sa.Column("start", UtcTime(), nullable=False),
        sa.Column("end", UtcTime(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("walk_in_id", sa.String(length=36), nullable=True),
        sa.CheckConstraint('start < "end"', name=op.f("ck_claim_range")),
        sa.ForeignKeyConstraint(["desk_id"], ["desk.id"], name=op.f("fk_claim_desk_id")),
        sa.ForeignKeyConstraint(["place_id"], ["booking_place.id"], name=op.f("fk_claim_place_id")),
        sa.ForeignKeyConstraint(["walk_in_id"], ["walk_in.id"], name=op.f("fk_claim_walk_in_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
    )
    op.create_index(op.f("ix_claim_desk_id_end"), "claim", ["desk_id", "end"], unique=False)
    op.create_index(op.f("ix_claim_place_id"), "claim", ["place_id"], unique=False)
    dialect = op.get_bind().dialect.name
    for statement in guards(dialect):
        op.execute(statement)
    for rule in RULES:
        for statement in rule.create(dialect):
            op.execute(statement)


def downgrade() -> None:
    """Drop every table; their triggers and rules go with them."""

    op.drop_index(op.f("ix_claim_place_id"), table_name="claim")
    op.drop_index(op.f("ix_claim_desk_id_end"), table_name="claim")
    op.drop_table("claim")
    op.drop_index(op.f("ix_accounted_place_id_at"), table_name="accounted")
    op.drop_table("accounted")
    op.drop_index(op.f("ix_walk_in_arrived_at"), table_name="walk_in")
    op.drop_table("walk_in")
    op.drop_index(op.f("ix_booking_place_visitor_id_end"), table_name="booking_place")
    op.drop_index(op.f("ix_booking_place_start"), table_name="booking_place")
    op.drop_index(op.f("ix_booking_place_desk_id_start"), table_name="booking_place")
    op.drop_index(op.f("ix_booking_place_booking_id"), table_name="booking_place")
    op.drop_table("booking_place")
    op.drop_index("ix_person_time_trip", table_name="person_time")
    op.drop_index("ix_person_time_staff_end", table_name="person_time")
    op.drop_table("person_time")
    op.drop_index(op.f("ix_manifest_name_purge_after"), table_name="manifest_name")
    op.drop_table("manifest_name")
    op.drop_index(op.f("ix_desk_room_id"), table_name="desk")
    op.drop_table("desk")
    op.drop_table("command_done")
    op.drop_index("ix_attendance_staff_day", table_name="attendance")
    op.drop_index("ix_attendance_day", table_name="attendance")
    op.drop_table("attendance")
    op.drop_index("ix_trip_state", table_name="trip")
    op.drop_index("ix_trip_staff_start", table_name="trip")
    op.drop_index("ix_trip_host", table_name="trip")
    op.drop_table("trip")
    op.drop_table("staff_role")
    op.drop_index(op.f("ix_room_site_id"), table_name="room")
    op.drop_table("room")
    op.drop_table("pairwise_subject")
    op.drop_index("ix_notice_staff_read", table_name="notice")
    op.drop_table("notice")
    op.drop_table("home_conditions")
    op.drop_index(
        "ix_booking_tombstone",
        table_name="booking",
        sqlite_where=sa.text("not_after IS NULL"),
        postgresql_where=sa.text("not_after IS NULL"),
    )
    op.drop_index(op.f("ix_booking_state"), table_name="booking")
    op.drop_index(op.f("ix_booking_home_id"), table_name="booking")
    op.drop_table("booking")
    op.drop_table("visitor")
    op.drop_index(op.f("ix_sign_in_attempts_expires"), table_name="sign_in_attempts")
    op.drop_table("sign_in_attempts")
    op.drop_index("ix_staff_section", table_name="staff")
    op.drop_table("staff")
    op.drop_table("site")
    op.drop_index(op.f("ix_open_hours_place_id"), table_name="open_hours")
    op.drop_table("open_hours")
    op.drop_index("ix_known_desk_seen", table_name="known_desk")
    op.drop_table("known_desk")
    op.drop_table("house_rules")
    op.drop_index(op.f("ix_closure_place_id_end"), table_name="closure")
    op.drop_table("closure")
    op.drop_index(op.f("ix_agreement_home_code"), table_name="agreement")
    op.drop_table("agreement")
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
