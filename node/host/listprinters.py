"""名簿の印刷用端末: the day's list on paper by itself at eight, and again whenever who is expected has changed.

Paper is what a reception has when the network is gone, so nobody should have to think of it. A computer beside the printer
may do this and nothing else; it is let in by 施設担当者, for a site, for a time.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import audit
from federation.errors import NotFound, TooMany
from node.host import reception
from node.host.reception import Guest
from node.models.printers import ListPrinter

LASTS = timedelta(days=180)
"""So long a computer is let in; then it is let in anew."""
MOST = 20
"""So many computers one town lets in."""
FROM = time(8)
"""The first list of a day is due then, by the town's clock."""
GATHERS = timedelta(minutes=3)
"""So long after a list its next changes are gathered, so that a busy morning is not a list for each booking."""

Row = Mapping[str, str]
"""What a list says of one visitor, without a name: ``when``, ``where``, ``code``."""


@dataclass(frozen=True)
class Gone:
    """A row of the last list whose visitor is expected no more: cancelled, or moved to another day or site."""

    start: datetime
    end: datetime
    where: str
    code: str


@dataclass(frozen=True)
class Sheet:
    """The list as it is to be printed: who is expected, who is new or changed since the last one, and who stands there no more."""

    number: int
    guests: tuple[Guest, ...]
    new: frozenset[str]
    changed: frozenset[str]
    gone: tuple[Gone, ...]
    last: datetime | None
    """When the last list of this day was printed."""


def let_in(db: Session, name: str, site_id: str | None, *, by: str, now: datetime) -> str:
    """Let a computer in and return its secret, which is kept nowhere; raise ``TooMany`` beyond ``MOST``."""
    if len(every(db)) >= MOST:
        raise TooMany(f"{MOST} printers")
    secret, printer = secrets.token_urlsafe(32), str(uuid4())
    db.add(
        ListPrinter(
            id=printer, name=name, site_id=site_id, digest=_digest(secret), made_at=now, made_by=by, until=now + LASTS
        )
    )
    db.flush()
    audit.record(db, event="list-printer", actor=by, subject=printer, verdict="allowed", reason="let in", now=now)
    return secret


def every(db: Session) -> Sequence[ListPrinter]:
    """Return the computers that are let in, the newest first; those whose time is over too."""
    return db.scalars(select(ListPrinter).order_by(ListPrinter.made_at.desc(), ListPrinter.id)).all()


def end(db: Session, printer_id: str, *, by: str, now: datetime) -> None:
    """Let a computer in no more; raise ``NotFound``."""
    printer = db.get(ListPrinter, printer_id)
    if printer is None:
        raise NotFound("no such printer")
    db.delete(printer)
    audit.record(db, event="list-printer", actor=by, subject=printer_id, verdict="allowed", reason="ended", now=now)


def known(db: Session, secret: str, now: datetime) -> ListPrinter | None:
    """Return the computer that a secret lets in now; None for none."""
    mine = select(ListPrinter).where(ListPrinter.digest == _digest(secret), ListPrinter.until > now)
    return db.scalar(mine)


def is_due(db: Session, printer: ListPrinter, zone: tzinfo, now: datetime) -> bool:
    """Say whether a list is to be printed now; nobody's name is looked at."""
    local = now.astimezone(zone)
    if local.time() < FROM:
        return False
    rows = _rows(_expected(reception.seats_today(db, now, site_id=printer.site_id)))
    if printer.day != local.date() or printer.printed_at is None:
        return bool(rows)
    return rows != printer.rows and now >= printer.printed_at + GATHERS


def sheet(db: Session, printer: ListPrinter, zone: tzinfo, now: datetime) -> Sheet:
    """Return the list as it stands, against the one printed last; the look is logged as the printer's.

    What stands on it is noted until ``printed``, since more may change while it prints. Needs a writing transaction, and the
    printer of it.
    """
    guests = reception.today(db, now, by=f"printer:{printer.id}", site_id=printer.site_id)
    before = _before(printer, now.astimezone(zone).date())
    rows = _rows(_expected(guests))
    printer.shown = dict(rows)
    last = printer.printed_at if before is not None else None
    known_rows = before if before is not None else rows
    return Sheet(
        number=(printer.number if before is not None else 0) + 1,
        guests=guests,
        new=frozenset(rows.keys() - known_rows.keys()),
        changed=frozenset(key for key in rows.keys() & known_rows.keys() if rows[key] != known_rows[key]),
        gone=tuple(_gone(row) for key, row in known_rows.items() if key not in rows),
        last=last,
    )


def printed(db: Session, printer: ListPrinter, zone: tzinfo, now: datetime) -> None:
    """Write down that the list that was opened last has gone to the printer."""
    today = now.astimezone(zone).date()
    before = _before(printer, today)
    printer.number = (printer.number if before is not None else 0) + 1
    printer.rows = dict(printer.shown)
    printer.day, printer.printed_at = today, now
    who = f"printer:{printer.id}"
    number = str(printer.number)
    audit.record(db, event="list-printed", actor=who, subject=printer.id, verdict="allowed", reason=number, now=now)


def _before(printer: ListPrinter, today: date) -> Mapping[str, Row] | None:
    return printer.rows if printer.day == today else None


def _expected(guests: Sequence[Guest]) -> Sequence[Guest]:
    """Leave out walk-ins: who came without a booking is known at the desk already."""
    return [one for one in guests if not one.is_walk_in]


def _rows(guests: Sequence[Guest]) -> dict[str, dict[str, str]]:
    return {
        one.key: {
            "when": f"{one.start.isoformat()}/{one.end.isoformat()}",
            "where": f"{one.site_name} {one.room_name} {one.desk_name}",
            "code": one.short_code,
        }
        for one in guests
    }


def _gone(row: Row) -> Gone:
    start, end = (datetime.fromisoformat(one) for one in row["when"].split("/"))
    return Gone(start, end, row["where"], row["code"])


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
