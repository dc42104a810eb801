"""A month of one site as one partner sees it, or any: for each half day how many desks are free, and why so few."""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from federation.errors import NotFound
from federation.wording import phrase
from node.host import claims, opening, pools, ruling
from node.host.partners import Limit, Partner
from node.host.ruling import Chain, DayPlan
from node.host.spans import Span, common
from node.host.wholes import WHOLE
from node.models.opening import Closure
from node.models.sites import Desk, Room, Site

EXCEPTIONS: Mapping[str, str] = {
    "closed": phrase("例外による休み"),
    "hours": phrase("例外の利用時間"),
    "usual": phrase("祝日でも開く"),
    "extra": phrase("臨時に開く"),
}
"""What an exception does to a day."""
_KEPT = phrase("利用枠により取り置いている座席：%(count)s席")
_WITHDRAWN = phrase("掲載をやめている座席：%(count)s席")
_POOLS = {"own": phrase("自団体の職員用の座席：%(count)s席"), "walk_in": phrase("当日利用の座席：%(count)s席")}
Mark = Literal["free", "few", "full", "closed", "outside", "length", "later", "past"]
"""○, △, ×, ―; outside the agreed hours; no length that was agreed; not offered yet; over."""

_UNAGREED: Mapping[str, Mark] = {"hours-not-covered": "outside", "too-short": "length", "too-long": "length"}
"""What a half day is marked with that no agreement lets be, by the first refusal."""


@dataclass(frozen=True)
class Half:
    """午前 or 午後 of a day: how many of the open desks are free."""

    mark: Mark
    free: int
    open: int


@dataclass(frozen=True)
class Why:
    """Why a day is as it is: ``words`` with ``facts`` as the reader's language has them, ``said`` as somebody wrote them.

    ``place`` is named where it is not the whole site.
    """

    words: str
    said: str = ""
    place: str = ""
    numbers: tuple[tuple[str, object], ...] = ()

    @property
    def facts(self) -> Mapping[str, object]:
        """What stands in the words."""
        return dict(self.numbers)


@dataclass(frozen=True)
class Day:
    """One day: both halves, whether it is 祝日 or the turn of the year, the closures that touch it, and what else decided."""

    day: date
    morning: Half
    afternoon: Half
    holiday: bool
    closures: tuple[Closure, ...]
    why: tuple[Why, ...]


@dataclass(frozen=True)
class Shut:
    """A closure with the name of the place that is closed."""

    closure: Closure
    place: str


@dataclass(frozen=True)
class Month:
    """The days of a month in weeks from Monday, with None before the first and after the last."""

    first: date
    weeks: tuple[tuple[Day | None, ...], ...]
    closures: tuple[Shut, ...]
    desks: int
    hidden: tuple[tuple[str, int], ...] = ()
    """What partners do not see: words with ``count``, and how many desks."""
    places: tuple[tuple[str, str], ...] = ()
    """The rooms and desks one may look at alone: id and name."""


def month_of(
    db: Session, site: Site, first: date, now: datetime, *, partner: Partner | None = None, within: str = ""
) -> Month:
    """Return the month that begins on ``first``, as a partner sees it; a number of statements that does not grow.

    ``within`` is the id of a room or desk to look at alone; raises ``NotFound`` for one that is not the site's.
    """
    zone, days = ZoneInfo(site.zone), _days(first)
    window = Span(opening.moment(days[0], 0, zone), opening.moment(days[-1], 1440, zone))
    inside = select(Desk).join(Desk.room).join(Room.site).where(Room.site_id == site.id)
    whole = db.scalars(inside.options(contains_eager(Desk.room).contains_eager(Room.site)).order_by(Desk.name)).all()
    every = [desk for desk in whole if within in ("", desk.id, desk.room_id)]
    if within and not every:
        raise NotFound("no such room or desk in this site")
    offered = [desk for desk in every if desk.offered and desk.pool == "guests" and desk.kind != WHOLE]
    offered = [desk for desk in offered if partner is None or partner.takes(desk)]
    had = pools.when(db, offered, "guests", window, now)
    open_times = {id_: common([spans, had[id_]]) for id_, spans in opening.open_of(db, offered, window).items()}
    free_times = claims.free_for(db, offered, "guests", window, now)
    shut = standing_closures(db, site, every, window)
    limits = {day: partner.limit(site, day) for day in days} if partner is not None else {}
    half = _Halves(site, zone, now, open_times, free_times, had, limits, _until(now, zone, partner), partner)
    deciding = _deciding(db, site, offered)
    rows = [_day(day, half, shut, deciding) for day in days]
    return Month(first, _weeks(rows), tuple(shut), len(offered), _hidden(every), _places(whole))


@dataclass(frozen=True)
class _Halves:
    """What it takes to mark the halves of any day of the month."""

    site: Site
    zone: ZoneInfo
    now: datetime
    open_times: Mapping[str, tuple[Span, ...]]
    free_times: Mapping[str, tuple[Span, ...]]
    had: Mapping[str, tuple[Span, ...]]
    limits: Mapping[date, Limit]
    until: datetime
    partner: Partner | None

    def of(self, day: date, starts: str, ends: str) -> Half:
        """Count the desks that are open, and free, in the whole of a half day."""
        start, end = (opening.moment(day, opening.minutes(text), self.zone) for text in (starts, ends))
        span = Span(start, end)
        open_ = sum(any(one.contains(span) for one in spans) for spans in self.open_times.values())
        free = sum(any(one.contains(span) for one in spans) for spans in self.free_times.values())
        if end <= self.now:
            return Half("past", free, open_)
        limit = self.limits.get(day)
        if limit is not None and limit.seats is not None:
            free = min(free, limit.seats)
        if limit is not None and self.partner is not None:
            if open_ and not limit.barred and not self.partner.lets(self.site, start, end):
                return Half(_UNAGREED.get(self.partner.refusal(self.site, start, end), "closed"), free, 0)
            open_ = 0 if limit.barred else open_
        if open_ and start >= self.until:
            return Half("later", free, open_)
        return Half(_mark(free, open_), free, open_)

    def kept(self, day: date) -> int:
        """Count the desks that are kept for others than guests in some of the day's halves that are not over."""
        site = self.site
        ends = ((site.morning_start, site.noon_end), (site.noon_start, site.evening_end))
        halves = [Span(*(opening.moment(day, opening.minutes(text), self.zone) for text in pair)) for pair in ends]
        ahead = [half for half in halves if half.end > self.now]
        return sum(any(not any(one.contains(half) for one in spans) for half in ahead) for spans in self.had.values())


def _mark(free: int, open_: int) -> Mark:
    """A quarter of the open desks or fewer is few."""
    if not open_:
        return "closed"
    if not free:
        return "full"
    return "few" if free * 4 <= open_ else "free"


def _days(first: date) -> list[date]:
    return [first + timedelta(days=number) for number in range(monthrange(first.year, first.month)[1])]


def _until(now: datetime, zone: ZoneInfo, partner: Partner | None) -> datetime:
    horizon = opening.horizon(now, zone)
    return horizon if partner is None else min(horizon, partner.until(now, zone))


def _day(day: date, half: _Halves, shut: Iterable[Shut], deciding: Mapping[Chain, str]) -> Day:
    site = half.site
    whole = Span(opening.moment(day, 0, half.zone), opening.moment(day, 1440, half.zone))
    morning = half.of(day, site.morning_start, site.noon_end)
    afternoon = half.of(day, site.noon_start, site.evening_end)
    plans = {chain: ruling.plan(chain, day) for chain in deciding}
    why = dict.fromkeys(one for chain, plan in plans.items() for one in _whys(plan, deciding[chain]))
    limit = half.limits.get(day)
    if limit is not None and limit.no is not None:
        why[Why(limit.no.words, numbers=tuple(limit.no.facts.items()))] = None
    if (kept := half.kept(day)) and any(plan.open for plan in plans.values()):
        why[Why(_KEPT, numbers=(("count", kept),))] = None
    if "full" in {morning.mark, afternoon.mark} and (limit is None or limit.no is None):
        why[Why(phrase("空いている座席がありません"))] = None
    return Day(
        day,
        morning,
        afternoon,
        any(plan.rule.kind == "holiday" for plan in plans.values()),
        tuple(one.closure for one in shut if Span(one.closure.start, one.closure.end).overlaps(whole)),
        tuple(why),
    )


def _deciding(db: Session, site: Site, desks: Sequence[Desk]) -> Mapping[Chain, str]:
    """Return the different rules of the desks, each with the place that has some of its own: none for the site's."""
    chains = opening.chains_of(db, [site, *desks])
    named: dict[Chain, str] = {chains[site.id]: ""} if desks else {}
    for desk in desks:
        chain = chains[desk.id]
        own = desk.room.name if chain[0].place_id != desk.id else f"{desk.room.name} {desk.name}"
        named.setdefault(chain, own)
    return named


def _whys(plan: DayPlan, place: str) -> Iterator[Why]:
    """Say what decided on a day in one place, where it is not the usual week."""
    if plan.rule.kind == "holiday":
        yield Why(phrase("祝日・年末年始"), plan.rule.words, place)
    elif plan.rule.kind in EXCEPTIONS:
        yield Why(EXCEPTIONS[plan.rule.kind], plan.rule.words, place)
    elif not plan.open:
        yield Why(phrase("利用時間のない曜日"), place=place)
    yield from (Why(EXCEPTIONS["extra"], rule.words, place) for rule in dict.fromkeys(one for _, one in plan.extras))


def _hidden(desks: Iterable[Desk]) -> tuple[tuple[str, int], ...]:
    """Count the desks that partners do not see, by the reason."""
    reasons: dict[str, int] = {}
    for desk in desks:
        reason = _WITHDRAWN if not desk.offered else _POOLS.get(desk.pool)
        if reason is not None and desk.kind != WHOLE:
            reasons[reason] = reasons.get(reason, 0) + 1
    return tuple(reasons.items())


def _places(desks: Iterable[Desk]) -> tuple[tuple[str, str], ...]:
    """Return the site's rooms and desks: id and name, each room before its desks."""
    rooms = {desk.room_id: desk.room.name for desk in desks}
    found: list[tuple[str, str]] = []
    for room_id, name in sorted(rooms.items(), key=lambda pair: pair[1]):
        found.append((room_id, name))
        found += ((desk.id, f"{name} {desk.name}") for desk in desks if desk.room_id == room_id)
    return tuple(found)


def _weeks(days: Sequence[Day]) -> tuple[tuple[Day | None, ...], ...]:
    before = days[0].day.weekday()
    after = -(before + len(days)) % 7
    cells: list[Day | None] = [*[None] * before, *days, *[None] * after]
    return tuple(tuple(cells[start : start + 7]) for start in range(0, len(cells), 7))


def standing_closures(db: Session, site: Site, desks: Sequence[Desk], window: Span) -> list[Shut]:
    """Return the closures of the site and of anything in it that touch the window, in order."""
    names = {site.id: site.name}
    for desk in desks:
        names[desk.room_id] = desk.room.name
        names[desk.id] = f"{desk.room.name} {desk.name}"
    question = select(Closure).where(Closure.place_id.in_(names), Closure.lifted_at.is_(None))
    standing = question.where(Closure.start < window.end, Closure.end > window.start)
    found = db.scalars(standing.order_by(Closure.start, Closure.id))
    return [Shut(closure, names[closure.place_id]) for closure in found]
