"""What its agreements leave to a home that was refused: of free times, those that it would be given if it asked for them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from federation import rules
from federation.rules import Wish
from node.host import coverage, tallies, terms, wholes
from node.host.homes import Home
from node.host.ruling import bounds, moment
from node.host.spans import Span, joined
from node.host.tallies import Tally
from node.host.terms import Asked
from node.models.agreements import Agreement
from node.models.sites import Desk

_DAY = 1440


@dataclass(frozen=True)
class Leeway:
    """The agreements of whoever asks, with what is used under each; nothing is bounded for our own staff."""

    asked: Asked
    agreements: Sequence[tuple[Agreement, Tally]]
    weights: Mapping[str, int]
    now: datetime

    def length(self, length: timedelta) -> timedelta:
        """Return the length nearest to a wished one that some agreement lets be."""
        nearest = [_within(one, length) for one, _used in self.agreements]
        return min(nearest, key=lambda one: abs(one - length), default=length)

    def cut(self, desk: Desk, spans: Sequence[Span]) -> tuple[Span, ...]:
        """Return the parts of a desk's free times in which some agreement lets one be."""
        if self.asked.home.is_own:
            return tuple(spans)
        agreed = (one for one, _used in self.agreements)
        return joined(part for one in agreed for span in spans for part in self._parts(one, desk, span))

    def _parts(self, agreement: Agreement, desk: Desk, span: Span) -> Iterator[Span]:
        zone = ZoneInfo(desk.room.site.zone)
        first, last = bounds(span, zone)
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            part = Span(max(span.start, _opens(agreement, day, zone)), min(span.end, _closes(agreement, day, zone)))
            wish = self._wish(desk, part)
            until, lead = coverage.limits(agreement, wish, self.now)
            part = Span(max(part.start, self.now + lead) if lead else part.start, min(part.end, until))
            if part.start < part.end and coverage.covers(agreement, self._wish(desk, part)):
                yield part

    def lets(self, desk: Desk, span: Span) -> bool:
        """Say whether some agreement would give the desk in just this time, by its terms and by what is left of it."""
        return self.asked.home.is_own or any(self._under(one, used, desk, span) for one, used in self.agreements)

    def _under(self, agreement: Agreement, used: Tally, desk: Desk, span: Span) -> bool:
        wish = self._wish(desk, span)
        until, lead = coverage.limits(agreement, wish, self.now)
        early = rules.BeforeDeadline(self.now, timedelta(0) if self.asked.underway else lead)
        mine = used.uses((self.asked.home.id, self.asked.places[0].sub))
        shares = coverage.shares(agreement, used.seats(self.weights, wish.day, desk.id), mine)
        near = (rules.WithinHorizon(until), early)
        return coverage.covers(agreement, wish) and bool(rules.judge((*near, *shares), wish))

    def _wish(self, desk: Desk, span: Span) -> Wish:
        return terms.wish_of(self.asked, span, desk)


def open_to(db: Session, home: Home, now: datetime) -> Leeway:
    """Return what is left to a home at any desk while nobody has said for whom: it cuts, and lets nothing be yet."""
    known = [] if home.is_own else coverage.agreements_with(db, home.code)
    return Leeway(Asked(home, ()), [(one, Tally()) for one in known], {}, now)


def of(db: Session, asked: Asked, desk: Desk, desks: Sequence[Desk], now: datetime) -> Leeway:
    """Return what is left for ``asked`` around its first place at ``desk``; ``desks`` are all that might be proposed.

    One statement for the agreements and one for what is used under each that counts.
    """
    home, wish = asked.home, terms.wish_of(asked, asked.places[0], desk)
    known = [] if home.is_own else coverage.agreements_with(db, home.code)
    agreements = [(one, tallies.under(db, one, [wish], besides=asked.besides)) for one in known]
    counted = frozenset().union(*(used.desks for _one, used in agreements))
    return Leeway(asked, agreements, wholes.seats(db, {one.id for one in desks} | {desk.id} | counted), now)


def _within(agreement: Agreement, length: timedelta) -> timedelta:
    longest = [length, timedelta(minutes=(agreement.closes or _DAY) - (agreement.opens or 0))]
    if agreement.longest_minutes is not None:
        longest.append(timedelta(minutes=agreement.longest_minutes))
    return max(min(longest), timedelta(minutes=agreement.shortest_minutes or 0))


def _opens(agreement: Agreement, day: date, zone: ZoneInfo) -> datetime:
    return moment(day, agreement.opens or 0, zone)


def _closes(agreement: Agreement, day: date, zone: ZoneInfo) -> datetime:
    return moment(day, _DAY if agreement.closes is None else agreement.closes, zone)
