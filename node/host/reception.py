"""受付: who is expected today, whether a pass is genuine, and who is in the building now.

Names are shown of the day's visitors only, and every look at them is written into the audit log.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from federation import audit
from federation.errors import TokenExpired, TokenRefused
from federation.members import Member
from node.host import codes
from node.host.passes import Passes
from node.models.bookings import Booking, BookingPlace, ManifestName
from node.models.sites import Desk, Room, Site
from node.models.visits import Accounted

EXPECTED = ("confirmed", "checked_in", "completed", "no_show")


@dataclass(frozen=True)
class Guest:
    """One visitor of the day as reception sees them; ``home_name`` is empty for our own staff, times are UTC.

    ``name`` is empty where the agreement asks for a pseudonymous manifest, or where home sent none.
    """

    place_id: int
    booking_id: str
    short_code: str
    state: str
    home_name: str
    name: str
    section: str
    site_name: str
    room_name: str
    desk_name: str
    start: datetime
    end: datetime
    arrived_at: datetime | None
    left_at: datetime | None
    work_kind: str
    consent_version: str = ""
    """Which 利用上の注意 the visitor confirmed; empty where their home named none."""
    is_suspended: bool = False
    """Whether the registry has suspended the visitor's town: nobody of it may come in."""

    @property
    def is_here(self) -> bool:
        """Whether the visitor came and nobody saw them leave."""
        return self.arrived_at is not None and self.left_at is None


@dataclass(frozen=True)
class Checked:
    """What a pass turned out to be: on today's list, genuine but not on it as of ``as_of``, or false."""

    verdict: Literal["on_list", "not_on_list", "false"]
    as_of: datetime
    guests: tuple[Guest, ...] = ()


@dataclass(frozen=True)
class RollCall:
    """在館者確認: everybody who is in the building, and the newest word on each (None before anybody looked)."""

    here: tuple[Guest, ...]
    expected: tuple[Guest, ...]
    answers: dict[int, Accounted]

    @property
    def missing(self) -> tuple[Guest, ...]:
        """Those who are in the building and have not been seen."""
        return tuple(
            one for one in self.here if one.place_id not in self.answers or not self.answers[one.place_id].seen
        )


def today(db: Session, now: datetime, *, by: str, site_id: str | None = None) -> tuple[Guest, ...]:
    """Return the day's visitors of one site, or of all, in the order of their times; the look is logged as ``by``'s.

    ``by`` names the viewer without personal data beyond an identifier. Needs a writing transaction.
    """
    places = _places_of_the_day(db, now, site_id)
    guests = _guests(db, places, _names(db, places))
    for booking_id in dict.fromkeys(one.booking_id for one in guests if one.name):
        audit.record(
            db, event="manifest.viewed", actor=by, subject=booking_id, verdict="allowed", reason="today", now=now
        )
    return guests


def seats_today(db: Session, now: datetime) -> tuple[Guest, ...]:
    """Return the day's visitors of all sites without their names: for pages that only count, and log nothing."""
    return _guests(db, _places_of_the_day(db, now, None), {})


def check_pass(db: Session, passes: Passes, token: str, now: datetime, *, by: str) -> Checked:
    """Say what a pass shown at the door is. It verifies with our own key, whatever else is out of reach."""
    try:
        claims = passes.verify(token.strip(), now)
    except TokenExpired:
        return Checked("not_on_list", now)
    except TokenRefused:
        return Checked("false", now)
    booking = db.get(Booking, str(claims["booking"]))
    return _on_list(db, booking, now, by)


def check_code(db: Session, typed: str, now: datetime, *, by: str) -> Checked:
    """Say what a short code typed at reception stands for; one that no booking has is false."""
    booking = db.scalar(select(Booking).where(Booking.short_code == codes.folded(typed)))
    return _on_list(db, booking, now, by) if booking is not None else Checked("false", now)


def roll_call(db: Session, now: datetime, *, by: str, site_id: str | None = None, since: datetime) -> RollCall:
    """Return who is in the building and who is expected still; ``since`` is when this roll call began."""
    guests = today(db, now, by=by, site_id=site_id)
    places = [one.place_id for one in guests]
    words = select(Accounted).where(Accounted.place_id.in_(places), Accounted.at >= since).order_by(Accounted.at)
    return RollCall(
        here=tuple(one for one in guests if one.is_here),
        expected=tuple(one for one in guests if one.arrived_at is None and now < one.end),
        answers={word.place_id: word for word in db.scalars(words)},
    )


def account_for(db: Session, place_id: int, *, seen: bool, sheltering: bool = False, by: str, now: datetime) -> None:
    """Write down one answer of a roll call: the person was seen or not, and stays in the building (庁舎待機) or not."""
    db.add(Accounted(place_id=place_id, seen=seen, sheltering=sheltering, by=by, at=now))
    db.flush()


def _on_list(db: Session, booking: Booking | None, now: datetime, by: str) -> Checked:
    expected = booking is not None and booking.state in EXPECTED
    places = [place for place in booking.places if is_of_the_day(place, now)] if booking and expected else []
    if booking is None or not places:
        return Checked("not_on_list", now)
    audit.record(db, event="manifest.viewed", actor=by, subject=booking.id, verdict="allowed", reason="pass", now=now)
    return Checked("on_list", now, _guests(db, places, _names(db, places)))


def _places_of_the_day(db: Session, now: datetime, site_id: str | None) -> Sequence[BookingPlace]:
    """Return the places that touch the local day of their site; the query looks wider than any zone's day."""
    wide = timedelta(days=2)
    question = (
        select(BookingPlace)
        .join(BookingPlace.booking)
        .options(
            contains_eager(BookingPlace.booking),
            joinedload(BookingPlace.desk).joinedload(Desk.room).joinedload(Room.site),
        )
        .where(Booking.state.in_(EXPECTED), BookingPlace.start < now + wide, BookingPlace.end > now - wide)
        .order_by(BookingPlace.start, BookingPlace.id)
    )
    found = db.scalars(question).all()
    return [one for one in found if is_of_the_day(one, now) and site_id in {None, _site(one).id}]


def is_of_the_day(place: BookingPlace, now: datetime) -> bool:
    """Say whether a place touches the local day of its site."""
    zone = ZoneInfo(_site(place).zone)
    day = now.astimezone(zone).date()
    return place.start.astimezone(zone).date() <= day <= (place.end - timedelta(microseconds=1)).astimezone(zone).date()


def _site(place: BookingPlace) -> Site:
    return place.desk.room.site


def _names(db: Session, places: Iterable[BookingPlace]) -> Mapping[tuple[str, int], ManifestName]:
    bookings = {place.booking_id for place in places}
    names = db.scalars(select(ManifestName).where(ManifestName.booking_id.in_(bookings)))
    return {(one.booking_id, one.visitor_id): one for one in names}


def _guests(
    db: Session, places: Iterable[BookingPlace], names: Mapping[tuple[str, int], ManifestName]
) -> tuple[Guest, ...]:
    chosen = tuple(places)
    homes = select(Member).where(Member.id.in_({place.booking.home_id for place in chosen}))
    towns = {member.id: member for member in db.scalars(homes)}
    return tuple(
        _guest(place, names.get((place.booking_id, place.visitor_id)), towns.get(place.booking.home_id))
        for place in chosen
    )


def _guest(place: BookingPlace, named: ManifestName | None, home: Member | None) -> Guest:
    booking = place.booking
    return Guest(
        place_id=place.id,
        booking_id=booking.id,
        short_code=codes.shown(booking.short_code or ""),
        state=booking.state,
        home_name=home.name if home is not None else "",
        name=named.name if named else "",
        section=named.section if named else "",
        site_name=_site(place).name,
        room_name=place.desk.room.name,
        desk_name=place.desk.name,
        start=place.start,
        end=place.end,
        arrived_at=place.arrived_at,
        left_at=place.left_at,
        work_kind=booking.work_kind,
        consent_version=booking.consent_version,
        is_suspended=home is not None and (home.gone or home.status == "suspended"),
    )
