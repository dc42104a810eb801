"""The promise to tell somebody: a row in the transaction that gave cause for it, kept after the commit.

At least once: a parcel is lent to one carrier at a time, put off with growing pauses while it fails, and laid aside
for the operator when it failed too often. Its ``key`` never changes, so that the far side can know a repetition.
"""

import logging
import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from federation.errors import TachiyoriError, TooMany, Unavailable
from federation.storage import Base, Json, Storage, UtcTime

_log = logging.getLogger(__name__)

LOAN = timedelta(minutes=15)
"""How long a carrier may hold a parcel; then it counts as killed, and another takes it."""

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
LONGEST_SPARED = timedelta(minutes=5)
"""How long one parcel's failure holds back the others to the same target."""

ATTEMPTS = 180
"""With the pauses above a parcel is tried for about a week: a town hall may be shut over New Year."""


class Promise(Base):
    """One thing to be told: ``kind`` chooses the carrier, ``target`` is whom it goes to.

    ``due_at`` is when it may next be taken up; ``dead_at`` when it was laid aside.
    """

    __tablename__ = "promises"
    __table_args__ = (Index(None, "dead_at", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    target: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(default="")
    dead_at: Mapped[datetime | None] = mapped_column(UtcTime)


@dataclass(frozen=True)
class Parcel:
    """A promise as its carrier sees it. ``key`` is the same at every attempt (Message-ID, Idempotency-Key)."""

    id: int
    key: str
    kind: str
    target: str
    payload: Mapping[str, Any]
    made_at: datetime
    attempts: int


@dataclass(frozen=True)
class Delivered:
    """What one call brought about: parcels carried, and parcels that failed."""

    done: int
    failed: int


Carrier = Callable[[Parcel], None]
"""Carries one parcel, with no transaction open; returns when the far side has it, raises when it has not."""


def promise(
    db: Session,
    kind: str,
    target: str,
    payload: Mapping[str, object],
    *,
    now: datetime,
    not_before: datetime | None = None,
    most: int | None = None,
) -> None:
    """Promise to tell ``target``: kept only if the transaction commits, and not before ``not_before``.

    ``payload`` is plain JSON data. Where ``most`` promises of the very same content wait already, no more is made: for
    what another party gives cause to, as often as it likes.
    """
    if most is not None and _alike(db, kind, target, payload) >= most:
        return
    row = Promise(key=str(uuid.uuid4()), kind=kind, target=target, payload=dict(payload), made_at=now)
    row.due_at = not_before or now
    db.add(row)


def promised(db: Session, kind: str, target: str) -> Sequence[Mapping[str, Any]]:
    """Return what is promised of a kind to ``target`` and not kept yet: the payloads."""
    return db.scalars(select(Promise.payload).where(Promise.kind == kind, Promise.target == target)).all()


def readdress(db: Session, old: str, new: str) -> int:
    """Have everything promised to one party told to the party that has taken its place; return how many promises."""
    moved = update(Promise).where(Promise.target == old, Promise.dead_at.is_(None))
    return len(db.scalars(moved.values(target=new).returning(Promise.id)).all())


def _alike(db: Session, kind: str, target: str, payload: Mapping[str, object]) -> int:
    same = (Promise.kind == kind, Promise.target == target, Promise.dead_at.is_(None))
    return sum(kept == dict(payload) for kept in db.scalars(select(Promise.payload).where(*same)))


def deliver(storage: Storage, carriers: Mapping[str, Carrier], *, now: datetime, limit: int = 50) -> Delivered:
    """Carry what is due, ``limit`` parcels at most, oldest first; kinds without a carrier here wait.

    When a target cannot be reached its other parcels wait too, so that one dead town does not hold up the rest.
    """
    done = failed = 0
    for _ in range(limit):
        parcel = _borrow(storage, tuple(carriers), now)
        if parcel is None:
            break
        error = _carry(carriers[parcel.kind], parcel)
        _settle(storage, parcel, error, now)
        done, failed = done + (error is None), failed + (error is not None)
    return Delivered(done, failed)


def _borrow(storage: Storage, kinds: Sequence[str], now: datetime) -> Parcel | None:
    """Take one due parcel on loan; nobody else sees it until the loan is over."""
    due = (
        select(Promise)
        .where(Promise.dead_at.is_(None), Promise.due_at <= now)
        .where(Promise.kind.in_(kinds))
        .order_by(Promise.due_at, Promise.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    with storage.transaction(write=True) as db:
        row = db.scalar(due)
        if row is None:
            return None
        row.attempts += 1
        row.due_at = now + LOAN
        return Parcel(row.id, row.key, row.kind, row.target, row.payload, row.made_at, row.attempts)


def _carry(carrier: Carrier, parcel: Parcel) -> Exception | None:
    """What went wrong, or None. A carrier's own mistake must not keep the other parcels from leaving."""
    try:
        carrier(parcel)
    except Exception as error:  # noqa: BLE001 - see above; it is logged and stays on the row.
        _log.warning("parcel %s (%s) was not delivered: %r", parcel.key, parcel.kind, error)
        return error
    return None


def _settle(storage: Storage, parcel: Parcel, error: Exception | None, now: datetime) -> None:
    """Strike the promise out, or put it off; nothing when another has taken it over since."""
    mine = (Promise.id == parcel.id, Promise.attempts == parcel.attempts)
    with storage.transaction(write=True) as db:
        if error is None:
            db.execute(delete(Promise).where(*mine))
            return
        wait = _asked_for(error) or pause(parcel.attempts)
        put_off: dict[str, object] = {"error": repr(error)[:1000], "due_at": now + wait}
        if parcel.attempts >= ATTEMPTS:
            put_off["dead_at"] = now
        db.execute(update(Promise).where(*mine).values(put_off))
        if isinstance(error, Unavailable | TooMany):
            _spare(db, parcel.target, now + min(wait, LONGEST_SPARED))


def _asked_for(error: Exception) -> timedelta | None:
    """How long the far side itself asked us to wait (Retry-After), an hour at most."""
    seconds = error.retry_after if isinstance(error, TachiyoriError) else None
    return min(timedelta(seconds=seconds), LONGEST_PAUSE) if seconds else None


def _spare(db: Session, target: str, until: datetime) -> None:
    """Let what else goes to ``target`` wait; parcels on loan are due later than that anyway."""
    others = (Promise.target == target, Promise.dead_at.is_(None), Promise.due_at < until)
    db.execute(update(Promise).where(*others).values(due_at=until))


def pause(attempts: int) -> timedelta:
    """How long to wait after the ``attempts``-th failure: doubling up to an hour, scattered by a fifth."""
    longest: timedelta = min(FIRST_PAUSE * (1 << min(attempts - 1, 20)), LONGEST_PAUSE)
    return longest * random.uniform(0.8, 1.0)  # noqa: S311 - scatter, not a secret.


def withdraw(db: Session, kind: str, target: str) -> int:
    """Take back promises of ``kind`` to ``target`` that have not left; their number. One on loan may yet arrive."""
    found = db.scalars(delete(Promise).where(Promise.kind == kind, Promise.target == target).returning(Promise.id))
    return len(found.all())


def laid_aside(db: Session, *, kind: str | None = None) -> Sequence[Promise]:
    """The promises that failed too often, oldest first, for the operator's eyes."""
    question = select(Promise).where(Promise.dead_at.is_not(None))
    if kind is not None:
        question = question.where(Promise.kind == kind)
    return db.scalars(question.order_by(Promise.id)).all()


def revive(db: Session, key: str, *, now: datetime) -> bool:
    """Try a laid-aside promise again from now on; False when there is none of that ``key``."""
    again = update(Promise).where(Promise.key == key, Promise.dead_at.is_not(None))
    return bool(db.scalar(again.values(dead_at=None, attempts=0, due_at=now).returning(Promise.id)))
