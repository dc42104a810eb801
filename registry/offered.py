"""What agreements let a town have of a site, as their hosts told it: the days and hours, how long, how early, which rooms.

The host's own word is ``federation.rules``. Here the same is said in numbers that a database compares; a test holds both
against each other.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from federation.prepared import Prepared, moment

EVER = 1_000_000
"""Stands for no limit where days, hours (in minutes), lengths (in minutes) or days ahead are counted."""
EVERY_DAY = 0b111_1111
_DAY = 1440
_QUARTER = timedelta(minutes=15)
_FIRST_DAY, _LAST_DAY = "0001-01-01", "9999-12-31"
Site = tuple[int, str]
"""A site: its member's id and its own."""


class Figures(NamedTuple):
    """A wish, or any wish within some time, in the numbers that offers are compared with."""

    first_day: str
    last_day: str
    weekdays: int
    begins: int
    ends: int
    at_least: float
    at_most: float
    """How long in seconds, at least and at most."""
    ahead: float
    """So many seconds lie before the start, at most."""
    horizon: int
    """So many days ahead one must be let book, at least."""
    until: datetime
    work_kind: str

    @classmethod
    def of(cls, start: datetime, end: datetime, zone: ZoneInfo, now: datetime, work_kind: str = "") -> "Figures":
        """Return those of one wish [start, end) at a site of this zone."""
        begins, ends = start.astimezone(zone), end.astimezone(zone)
        day, seconds = begins.date().isoformat(), (end - start).total_seconds()
        over = (ends.date() - begins.date()).days * _DAY
        return cls(
            day,
            day,
            1 << begins.weekday(),
            begins.hour * 60 + begins.minute,
            over + ends.hour * 60 + ends.minute + (1 if ends.second or ends.microsecond else 0),
            seconds,
            seconds,
            (start - now).total_seconds(),
            days_ahead(end, zone, now),
            end,
            work_kind,
        )

    @classmethod
    def within(cls, start: datetime, end: datetime, length: timedelta, zone: ZoneInfo, now: datetime) -> "Figures":
        """Return those that no offer fails which lets any ``length`` between start and end be; it need not let one be."""
        first, last = start.astimezone(zone).date(), (end - length).astimezone(zone).date()
        days = ((first + timedelta(days=number)).weekday() for number in range(min((last - first).days + 1, 7)))
        seconds = length.total_seconds()
        ahead, horizon = (end - length - now).total_seconds(), days_ahead(start + length, zone, now)
        weekdays = sum(1 << day for day in days)
        days_ = first.isoformat(), last.isoformat()
        return cls(*days_, weekdays, EVER, 0, seconds, seconds, ahead, horizon, start + length, "")

    @classmethod
    def whenever(cls, now: datetime) -> "Figures":
        """Return those that no offer fails, whatever bounds it has."""
        return cls(_FIRST_DAY, _LAST_DAY, EVERY_DAY, EVER, 0, 0, EVER * 60, EVER * 60.0, 0, now, "")


def days_ahead(end: datetime, zone: ZoneInfo, now: datetime) -> int:
    """Return how many days ahead one must be let book so that all before ``end`` is."""
    last = (end - timedelta(microseconds=1)).astimezone(zone).date()
    days = max(0, (last - now.astimezone(zone).date()).days - 1)
    while (now + timedelta(days=days)).astimezone(zone).date() < last:
        days += 1
    return days


class Offered(NamedTuple):
    """One offer as it counts for a site; ``rooms`` None means all of them."""

    price_yen: int
    per_hour: bool
    starts_on: str
    ends_on: str
    weekdays: int
    opens: int
    closes: int
    shortest_minutes: int
    longest_minutes: int
    lead_minutes: int
    horizon_days: int
    closes_at: datetime | None
    work_kinds: str
    rooms: frozenset[str] | None

    def price(self, length: timedelta) -> int:
        """Return what a stay of this length costs."""
        return self.price_yen * (-(-length // timedelta(hours=1)) if self.per_hour else 1)

    def takes(self, room_id: str) -> bool:
        """Say whether it covers a room."""
        return self.rooms is None or room_id in self.rooms

    def allows(self, wish: Figures) -> bool:
        """Say whether it lets a wish be."""
        return (
            self.starts_on <= wish.last_day
            and self.ends_on >= wish.first_day
            and self.weekdays & wish.weekdays != 0
            and self.opens <= wish.begins
            and self.closes >= wish.ends
            and self._as_long(wish)
            and (not self.lead_minutes or self.lead_minutes * 60 <= wish.ahead)
            and self.horizon_days >= wish.horizon
            and (self.closes_at is None or self.closes_at >= wish.until)
            and (not wish.work_kind or not self.work_kinds or f" {wish.work_kind} " in self.work_kinds)
        )

    def _as_long(self, wish: Figures) -> bool:
        return self.shortest_minutes * 60 <= wish.at_most and self.longest_minutes * 60 >= wish.at_least

    def stretches(
        self, start: datetime, end: datetime, length: timedelta, zone: ZoneInfo, now: datetime
    ) -> Iterator[tuple[datetime, datetime]]:
        """Yield the parts of [start, end) at whose beginning a stay of ``length`` may begin, in order."""
        seconds = length.total_seconds()
        if not self.shortest_minutes * 60 <= seconds <= self.longest_minutes * 60:
            return
        earliest = _quarter(max(start, now + timedelta(minutes=self.lead_minutes))) if self.lead_minutes else start
        latest = self._until(end, zone, now)
        day, last = earliest.astimezone(zone).date(), (latest - length).astimezone(zone).date()
        while day <= last:
            if self.weekdays >> day.weekday() & 1 and self.starts_on <= day.isoformat() <= self.ends_on:
                midnight = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
                opens = datetime.combine(day, time(self.opens // 60, self.opens % 60), zone).astimezone(UTC)
                begins = max(earliest, _quarter(opens))
                ends = min(latest, self._closing(day, zone)) if self.closes < EVER else latest
                if begins < midnight and ends - begins >= length:
                    yield begins, ends
            day += timedelta(days=1)

    def _closing(self, day: date, zone: ZoneInfo) -> datetime:
        over, minutes = divmod(self.closes, _DAY)
        clock = time(minutes // 60, minutes % 60)
        return datetime.combine(day + timedelta(days=over), clock, zone).astimezone(UTC)

    def _until(self, end: datetime, zone: ZoneInfo, now: datetime) -> datetime:
        """Return the moment up to which it lets one book, no later than ``end``."""
        if self.closes_at is not None:
            end = min(end, self.closes_at)
        if self.horizon_days < EVER:
            last = (now + timedelta(days=self.horizon_days)).astimezone(zone).date() + timedelta(days=1)
            end = min(end, datetime.combine(last, time(), zone).astimezone(UTC))
        return end


def _quarter(at: datetime) -> datetime:
    """Return the next full quarter of an hour, or the moment itself where it is one."""
    return at + (datetime.min.replace(tzinfo=at.tzinfo) - at) % _QUARTER


# --- Reading --------------------------------------------------------------------------------------------------

OPEN_TO = """(o.everyone OR EXISTS (
        SELECT 1 FROM offer_home h WHERE h.member_id = o.member_id AND h.offer_id = o.id AND h.code IN (:code, :prefecture)))"""
"""Offers name towns by their codes, and prefectures by the two digits with which these begin."""
LETS = """o.starts_on <= :last_day AND o.ends_on >= :first_day AND o.weekdays & :weekdays <> 0
        AND o.opens <= :begins AND o.closes >= :ends AND o.shortest_minutes * 60 <= :at_most AND o.longest_minutes * 60 >= :at_least
        AND (o.lead_minutes = 0 OR o.lead_minutes * 60 <= :ahead) AND o.horizon_days >= :horizon
        AND (o.closes_at IS NULL OR o.closes_at >= :until)
        AND (:work_kind = '' OR o.work_kinds = '' OR o.work_kinds LIKE '% ' || :work_kind || ' %')"""
"""``Offered.allows`` as a database asks it."""
_COLUMNS = ", ".join(f"o.{name}" for name in Offered._fields if name != "rooms")
_AT = {
    "sqlite": """(SELECT json_extract(value, '$[0]') AS member_id, json_extract(value, '$[1]') AS site_id
        FROM json_each(:sites)) k""",
    "postgresql": """(SELECT CAST(value ->> 0 AS integer) AS member_id, value ->> 1 AS site_id
        FROM jsonb_array_elements(CAST(:sites AS jsonb)) AS each(value)) k""",
}
_ROOMS = {"sqlite": "group_concat(r.room_id, ' ')", "postgresql": "string_agg(r.room_id, ' ')"}
_OFFERS = Prepared(**{
    dialect: f"""
        SELECT k.member_id, k.site_id, {_COLUMNS}, CASE WHEN o.every_room THEN NULL ELSE (
            SELECT {_ROOMS[dialect]} FROM offer_room r WHERE r.member_id = o.member_id AND r.offer_id = o.id) END
        FROM {keys} JOIN offer o ON o.member_id = k.member_id AND {OPEN_TO} AND (o.every_site OR EXISTS (
            SELECT 1 FROM offer_site t WHERE t.member_id = o.member_id AND t.offer_id = o.id AND t.site_id = k.site_id))
        WHERE o.every_room OR EXISTS (SELECT 1 FROM offer_room r WHERE r.member_id = o.member_id AND r.offer_id = o.id)
    """  # noqa: S608 - put together of this module's own words alone.
    for dialect, keys in _AT.items()
})  # fmt: skip


def at_sites(db: Session, code: str, sites: Collection[Site]) -> Mapping[Site, Sequence[Offered]]:
    """Return what is open to a town at each of these sites, whatever its bounds; one statement, none for no site."""
    found: dict[Site, list[Offered]] = defaultdict(list)
    if sites:
        wishes = {"sites": json.dumps(sorted(sites)), "code": code, "prefecture": code[:2]}
        for member_id, site_id, *columns, rooms in _OFFERS.rows(db, wishes):
            found[member_id, site_id].append(_read(columns, rooms))
    return found


def _read(columns: Sequence[Any], rooms: str | None) -> Offered:
    offered = Offered._make((*columns, None if rooms is None else frozenset(rooms.split())))
    return offered._replace(
        per_hour=bool(offered.per_hour), closes_at=None if offered.closes_at is None else moment(offered.closes_at)
    )
