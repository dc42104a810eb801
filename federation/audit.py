"""The log of what was decided about whom: only ever added to, each row carrying the SHA-256 of the one before.

The chain shows that a row was changed or taken out; the database refuses to do either. Rows are linked as the very
last act before commit, so that no other lock is waited for while the chain is held.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Self

from sqlalchemy import BigInteger, Connection, Index, String, bindparam, delete, event, func, select, sql, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from federation.envelope import legible
from federation.errors import BadInput
from federation.storage import Base, UtcTime, insert

_NOTES = "audit notes"
_GENESIS = "0" * 64
_CHAIN = 1
_HEXADECIMAL = re.compile("[0-9a-f]{64}")


class AuditEntry(Base):
    """One decision: who (``actor``) did what (``event``) to whom (``subject``), the verdict and the reason.

    ``jti`` is the id of the token it rested on. ``previous`` is the SHA-256 of the row before, in hexadecimal.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "at"), Index(None, "subject", "at"))

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcTime)
    event: Mapped[str]
    actor: Mapped[str]
    subject: Mapped[str]
    verdict: Mapped[str]
    reason: Mapped[str]
    jti: Mapped[str]
    previous: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The chain's end: the number and digest of the newest row. Its only row is the lock of those who add."""

    __tablename__ = "audit_heads"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True)
class Chain:
    """What ``verify`` found: rows read, the newest row's digest, and the first row that does not fit, if any."""

    rows: int
    digest: str
    broken_at: int | None

    def __bool__(self) -> bool:
        return self.broken_at is None


@dataclass(frozen=True)
class Head:
    """The newest row's number and digest, as an export ended with it: kept elsewhere, it proves the log up to there."""

    number: int
    digest: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Read ``number:digest``; raise ``BadInput``."""
        number, _, digest = text.strip().partition(":")
        if not (number.isascii() and number.isdigit() and len(number) < 19 and _HEXADECIMAL.fullmatch(digest)):
            raise BadInput(f"not a head of the log: {legible(text, longest=100)}", field="head")
        return cls(int(number), digest)

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"


def record(
    db: Session,
    *,
    event: str,
    actor: str,
    subject: str,
    verdict: Literal["allowed", "refused"],
    reason: str = "",
    jti: str = "",
    now: datetime,
) -> None:
    """Add a row when the transaction commits; a refusal that rolls back is recorded in a transaction of its own.

    No personal data beyond identifiers goes in: rows cannot be corrected. What would forge a line, or hide in one, is
    spelt out. RuntimeError in a reading transaction.
    """
    if not db.info.get("write"):
        raise RuntimeError("an audit row was recorded in a transaction that does not write")
    if _NOTES not in db.info:
        db.info[_NOTES] = []
        _at_commit(db)
    entry = {"event": event, "actor": actor, "subject": subject, "verdict": verdict, "reason": reason, "jti": jti}
    db.info[_NOTES].append({**{name: legible(word) for name, word in entry.items()}, "at": now.astimezone(UTC)})


def _at_commit(db: Session) -> None:
    """Link the notes after everything else that happens before the commit."""

    @event.listens_for(db, "before_commit")
    def link(session: Session) -> None:
        if session.in_nested_transaction():
            return
        session.flush()
        notes, session.info[_NOTES] = session.info[_NOTES], []
        if notes:
            _link(session, notes)


def _link(db: Session, notes: list[dict[str, Any]]) -> None:
    head, chain = _locked(db), db.connection()
    for note in notes:
        row = {"number": head.number + 1, "previous": head.digest, **note}
        chain.execute(_ENTER, row)
        head = Head(head.number + 1, _digest(row))
    chain.execute(_MOVE, {"chain": _CHAIN, "number": head.number, "digest": head.digest})


def _locked(db: Session) -> Head:
    found = db.connection().execute(_LOCK, {"chain": _CHAIN}).first()
    if found is None:
        first = insert(db, AuditHead).values(id=_CHAIN, number=0, digest=_GENESIS)
        db.execute(first.on_conflict_do_nothing())
        found = db.connection().execute(_LOCK, {"chain": _CHAIN}).one()
    return Head(*found)


def _written(row: dict[str, Any]) -> str:
    """The row as JSON: members sorted, no blanks, the time in ISO 8601 with microseconds."""
    written = {**row, "at": row["at"].isoformat(timespec="microseconds")}
    return json.dumps(written, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _digest(row: dict[str, Any]) -> str:
    return hashlib.sha256(_written(row).encode()).hexdigest()


_COLUMNS = tuple(AuditEntry.__table__.columns.keys())
_LOCK = select(AuditHead.number, AuditHead.digest).where(AuditHead.id == bindparam("chain")).with_for_update()
_ENTER = sql.insert(AuditEntry)
_MOVE = (
    update(AuditHead)
    .where(AuditHead.id == bindparam("chain"))
    .values(number=bindparam("number"), digest=bindparam("digest"))
)
"""Every decision executes these three: they are built once."""


def _rows(db: Session, *, since: datetime | None = None, until: datetime | None = None) -> Iterator[dict[str, Any]]:
    """All rows of [since, until) by number, a thousand at a time: the log may be longer than memory."""
    question = select(*AuditEntry.__table__.columns).order_by(AuditEntry.number).limit(1000)
    if since is not None:
        question = question.where(AuditEntry.at >= since)
    if until is not None:
        question = question.where(AuditEntry.at < until)
    number = 0
    while rows := db.execute(question.where(AuditEntry.number > number)).all():
        yield from (dict(zip(_COLUMNS, row, strict=True)) for row in rows)
        number = rows[-1].number


def head_of(db: Session) -> Head:
    """Return the chain's end; number 0 before the first row."""
    head = db.get(AuditHead, _CHAIN)
    return Head(head.number, head.digest) if head else Head(0, _GENESIS)


def export(db: Session, *, since: datetime | None = None, until: datetime | None = None) -> Iterator[str]:
    """Give the log out as JSON lines, oldest first; the last line is the head, ``{"head":"number:digest"}``.

    A line is exactly what its digest is the SHA-256 of, so whoever holds the lines and a head can verify without us:
    each line's ``previous`` is the digest of the line before.
    """
    for row in _rows(db, since=since, until=until):
        yield _written(row)
    yield json.dumps({"head": str(head_of(db))})


def latest(
    db: Session,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    who: Collection[str] = (),
    verdict: str = "",
    before: int | None = None,
    limit: int,
) -> Sequence[AuditEntry]:
    """Return the newest rows of [since, until), done by or about ``who``, with this verdict, numbered below ``before``."""
    question = select(AuditEntry).order_by(AuditEntry.number.desc()).limit(limit)
    if since is not None:
        question = question.where(AuditEntry.at >= since)
    if until is not None:
        question = question.where(AuditEntry.at < until)
    if who:
        question = question.where(AuditEntry.actor.in_(who) | AuditEntry.subject.in_(who))
    if verdict:
        question = question.where(AuditEntry.verdict == verdict)
    if before is not None:
        question = question.where(AuditEntry.number < before)
    return db.scalars(question).all()


def verify(db: Session, *, known: Head | None = None) -> Chain:
    """Follow the chain from the oldest row kept to its head; a falsy Chain names the first row that does not fit.

    Rows taken off the newest end show against the head. Who can write the whole database can write a whole new chain:
    that shows against ``known``, a head that was kept elsewhere.
    """
    rows, digest, number = 0, _GENESIS, 0
    met = known is None
    for row in _rows(db):
        oldest_kept = rows == 0 and row["number"] > 1
        if not oldest_kept and (row["previous"], row["number"]) != (digest, number + 1):
            return Chain(rows, digest, row["number"])
        met = met or known == Head(row["number"] - 1, row["previous"])
        rows, digest, number = rows + 1, _digest(row), row["number"]
    if Head(number, digest) != head_of(db):
        return Chain(rows, digest, number + 1)
    if known is not None and not met and known != Head(number, digest):
        return Chain(rows, digest, known.number)
    return Chain(rows, digest, None)


def forget(db: Session, *, before: datetime) -> int:
    """Drop the oldest rows, up to the first that is not older than ``before``, at the end of their period; how many.

    The newest row always stays, so that the chain goes on from it.
    """
    kept = db.scalar(select(func.min(AuditEntry.number)).where(AuditEntry.at >= before))
    last = db.scalar(select(func.max(AuditEntry.number)))
    if last is None:
        return 0
    old = AuditEntry.number < (kept if kept is not None else last)
    return len(db.scalars(delete(AuditEntry).where(old).returning(AuditEntry.number)).all())


# --- The database's own refusal: no row is changed, and none is taken out but the oldest. ----------------------

_SAYING = "the audit log is only ever added to"


def guards(dialect: str) -> list[str]:
    """The statements that make the database refuse, for migrations as well as for ``create_all``."""
    return _POSTGRESQL if dialect == "postgresql" else _SQLITE


_SQLITE = [
    f"CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries BEGIN SELECT RAISE(ABORT, '{_SAYING}'); END",
    "CREATE TRIGGER audit_entries_remain BEFORE DELETE ON audit_entries "  # noqa: S608 - DDL of our own constants.
    "WHEN EXISTS (SELECT 1 FROM audit_entries AS older WHERE older.number < OLD.number) "
    f"BEGIN SELECT RAISE(ABORT, '{_SAYING}'); END",
]
_POSTGRESQL = [
    "CREATE OR REPLACE FUNCTION audit_entries_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "  # noqa: S608 - DDL of our own constants.
    "IF TG_OP = 'DELETE' THEN "
    "IF NOT EXISTS (SELECT 1 FROM audit_entries AS older WHERE older.number < OLD.number) THEN RETURN OLD; END IF; "
    f"END IF; RAISE EXCEPTION '{_SAYING}'; END $$",
    "CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE ON audit_entries "
    "FOR EACH ROW EXECUTE FUNCTION audit_entries_guard()",
]


@event.listens_for(AuditEntry.__table__, "after_create")
def _guard(_table: object, connection: Connection, **_kw: object) -> None:
    for statement in guards(connection.dialect.name):
        connection.exec_driver_sql(statement)
