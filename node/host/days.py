"""A day of one site, desk by desk: what a partner sees in each stretch, and every reason why it sees no free desk there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from federation.errors import NotFound
from federation.rules import BeforeDeadline, No, Wish, WithinHorizon
from federation.wording import phrase
from node.host import claims, opening, pools, ruling, wholes
from node.host.causes import TEMPLATES
from node.host.months import EXCEPTIONS, Why, standing_closures
from node.host.partners import Partner
from node.host.ruling import Chain
from node.host.spans import Span, common, snapped, within, without
from node.models.bookings import Claim
from node.models.opening import Closure
from node.models.sites import Desk, Room, Site

_HIDDEN = phrase("掲載していません")
_POOLS = {
    "own": phrase("自団体の職員のための座席です"),
    "walk_in": phrase("当日利用のための座席です"),
}
_KEPT = {
    "own": phrase("利用枠により、自団体の職員に取り置いています"),
    "walk_in": phrase("利用枠により、当日利用に取り置いています"),
}
_RELEASED = phrase("%(when)sに開放します")
_WEEK = phrase("利用時間の外です")
_HOLIDAY = phrase("祝日・年末年始")
_CLOSED = phrase("休止：%(reason)s")
_BOOKED = phrase("予約または当日利用があります")
_OVER = phrase("過ぎた時間です")
_PART = phrase("予約の単位の一部がふさがっています")
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Stretch:
    """Part of a day, as minutes after local midnight; ``why`` is empty where the desk can be booked."""

    opens: int
    closes: int
    why: tuple[Why, ...]


@dataclass(frozen=True)
class DeskDay:
    """A desk with its day, from midnight to midnight."""

    desk: Desk
    stretches: tuple[Stretch, ...]

    @property
    def is_free(self) -> bool:
        """Whether some of the day can be booked."""
        return any(not one.why for one in self.stretches)


@dataclass(frozen=True)
class DayOfSite:
    """The desks of one page in the order of rooms and names, and how many there are in all."""

    day: date
    desks: tuple[DeskDay, ...]
    count: int


def day_of(
    db: Session,
    site: Site,
    day: date,
    now: datetime,
    *,
    partner: Partner | None = None,
    within: str = "",
    page: int = 1,
    size: int = 50,
) -> DayOfSite:
    """Return a day as a partner sees it, or any town with an agreement; a number of statements that does not grow.

    ``within`` is the id of a room or desk to look at alone; raises ``NotFound`` for one that is not the site's. A day on which
    the clocks are changed is shown as long as the clock on the wall says.
    """
    inside = select(Desk).join(Desk.room).join(Room.site).where(Room.site_id == site.id)
    question = inside.options(contains_eager(Desk.room).contains_eager(Room.site)).order_by(
        Room.name, Room.id, Desk.name
    )
    every = [desk for desk in db.scalars(question) if within in ("", desk.id, desk.room_id)]
    if within and not every:
        raise NotFound("no such room or desk in this site")
    shown = every[(page - 1) * size : page * size]
    look = _look(db, site, shown, (day, now), partner)
    return DayOfSite(day, tuple(DeskDay(desk, tuple(look.of(desk))) for desk in shown), len(every))


def _look(
    db: Session, site: Site, desks: Sequence[Desk], when: tuple[date, datetime], partner: Partner | None
) -> "_Look":
    day, now = when
    zone = ZoneInfo(site.zone)
    window = Span(opening.moment(day, 0, zone), opening.moment(day, 1440, zone))
    parts = wholes.with_parts(db, desks)
    every = list({desk.id: desk for found in parts.values() for desk in found}.values())
    own = opening.open_of(db, every, window)
    shut: dict[str, list[Closure]] = {}
    for one in standing_closures(db, site, every, window):
        shut.setdefault(one.closure.place_id, []).append(one.closure)
    return _Look(
        day=day,
        zone=zone,
        window=window,
        now=now,
        soon=snapped([Span(now, now + timedelta(hours=1))])[0].start,
        chains=opening.chains_of(db, [site, *every]),
        parts=parts,
        open_times={desk.id: common([own[one.id] for one in parts[desk.id]]) for desk in desks},
        closures=shut,
        held=_held(db, desks, window),
        kept=pools.standings(db, every),
        free=claims.free_for(db, desks, "guests", Span(max(window.start, now), max(window.end, now + _MINUTE)), now),
        always=tuple(_always(site, day, partner)),
        until=_until(now, zone, partner),
        lead=_lead(site, day, partner),
    )


@dataclass(frozen=True)
class _Look:
    """All that is known of a day, to tell what holds at a moment."""

    day: date
    zone: ZoneInfo
    window: Span
    now: datetime
    soon: datetime
    chains: Mapping[str, Chain]
    parts: Mapping[str, Sequence[Desk]]
    open_times: Mapping[str, tuple[Span, ...]]
    closures: Mapping[str, Sequence[Closure]]
    held: Mapping[str, tuple[Span, ...]]
    kept: Mapping[str, pools.Standing]
    free: Mapping[str, tuple[Span, ...]]
    always: tuple[Why, ...]
    until: datetime
    lead: timedelta

    def of(self, desk: Desk) -> Iterator[Stretch]:
        """Yield the day of a desk in stretches; neighbours have different reasons."""
        hidden = _hidden(desk)
        if hidden is not None:
            yield Stretch(0, 1440, (Why(hidden),))
            return
        last: Stretch | None = None
        edges = self._edges(desk)
        for start, end in pairwise(edges):
            why = tuple(dict.fromkeys(self._why(desk, Span(start, end))))
            part = Stretch(self._minute(start), self._minute(end), why)
            if last is not None and last.why == part.why:
                last = Stretch(last.opens, part.closes, last.why)
                continue
            if last is not None:
                yield last
            last = part
        if last is not None:
            yield last

    def _edges(self, desk: Desk) -> list[datetime]:
        """Return the moments at which something begins or ends, those of the day among them, in whole minutes."""
        spans = [*self.open_times[desk.id], *self.held[desk.id], *self.free[desk.id]]
        spans += [Span(one.start, one.end) for one in self._closures(desk)]
        for part in self.parts[desk.id]:
            spans += pools.had_by(self.kept[part.id], "guests", self.window, self.now)
        found = {moment for span in spans for moment in span} | {
            *self.window,
            self.now,
            self.now + self.lead,
            self.until,
        }
        found |= {at for part in self.parts[desk.id] for at in pools.edges(self.kept[part.id], self.window)}
        whole = {at.replace(second=0, microsecond=0) for at in found}
        return sorted(at for at in whole if self.window.start <= at <= self.window.end)

    def _why(self, desk: Desk, span: Span) -> Iterator[Why]:
        """Yield each reason why a desk cannot be had in a stretch in which nothing changes; none where it can."""
        mine = self.open_times[desk.id]
        if not any(one.contains(span) for one in mine):
            yield from self._outside(desk, span)
        for closure in self._closures(desk):
            if Span(closure.start, closure.end).overlaps(span):
                yield Why(_CLOSED, closure.note, numbers=(("reason", TEMPLATES[closure.template]),))
        if any(one.overlaps(span) for one in self.held[desk.id]):
            yield Why(_BOOKED)
        yield from self._pools(desk, span)
        yield from self.always
        yield from self._time(span)
        if self._is_cut(desk, span):
            yield Why(_PART)

    def _outside(self, desk: Desk, span: Span) -> Iterator[Why]:
        for part in self.parts[desk.id]:
            chain = self.chains[part.id]
            if any(one.contains(span) for one in ruling.open_spans(chain, self.zone, self.window)):
                continue
            rule = ruling.why(chain, self.zone, span.start)
            if rule.kind == "holiday":
                yield Why(_HOLIDAY, rule.words)
            else:
                yield Why(EXCEPTIONS.get(rule.kind, _WEEK), rule.words)

    def _pools(self, desk: Desk, span: Span) -> Iterator[Why]:
        for part in self.parts[desk.id]:
            standing = self.kept[part.id]
            pool = pools.pool_at(standing, span.start, self.now)
            if pool in _KEPT and part.published:
                yield Why(_KEPT[pool])
                released = pools.released_at(standing, span.start)
                if released is not None:
                    yield Why(_RELEASED, numbers=(("when", released),))

    def _time(self, span: Span) -> Iterator[Why]:
        if span.end <= self.soon:
            yield Why(_OVER)
        elif span.start < self.now + self.lead:
            yield from _no(BeforeDeadline(self.now, self.lead), span, self.zone)
        if span.end > self.until:
            yield from _no(WithinHorizon(self.until), span, self.zone)

    def _is_cut(self, desk: Desk, span: Span) -> bool:
        """Say whether only the desk's unit keeps it from being had."""
        left = without(self.open_times[desk.id], self.held[desk.id])
        left = without(left, [Span(one.start, one.end) for one in self._closures(desk)])
        had = common([pools.had_by(self.kept[one.id], "guests", self.window, self.now) for one in self.parts[desk.id]])
        could = any(one.contains(span) for one in common([left, had])) and span.start >= self.soon
        return could and not any(one.overlaps(span) for one in self.free[desk.id])

    def _closures(self, desk: Desk) -> list[Closure]:
        places = {desk.room.site_id, desk.room_id, *(one.id for one in self.parts[desk.id])}
        return [one for place_id in sorted(places) for one in self.closures.get(place_id, ())]

    def _minute(self, at: datetime) -> int:
        local = at.astimezone(self.zone)
        return local.hour * 60 + local.minute if local.date() == self.day else 1440


def _hidden(desk: Desk) -> str | None:
    return _POOLS.get(desk.pool) if desk.offered else _HIDDEN


def _held(db: Session, desks: Sequence[Desk], window: Span) -> Mapping[str, tuple[Span, ...]]:
    """Return when people have the desks, one way or the other: a whole room when one of its desks is taken; two statements."""
    occupied = wholes.occupied(db, [desk.id for desk in desks])
    every = {id_ for ids in occupied.values() for id_ in ids}
    question = select(Claim.desk_id, Claim.start, Claim.end).where(
        Claim.live,
        Claim.desk_id.in_(every),
        Claim.place_id.is_not(None) | Claim.walk_in_id.is_not(None),
        Claim.end > window.start,
        Claim.start < window.end,
    )
    found: dict[str, list[Span]] = {}
    for desk_id, start, end in db.execute(question):
        found.setdefault(desk_id, []).append(Span(start, end))
    return {
        desk_id: within((span for id_ in ids for span in found.get(id_, ())), window)
        for desk_id, ids in occupied.items()
    }


def _always(site: Site, day: date, partner: Partner | None) -> Iterator[Why]:
    """Yield what keeps a partner out all day: no agreement for it, or all its seats in use."""
    limit = partner.limit(site, day) if partner is not None else None
    if limit is not None and limit.no is not None:
        yield Why(limit.no.words, numbers=tuple(limit.no.facts.items()))


def _until(now: datetime, zone: ZoneInfo, partner: Partner | None) -> datetime:
    horizon = opening.horizon(now, zone)
    return horizon if partner is None else min(horizon, partner.until(now, zone))


def _lead(site: Site, day: date, partner: Partner | None) -> timedelta:
    return partner.lead(site, day) if partner is not None else timedelta(0)


def _no(condition: BeforeDeadline | WithinHorizon, span: Span, zone: ZoneInfo) -> Iterator[Why]:
    """Yield the words of a condition that says no; both look at the time alone."""
    answer = condition.judge(Wish("", "", "", span.start, span.end, zone, "open"))
    if isinstance(answer, No):
        yield Why(answer.words, numbers=tuple(answer.facts.items()))
