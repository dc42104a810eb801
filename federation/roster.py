"""The tables of the others, and their one writer: members as the registry attests them, the registry as last seen."""

from datetime import datetime

from sqlalchemy import Index, String, Text, false, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from federation import audit, trust
from federation.claims import is_entity_id
from federation.errors import BadInput, PeerAnsweredBadly, TrustBroken
from federation.messages.feed import FeedItem
from federation.messages.member import MemberEntry
from federation.status import StatusList
from federation.storage import Base
from federation.trust import VerifiedMember


class Member(Base):
    """One member. Other rows refer to ``id``: codes change in mergers, domains change, and the id stays.

    ``status`` is the newest status list's word, ``unknown`` before there was one. ``issued`` and ``configured`` are when
    the registry's statement and the member's configuration were signed; older ones are never taken. ``gone`` rows are
    kept for what refers to them. ``trouble`` says why the newest word about the member was not taken.
    """

    __tablename__ = "members"
    __table_args__ = (
        Index(
            "uq_members_code_live",
            "code",
            unique=True,
            sqlite_where=text("NOT gone"),
            postgresql_where=text("NOT gone"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entity_id: Mapped[str] = mapped_column(String(255), unique=True)
    code: Mapped[str] = mapped_column(String(6))
    name: Mapped[str]
    name_kana: Mapped[str] = mapped_column(default="")
    name_en: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(String(16), default="city")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    statement: Mapped[str] = mapped_column(Text)
    configuration: Mapped[str] = mapped_column(Text)
    status_index: Mapped[int]
    status: Mapped[str] = mapped_column(String(16), default="unknown")
    issued: Mapped[datetime]
    configured: Mapped[datetime]
    expires: Mapped[datetime]
    seen_at: Mapped[datetime]
    gone: Mapped[bool] = mapped_column(default=False, server_default=false())
    trouble: Mapped[str] = mapped_column(default="")


class AnchorSeen(Base):
    """The registry as last seen: its configuration, the thumbprint of its online key now, and its newest status list."""

    __tablename__ = "anchor_seen"

    entity_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    configuration: Mapped[str] = mapped_column(Text)
    online: Mapped[str] = mapped_column(String(43))
    issued: Mapped[datetime]
    seen_at: Mapped[datetime]
    status_list: Mapped[str] = mapped_column(Text, default="")
    status_issued: Mapped[datetime | None]
    status_etag: Mapped[str] = mapped_column(default="")


def find(db: Session, entity_id: str) -> Member | None:
    """Return the table's row of this exact id, gone or not, or None."""
    # What is no entity id may hold what a database refuses to compare, such as a NUL.
    return db.scalar(select(Member).where(Member.entity_id == entity_id)) if is_entity_id(entity_id) else None


def keep(db: Session, verified: VerifiedMember, *, statement: str, configuration: str, now: datetime) -> Member:
    """Write a verified member down and return its row; flushes.

    Raises ``TrustBroken`` for statements older than those we hold, and for a code that another live member has.
    """
    row = find(db, verified.entity_id)
    issued, configured = trust.signed_at(statement), trust.signed_at(configuration)
    if row is not None and (issued < row.issued or configured < row.configured):
        raise TrustBroken(f"{verified.entity_id}: an older statement than the one we hold")
    _make_room(db, verified, now)
    if row is None:
        row = Member(entity_id=verified.entity_id)
        db.add(row)
    if row.status_index != verified.status_index:
        row.status_index, row.status = verified.status_index, "unknown"
    row.code, row.name = verified.code, verified.name
    row.name_en, row.name_kana = verified.name_en, verified.name_kana
    row.statement, row.configuration = statement, configuration
    row.issued, row.configured, row.expires = issued, configured, verified.expires
    row.seen_at, row.gone, row.trouble = now, False, ""
    db.flush()
    return row


def _make_room(db: Session, verified: VerifiedMember, now: datetime) -> None:
    """Keep one code with one member, both ways: a former holder steps aside once its standing has ended, or is taken over."""
    holder = db.scalar(select(Member).where(Member.code == verified.code, ~Member.gone))
    if holder is None or holder.entity_id == verified.entity_id:
        return
    taken_over = any(one.entity_id == holder.entity_id for one in verified.replaces)
    if not taken_over and holder.status != "invalid" and holder.expires > now:
        raise TrustBroken(f"{verified.code} belongs to {holder.entity_id}")
    holder.gone = True
    db.flush()


def set_status(db: Session, row: Member, statuses: StatusList, *, now: datetime) -> None:
    """Take a verified list's word about one member; what it changes is a line in the audit log."""
    before = row.status
    try:
        row.status = statuses.status(row.status_index)
    except TrustBroken:
        # A member admitted since this list was signed: unknown it was, and unknown it stays until the next.
        row.status = before if before == "unknown" else "invalid"
    if row.status != before:
        audit.record(
            db,
            event="membership",
            actor="registry",
            subject=f"{row.entity_id} {row.code}",
            verdict="allowed" if row.status == "valid" else "refused",
            reason=f"{before} to {row.status}",
            now=now,
        )


def read_entry(item: FeedItem) -> MemberEntry:
    """Read an item of the members feed; raises ``PeerAnsweredBadly``."""
    try:
        return MemberEntry.model_validate(item.data, strict=False)
    except (ValueError, BadInput) as error:
        raise PeerAnsweredBadly(f"member entry: {error}") from None
