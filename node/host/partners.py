"""What one partner may have of a site, day by day: its agreements, their seats, how far ahead they reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import rules
from federation.members import Member
from federation.rules import No, Wish
from node.host import coverage, ruling, tallies, wholes
from node.host.spans import Span
from node.models.agreements import Agreement
from node.models.bookings import Booking, BookingPlace
from node.models.sites import Desk, Site

_NOON = 720
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Limit:
    """What is left on a day: ``seats``, or None where none were agreed; ``no`` says why there are none, if so."""

    seats: int | None
    no: No | None = None
    barred: bool = False
    """Whether no agreement covers the day at all."""


@dataclass(frozen=True)
class Partner:
    """A town with its agreements, in the order in which they are looked at, and the desks used under each by day."""

    code: str
    agreements: Sequence[Agreement]
    used: Mapping[tuple[str, date], frozenset[str]]
    weights: Mapping[str, int]
    """How many seats each used desk takes."""

    def lead(self, site: Site, day: date) -> timedelta:
        """Return how long before the start the partner has to ask on a day; none where nothing covers the day."""
        covering = self._covering(self._wish(site, day))
        leads = (timedelta(minutes=0 if one.closes_at is not None else one.lead_minutes) for one in covering)
        return min(leads, default=timedelta(0))

    def limit(self, site: Site, day: date) -> Limit:
        """Return what the partner may have of a site on a day of the site's, by all its agreements together."""
        wish = self._wish(site, day)
        covering = self._covering(wish)
        if not covering:
            answer = coverage.covered(self.agreements[0] if self.agreements else None).judge(wish)
            return Limit(0, answer if isinstance(answer, No) else None, barred=True)
        left = [self._left(one, day) for one in covering]
        known = [each for each in left if each is not None]
        if len(known) < len(left):
            return Limit(None)
        shares = (rule for one in covering for rule in self._shares(one, day))
        return Limit(sum(known), next(iter(rules.judge(shares, wish).refusals), None) if not sum(known) else None)

    def lets(self, site: Site, start: datetime, end: datetime) -> bool:
        """Say whether some agreement lets its staff have a desk in the whole of a time, whatever they do there."""
        wish = replace(self._wish(site, start.astimezone(ZoneInfo(site.zone)).date()), start=start, end=end)
        return any(
            rules.judge(coverage.spells(one), wish)
            for one in self.agreements
            if coverage.covers(one, _in_its_room(one, wish))
        )

    def refusal(self, site: Site, start: datetime, end: datetime) -> str:
        """Return the code of what the first agreement that covers a time has against it; empty where none covers it."""
        wish = replace(self._wish(site, start.astimezone(ZoneInfo(site.zone)).date()), start=start, end=end)
        found = (rules.judge(coverage.spells(one), wish).refusals for one in self._covering(wish))
        return next((each[0].code for each in found if each), "")

    def takes(self, desk: Desk) -> bool:
        """Say whether some agreement covers the desk's room."""
        return any(not one.room_ids or desk.room_id in one.room_ids for one in self.agreements)

    def _left(self, agreement: Agreement, day: date) -> int | None:
        """Return how many seats are left under one agreement on a day; None where none were agreed."""
        monday = day - timedelta(days=day.weekday())
        left = [] if agreement.seats_a_day is None else [agreement.seats_a_day - self._count(agreement, day)]
        if agreement.seats_a_week is not None:
            week = (monday + timedelta(days=number) for number in range(7))
            left.append(agreement.seats_a_week - sum(self._count(agreement, each) for each in week))
        return max(0, min(left)) if left else None

    def _shares(self, agreement: Agreement, day: date) -> tuple[rules.Condition, ...]:
        monday = day - timedelta(days=day.weekday())
        used = {each: self._count(agreement, each) for each in (monday + timedelta(days=number) for number in range(7))}
        return rules.SeatsLeft(agreement.seats_a_day, used), rules.SeatsAWeek(agreement.seats_a_week, used)

    def _count(self, agreement: Agreement, day: date) -> int:
        """Count the seats used on a day: a whole room takes as many as it has desks."""
        return sum(self.weights.get(desk_id, 1) for desk_id in self.used.get((agreement.id, day), ()))

    def _wish(self, site: Site, day: date) -> Wish:
        """Return an hour at noon as something that is wished for."""
        zone = ZoneInfo(site.zone)
        start = ruling.moment(day, _NOON, zone)
        return Wish(self.code, "", site.id, start, start + timedelta(hours=1), zone, "open")

    def _covering(self, wish: Wish) -> Sequence[Agreement]:
        return [one for one in self.agreements if coverage.covers(one, _in_its_room(one, wish))]

    def until(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Return the moment up to which the partner may book, by the most generous of its agreements; far off without one."""
        days = [one.horizon_days for one in self.agreements]
        known = [each for each in days if each is not None]
        if not days or len(known) < len(days):
            return now + timedelta(days=366)
        return ruling.moment((now + timedelta(days=max(known))).astimezone(zone).date(), 1440, zone)


def _in_its_room(agreement: Agreement, wish: Wish) -> Wish:
    """Return the wish in a room that the agreement names: what is shown is a whole site."""
    return replace(wish, room_id=agreement.room_ids[0]) if agreement.room_ids else wish


def partner(db: Session, code: str, site: Site, window: Span) -> Partner:
    """Return a partner as of ``window``, with the whole of the weeks it touches; three statements."""
    agreements = coverage.agreements_with(db, code)
    zone = ZoneInfo(site.zone)
    question = (
        select(Booking.agreement_id, BookingPlace.desk_id, BookingPlace.start)
        .join(Booking)
        .where(Booking.agreement_id.in_([one.id for one in agreements]), Booking.state.in_(tallies.SEATED))
        .where(BookingPlace.end > window.start - _WEEK, BookingPlace.start < window.end + _WEEK)
    )
    used: dict[tuple[str, date], set[str]] = {}
    for agreement_id, desk_id, start in db.execute(question):
        used.setdefault((str(agreement_id), start.astimezone(zone).date()), set()).add(desk_id)
    weights = wholes.seats(db, {desk_id for found in used.values() for desk_id in found})
    return Partner(code, agreements, {key: frozenset(found) for key, found in used.items()}, weights)


def partners(db: Session) -> Sequence[tuple[str, str]]:
    """Return the towns with an agreement of their own that stands: code and name."""
    standing = db.scalars(select(Agreement).where(Agreement.suspended_at.is_(None), Agreement.version > 0))
    named = tuple({home for one in standing for home in one.homes})
    question = select(Member.code, Member.name).where(Member.gone.is_(False)).order_by(Member.code)
    return [(code, name) for code, name in db.execute(question) if code.startswith(named)]
