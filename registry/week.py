"""A week at a glance: how many desks are free in each half day at the sites a town may see, nearest first.

However many sites and desks there are, the statements are: the place, the days on which an agreement begins or ends, the
sites (for 午前 and for 午後 whose prices differ, once for each stretch of days that have the same agreements), the desks
with their free ranges, the sites' listings, and the names of their hosts.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from federation.errors import BadInput, PlaceUnknown
from federation.members import Member
from federation.messages.listing import HalfDays, SiteListing
from federation.messages.search import Host, SearchQuery
from federation.messages.week import MOST_DAYS, MOST_SITES, FreeCount, HalfDayFree, WeekAnswer, WeekSite
from registry.facets import accessible, assured, bits, viewpoints
from registry.models import Desk, FeedReading, Freedom, FreeRange, Offer, Site
from registry.places import locate
from registry.reach import CIVIL, Asked, Asker, Reach, fitting, has, in_reach
from registry.telling import STALE_AFTER
from registry.together import Gap, groups

_QUARTER = timedelta(minutes=15)
Half = Literal["morning", "afternoon"]
HALVES: tuple[Half, ...] = ("morning", "afternoon")
_Row = Row[*tuple[Any, ...]]
Key = tuple[int, str]
"""A site: its member's id and its own."""


@dataclass(frozen=True)
class _Asked(Asked):
    """Who asks for which days, and when."""

    days: tuple[date, ...]


@dataclass(frozen=True)
class _Seen:
    """A site that the asker may see on some of the days: how far it is, and the price of each half day it may see."""

    reach: Reach
    prices: Mapping[tuple[date, Half], int]


def at_a_glance(db: Session, asker: Asker, query: SearchQuery, now: datetime) -> WeekAnswer:
    """Answer for the civil days that [start, end) of the query touches, and at most ``limit`` sites.

    Raises ``BadInput`` for more than a week, and what ``locate`` raises.
    """
    asked = _Asked(asker, query, locate(db, query), now, tuple(_days(query)))
    seen = _seen(db, asked)
    if asked.place.kind == "name" and not seen:
        facts = {"place": asked.place.label}
        raise PlaceUnknown("no station, and no name the asker may see", field="station", facts=facts)
    limit = min(query.limit, MOST_SITES)
    near = seen[: 3 * limit]
    desks = _desks(db, asked, near)
    wished = [one for one in near if (one.reach.member_id, one.reach.site_id) in desks]
    page = wished[:limit]
    return WeekAnswer(
        place=asked.place,
        sites=tuple(_told(db, asked, page, desks)),
        more=len(wished) > limit or len(seen) > len(near),
        as_of=now,
    )


def _days(query: SearchQuery) -> Iterator[date]:
    first = query.start.astimezone(CIVIL).date()
    last = (query.end - timedelta(microseconds=1)).astimezone(CIVIL).date()
    count = (last - first).days + 1
    if count > MOST_DAYS:
        raise BadInput(f"{count} days", field="end")
    return (first + timedelta(days=number) for number in range(count))


# --- Sites ----------------------------------------------------------------------------------------------------


def _seen(db: Session, asked: _Asked) -> list[_Seen]:
    reaches: dict[Key, Reach] = {}
    prices: dict[Key, dict[tuple[date, Half], int]] = defaultdict(dict)
    for stretch in _stretches(db, asked.days):
        for half in HALVES:
            start, end = _usual(stretch[0], half)
            half_day = replace(asked, query=asked.query.model_copy(update={"start": start, "end": end}))
            for reach in fitting(in_reach(db, half_day), half_day.query):
                key = reach.member_id, reach.site_id
                reaches[key] = reach
                prices[key] |= {(day, half): reach.price_yen for day in stretch}
    nearest = sorted(reaches.items(), key=lambda item: (item[1].metres, *item[0]))
    return [_Seen(reach, prices[key]) for key, reach in nearest]


def _stretches(db: Session, days: Sequence[date]) -> Iterator[list[date]]:
    """Cut the days where an agreement begins or ends: in between, all days show the same sites."""
    first, last = days[0].isoformat(), days[-1].isoformat()
    begun = select(Offer.starts_on).where(Offer.starts_on > first, Offer.starts_on <= last).distinct()
    ended = select(Offer.ends_on).where(Offer.ends_on >= first, Offer.ends_on < last).distinct()
    cuts = {date.fromisoformat(day) for day in db.scalars(begun)}
    cuts |= {date.fromisoformat(day) + timedelta(days=1) for day in db.scalars(ended)}
    stretch: list[date] = []
    for day in days:
        if stretch and day in cuts:
            yield stretch
            stretch = []
        stretch.append(day)
    yield stretch


def _usual(day: date, half: Half) -> tuple[datetime, datetime]:
    return _times(day, half, HalfDays(), CIVIL)


def _times(day: date, half: Half, half_days: HalfDays, zone: ZoneInfo) -> tuple[datetime, datetime]:
    clocks = (
        (half_days.morning_start, half_days.noon_end)
        if half == "morning"
        else (half_days.noon_start, half_days.evening_end)
    )
    start, end = (datetime.combine(day, time.fromisoformat(clock), zone) for clock in clocks)
    return start, end


# --- Desks ----------------------------------------------------------------------------------------------------


def _desks(db: Session, asked: _Asked, near: Iterable[_Seen]) -> Mapping[Key, list[_Row]]:
    """Return the desks as wished at each site, a row for each free range in the week, and one for a desk that has none."""
    found: dict[Key, list[_Row]] = defaultdict(list)
    sites = {(one.reach.member_id, one.reach.site_id): one.reach for one in near}
    wanted = viewpoints(asked.query.accessibility)
    statement = _wished(asked.query, asked.words).where(tuple_(Desk.member_id, Desk.site_id).in_(list(sites)))
    for row in db.execute(statement):
        key = row.member_id, row.site_id
        if not wanted or accessible(wanted, sites[key].accessible, row.accessible, row.inaccessible):
            found[key].append(row)
    return found


def _wished(query: SearchQuery, words: str) -> Select[*tuple[Any, ...]]:
    of_desk = and_(FreeRange.member_id == Desk.member_id, FreeRange.desk_id == Desk.id)
    columns: tuple[Any, ...] = (Desk.member_id, Desk.site_id, Desk.id, Desk.privacy, Desk.assured_until)
    # What only the desk's own row says, read where it was asked for.
    columns += (Desk.accessible, Desk.inaccessible) if query.accessibility else ()
    columns += (Desk.beside,) if query.adjacent else ()
    statement: Select[*tuple[Any, ...]] = (
        select(*columns, FreeRange.start, FreeRange.end, _as_of().label("as_of"))
        .select_from(Desk)
        .join(Freedom, and_(Freedom.member_id == Desk.member_id, Freedom.desk_id == Desk.id))
        .outerjoin(FeedReading, and_(FeedReading.member_id == Desk.member_id, FeedReading.feed == "offers"))
        .outerjoin(FreeRange, and_(of_desk, FreeRange.start < query.end, FreeRange.end > query.start))
    )
    if query.privacy:
        statement = statement.where(Desk.privacy.in_(query.privacy))
    for column, wanted in ((Desk.features, bits(query.features)), (Desk.assured, assured(query.security))):
        statement = statement.where(column.bitwise_and(wanted) == wanted) if wanted else statement
    if words:
        named = aliased(Site)
        around = exists().where(named.member_id == Desk.member_id, named.id == Desk.site_id, has(named.names, words))
        statement = statement.where(or_(has(Desk.names, words), around))
    return statement


def _as_of() -> ColumnElement[datetime]:
    """A feed read to its end vouches for all it said, unless the newest word about the desk was unreadable."""
    vouched = and_(FeedReading.complete_at > Freedom.as_of, ~Freedom.doubtful)
    return case((vouched, FeedReading.complete_at), else_=Freedom.as_of)


# --- The answer -----------------------------------------------------------------------------------------------


def _told(db: Session, asked: _Asked, page: Sequence[_Seen], desks: Mapping[Key, list[_Row]]) -> Iterator[WeekSite]:
    keys = [(one.reach.member_id, one.reach.site_id) for one in page]
    rows = db.scalars(select(Site).where(tuple_(Site.member_id, Site.id).in_(keys)))
    sites = {(row.member_id, row.id): SiteListing.model_validate_json(row.told) for row in rows}
    hosts = _hosts(db, {member_id for member_id, _site in keys})
    for key, one in zip(keys, page, strict=True):
        as_of = min(row.as_of for row in desks[key])
        yield WeekSite(
            host=hosts[key[0]],
            site=sites[key],
            distance_km=None if asked.place.lat is None else round(one.reach.metres / 1000, 1),
            half_days=tuple(_half_days(asked, one, sites[key], desks[key])),
            as_of=as_of,
            stale=asked.now - as_of > STALE_AFTER,
        )


def _hosts(db: Session, members: set[int]) -> dict[int, Host]:
    named = select(Member.id, Member.entity_id, Member.code, Member.name, Member.name_en)
    return {row.id: _host(row) for row in db.execute(named.where(Member.id.in_(members)))}


def _host(row: Row[int, str, str, str, str]) -> Host:
    return Host(entity_id=row.entity_id, code=row.code, name=row.name, name_en=row.name_en)


def _half_days(asked: _Asked, one: _Seen, site: SiteListing, rows: Sequence[_Row]) -> Iterator[HalfDayFree]:
    now = asked.now
    for day in asked.days:
        for half in HALVES:
            price = one.prices.get((day, half))
            start, end = _times(day, half, site.half_days, ZoneInfo(site.zone))
            if price is None or end <= start:
                continue
            if start < now < end:
                start = min(_next_quarter(now), end - _QUARTER)
            counts = tuple(_counts(asked.query, rows, start, end)) if end > now else ()
            yield HalfDayFree(day=day.isoformat(), half=half, start=start, end=end, price_yen=price, counts=counts)


def _next_quarter(now: datetime) -> datetime:
    return now + (datetime.min.replace(tzinfo=now.tzinfo) - now) % _QUARTER


def _counts(query: SearchQuery, rows: Iterable[_Row], start: datetime, end: datetime) -> Iterator[FreeCount]:
    """Count the desks that are free as wished during [start, end): by privacy, and only those whose sheet counts that day."""
    day = start.astimezone(CIVIL).date().isoformat()
    counted = [row for row in rows if row.start is not None and (not query.security or row.assured_until >= day)]
    free = _free(query, [row for row in counted if row.start < end and start < row.end], start, end)
    by_privacy: dict[str, set[str]] = defaultdict(set)
    for row in counted:
        if row.id in free:
            by_privacy[row.privacy].add(row.id)
    for privacy, ids in sorted(by_privacy.items()):
        yield FreeCount(privacy=privacy, desks=len(ids), desk=next(iter(ids)) if len(ids) == 1 else None)  # type: ignore[arg-type]  # The model checks the word.


def _free(query: SearchQuery, rows: Sequence[_Row], start: datetime, end: datetime) -> set[str]:
    """Return the desks that are free all the time, or for a gap as long as wished; where a group was wished, those in one."""
    length = end - start if query.minutes is None else query.length
    gaps = [Gap(row.id, max(row.start, start), min(row.end, end)) for row in rows]
    if query.adjacent is None:
        return {gap.desk_id for gap in gaps if gap.end - gap.start >= length}
    found = groups(gaps, {row.id: row.beside.split() for row in rows}, query.adjacent, length)
    return {desk_id for group in found for desk_id in group.desk_ids}
