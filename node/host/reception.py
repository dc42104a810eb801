"""受付: who is expected today, whether a pass is genuine, and who is in the building now.

Names are shown of the day's visitors only, and every look at them is written into the audit log.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from federation import audit
from federation.errors import TokenExpired, TokenRefused
from federation.folding import folded
from federation.members import Member
from node.host import codes, daylist, door, withholding
from node.host.daylist import EXPECTED
from node.host.passes import Passes
from node.models.bookings import Booking, BookingPlace, ManifestName
from node.models.sites import Site
from node.models.visits import DoorNote, WalkIn


@dataclass(frozen=True)
class Guest:
    """One visitor of the day as reception sees them; ``home_name`` is empty for our own staff, times are UTC.

    ``key`` is what the door knows them by: the number of a place, or the id of a walk-in, who has no booking. ``name`` is
    empty where the agreement asks for a pseudonymous manifest, or where home sent none.
    """

    key: str
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
    desk_id: str = ""
    consent_version: str = ""
    """Which 利用上の注意 the visitor confirmed; empty where their home named none."""
    is_suspended: bool = False
    """Whether the registry has suspended the visitor's town: nobody of it may come in."""
    is_withheld: bool = False
    """Whether they asked that their name is not used: it is there, and ``name`` is empty."""
    is_released: bool = False
    """Whether the desk was offered to others, since nobody had come."""
    badge: str = ""
    badge_is_out: bool = False
    companions: int = 0
    note: str = ""

    @property
    def is_here(self) -> bool:
        """Whether the visitor came and nobody saw them leave."""
        return self.arrived_at is not None and self.left_at is None

    @property
    def is_walk_in(self) -> bool:
        """Whether nobody announced them."""
        return not self.booking_id


@dataclass(frozen=True)
class Checked:
    """What a pass turned out to be: on today's list, genuine but not on it as of ``as_of``, or false."""

    verdict: Literal["on_list", "not_on_list", "false"]
    as_of: datetime
    guests: tuple[Guest, ...] = ()
    why: Literal["", "cancelled", "over", "later", "earlier", "moved", "used", "typing"] = ""
    """Of one not on the list, why; of one on it, that the pass is from before a move, or its holder is in already.

    Of a code that no booking has: that it cannot be one, so that it was mistyped.
    """
    when: datetime | None = None
    """The start of a booking of another day, or when its holder came."""
    zone: str = "Asia/Tokyo"
    card: str = ""
    """Of a pass whose holder's name nobody told: by what their card is known."""


def today(db: Session, now: datetime, *, by: str, site_id: str | None = None) -> tuple[Guest, ...]:
    """Return the day's visitors of one site, or of all, in the order of their times; the look is logged as ``by``'s.

    Walk-ins are among them. ``by`` names the viewer without personal data beyond an identifier. Needs a writing transaction.
    """
    places, walk_ins = daylist.places(db, now, site_id), daylist.walk_ins(db, now, site_id)
    guests = _guests(db, places, _names(db, places), walk_ins)
    for subject in dict.fromkeys(one.booking_id or one.key for one in guests if one.name):
        audit.record(db, event="manifest.viewed", actor=by, subject=subject, verdict="allowed", reason="today", now=now)
    return guests


def of(
    db: Session, place_ids: Collection[int], walk_in_ids: Collection[str], now: datetime, *, by: str
) -> tuple[Guest, ...]:
    """Return these people, whatever has become of their bookings and of whatever day; the look is logged as ``by``'s.

    Needs a writing transaction.
    """
    places = db.scalars(daylist.seats().where(BookingPlace.id.in_(place_ids))).all()
    found = db.execute(daylist.strangers().where(WalkIn.id.in_(walk_in_ids))).all()
    guests = _guests(db, places, _names(db, places), [(row[0], row[1]) for row in found])
    for subject in dict.fromkeys(one.booking_id or one.key for one in guests if one.name):
        audit.record(
            db, event="manifest.viewed", actor=by, subject=subject, verdict="allowed", reason="rollcall", now=now
        )
    return guests


def seats_today(db: Session, now: datetime, *, site_id: str | None = None) -> tuple[Guest, ...]:
    """Return the day's visitors of one site, or of all, without their names: for pages that only count, and log nothing."""
    return _guests(db, daylist.places(db, now, site_id), {}, daylist.walk_ins(db, now, site_id), named=False)


def check_pass(db: Session, passes: Passes, token: str, now: datetime, *, by: str) -> Checked:
    """Say what a pass shown at the door is. It verifies with our own key, whatever else is out of reach."""
    try:
        claims = passes.verify(token.strip(), now)
    except TokenExpired:
        return Checked("not_on_list", now, why="over")
    except TokenRefused:
        return Checked("false", now)
    booking = db.get(Booking, str(claims["booking"]))
    found = _on_list(db, booking, now, by)
    places = booking.places if booking is not None else []
    if found.why == "" and found.verdict == "on_list" and all(one.desk_id != claims["desk"] for one in places):
        found = replace(found, why="moved")
    return replace(found, card=claims.get("card", ""))


def check_code(db: Session, typed: str, now: datetime, *, by: str) -> Checked:
    """Say what a short code typed at reception stands for; one that no booking has is false."""
    code = codes.folded(typed)
    booking = db.scalar(select(Booking).where(Booking.short_code == code))
    if booking is None:
        return Checked("false", now, why="" if codes.is_sound(code) else "typing")
    return _on_list(db, booking, now, by)


def by_name(guests: Iterable[Guest], typed: str) -> tuple[Guest, ...]:
    """Return those of the day's list in whose name stands what was typed; width, case and blanks do not count."""
    wanted = folded(typed)
    return tuple(one for one in guests if wanted and wanted in folded(one.name))


def _on_list(db: Session, booking: Booking | None, now: datetime, by: str) -> Checked:
    expected = booking is not None and booking.state in EXPECTED
    places = [place for place in booking.places if daylist.is_of_the_day(place, now)] if booking and expected else []
    if booking is None or not places:
        return _absent(booking, now)
    audit.record(db, event="manifest.viewed", actor=by, subject=booking.id, verdict="allowed", reason="pass", now=now)
    came = [place.arrived_at for place in places if place.arrived_at is not None]
    guests = _guests(db, places, _names(db, places))
    if len(came) < len(places):
        return Checked("on_list", now, guests)
    return Checked("on_list", now, guests, why="used", when=came[0], zone=_site(places[0]).zone)


def _absent(booking: Booking | None, now: datetime) -> Checked:
    """Say why a genuine pass or code is not on today's list: cancelled, over, or of another day."""
    if booking is None or not booking.places or booking.state not in EXPECTED:
        return Checked("not_on_list", now, why="cancelled")
    first = min(booking.places, key=lambda place: place.start)
    why: Literal["later", "earlier"] = "later" if first.start > now else "earlier"
    return Checked("not_on_list", now, why=why, when=first.start, zone=_site(first).zone)


def _site(place: BookingPlace) -> Site:
    return place.desk.room.site


def _names(db: Session, places: Iterable[BookingPlace]) -> Mapping[tuple[str, int], ManifestName]:
    bookings = {place.booking_id for place in places}
    names = db.scalars(select(ManifestName).where(ManifestName.booking_id.in_(bookings)))
    return {(one.booking_id, one.visitor_id): one for one in names}


def _guests(
    db: Session,
    places: Iterable[BookingPlace],
    names: Mapping[tuple[str, int], ManifestName],
    walk_ins: Iterable[tuple[WalkIn, datetime]] = (),
    *,
    named: bool = True,
) -> tuple[Guest, ...]:
    chosen, at_door = tuple(places), tuple(walk_ins)
    ids, codes_ = {place.booking.home_id for place in chosen}, {one.home_code for one, _end in at_door}
    towns = db.scalars(select(Member).where(or_(Member.id.in_(ids), Member.code.in_(codes_) & ~Member.gone))).all()
    by_id, by_code = {one.id: one for one in towns}, {one.code: one for one in towns}
    hidden = withholding.among(db, {visitor_id for _booking, visitor_id in names})
    notes = door.notes_of(db, [place.id for place in chosen], [one.id for one, _end in at_door])
    guests = [
        _guest(place, names.get((place.booking_id, place.visitor_id)), by_id.get(place.booking.home_id), hidden)
        for place in chosen
    ]
    guests += [_walked_in(one, end, by_code.get(one.home_code), named=named) for one, end in at_door]
    return tuple(sorted((_noted(one, notes.get(one.key), named=named) for one in guests), key=lambda one: one.start))


def _guest(place: BookingPlace, known: ManifestName | None, home: Member | None, hidden: Collection[int]) -> Guest:
    booking, is_withheld = place.booking, known is not None and known.visitor_id in hidden
    named = None if is_withheld else known
    return Guest(
        key=str(place.id),
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
        desk_id=place.desk_id,
        consent_version=booking.consent_version,
        is_withheld=is_withheld,
        is_released=place.released_at is not None and place.arrived_at is None,
        is_suspended=home is not None and (home.gone or home.status == "suspended"),
    )


def _walked_in(walk_in: WalkIn, end: datetime, home: Member | None, *, named: bool) -> Guest:
    return Guest(
        key=walk_in.id,
        booking_id="",
        short_code="",
        state="checked_in" if walk_in.left_at is None else "completed",
        home_name=home.name if home is not None else "",
        name=walk_in.name if named else "",
        section=walk_in.section if named else "",
        site_name=walk_in.desk.room.site.name,
        room_name=walk_in.desk.room.name,
        desk_name=walk_in.desk.name,
        start=walk_in.arrived_at,
        end=end,
        arrived_at=walk_in.arrived_at,
        left_at=walk_in.left_at,
        work_kind="",
    )


def _noted(guest: Guest, noted: DoorNote | None, *, named: bool) -> Guest:
    if noted is None:
        return guest
    words = noted.words if named else ""
    return replace(guest, badge=noted.badge, badge_is_out=noted.is_out, companions=noted.companions, note=words)
