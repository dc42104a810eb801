"""Whom a closure hits, and where each of them could go instead: looked at, nothing is changed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from federation import audit
from federation.messages.booking import OCCUPYING, Alternative
from node.host import codes, together
from node.host.nearby import Nearby, around, days_around, is_as_good
from node.host.spans import Span
from node.models.agreements import Agreement
from node.models.bookings import OWN_TOWN, Booking, BookingPlace, Claim, ManifestName
from node.models.sites import Desk, Room, Site
from node.models.withheld import Withheld

OPTIONS = 5
"""So many desks are proposed for a booking."""


@dataclass(frozen=True)
class Shutting:
    """Desks of one site that close in some stretches of time, as seen at ``now``.

    ``wholes`` are whole rooms that cannot be had without one of these desks.
    """

    site: Site
    desks: Sequence[Desk]
    spans: Sequence[Span]
    now: datetime
    wholes: frozenset[str] = frozenset()

    @property
    def desk_ids(self) -> frozenset[str]:
        """The ids of the desks."""
        return frozenset(desk.id for desk in self.desks)

    @property
    def hit_ids(self) -> frozenset[str]:
        """The ids of all that cannot be had: the desks, and the whole rooms around them."""
        return self.desk_ids | self.wholes


@dataclass(frozen=True)
class Option:
    """A way to keep a booking: for each of its places that is hit another desk, free at the same time and no worse."""

    desk_ids: tuple[str, ...]
    where: str


@dataclass(frozen=True)
class Hit:
    """A booking that a closure hits: ended, cut short where ``shortened`` says so, or moved to one of ``options``.

    ``proposed`` is the option that no earlier booking of the list was proposed. ``visitor_ids`` and ``desk`` are those of
    the places that are hit, ``alternatives`` what its home is told if it is ended.
    """

    booking_id: str
    home_id: int
    short_code: str
    visitor_ids: tuple[int, ...]
    desk: Desk
    desk_name: str
    start: datetime
    end: datetime
    shortened: bool
    options: tuple[Option, ...]
    proposed: Option | None
    alternatives: tuple[Alternative, ...]

    def option(self, desk_ids: Sequence[str]) -> Option | None:
        """Return the option that names these desks."""
        return next((one for one in self.options if one.desk_ids == tuple(desk_ids)), None)


def bookings_in(db: Session, shutting: Shutting) -> Sequence[Booking]:
    """Return the bookings that hold one of the desks at one of the times, the earliest first; three statements."""
    then = or_(*((Claim.start < span.end) & (Claim.end > span.start) for span in shutting.spans))
    inside = (
        select(BookingPlace.booking_id)
        .join(Claim, Claim.place_id == BookingPlace.id)
        .where(Claim.live, Claim.desk_id.in_(shutting.desk_ids), then)
    )
    desk = joinedload(BookingPlace.desk).joinedload(Desk.room).joinedload(Room.site)
    found = select(Booking).where(Booking.id.in_(inside), Booking.state.in_(OCCUPYING))
    rows = db.scalars(found.options(selectinload(Booking.places).options(desk))).all()
    return sorted(rows, key=lambda one: (min(place.start for place in one.places), one.id))


def hit_places(booking: Booking, desk_ids: Collection[str], spans: Sequence[Span]) -> list[BookingPlace]:
    """Return those places of a booking that are hit."""
    return [
        place
        for place in booking.places
        if place.desk_id in desk_ids and any(span.overlaps(_span(place)) for span in spans)
    ]


def is_under_way(booking: Booking, spans: Sequence[Span]) -> bool:
    """Say whether somebody is there who can stay until the closure begins."""
    first = min(span.start for span in spans)
    return booking.state == "checked_in" and all(place.start < first for place in booking.places)


def hits(db: Session, shutting: Shutting, bookings: Sequence[Booking]) -> tuple[Hit, ...]:
    """Return each booking with what could be done for it; as many statements for many bookings as for one."""
    if not bookings:
        return ()
    places = {booking.id: hit_places(booking, shutting.hit_ids, shutting.spans) for booking in bookings}
    window = days_around(shutting.site, [_span(place) for found in places.values() for place in found], shutting.now)
    nearby = around(db, shutting.site, shutting.desks, shutting.spans, window, now=shutting.now)
    look = _Look(nearby, shutting, _sites_allowed(db, bookings))
    return tuple(look.hit(booking, places[booking.id]) for booking in bookings)


def names_of_today(db: Session, found: Collection[Hit], now: datetime, *, by: str) -> Mapping[str, str]:
    """Return by booking the names of those whose visit is today: only reception's manifest of the day has any.

    The look is logged as ``by``'s. Needs a writing transaction.
    """
    today = [hit.booking_id for hit in found if is_today(hit, now)]
    if not today:
        return {}
    names: dict[str, str] = {}
    used = select(ManifestName).where(ManifestName.visitor_id.not_in(select(Withheld.visitor_id)))
    for row in db.scalars(used.where(ManifestName.booking_id.in_(today)).order_by(ManifestName.name)):
        if any(hit.booking_id == row.booking_id and row.visitor_id in hit.visitor_ids for hit in found):
            names[row.booking_id] = "、".join(filter(None, (names.get(row.booking_id), row.name)))
    for subject in names:
        audit.record(
            db, event="manifest.viewed", actor=by, subject=subject, verdict="allowed", reason="closure", now=now
        )
    return names


def is_today(hit: Hit, now: datetime) -> bool:
    """Say whether a hit touches the present day of its site."""
    zone = ZoneInfo(hit.desk.room.site.zone)
    return hit.start.astimezone(zone).date() <= now.astimezone(zone).date() <= hit.end.astimezone(zone).date()


def _sites_allowed(db: Session, bookings: Sequence[Booking]) -> Mapping[str, frozenset[str]]:
    """Return for each agreement the bookings rest on the sites it names; none means every one."""
    ids = {booking.agreement_id for booking in bookings if booking.agreement_id}
    rows = db.scalars(select(Agreement).where(Agreement.id.in_(ids)))
    return {row.id: frozenset(row.site_ids) for row in rows}


def _span(place: BookingPlace) -> Span:
    return Span(place.start, place.end)


class _Look:
    """One look at many bookings in turn; what was proposed to one is proposed to no later one."""

    def __init__(self, nearby: Nearby, shutting: Shutting, sites: Mapping[str, frozenset[str]]) -> None:
        self._nearby, self._spans, self._shut = nearby, shutting.spans, shutting.hit_ids
        self._sites, self._now = sites, shutting.now
        self._given: dict[str, list[Span]] = {}
        self._beside = together.neighbours(nearby.desks)

    def hit(self, booking: Booking, places: Sequence[BookingPlace]) -> Hit:
        first, shortened = places[0], is_under_way(booking, self._spans)
        options = () if shortened else self._options(booking, places)
        proposed = next((one for one in options if self._is_left(one, places)), None)
        for desk_id, place in zip(proposed.desk_ids if proposed else (), places, strict=False):
            self._given.setdefault(desk_id, []).append(_span(place))
        ahead = Span(max(first.start, min(self._now, first.end)), first.end)
        return Hit(
            booking_id=booking.id,
            home_id=booking.home_id,
            short_code=codes.shown(booking.short_code or ""),
            visitor_ids=tuple(place.visitor_id for place in places),
            desk=first.desk,
            desk_name="、".join(place.desk.name for place in places),
            start=first.start,
            end=first.end,
            shortened=shortened,
            options=options,
            proposed=proposed,
            alternatives=() if shortened else self._nearby.instead_of(first.desk, ahead, self._now),
        )

    def _options(self, booking: Booking, places: Sequence[BookingPlace]) -> tuple[Option, ...]:
        if any(place.start < self._now or place.arrived_at for place in places):
            return ()
        if len(booking.places) == 1:
            return tuple(_option([desk]) for desk in islice(self._good(booking, places[0]), OPTIONS))
        left = [
            [one for one in self._good(booking, place) if self._is_free_still(one.id, _span(place))] for place in places
        ]
        staying = [place.desk for place in booking.places if place not in places]
        teams = together.chosen(left, staying, self._beside)
        return tuple(_option(team) for team in islice(teams, OPTIONS))

    def _good(self, booking: Booking, place: BookingPlace) -> "list[Desk]":
        """Return the desks that would do for a place: open to its town, of the same kind and no worse.

        Each is free in all its own units that the place touches, so the person's times stay as they are.
        """
        sites, own = self._sites.get(booking.agreement_id or "", frozenset()), booking.home_id == OWN_TOWN
        return [
            desk
            for desk in self._nearby.at(place.desk, _span(place), own=own)
            if desk.id not in self._shut
            and (desk.pool == "guests" or own)
            and (not sites or desk.room.site_id in sites)
            and is_as_good(desk, place.desk)
        ]

    def _is_left(self, option: Option, places: Sequence[BookingPlace]) -> bool:
        pairs = zip(option.desk_ids, places, strict=True)
        return all(self._is_free_still(desk_id, _span(place)) for desk_id, place in pairs)

    def _is_free_still(self, desk_id: str, span: Span) -> bool:
        return not any(other.overlaps(span) for other in self._given.get(desk_id, ()))


def _option(desks: Sequence[Desk]) -> Option:
    where = "、".join(f"{desk.room.site.name} {desk.room.name} {desk.name}" for desk in desks)
    return Option(tuple(desk.id for desk in desks), where)
