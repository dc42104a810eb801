"""Some life in the demo: bookings around today, made as people make them, so that every list has something to show."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from federation.errors import TachiyoriError
from federation.messages.booking import Place, QuoteRequest
from federation.messages.search import FreeDesk, SearchQuery
from federation.remote_registry import RemoteRegistry
from node.home import asking, trips
from node.home.trips import Wish
from node.host.opening import is_holiday
from node.models.staff import Staff
from node.models.trips import Trip
from node.people import assurance
from node.people.signin import SignedIn
from node.town import Town

JAPAN = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True)
class Scene:
    """One person's booking: at a site on the nth working day from today, or (``day`` None) now, where it is always open."""

    home: str
    number: str
    site: str
    day: int | None
    begins: str = ""
    ends: str = ""
    work_kind: str = "satellite"


SCENES = (
    Scene("110001", "S1001", "東京都防災センター", None),
    Scene("132195", "K1001", "東京都立川合同庁舎", 1, "09:00", "12:00", "between_trips"),
    Scene("132195", "K1001", "東京都庁第一本庁舎", 3, "13:00", "17:00"),
    Scene("110001", "S1001", "東京都立川合同庁舎", 2, "08:30", "17:15"),
    Scene("110001", "S1002", "東京都庁第一本庁舎", 1, "10:00", "12:00", "between_trips"),
    Scene("111007", "U1001", "埼玉県川越地方庁舎", 1, "08:30", "17:15"),
    Scene("130001", "T1001", "埼玉県庁本庁舎", 1, "09:00", "12:00"),
    Scene("130001", "T1002", "狛江市役所", 2, "08:30", "12:00"),
    Scene("130001", "T1002", "東京都庁第一本庁舎", 4, "09:00", "17:00"),
)


def play(towns: Mapping[str, Town], tell: Callable[[str], None]) -> int:
    """Make the bookings unless some lie ahead; one that the day does not allow is left out. Returns how many were made."""
    if any(_has_trips_ahead(town) for town in towns.values()):
        return 0
    tell("見本の予約を入れています…")
    return sum(_book(towns[scene.home], scene) for scene in SCENES)


def _has_trips_ahead(town: Town) -> bool:
    with town.storage.transaction() as db:
        return db.scalar(select(Trip.id).where(Trip.end > town.clock()).limit(1)) is not None


def _book(town: Town, scene: Scene) -> bool:
    """Search and book as the person would, through the registry and the host."""
    now = town.clock()
    start, end = _when(scene, now)
    try:
        desk = _first_free(town, scene.site, start, end)
        asking.submit(town, _wish(town, scene, desk, start, end), _signed_in(town, scene.number), now=now)
    except (TachiyoriError, StopIteration):
        return False
    return True


def _when(scene: Scene, now: datetime) -> tuple[datetime, datetime]:
    if scene.day is None:
        start = now.replace(second=0, microsecond=0) - timedelta(minutes=now.minute % 15)
        return start + timedelta(minutes=15), start + timedelta(hours=3)
    days = working_days(now)
    for _ in range(scene.day):
        day = next(days)
    return at(day, scene.begins), at(day, scene.ends)


def working_days(now: datetime) -> Iterator[date]:
    """Yield the working days after today, as Japan counts them."""
    day = now.astimezone(JAPAN).date()
    while True:
        day += timedelta(days=1)
        if day.weekday() < 5 and not is_holiday(day):
            yield day


def at(day: date, clock: str) -> datetime:
    """Return the moment of a Japanese clock on a day."""
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=JAPAN).astimezone(UTC)


def _first_free(town: Town, site: str, start: datetime, end: datetime) -> FreeDesk:
    answer = RemoteRegistry(town.peer, town.config.registry).search(
        SearchQuery(start=start, end=end, radius_km=2000.0, limit=200)
    )
    return next(found for found in answer.desks if found.site.name == site)


def _wish(town: Town, scene: Scene, found: FreeDesk, start: datetime, end: datetime) -> Wish:
    host = town.hosts(found.host.entity_id)
    with town.storage.transaction() as db:
        staff_id = db.scalars(select(Staff.id).where(Staff.number == scene.number)).one()
    place = Place(desk=found.desk.id, start=start, end=end, sub=secrets.token_urlsafe(24))
    rules = host.quote(QuoteRequest(places=(place,))).house_rules
    return trips.Wish(
        staff_id=staff_id,
        host=found.host.entity_id,
        host_name=found.host.name,
        site=found.site,
        desk=found.desk,
        start=start,
        end=end,
        work_kind=scene.work_kind,
        confidentiality="2",
        consent_version=rules.version if rules else "",
        price_yen=found.price_yen,
    )


def _signed_in(town: Town, number: str) -> SignedIn:
    with town.storage.transaction() as db:
        staff = db.scalars(select(Staff).where(Staff.number == number)).one()
        return SignedIn(staff.id, staff.session_epoch, assurance.ONE_FACTOR, town.clock())
