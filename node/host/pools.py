"""利用枠: for whom a desk is kept at which time, and from when on it is anybody's.

A room keeps so many of its desks on each weekday for own staff and for walk-ins: the first of those that say nothing else by
themselves, in the order of their names. So long before a half day begins, what is kept in it is released to everybody. A desk
that says by itself for whom it is kept stays kept, and is not among those counted.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.errors import BadInput
from node.host import wholes
from node.host.opening import minutes, moment
from node.host.spans import Span, common, joined, within
from node.models.pools import PoolRule
from node.models.sites import Desk

Who = Literal["guests", "own", "walk_in"]
Pool = Literal["guests", "own", "walk_in", "anybody"]
MOST_HOURS = 336
"""Two weeks: what is released earlier need not be kept."""
MOST_DESKS = 1000


@dataclass(frozen=True)
class Kept:
    """What a room keeps on one weekday; ``release`` is how long before a half day begins, None for never."""

    own: int = 0
    walk_in: int = 0
    release: timedelta | None = None

    def of(self, rank: int) -> Who:
        """Return for whom the desk of that rank is kept."""
        if rank < self.own:
            return "own"
        return "walk_in" if rank < self.own + self.walk_in else "guests"


@dataclass(frozen=True)
class Standing:
    """All that decides for whom a desk is kept: its own word, its rank in its room, the room's weekdays, the site's clock.

    ``morning`` and ``noon`` are the minutes after local midnight at which the half days begin.
    """

    word: Who = "guests"
    rank: int = 0
    rules: Mapping[int, Kept] = field(default_factory=dict)
    morning: int = 510
    noon: int = 780
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Tokyo"))


def pool_at(standing: Standing, at: datetime, now: datetime) -> Pool:
    """Return for whom a desk is kept at the moment ``at``, as it stands ``now``; both aware."""
    if standing.word != "guests":
        return standing.word
    return _half_at(standing, at).pool(standing, now)


def had_by(standing: Standing, who: Who, window: Span, now: datetime) -> tuple[Span, ...]:
    """Return when in ``window`` somebody of that kind may have the desk; own staff and walk-ins also where guests may."""
    allowed = {who, "guests", "anybody"}
    if standing.word != "guests" or not standing.rules:
        return (window,) if standing.word in allowed else ()
    halves = _halves(standing, window)
    return within(joined(half.span for half in halves if half.pool(standing, now) in allowed), window)


def released_at(standing: Standing, at: datetime) -> datetime | None:
    """Return from when on what is kept at the moment ``at`` is anybody's; None where nothing is, or it stays kept."""
    return _half_at(standing, at).released_at(standing) if standing.word == "guests" else None


def edges(standing: Standing, window: Span) -> tuple[datetime, ...]:
    """Return the moments in ``window`` at which a desk may come to be kept for others: where half days begin."""
    if standing.word != "guests" or not standing.rules:
        return ()
    return tuple(half.span.start for half in _halves(standing, window) if window.start <= half.span.start < window.end)


def releases(standing: Standing, since: datetime, until: datetime) -> tuple[datetime, ...]:
    """Return the moments in (since, until] at which the desk, kept until then, becomes anybody's."""
    if standing.word != "guests" or not standing.rules:
        return ()
    halves = _halves(standing, Span(since, until + timedelta(hours=MOST_HOURS)))
    moments = (half.released_at(standing) for half in halves)
    return tuple(sorted(at for at in moments if at is not None and since < at <= until))


@dataclass(frozen=True)
class _Half:
    span: Span
    begins: datetime
    weekday: int

    def released_at(self, standing: Standing) -> datetime | None:
        rule = standing.rules.get(self.weekday, Kept())
        if rule.release is None or rule.of(standing.rank) == "guests":
            return None
        return self.begins - rule.release

    def pool(self, standing: Standing, now: datetime) -> Pool:
        released = self.released_at(standing)
        if released is not None and released <= now:
            return "anybody"
        return standing.rules.get(self.weekday, Kept()).of(standing.rank)


def _half_at(standing: Standing, at: datetime) -> _Half:
    return next(half for half in _halves(standing, Span(at, at + timedelta(microseconds=1))) if half.span.start <= at)


def _halves(standing: Standing, window: Span) -> Iterator[_Half]:
    """Yield the half days that touch the window: midnight to noon's end, and from there to midnight, in local time."""
    zone = standing.zone
    day, last = window.start.astimezone(zone).date(), window.end.astimezone(zone).date()
    while day <= last:
        noon = moment(day, standing.noon, zone)
        morning = _Half(Span(moment(day, 0, zone), noon), moment(day, standing.morning, zone), day.weekday())
        evening = _Half(Span(noon, moment(day, 1440, zone)), noon, day.weekday())
        yield from (half for half in (morning, evening) if half.span.overlaps(window))
        day += timedelta(days=1)


# --- As stored ------------------------------------------------------------------------------------------------


def rules_of(db: Session, room_ids: Collection[str]) -> Mapping[str, Mapping[int, Kept]]:
    """Return the rules of rooms by weekday; those without any are absent."""
    found: dict[str, dict[int, Kept]] = {}
    for row in db.scalars(select(PoolRule).where(PoolRule.room_id.in_(tuple(room_ids)))):
        release = None if row.release_hours is None else timedelta(hours=row.release_hours)
        found.setdefault(row.room_id, {})[row.weekday] = Kept(row.own, row.walk_in, release)
    return found


def set_rules(db: Session, room_id: str, rules: Mapping[int, Kept]) -> None:
    """Replace a room's rules; a weekday on which nothing is kept needs none. Raises ``BadInput``.

    The caller holds the locks of the room's desks and notes them. What is booked stays booked.
    """
    for weekday, rule in rules.items():
        hours = rule.release // timedelta(hours=1) if rule.release is not None else 0
        if not (0 <= weekday <= 6 and 0 <= rule.own <= MOST_DESKS and 0 <= rule.walk_in <= MOST_DESKS):
            raise BadInput(f"weekday {weekday}", field="own")
        if not 0 <= hours <= MOST_HOURS:
            raise BadInput(f"release {hours}", field="release")
    db.execute(delete(PoolRule).where(PoolRule.room_id == room_id))
    for weekday, rule in rules.items():
        if rule.own or rule.walk_in:
            hours_before = None if rule.release is None else rule.release // timedelta(hours=1)
            kept = {"own": rule.own, "walk_in": rule.walk_in, "release_hours": hours_before}
            db.add(PoolRule(room_id=room_id, weekday=weekday, **kept))
    db.flush()


def standings(db: Session, desks: Collection[Desk]) -> Mapping[str, Standing]:
    """Return by desk how it stands; two statements, and one where no room has rules."""
    rules = rules_of(db, {desk.room_id for desk in desks})
    ranks = _ranks(db, rules) if rules else {}
    return {desk.id: _standing(desk, rules.get(desk.room_id, {}), ranks.get(desk.id, MOST_DESKS * 2)) for desk in desks}


def when(db: Session, desks: Collection[Desk], who: Who, window: Span, now: datetime) -> Mapping[str, tuple[Span, ...]]:
    """Return by desk when somebody of that kind may have it in ``window``; a whole room when all its desks may be had."""
    with_parts = wholes.with_parts(db, desks)
    stand = standings(db, {desk.id: desk for ids in with_parts.values() for desk in ids}.values())
    had = {id_: had_by(one, who, window, now) for id_, one in stand.items()}
    return {
        desk.id: common([had[one.id] for one in with_parts[desk.id] if one is desk or one.published]) for desk in desks
    }


def in_force(db: Session, desk: Desk, at: datetime, now: datetime) -> Pool:
    """Return for whom a desk is kept at the moment ``at``."""
    return pool_at(standings(db, [desk])[desk.id], at, now)


def _ranks(db: Session, room_ids: Iterable[str]) -> Mapping[str, int]:
    question = select(Desk.id, Desk.room_id).where(Desk.room_id.in_(tuple(room_ids)), Desk.kind != wholes.WHOLE)
    counted: dict[str, int] = {}
    ranks: dict[str, int] = {}
    spread = question.where(Desk.published, Desk.pool == "guests").order_by(Desk.name, Desk.id)
    for desk_id, room_id in db.execute(spread):
        ranks[desk_id] = counted.get(room_id, 0)
        counted[room_id] = ranks[desk_id] + 1
    return ranks


def _standing(desk: Desk, rules: Mapping[int, Kept], rank: int) -> Standing:
    site = desk.room.site
    word: Who = "own" if desk.pool == "own" else "walk_in" if desk.pool == "walk_in" else "guests"
    clock = minutes(site.morning_start), minutes(site.noon_start)
    return Standing(word, rank, rules, *clock, ZoneInfo(site.zone))


def counts(rule: Kept, desks: int) -> Sequence[int]:
    """Return of so many desks how many are for own staff, for walk-ins and for guests."""
    own = min(rule.own, desks)
    walk_in = min(rule.walk_in, desks - own)
    return (own, walk_in, desks - own - walk_in)
