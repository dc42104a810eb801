"""利用の経過: one visit from application to departure on one paper, with what both towns have of it side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.errors import NotFound, TachiyoriError
from federation.members import Member
from federation.messages import booking as wire
from federation.messages.booking import Reason
from federation.messages.listing import DeskListing, SiteListing
from federation.messages.trail import RestedOn, TrailLine
from federation.wording import phrase
from node import matching
from node.home import judged as home_judged
from node.home import trails as home_trails
from node.home import trips
from node.host import codes
from node.host import judged as host_judged
from node.host import trails as host_trails
from node.matching import NEAR, Step
from node.models.bookings import Booking, BookingPlace
from node.models.incidents import Incident
from node.models.trips import Trip
from node.town import Town

MOST = 300
"""So many lines of either log stand on a paper, the newest; that there are older ones is said."""
MOST_INCIDENTS = 50
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
class Visit:
    """The visit as the town that writes the paper has it; ``person`` only where it is one of its own people."""

    home: str
    host: str
    site: str
    desk: str
    person: str
    section: str
    asked_at: datetime
    start: datetime
    end: datetime
    arrived_at: datetime | None
    left_at: datetime | None
    released_at: datetime | None
    state: str
    cause: str
    version: int
    code: str
    consent: str
    work_kind: str
    confidentiality: str
    price_yen: int


@dataclass(frozen=True)
class Told:
    """What the other town says of the visit: its booking where it is the host, and the lines of its log."""

    booking: wire.Booking | None = None
    lines: Sequence[TrailLine] = ()
    agreement: RestedOn | None = None
    is_cut: bool = False
    away: TachiyoriError | None = None


@dataclass(frozen=True)
class Paper:
    """One visit. ``away`` is what kept the other town's part from it; ``is_cut`` says that older lines are left out."""

    id: str
    side: Literal["home", "host"]
    partner: str
    visit: Visit
    at_home: home_judged.Judged | None
    at_host: host_judged.Judged | None
    agreement: RestedOn | None
    refusals: Sequence[Reason]
    incidents: Sequence[Incident]
    compared: Sequence[Compared]
    steps: Sequence[Step]
    is_cut: bool
    away: TachiyoriError | None

    @property
    def agrees(self) -> bool:
        """Say whether nothing was found on which the two towns differ: no matter, and no line that the other lacks."""
        return all(one.agrees is not False for one in self.compared) and not self.missing

    @property
    def missing(self) -> int:
        """How many lines the other town should have and has not."""
        return sum(step.met == "missing" for step in self.steps)


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
        ours = home_trails.lines(db, trip_id, limit=MOST + 1)
        at_home, happened = home_judged.of(db, trip), _incidents(db, trip_id)
    told = _asked(town, trip.host, trip_id, booking=True)
    return Paper(
        trip_id,
        "home",
        trip.host_name,
        _visit_of_trip(town, trip),
        at_home,
        None,
        told.agreement,
        trips.reasons_of(trip),
        happened,
        _compared(trip, told.booking),
        matching.laid(
            [matching.own(row, "home") for row in ours[:MOST]],
            [matching.told(line, "host") for line in told.lines],
            asked=told.away is None and trip.host != town.config.entity_id,
        ),
        told.is_cut or len(ours) > MOST,
        told.away,
    )


def _visit_of_trip(town: Town, trip: Trip) -> Visit:
    desk = DeskListing.read(trip.desk_listing)
    return Visit(
        home=town.config.name,
        host=trip.host_name,
        site=SiteListing.read(trip.site_listing).name,
        desk=f"{desk.room_name} {desk.name}".strip(),
        person=trip.staff.name,
        section=trip.section or trip.staff.section,
        asked_at=trip.asked_at,
        start=trip.start,
        end=trip.end,
        arrived_at=trip.arrived_at,
        left_at=trip.left_at,
        released_at=None,
        state=trip.state,
        cause=trip.cause,
        version=trip.version,
        code=trip.short_code,
        consent=trip.consent_version,
        work_kind=trip.work_kind,
        confidentiality=trip.confidentiality,
        price_yen=trip.price_yen,
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
        ours = host_trails.lines(db, booking_id, limit=MOST + 1)
        at_host, happened = host_judged.of(db, booking), _incidents(db, booking_id)
        visit = _visit_of_booking(town, booking, place, home)
    told = _asked(town, home.entity_id, booking_id) if home is not None else Told()
    return Paper(
        booking_id,
        "host",
        visit.home,
        visit,
        None,
        at_host,
        at_host.agreement,
        (),
        happened,
        (),
        matching.laid(
            [matching.own(row, "host") for row in ours[:MOST]],
            [matching.told(line, "home") for line in told.lines],
            asked=told.away is None and home is not None,
        ),
        told.is_cut or len(ours) > MOST,
        told.away,
    )


def _visit_of_booking(town: Town, booking: Booking, place: BookingPlace, home: Member | None) -> Visit:
    return Visit(
        home=home.name if home is not None else town.config.name,
        host=town.config.name,
        site=place.desk.room.site.name,
        desk=f"{place.desk.room.name} {place.desk.name}",
        person="",
        section="",
        asked_at=booking.made_at,
        start=place.start,
        end=place.end,
        arrived_at=place.arrived_at,
        left_at=place.left_at,
        released_at=place.released_at,
        state=booking.state,
        cause=booking.cause,
        version=booking.version,
        code=codes.shown(booking.short_code or ""),
        consent=booking.consent_version,
        work_kind=booking.work_kind,
        confidentiality=booking.confidentiality,
        price_yen=booking.price_yen,
    )


def _incidents(db: Session, visit_id: str) -> Sequence[Incident]:
    theirs = select(Incident).where(Incident.booking_id == visit_id).order_by(Incident.happened_at, Incident.id)
    return db.scalars(theirs.limit(MOST_INCIDENTS)).all()


def _asked(town: Town, partner: str, visit_id: str, *, booking: bool = False) -> Told:
    """Ask the other town, page after page; what it did not answer is told with why."""
    try:
        other = town.hosts(partner)
        held = other.get_booking(visit_id) if booking else None
        if partner == town.config.entity_id:
            # A visit to our own desks stands in one log.
            return Told(held)
        trail = other.trail(visit_id)
        lines = [*trail.lines]
        older = trail.older
        while older is not None and trail.lines and len(lines) < MOST:
            more = other.trail(visit_id, before=older)
            lines, older = [*lines, *more.lines], more.older if more.lines else None
    except TachiyoriError as away:
        return Told(away=away)
    return Told(held, lines[:MOST], trail.agreement, is_cut=older is not None or len(lines) > MOST)


def _compared(trip: Trip, booking: wire.Booking | None) -> Sequence[Compared]:
    place = next((one for one in booking.places if one.sub == trip.sub), None) if booking is not None else None
    if booking is None or place is None:
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
