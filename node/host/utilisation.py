"""稼働率: how much of the time in which desks were open they were used, week by week.

Weeks run from Monday to Monday in local time. What crosses a week's edge counts in each by its part. No person stands here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta, tzinfo

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from node.host import opening
from node.host.spans import Span, without
from node.host.tallies import SEATED
from node.host.wholes import WHOLE
from node.models.bookings import OWN_TOWN, Booking, BookingPlace, Claim
from node.models.sites import Desk, Room, Site

WEEKS = 12
"""So many are shown, the present one included."""
_NOTHING = timedelta(0)


@dataclass(frozen=True)
class Use:
    """``count`` desks that were booked for one and the same time, by guests or by our own staff."""

    span: Span
    is_own: bool
    arrived: int
    no_shows: int
    count: int = 1
    seats: int = 1
    """How many desks each of them holds: of a room that is booked as a whole, all of them."""


@dataclass(frozen=True)
class Week:
    """One week from its Monday on: time that desks were open, and were booked by guests and by own staff."""

    monday: date
    open: timedelta = _NOTHING
    guests: timedelta = _NOTHING
    own: timedelta = _NOTHING
    bookings: int = 0
    arrivals: int = 0
    no_shows: int = 0

    @property
    def percent_guests(self) -> float:
        """The share of the open time booked by guests, 0 to 100."""
        return _percent(self.guests, self.open)

    @property
    def percent_own(self) -> float:
        """The share of the open time booked by own staff; both together are never more than 100."""
        return min(_percent(self.own, self.open), 100.0 - self.percent_guests)

    @property
    def percent(self) -> float:
        """The share of the open time that was booked at all, 0 to 100."""
        return self.percent_guests + self.percent_own


def mondays(first: date, last: date) -> tuple[date, ...]:
    """Return the Mondays of all weeks that hold a day from ``first`` to ``last``."""
    monday = first - timedelta(days=first.weekday())
    return tuple(monday + timedelta(weeks=number) for number in range(max((last - monday).days // 7 + 1, 0)))


def span_of(monday: date, zone: tzinfo) -> Span:
    """Return a week as UTC time: it may be an hour longer or shorter where the clocks change."""
    return Span(opening.moment(monday, 0, zone), opening.moment(monday + timedelta(weeks=1), 0, zone))


def tally(
    weeks: Sequence[date], zone: tzinfo, open_: Mapping[tuple[Span, ...], int], uses: Iterable[Use]
) -> list[Week]:
    """Count by week. ``open_`` says of how many desks the open stretches are just these; a visit counts where it begins."""
    edges = {monday: span_of(monday, zone) for monday in weeks}
    counted = {
        monday: Week(monday, open=sum((_inside(spans, edge) * desks for spans, desks in open_.items()), _NOTHING))
        for monday, edge in edges.items()
    }
    for use in uses:
        for monday, edge in edges.items():
            if use.span.overlaps(edge):
                counted[monday] = _with(counted[monday], use, edge)
    return list(counted.values())


def by_week(db: Session, weeks: Sequence[date], zone: tzinfo) -> list[Week]:
    """Count the given weeks of all desks that are offered now or were used in them; a constant number of statements."""
    if not weeks:
        return []
    whole = Span(span_of(weeks[0], zone).start, span_of(weeks[-1], zone).end)
    return tally(weeks, zone, _open(db, whole), _uses(db, whole))


def _with(week: Week, use: Use, edge: Span) -> Week:
    part = _inside((use.span,), edge) * use.count * use.seats
    begins = edge.start <= use.span.start
    counts = (use.count, use.arrived, use.no_shows) if begins else (0, 0, 0)
    return replace(
        week,
        guests=week.guests + (_NOTHING if use.is_own else part),
        own=week.own + (part if use.is_own else _NOTHING),
        bookings=week.bookings + counts[0],
        arrivals=week.arrivals + counts[1],
        no_shows=week.no_shows + counts[2],
    )


def _inside(spans: Collection[Span], edge: Span) -> timedelta:
    parts = (min(span.end, edge.end) - max(span.start, edge.start) for span in spans if span.overlaps(edge))
    return sum(parts, _NOTHING)


def _percent(part: timedelta, whole: timedelta) -> float:
    return min(100.0 * (part / whole), 100.0) if whole else 0.0


def _open(db: Session, window: Span) -> Mapping[tuple[Span, ...], int]:
    """Return when desks were open and not closed after all; desks of one time are counted together."""
    used = select(BookingPlace.desk_id).where(BookingPlace.end > window.start, BookingPlace.start < window.end)
    offered = Desk.published & Room.published & Site.published
    question = select(Desk).join(Room, Room.id == Desk.room_id).join(Site, Site.id == Room.site_id)
    desks = db.scalars(question.where(offered | Desk.id.in_(used), Desk.kind != WHOLE)).unique().all()
    shut = _closed(db, window)
    found: dict[tuple[Span, ...], int] = {}
    for desk_id, spans in opening.open_of(db, desks, window).items():
        left = without(spans, shut[desk_id]) if desk_id in shut else spans
        found[left] = found.get(left, 0) + 1
    return found


def _closed(db: Session, window: Span) -> Mapping[str, list[Span]]:
    closures = select(Claim.desk_id, Claim.start, Claim.end).where(
        Claim.live, Claim.place_id.is_(None), Claim.walk_in_id.is_(None)
    )
    found: dict[str, list[Span]] = {}
    for desk_id, start, end in db.execute(closures.where(Claim.end > window.start, Claim.start < window.end)):
        found.setdefault(desk_id, []).append(Span(start, end))
    return found


def _uses(db: Session, window: Span) -> Iterable[Use]:
    """Return the bookings that held a desk, those of one time together: there are few times and many desks."""
    in_rooms = select(Desk.room_id, func.count()).where(Desk.kind != WHOLE).group_by(Desk.room_id)
    seats: dict[str, int] = dict(db.execute(in_rooms).all())
    whole = case((Desk.kind == WHOLE, Desk.room_id))
    own = case((Booking.home_id == OWN_TOWN, 1), else_=0)
    arrived = func.sum(case((BookingPlace.arrived_at.is_not(None), 1), else_=0))
    missed = func.sum(case((Booking.state == "no_show", 1), else_=0))
    question = (
        select(BookingPlace.start, BookingPlace.end, own, whole, arrived, missed, func.count())
        .join(Booking)
        .join(Desk, Desk.id == BookingPlace.desk_id)
        .where(Booking.state.in_(SEATED), BookingPlace.end > window.start, BookingPlace.start < window.end)
        .group_by(BookingPlace.start, BookingPlace.end, own, whole)
    )
    return [
        Use(Span(start, end), bool(is_own), int(came), int(no_shows), count, seats.get(room_id, 1) if room_id else 1)
        for start, end, is_own, room_id, came, no_shows, count in db.execute(question)
    ]
