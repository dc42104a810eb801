"""A week at a glance: how many desks are free in each half day at the sites a town may see, nearest first.

However many sites and desks there are, the statements are: the place, the sites, what is open to the town at each of them, the
desks with their free ranges, the sites' listings, and the names of their hosts.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, literal, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from federation.errors import BadInput, PlaceUnknown
from federation.members import Member
from federation.messages.listing import HalfDays, SiteListing
from federation.messages.search import Host, SearchQuery
from federation.messages.week import MOST_DAYS, MOST_SITES, FreeCount, HalfDayFree, WeekAnswer, WeekSite
from registry.agreed import Agreed
from registry.facets import accessible, assured, bits, viewpoints
from registry.models import Desk, FeedReading, Freedom, FreeRange, Site
from registry.offered import EVER, Figures, Offered, at_sites
from registry.places import locate
from registry.reach import CIVIL, Asked, Asker, Reach, fitting, has, in_reach
from registry.telling import STALE_AFTER
from registry.together import groups

_QUARTER = timedelta(minutes=15)
Half = Literal["morning", "afternoon"]
HALVES: tuple[Half, ...] = ("morning", "afternoon")
_Row = Row[*tuple[Any, ...]]
Key = tuple[int, str]
"""A site: its member's id and its own."""


@dataclass(frozen=True)
class _Asked(Asked):
    """Who asks for which days, and when. Sites are looked for loosely: each half day is compared with offers by itself."""

    days: tuple[date, ...] = ()

    def length(self, start: datetime, end: datetime) -> timedelta:
        """Return how long a desk is wanted in a half day [start, end)."""
        return end - start if self.query.minutes is None else self.query.length


@dataclass(frozen=True)
class _Seen:
    """A site that the asker may see: how far it is, and the offers its half days are judged by; None at its own sites."""

    reach: Reach
    offers: tuple[Offered, ...] | None


def at_a_glance(db: Session, asker: Asker, query: SearchQuery, now: datetime) -> WeekAnswer:
    """Answer for the civil days that [start, end) of the query touches, and at most ``limit`` sites.

    Raises ``BadInput`` for more than a week, and what ``locate`` raises.
    """
    asked = _Asked(asker, query, locate(db, query), now, loosely=True, days=tuple(_days(query)))
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
    reaches = fitting(in_reach(db, asked), asked.query.model_copy(update={"max_price_yen": None}))
    theirs = {(one.member_id, one.site_id) for one in reaches if one.member_id != asked.asker.member_id}
    offers = at_sites(db, asked.asker.code, theirs)
    seen = (_Seen(one, _offers(asked, one, offers)) for one in reaches)
    # A site none of whose half days an agreement lets be is not of this week.
    nearest = sorted(seen, key=lambda one: (one.reach.metres, one.reach.member_id, one.reach.site_id))
    return [one for one in nearest if one.offers != ()]


def _offers(asked: _Asked, reach: Reach, offers: Mapping[Key, Sequence[Offered]]) -> tuple[Offered, ...] | None:
    """Return the offers that count on any of the days."""
    if reach.member_id == asked.asker.member_id:
        return None
    first, last = asked.days[0].isoformat(), asked.days[-1].isoformat()
    bits_ = sum(1 << weekday for weekday in {day.weekday() for day in asked.days})
    known = offers.get((reach.member_id, reach.site_id), ())
    return tuple(one for one in known if one.starts_on <= last and one.ends_on >= first and one.weekdays & bits_)


def _times(day: date, half: Half, half_days: HalfDays, zone: ZoneInfo) -> tuple[datetime, datetime]:
    clocks = (
        (half_days.morning_start, half_days.noon_end)
        if half == "morning"
        else (half_days.noon_start, half_days.evening_end)
    )
    start, end = (datetime.combine(day, time.fromisoformat(clock), zone) for clock in clocks)
    return start, end


# --- Desks ----------------------------------------------------------------------------------------------------


def _desks(db: Session, asked: _Asked, near: Sequence[_Seen]) -> Mapping[Key, list[_Row]]:
    """Return the desks as wished at each site, a row for each free range in the week, and one for a desk that has none."""
    found: dict[Key, list[_Row]] = defaultdict(list)
    sites = {(one.reach.member_id, one.reach.site_id): one.reach for one in near}
    wanted = viewpoints(asked.query.accessibility)
    rooms = any(offer.rooms for one in near for offer in one.offers or ())
    statement = _wished(asked.query, asked.words, rooms=rooms).where(
        tuple_(Desk.member_id, Desk.site_id).in_(list(sites))
    )
    for row in db.execute(statement):
        key = row.member_id, row.site_id
        if not wanted or accessible(wanted, sites[key].accessible, row.accessible, row.inaccessible):
            found[key].append(row)
    return found


def _wished(query: SearchQuery, words: str, *, rooms: bool) -> Select[*tuple[Any, ...]]:
    of_desk = and_(FreeRange.member_id == Desk.member_id, FreeRange.desk_id == Desk.id)
    columns: tuple[Any, ...] = (Desk.member_id, Desk.site_id, Desk.id, Desk.privacy, Desk.assured_until)
    # What only the desk's own row says, read where it was asked for.
    columns += (Desk.room_id if rooms else literal("").label("room_id"),)
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
    now, zone = asked.now, ZoneInfo(site.zone)
    for day in asked.days:
        for half in HALVES:
            start, end = _times(day, half, site.half_days, zone)
            if start < now < end:
                start = min(_next_quarter(now), end - _QUARTER)
            if end <= start:
                continue
            agreed = _agreed(asked, one, start, end, zone)
            if agreed is None:
                continue
            counts = tuple(_counts(asked.query, agreed, rows, start, end)) if end > now else ()
            yield HalfDayFree(
                day=day.isoformat(),
                half=half,
                start=start,
                end=end,
                price_yen=agreed.lowest(asked.length(start, end)),
                counts=counts,
            )


def _agreed(asked: _Asked, one: _Seen, start: datetime, end: datetime, zone: ZoneInfo) -> Agreed | None:
    """Return the offers that let a half day be, or a gap in it, at the wished price; None where none does."""
    query, most = asked.query, asked.query.max_price_yen
    agreed = Agreed(one.offers, zone, asked.now, query.work_kind)
    if one.offers is None:
        return agreed
    wish = Figures.of(start, end, zone, asked.now, query.work_kind)
    if end <= asked.now:
        # What is over is shown as it was: nobody asks for it any more, early or late.
        wish = wish._replace(ahead=EVER * 60.0, horizon=0)
    if query.minutes is not None and end > asked.now:
        fits = [one for one in one.offers if any(one.stretches(start, end, query.length, zone, asked.now))]
    else:
        fits = [one for one in one.offers if one.allows(wish)]
    lets = tuple(one for one in fits if most is None or one.price(asked.length(start, end)) <= most)
    return replace(agreed, offers=lets) if lets else None


def _next_quarter(now: datetime) -> datetime:
    return now + (datetime.min.replace(tzinfo=now.tzinfo) - now) % _QUARTER


def _counts(
    query: SearchQuery, agreed: Agreed, rows: Iterable[_Row], start: datetime, end: datetime
) -> Iterator[FreeCount]:
    """Count the desks that are free as wished during [start, end): by privacy, and only those whose sheet counts that day."""
    day = start.astimezone(CIVIL).date().isoformat()
    counted = [row for row in rows if row.start is not None and (not query.security or row.assured_until >= day)]
    free = _free(query, agreed, [row for row in counted if row.start < end and start < row.end], start, end)
    by_privacy: dict[str, set[str]] = defaultdict(set)
    for row in counted:
        if row.id in free:
            by_privacy[row.privacy].add(row.id)
    for privacy, ids in sorted(by_privacy.items()):
        yield FreeCount(privacy=privacy, desks=len(ids), desk=next(iter(ids)) if len(ids) == 1 else None)  # type: ignore[arg-type]  # The model checks the word.


def _free(query: SearchQuery, agreed: Agreed, rows: Sequence[_Row], start: datetime, end: datetime) -> set[str]:
    """Return the desks that are free all the time, or for a gap as long as wished; where a group was wished, those in one."""
    length = end - start if query.minutes is None else query.length
    gaps = [
        gap
        for row in rows
        for gap in agreed.gaps(row.id, row.room_id, max(row.start, start), min(row.end, end), length)
    ]
    if query.adjacent is None:
        return {gap.desk_id for gap in gaps if gap.end - gap.start >= length}
    rooms = {row.id: row.room_id for row in rows}
    found = groups(gaps, {row.id: row.beside.split() for row in rows}, query.adjacent, length)
    lets = (
        one
        for one in found
        if agreed.price([rooms[id_] for id_ in one.desk_ids], one.start, one.start + length) is not None
    )
    return {desk_id for group in lets for desk_id in group.desk_ids}
