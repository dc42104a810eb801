"""利用の経過: one visit from application to departure on one paper, with what both towns have of it side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.audit import AuditEntry
from federation.errors import NotFound, TachiyoriError
from federation.members import Member
from federation.messages import booking as wire
from federation.messages.listing import DeskListing, SiteListing
from federation.messages.trail import TrailLine
from federation.wording import phrase
from node.home import trails as home_trails
from node.host import codes
from node.models.agreements import Agreement
from node.models.approvals import Approval
from node.models.bookings import Booking, BookingPlace
from node.models.trips import Trip
from node.town import Town

NEAR = timedelta(minutes=5)
"""Two lines on one thing are of one time within this: clocks differ a little, and an answer takes its time."""
Value = str | datetime | None


@dataclass(frozen=True)
class Compared:
    """One matter as home and host have it, and whether they agree; None where neither says anything of it."""

    words: str
    home: Value
    host: Value
    is_state: bool = False
    """Whether the two are states of a booking, which pages have words for."""

    @property
    def agrees(self) -> bool | None:
        """Say whether both have the same, times within ``NEAR``; what one alone has is a difference."""
        if not self.home and not self.host:
            return None
        if isinstance(self.home, datetime) and isinstance(self.host, datetime):
            return abs(self.home - self.host) <= NEAR
        return self.home == self.host


@dataclass(frozen=True)
class Step:
    """One line of either town's log, with the line of the other that belongs to it: the same token, or the same moment."""

    at: datetime
    side: Literal["home", "host"]
    event: str
    verdict: str
    reason: str
    jti: str
    is_met: bool


@dataclass(frozen=True)
class Paper:
    """One visit. ``away`` is what kept the other town's part from it."""

    id: str
    side: Literal["home", "host"]
    partner: str
    facts: Sequence[tuple[str, Value]]
    compared: Sequence[Compared]
    steps: Sequence[Step]
    away: TachiyoriError | None

    @property
    def agrees(self) -> bool:
        """Say whether nothing was found on which the two towns differ."""
        return all(one.agrees is not False for one in self.compared)


def find(db: Session, code: str, *, own: bool) -> str | None:
    """Return the id of the visit with a 受付番号: of our own people's where ``own``, or else of our desks'."""
    folded = codes.folded(code)
    if own:
        mine = select(Trip.id).where(Trip.short_code == codes.shown(folded)).order_by(Trip.start.desc()).limit(1)
        return db.scalar(mine)
    return db.scalar(select(Booking.id).where(Booking.short_code == folded))


def of_trip(town: Town, trip_id: str) -> Paper:
    """Return the paper of a trip of our own people, asking its host; raises ``NotFound``."""
    with town.storage.transaction() as db:
        trip = db.get(Trip, trip_id)
        if trip is None:
            raise NotFound("no such trip")
        ours, approval = home_trails.lines(db, trip_id), db.scalar(select(Approval).where(Approval.batch == trip_id))
    booking, theirs, away = _asked(town, trip)
    facts: list[tuple[str, Value]] = [
        (phrase("所属団体"), town.config.name),
        (phrase("受入団体"), trip.host_name),
        (phrase("施設"), SiteListing.read(trip.site_listing).name),
        (phrase("座席"), DeskListing.read(trip.desk_listing).name),
        (phrase("申込み"), trip.asked_at),
        (phrase("確認した利用上の注意（版）"), trip.consent_version),
        (phrase("承認"), approval.state if approval is not None else ""),
        (phrase("受付番号"), trip.short_code),
        (phrase("予約の版"), str(trip.version)),
        (phrase("料金（円）"), str(trip.price_yen)),
        (phrase("理由"), trip.cause),
    ]
    steps = _steps([_own(row, "home") for row in ours], [_told(line, "host") for line in theirs])
    return Paper(trip_id, "home", trip.host_name, facts, _compared(trip, booking), steps, away)


def _asked(town: Town, trip: Trip) -> tuple[wire.Booking | None, Sequence[TrailLine], TachiyoriError | None]:
    try:
        host = town.hosts(trip.host)
        return host.get_booking(trip.id), host.trail(trip.id).lines, None
    except TachiyoriError as away:
        return None, (), away


def _compared(trip: Trip, booking: wire.Booking | None) -> Sequence[Compared]:
    if booking is None:
        return ()
    place = next((one for one in booking.places if one.sub == trip.sub), None)
    if place is None:
        return ()
    same = trip.desk_id == place.desk
    desks = (place.desk_name, place.desk_name) if same else (trip.desk_id, place.desk)
    return (
        Compared(phrase("状態"), trip.state, booking.state, is_state=True),
        Compared(phrase("予約の版"), str(trip.version), str(booking.version)),
        Compared(phrase("座席"), *desks),
        Compared(phrase("開始"), trip.start, place.start),
        Compared(phrase("終了"), trip.end, place.end),
        Compared(phrase("入室"), trip.arrived_at, place.arrived_at),
        Compared(phrase("退室"), trip.left_at, place.left_at),
        Compared(phrase("料金（円）"), str(trip.price_yen), str(booking.price_yen)),
    )


def of_booking(town: Town, booking_id: str) -> Paper:
    """Return the paper of a visit at our desks, asking its home for its lines; raises ``NotFound``."""
    with town.storage.transaction() as db:
        booking = db.get(Booking, booking_id)
        place = db.scalar(
            select(BookingPlace).where(BookingPlace.booking_id == booking_id).order_by(BookingPlace.position)
        )
        if booking is None or place is None:
            raise NotFound("no such booking")
        home = db.get(Member, booking.home_id)
        agreement = db.get(Agreement, booking.agreement_id) if booking.agreement_id else None
        places = select(BookingPlace.id).where(BookingPlace.booking_id == booking_id)
        keys = [booking_id, *(str(one) for one in db.scalars(places))]
        about = AuditEntry.subject.in_(keys)
        ours = db.scalars(select(AuditEntry).where(about).order_by(AuditEntry.number.desc()).limit(300)).all()
        facts: list[tuple[str, Value]] = [
            (phrase("所属団体"), home.name if home is not None else town.config.name),
            (phrase("受入団体"), town.config.name),
            (phrase("施設"), place.desk.room.site.name),
            (phrase("座席"), f"{place.desk.room.name} {place.desk.name}"),
            (phrase("協定"), f"{agreement.name} {agreement.number}" if agreement is not None else ""),
            (phrase("申込み"), booking.made_at),
            (phrase("開始"), place.start),
            (phrase("終了"), place.end),
            (phrase("状態"), booking.state),
            (phrase("予約の版"), str(booking.version)),
            (phrase("確認した利用上の注意（版）"), booking.consent_version),
            (phrase("受付番号"), codes.shown(booking.short_code or "")),
            (phrase("入室"), place.arrived_at),
            (phrase("退室"), place.left_at),
            (phrase("料金（円）"), str(booking.price_yen)),
        ]
    theirs, away = _asked_home(town, home, booking_id)
    steps = _steps([_own(row, "host") for row in ours], [_told(line, "home") for line in theirs])
    return Paper(booking_id, "host", home.name if home is not None else "", facts, (), steps, away)


def _asked_home(town: Town, home: Member | None, booking_id: str) -> tuple[Sequence[TrailLine], TachiyoriError | None]:
    if home is None:
        return (), None
    try:
        return town.hosts(home.entity_id).trail(booking_id).lines, None
    except TachiyoriError as away:
        return (), away


def _own(row: AuditEntry, side: Literal["home", "host"]) -> Step:
    return Step(row.at, side, row.event, row.verdict, row.reason, row.jti, is_met=False)


def _told(line: TrailLine, side: Literal["home", "host"]) -> Step:
    return Step(line.at, side, line.event, line.verdict, line.reason, line.jti, is_met=False)


def _steps(ours: Sequence[Step], theirs: Sequence[Step]) -> Sequence[Step]:
    """Lay both logs into one order of time; a line is met where the other town has one of the same token or moment."""

    def met(one: Step, others: Sequence[Step]) -> Step:
        is_met = any((one.jti and one.jti == two.jti) or abs(one.at - two.at) <= NEAR for two in others)
        return Step(one.at, one.side, one.event, one.verdict, one.reason, one.jti, is_met)

    return sorted([*(met(one, theirs) for one in ours), *(met(one, ours) for one in theirs)], key=lambda one: one.at)
