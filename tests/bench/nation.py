"""Rows of a registry with any number of desks, the same ones all week, kept in ``.cache`` between runs.

A hundred thousand desks are the country: 1,788 towns, 6,000 sites, eight weeks of weekdays with some twenty bookings a
desk. They are written as ``registry.keepers`` would write what the towns' feeds say, but in bulk. Days count from Monday.
"""

import hashlib
import json
import random
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from itertools import starmap
from pathlib import Path
from typing import Any, get_args

from federation.messages.listing import Feature, SiteListing
from federation.municipality import check_digit
from federation.storage import Storage
from registry.facets import bits
from registry.keepers import told
from registry.models import listings
from registry.models.tables import METADATAS
from registry.places import Spot
from tests.bench.days import HALF_HOUR, at, weekdays

CACHE = Path(__file__).parents[2] / ".cache" / "bench"
TOWNS, SITES, DESKS = 1_788, 6_000, 100_000
"""The country; a smaller or larger market has as many desks to a site."""
CENTRE = (35.6812, 139.7671)
"""Tokyo station."""
ASKER_CODE = "112003"
_CITIES = (
    (*CENTRE, 20), (34.70, 135.50, 15), (35.17, 136.88, 9), (33.59, 130.42, 8), (43.06, 141.35, 6), (38.26, 140.88, 6),
    (34.39, 132.46, 5), (37.91, 139.04, 4), (36.56, 136.65, 3), (34.66, 133.92, 3), (31.59, 130.56, 3), (26.21, 127.68, 2),
)  # fmt: skip
"""Where people live: latitude, longitude, and how many towns in a hundred lie around there."""
_CALENDARS = 997
_BOOKINGS = 20
_ROOMS = 3
"""Rooms of a site."""
_OPENS, _CLOSES = (8, 30), (17, 15)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Rows = Iterable[tuple[Any, ...]]


def first_day(now: datetime) -> datetime:
    """Return the beginning of the week in which ``now`` lies: the same market serves all week."""
    day = now.date() - timedelta(days=now.weekday())
    return datetime.combine(day, time(), tzinfo=UTC)


def rows(desks: int, now: datetime) -> Path:
    """Return a SQLite database with the rows of so many desks; it is made when it is asked for first."""
    monday = first_day(now)
    path = CACHE / f"{desks}-{monday:%Y%m%d}-{_version()}.db"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        for old in CACHE.glob(f"{desks}-*"):
            old.unlink()
        unfinished = path.with_suffix(".new")
        _write(unfinished, desks, monday)
        unfinished.rename(path)
    return path


def _version() -> str:
    """What the rows depend on: this file, and the tables as they are now."""
    written = Path(__file__).read_bytes() + Path(listings.__file__).read_bytes()
    return hashlib.sha256(written).hexdigest()[:8]


def _write(path: Path, desks: int, monday: datetime) -> None:
    storage = Storage(f"sqlite:///{path}", *METADATAS)
    storage.create_all()
    storage.close()
    chance = random.Random(20261124)
    database = sqlite3.connect(path)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000"):
        database.execute(f"PRAGMA {pragma}")
    made = sites_of(chance, desks)
    _insert(database, "members", starmap(_member, ((number, monday) for number in range(1, _towns(desks) + 1))))
    _insert(database, "feed_reading", (_reading(number, monday) for number in range(1, _towns(desks) + 1)))
    _insert(database, "offer", (offer for number in range(1, _towns(desks) + 1) for offer in _offers(chance, number)))
    _insert(database, "offer_home", _homes(database))
    _insert(database, "site", made)
    calendars = [list(_free(chance, monday)) for _ in range(_CALENDARS)]
    placed = [desk(chance, number, made[number % len(made)]) for number in range(desks)]
    # A table is filled in the order of its key, which is several times as quick.
    placed.sort(key=lambda desk: (desk["member_id"], desk["id"]))
    _insert(database, "desk", placed)
    as_of = _moment(monday)
    keys = [(desk["member_id"], desk["id"]) for desk in placed]
    database.executemany("INSERT INTO freedom VALUES (?, ?, ?, 0)", ((*key, as_of) for key in keys))
    ranges = ((*key, *free) for number, key in enumerate(keys) for free in calendars[number % _CALENDARS])
    database.executemany('INSERT INTO free_range (member_id, desk_id, start, "end") VALUES (?, ?, ?, ?)', ranges)
    database.commit()
    database.close()


def _insert(database: sqlite3.Connection, table: str, made: Iterable[Mapping[str, Any]]) -> None:
    for number, row in enumerate(made):
        if not number:
            names = ", ".join(row)
            statement = f"INSERT INTO {table} ({names}) VALUES ({', '.join(':' + name for name in row)})"
        database.execute(statement, row)


def _towns(desks: int) -> int:
    return min(TOWNS, max(20, desks * TOWNS // DESKS))


def _moment(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _uuid(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def origin(number: int) -> str:
    """Return the entity id of a host."""
    return f"https://host-{number}.example"


def code_of(number: int) -> str:
    """Return the 団体コード of a host."""
    first_five = f"{number % 47 + 1:02}{100 + number // 47:03}"
    return first_five + check_digit(first_five)


def _member(number: int, monday: datetime) -> dict[str, Any]:
    moments = dict.fromkeys(("issued", "configured", "seen_at"), _moment(monday))
    return {
        "id": number,
        "entity_id": origin(number),
        "code": code_of(number),
        "name": f"第{number}市",
        "name_kana": "",
        "name_en": f"City {number}",
        "kind": "city",
        "statement": "",
        "configuration": "",
        "status_index": number,
        "status": "valid",
        **moments,
        "expires": _moment(monday + timedelta(days=365)),
        "trouble": "",
    }


def _reading(member_id: int, monday: datetime) -> dict[str, Any]:
    due = _moment(monday + timedelta(days=365))
    facts = {"pinged": False, "failures": 0, "error": "", "complete_at": _moment(monday)}
    return {"member_id": member_id, "feed": "offers", "due_at": due, **facts}


def _offers(chance: random.Random, member_id: int) -> Iterator[dict[str, Any]]:
    """Two towns of three open to everyone, others to the asker among some; a tenth does not know it."""
    everyone = chance.random() < 0.67
    yield {
        "member_id": member_id,
        "id": _uuid(chance),
        "everyone": everyone,
        "every_site": True,
        "starts_on": "0001-01-01",
        "ends_on": "9999-12-31",
        "price_yen": chance.choice((0, 0, 300, 500)),
        "per_hour": False,
        "name": "相互利用協定" if everyone or chance.random() < 0.7 else "近隣協定",
    }


def _homes(database: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    bilateral = database.execute("SELECT member_id, id, name FROM offer WHERE NOT everyone").fetchall()
    for member_id, offer_id, name in bilateral:
        asker = [ASKER_CODE] if name == "相互利用協定" else []
        for code in {*asker, *(code_of((member_id + step) % TOWNS) for step in (1, 2, 3))}:
            yield {"member_id": member_id, "offer_id": offer_id, "code": code}


def sites_of(chance: random.Random, desks: int) -> list[dict[str, Any]]:
    """Return the sites of a market of so many desks, each near its town."""
    towns = _towns(desks)
    # A few towns are neighbours; only the country lies all over the country.
    cities = _CITIES if towns == TOWNS else _CITIES[:1]
    weights = [weight for *_spot, weight in cities]
    spots = [
        (chance.gauss(lat, 0.35), chance.gauss(lon, 0.35)) for lat, lon, _ in chance.choices(cities, weights, k=towns)
    ]
    return [site(chance, number, number % towns + 1, spots[number % towns]) for number in range(desks * SITES // DESKS)]


def site(chance: random.Random, number: int, member_id: int, around: tuple[float, float]) -> dict[str, Any]:
    """Return the row of a site."""
    lat, lon = (round(middle + chance.uniform(-0.05, 0.05), 6) for middle in around)
    listing = SiteListing(
        id=_uuid(chance),
        url=f"{origin(member_id)}/sites/{number}",
        municipality_code=code_of(member_id),
        name=f"第{member_id}市役所 第{number}庁舎",
        address=f"第{member_id}市本町{number}-1",
        lat=lat,
        lon=lon,
        entrance="正面玄関の受付で名前を言ってください。",
    )
    x, y, z = Spot(lat, lon).on_sphere
    place = {"lat": lat, "lon": lon, "x": x, "y": y, "z": z, "zone": listing.zone}
    text = told(listing.wire())
    return {"member_id": member_id, "id": listing.id, **place, "names": listing.name, "told": text, "data": text}


def desk(chance: random.Random, number: int, site: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a desk at a site."""
    member_id, id_ = site["member_id"], _uuid(chance)
    privacy, features = chance.choice(("private", "semi_private", "open")), tuple(chance.sample(get_args(Feature), 3))
    # A model of each would be checked for minutes; what differs from the model's own values is what a feed tells.
    listing = {
        "id": id_,
        "url": f"{origin(member_id)}/desks/{id_}",
        "site_id": site["id"],
        "name": f"{'ABCDEF'[number % 6]}-{number // 6 % 40}",
        "room_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{site['id']}/{chance.randrange(_ROOMS)}")),
        "room_name": "共用執務室",
        "privacy": privacy,
        "features": features,
    }
    text = json.dumps(listing, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    own = {"member_id": member_id, "id": id_, "site_id": site["id"], "privacy": privacy, "features": bits(features)}
    return {**own, "names": f"共用執務室\n{listing['name']}", "told": text, "data": text}


def _free(chance: random.Random, monday: datetime) -> Iterator[tuple[int, int]]:
    """Leave of a desk's days, one to three in a week, what some twenty bookings do not take."""
    offered = set(chance.sample(range(5), chance.choice((1, 2, 3))))
    days = [day for day in weekdays(monday) if day.weekday() in offered]
    taken: dict[object, list[int]] = {day: [] for day in days}
    for _ in range(_BOOKINGS):
        taken[chance.choice(days)].append(chance.randrange(14))
    for day in days:
        free, closes = at(day, *_OPENS), at(day, *_CLOSES)
        for begins in sorted(taken[day]):
            start = at(day, *_OPENS) + begins * HALF_HOUR
            if free < start:
                yield _moment(free), _moment(start)
            free = max(free, start + chance.randint(2, 8) * HALF_HOUR)
        if free < closes:
            yield _moment(free), _moment(closes)
