"""What is used under an agreement, counted under its lock: seats and each person's uses, by the days of their sites."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.messages.booking import OCCUPYING
from federation.rules import Wish
from node.models.agreements import Agreement
from node.models.bookings import Booking, BookingPlace, Visitor
from node.models.sites import Desk, Room, Site

SEATED = (*sorted(OCCUPYING), "completed", "no_show")
"""The states in which a place counts among the agreed seats of its day."""
Whose = tuple[int, str]
"""A person: the number of the home, and the subject that home uses for us."""


@dataclass
class Tally:
    """What is used by day; it grows with each place of a request, so that the next one is judged after it."""

    _desks: dict[date, set[str]] = field(default_factory=dict)
    _uses: dict[Whose, Counter[date]] = field(default_factory=dict)

    @property
    def desks(self) -> frozenset[str]:
        """Every desk that is counted."""
        return frozenset().union(*self._desks.values())

    def add(self, day: date, desk_id: str, whose: Whose) -> None:
        """Count one place."""
        self._desks.setdefault(day, set()).add(desk_id)
        self._uses.setdefault(whose, Counter())[day] += 1

    def seats(self, weights: Mapping[str, int], day: date, desk_id: str) -> Mapping[date, int]:
        """Return the seats used by day, with all but one of those that ``desk_id`` takes on ``day``.

        A whole room takes as many of the agreed seats as it has desks; a desk used twice in a day is one seat.
        """
        used = {one: sum(weights[each] for each in ids) for one, ids in self._desks.items()}
        ours = 0 if desk_id not in self._desks.get(day, ()) else weights[desk_id]
        used[day] = used.get(day, 0) - ours + weights[desk_id] - 1
        return used

    def uses(self, whose: Whose) -> Mapping[date, int]:
        """Return one person's uses by day."""
        return self._uses.get(whose, Counter())


def under(db: Session, agreement: Agreement | None, wishes: Sequence[Wish], *, besides: str = "") -> Tally:
    """Count what is used under an agreement on the days of the wishes, or in their weeks, except in the booking ``besides``.

    One statement; none where the agreement limits nothing that is counted.
    """
    tally = Tally()
    if agreement is None or not (agreement.counts_seats or agreement.counts_uses):
        return tally
    by_week = agreement.seats_a_week is not None or agreement.uses_a_week is not None
    start, end = _window(wishes, by_week=by_week)
    question = (
        select(BookingPlace.desk_id, BookingPlace.start, Visitor.home_id, Visitor.sub, Site.zone)
        .join(BookingPlace.booking)
        .join(BookingPlace.visitor)
        .join(BookingPlace.desk)
        .join(Desk.room)
        .join(Room.site)
        .where(Booking.agreement_id == agreement.id, Booking.state.in_(SEATED), Booking.id != besides)
        .where(BookingPlace.end > start, BookingPlace.start < end)
    )
    for desk_id, begins, home_id, sub, zone in db.execute(question):
        tally.add(begins.astimezone(ZoneInfo(zone)).date(), desk_id, (home_id, sub))
    return tally


def _window(wishes: Sequence[Wish], *, by_week: bool) -> tuple[datetime, datetime]:
    """Return a time in which the days of all wishes lie, or the whole of their weeks, whatever the zone."""
    first, last = min(wish.day for wish in wishes), max(wish.day for wish in wishes)
    if by_week:
        first, last = first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())
    return (
        datetime.combine(first, time(), UTC) - timedelta(days=1),
        datetime.combine(last, time(), UTC) + timedelta(days=2),
    )
