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
from node.host import coverage, ruling, tallies
from node.host.spans import Span
from node.models.agreements import Agreement
from node.models.bookings import Booking, BookingPlace
from node.models.sites import Site

_NOON = 720


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

    def lead(self, site: Site, day: date) -> timedelta:
        """Return how long before the start the partner has to ask on a day; none where nothing covers the day."""
        covering = self._covering(self._wish(site, day))
        if covering is None or covering.closes_at is not None:
            return timedelta(0)
        return timedelta(minutes=covering.lead_minutes)

    def limit(self, site: Site, day: date) -> Limit:
        """Return what the partner may have of a site on a day of the site's."""
        wish = self._wish(site, day)
        covering = self._covering(wish)
        if covering is None:
            answer = coverage.covered(self.agreements[0] if self.agreements else None).judge(wish)
            return Limit(0, answer if isinstance(answer, No) else None, barred=True)
        if covering.seats_a_day is None:
            return Limit(None)
        count = len(self.used.get((covering.id, day), ()))
        verdict = rules.SeatsLeft(covering.seats_a_day, {day: count}).judge(wish)
        return Limit(max(0, covering.seats_a_day - count), verdict if isinstance(verdict, No) else None)

    def _wish(self, site: Site, day: date) -> Wish:
        """Return an hour at noon as something that is wished for."""
        zone = ZoneInfo(site.zone)
        start = ruling.moment(day, _NOON, zone)
        return Wish(self.code, "", site.id, start, start + timedelta(hours=1), zone, "open")

    def _covering(self, wish: Wish) -> Agreement | None:
        return next((one for one in self.agreements if coverage.covers(one, _in_its_room(one, wish))), None)

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
    """Return a partner as of ``window``; two statements."""
    agreements = coverage.agreements_with(db, code)
    zone = ZoneInfo(site.zone)
    question = (
        select(Booking.agreement_id, BookingPlace.desk_id, BookingPlace.start)
        .join(Booking)
        .where(Booking.agreement_id.in_([one.id for one in agreements]), Booking.state.in_(tallies.SEATED))
        .where(BookingPlace.end > window.start, BookingPlace.start < window.end)
    )
    used: dict[tuple[str, date], set[str]] = {}
    for agreement_id, desk_id, start in db.execute(question):
        used.setdefault((str(agreement_id), start.astimezone(zone).date()), set()).add(desk_id)
    return Partner(code, agreements, {key: frozenset(found) for key, found in used.items()})


def partners(db: Session) -> Sequence[tuple[str, str]]:
    """Return the towns with an agreement of their own that stands: code and name."""
    standing = db.scalars(select(Agreement).where(Agreement.suspended_at.is_(None)))
    named = tuple({home for one in standing for home in one.homes})
    question = select(Member.code, Member.name).where(Member.gone.is_(False)).order_by(Member.code)
    return [(code, name) for code, name in db.execute(question) if code.startswith(named)]
