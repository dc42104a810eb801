"""Incidents of a visit (事故・トラブル): recorded at either side, told to the other town, with what is due until when.

The town that recorded an incident alone changes its facts; both write entries. An incident travels whole, as often as needed.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from federation import audit, outbox
from federation.errors import Forbidden, NotFound, TooMany
from federation.members import Member
from federation.messages import incident as wire
from federation.outbox import Carrier, Parcel
from federation.wording import phrase
from node import notices
from node.host import codes, opening
from node.models.bookings import Booking
from node.models.incidents import Incident, IncidentEntry
from node.models.staff import Staff, StaffRole
from node.models.trips import Trip
from node.town import Town

TELL = "incident"
"""The kind of promise."""
SHOWN = 100
MOST_OPEN = 200
"""So many incidents that are open one town may tell us of."""
FIRST_WORD, LAST_WORD, LAST_WORD_MALICIOUS = timedelta(days=5), timedelta(days=30), timedelta(days=60)
"""個人情報保護法68条 and its 施行規則: 速報 at once, in about three to five days; 確報 in 30 days, 60 where it was malicious."""
LINKS = {"personnel": "/personnel/incidents", "site_admin": "/reception/incidents"}
"""Where those who handle incidents read them, by their role; who has both roles is led to the first."""
_JAPAN = ZoneInfo("Asia/Tokyo")
_HEARD = phrase("%(town)sから、利用に関する事故・トラブルの連絡がありました。1開庁日以内に回答してください。")
Role = Literal["reception", "site_admin", "personnel"]


@dataclass(frozen=True)
class Recorded:
    """What somebody records; the time is aware UTC."""

    kind: wire.Kind
    severity: wire.Severity
    leak: wire.Leak
    is_malicious: bool
    what: str
    place: str
    happened_at: datetime


@dataclass(frozen=True)
class Due:
    """Something that is due: what, until which day of Japan (included), and when it was done, if it was."""

    words: str
    day: date
    done_at: datetime | None

    def is_late(self, today: date) -> bool:
        """Say whether it is not done, and its day is over."""
        return self.done_at is None and self.day < today


@dataclass(frozen=True)
class Visit:
    """The visit of an incident: its booking, and the other town."""

    booking_id: str
    partner: str


def visit_of(db: Session, own: str, code: str) -> Visit | None:
    """Find a visit by its 受付番号: here as the host, or one of our own people's elsewhere; None for none."""
    folded = codes.folded(code)
    booking = db.scalar(select(Booking).where(Booking.short_code == folded))
    if booking is not None:
        home = db.get(Member, booking.home_id)
        return Visit(booking.id, home.entity_id if home is not None else "")
    shown = codes.shown(folded)
    trip = db.scalar(select(Trip).where(Trip.short_code == shown).order_by(Trip.start.desc()).limit(1))
    return Visit(trip.id, "" if trip.host == own else trip.host) if trip is not None else None


def record(db: Session, facts: Recorded, visit: Visit | None, name: str, *, by: str, now: datetime) -> Incident:
    """Write an incident down and promise to tell the other town, called ``name``, if one is concerned."""
    row = Incident(id=str(uuid.uuid4()), is_ours=True, recorded_by=by, recorded_at=now, known_at=now)
    row.kind, row.severity, row.leak, row.is_malicious = facts.kind, facts.severity, facts.leak, facts.is_malicious
    row.what, row.place, row.happened_at = facts.what, facts.place, facts.happened_at
    if visit is not None:
        row.booking_id, row.partner, row.partner_name = visit.booking_id, visit.partner, name if visit.partner else ""
    db.add(row)
    db.flush()
    audit.record(db, event="incident-recorded", actor=by, subject=row.id, verdict="allowed", reason=row.kind, now=now)
    _promise(db, row, now)
    return row


def write(db: Session, row: Incident, words: str, *, by: str, role: Role, now: datetime) -> None:
    """Write an entry, and promise to tell it; raises ``TooMany`` beyond ``wire.MOST_ENTRIES`` of ours."""
    if sum(one.is_ours for one in row.entries) >= wire.MOST_ENTRIES:
        raise TooMany("so many entries of one incident")
    row.entries.append(IncidentEntry(key=str(uuid.uuid4()), is_ours=True, role=role, words=words, at=now))
    db.flush()
    audit.record(db, event="incident-entry", actor=by, subject=row.id, verdict="allowed", now=now)
    _promise(db, row, now)


def handle(db: Session, row: Incident, what: str, *, by: str, now: datetime) -> None:
    """Note that the 速報 (``reported``) or the 確報 (``concluded``) was made, or that it is over (``closed``), once."""
    column = {"reported": "reported_at", "concluded": "concluded_at", "closed": "closed_at"}[what]
    if getattr(row, column) is None:
        setattr(row, column, now)
        db.flush()
        audit.record(db, event="incident-handled", actor=by, subject=row.id, verdict="allowed", reason=what, now=now)
        if what == "closed":
            _promise(db, row, now)


def get(db: Session, incident_id: str) -> Incident:
    """Return an incident, locked; raise ``NotFound``."""
    row = db.scalar(select(Incident).where(Incident.id == incident_id).with_for_update())
    if row is None:
        raise NotFound("no such incident")
    return row


def every(db: Session) -> Sequence[Incident]:
    """Return the incidents, those that are open first, then the newest."""
    question = select(Incident).options(selectinload(Incident.entries)).limit(SHOWN)
    return db.scalars(question.order_by(Incident.closed_at.is_not(None), Incident.known_at.desc(), Incident.id)).all()


def due(row: Incident) -> Sequence[Due]:
    """Return what is due for an incident, the soonest first."""
    found = []
    known = row.known_at.astimezone(_JAPAN).date()
    if row.partner and row.is_ours:
        found.append(Due(phrase("相手団体への連絡（1開庁日以内）"), next_working_day(known), row.told_at))
    if row.partner and not row.is_ours:
        heard = row.recorded_at.astimezone(_JAPAN).date()
        answered = next((one.at for one in row.entries if one.is_ours), None)
        found.append(Due(phrase("相手団体への回答（1開庁日以内）"), next_working_day(heard), answered))
    return sorted([*found, *reports_due(row)], key=lambda one: one.day)


def reports_due(row: Incident) -> Sequence[Due]:
    """Return until when the 速報 and the 確報 are due, where personal data may have leaked; else nothing."""
    if row.leak == "no":
        return ()
    known = row.known_at.astimezone(_JAPAN).date()
    first = Due(phrase("個人情報保護委員会への速報（概ね3〜5日以内）"), known + FIRST_WORD, row.reported_at)
    if row.is_malicious:
        words, last = phrase("個人情報保護委員会への確報（60日以内）"), LAST_WORD_MALICIOUS
    else:
        words, last = phrase("個人情報保護委員会への確報（30日以内）"), LAST_WORD
    return first, Due(words, known + last, row.concluded_at)


def outstanding(row: Incident) -> Sequence[Due]:
    """Return what is due for an incident that is open and was not done yet, the soonest first."""
    return [one for one in due(row) if one.done_at is None] if row.closed_at is None else []


def late(db: Session, today: date) -> int:
    """Return of how many open incidents something is overdue."""
    question = select(Incident).options(selectinload(Incident.entries)).where(Incident.closed_at.is_(None))
    return sum(any(one.is_late(today) for one in outstanding(row)) for row in db.scalars(question))


def next_working_day(day: date) -> date:
    """Return the first day after ``day`` on which offices are open."""
    following = day + timedelta(days=1)
    while following.weekday() > 4 or opening.is_holiday(following):
        following += timedelta(days=1)
    return following


# --- Between the towns ------------------------------------------------------------------------------------------


def _promise(db: Session, row: Incident, now: datetime) -> None:
    if row.partner:
        outbox.promise(db, TELL, row.partner, {"incident": row.id, "at": now.isoformat()}, now=now)


def message(row: Incident) -> wire.Incident:
    """Return an incident as the other town is told: our own entries alone, and nobody's name or row."""
    return wire.Incident(
        kind=row.kind,
        severity=row.severity,
        leak=row.leak,
        is_malicious=row.is_malicious,
        what=row.what,
        place=row.place,
        booking=row.booking_id or None,
        happened_at=row.happened_at,
        known_at=row.known_at,
        closed_at=row.closed_at if row.is_ours else None,
        entries=tuple(
            wire.IncidentEntry(id=one.key, at=one.at, role=one.role, words=one.words)
            for one in row.entries
            if one.is_ours
        ),
    )


def carriers(town: Town) -> Mapping[str, Carrier]:
    """Return who tells the other town, for ``outbox.deliver``."""
    return {TELL: lambda parcel: _carry(town, parcel)}


def _carry(town: Town, parcel: Parcel) -> None:
    incident_id = str(parcel.payload["incident"])
    with town.storage.transaction() as db:
        row = db.get(Incident, incident_id)
        said = message(row) if row is not None else None
    if said is None:
        return
    town.hosts(parcel.target).put_incident(incident_id, said)
    with town.storage.transaction(write=True) as db:
        row = get(db, incident_id)
        row.told_at = row.told_at or town.clock()
        audit.record(
            db, event="incident-told", actor=parcel.target, subject=row.id, verdict="allowed", now=town.clock()
        )


def take(db: Session, sender: str, name: str, incident_id: str, said: wire.Incident, *, now: datetime) -> None:
    """Take in what another town tells of an incident: its facts where they are its own, and its entries.

    Raises ``Forbidden`` for an incident of other towns, or of a visit that is not between us; ``TooMany`` for too many.
    """
    row = db.scalar(select(Incident).where(Incident.id == incident_id).with_for_update())
    if row is None:
        row = _heard(db, sender, name, incident_id, said, now=now)
    if row.partner != sender:
        raise Forbidden("an incident between other towns")
    if not row.is_ours:
        row.kind, row.severity, row.leak, row.is_malicious = said.kind, said.severity, said.leak, said.is_malicious
        row.what, row.place, row.happened_at = said.what, said.place, said.happened_at
        if row.leak == "no" or row.concluded_at is not None:
            # That it is over there ends nothing that we owe the Commission ourselves.
            row.closed_at = row.closed_at or said.closed_at
    known = {one.key for one in row.entries}
    for one in said.entries:
        if one.id not in known and len(known) < 2 * wire.MOST_ENTRIES:
            row.entries.append(IncidentEntry(key=one.id, is_ours=False, role=one.role, words=one.words, at=one.at))
            known.add(one.id)
    db.flush()


def _heard(db: Session, sender: str, name: str, incident_id: str, said: wire.Incident, *, now: datetime) -> Incident:
    if said.booking is None or not _is_between_us(db, sender, said.booking):
        raise Forbidden("no visit between these towns")
    theirs = select(func.count()).where(Incident.partner == sender, Incident.closed_at.is_(None))
    if (db.scalar(theirs) or 0) >= MOST_OPEN:
        raise TooMany(f"{sender}: so many incidents are open")
    row = Incident(id=incident_id, is_ours=False, partner=sender, partner_name=name, booking_id=said.booking)
    row.kind, row.severity, row.leak, row.is_malicious = said.kind, said.severity, said.leak, said.is_malicious
    row.what, row.place, row.happened_at, row.known_at = said.what, said.place, said.happened_at, now
    row.recorded_at, row.recorded_by, row.told_at = now, sender, now
    db.add(row)
    db.flush()
    for staff_id, link in _handlers(db).items():
        notices.tell(db, staff_id, _HEARD, now=now, link=f"{link}/{row.id}", town=name)
    return row


def _is_between_us(db: Session, sender: str, booking_id: str) -> bool:
    trip = db.get(Trip, booking_id)
    if trip is not None and trip.host == sender:
        return True
    booking = db.get(Booking, booking_id)
    home = db.get(Member, booking.home_id) if booking is not None else None
    return home is not None and home.entity_id == sender


def _handlers(db: Session) -> Mapping[int, str]:
    """Return who handles incidents here, each with the page where they do."""
    serving = select(StaffRole.role, Staff.id).join(Staff).where(StaffRole.role.in_(LINKS), Staff.left_on.is_(None))
    found = sorted(db.execute(serving).all(), key=lambda row: (list(LINKS).index(row.role), row.id), reverse=True)
    return {row.id: LINKS[row.role] for row in found}


def look(db: Session, incident_id: str) -> Incident:
    """Return an incident with its entries, to read; raise ``NotFound``."""
    row = db.scalar(select(Incident).options(selectinload(Incident.entries)).where(Incident.id == incident_id))
    if row is None:
        raise NotFound("no such incident")
    return row
