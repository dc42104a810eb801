"""A host with a thousand desks and twenty bookings on each, the same ones every time, and a home that may book there."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import insert
from sqlalchemy.orm import Session

from federation.keys import KeyRing
from federation.members import Members
from node.app import open_town
from node.config import Config
from node.host import codes
from node.models.bookings import Booking, BookingPlace, Claim, Visitor
from node.models.sites import Desk, Room, Site
from node.models.tables import MIGRATIONS
from node.town import Town as Host
from tests.bench.days import HALF_HOUR, at, weekdays
from tests.federation import world
from tests.node import agreed

SITES, ROOMS_A_SITE, DESKS_A_ROOM, BOOKED_DAYS = 10, 5, 20, 20
CODE = "131130"
_FIRST_HOUR, _HOURS = 9, 7
"""Every desk is booked from nine to ten on its first days; the hours after that are for what is measured."""


@dataclass(frozen=True)
class Hall:
    """What was made: the host's desks in the order in which they are asked for, and the home with its keys."""

    home: world.Town
    desks: tuple[str, ...]
    protocol: KeyRing


def open_hall(config: Config, now: datetime) -> Hall:
    """Make the host's database: migrate, learn of the home from a registry, offer the desks, fill the first days."""
    home = world.Town(world.HOME, code=CODE)
    registry = world.Registry(now=now)
    registry.admit(home)
    config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    (config.data / "anchor.json").write_text(json.dumps(asdict(registry.pins)))
    host = open_town(config)
    try:
        host.storage.migrate(MIGRATIONS)
        Members(host.storage, registry.pins, config.entity_id, registry).refresh(now)
        return Hall(home, _fill(host, home, now), host.keys.protocol)
    finally:
        host.storage.close()
        host.proofs.close()


def _fill(host: Host, home: world.Town, now: datetime) -> tuple[str, ...]:
    with host.storage.transaction() as db:
        home_id = host.members.row(db, home.entity_id).id
    with host.storage.transaction(write=True) as db:
        agreed.conclude(db, {"name": "相互利用協定", "number": "1", "home_code": home.code})
        desks = _desks(db)
        _book(db, desks, home_id, now)
    with host.storage.transaction(write=True) as db:
        db.connection().exec_driver_sql("ANALYZE")
    return desks


def id_of(*names: object) -> str:
    """Return an id, the same one for the same names."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(map(str, names))))


def _desks(db: Session) -> tuple[str, ...]:
    """Write the buildings in bulk, published."""
    rooms = [(site, room) for site in range(SITES) for room in range(ROOMS_A_SITE)]
    desks = [(*room, desk) for room in rooms for desk in range(DESKS_A_ROOM)]
    there = {"lat": 35.69, "lon": 139.69, "address": "東京都新宿区", "published": True}
    db.execute(insert(Site), [{"id": id_of("site", site), "name": f"第{site}庁舎", **there} for site in range(SITES)])
    db.execute(
        insert(Room),
        [
            {"id": id_of("room", *room), "site_id": id_of("site", room[0]), "name": f"{room[1]}階", "privacy": "open"}
            | {"published": True}
            for room in rooms
        ],
    )
    rows = [
        {
            "id": id_of("desk", *desk),
            "room_id": id_of("room", *desk[:2]),
            "name": f"A-{desk[2]}",
            "code": code_of(number),
        }
        | {"published": True}
        for number, desk in enumerate(desks)
    ]
    db.execute(insert(Desk), rows)
    return tuple(str(row["id"]) for row in rows)


def code_of(number: int) -> str:
    """Return a short code like those of ``node.host.codes``, the same for the same number."""
    return "".join(codes.ALPHABET[number // 32**place % 32] for place in range(codes.LENGTH))


def _book(db: Session, desks: tuple[str, ...], home_id: int, now: datetime) -> None:
    """Give each desk a booking in its first open hour on each of the first days."""
    days = [at(day, _FIRST_HOUR) for day in islice(weekdays(now), BOOKED_DAYS)]
    visitors = [{"id": number, "home_id": home_id, "sub": f"regular-visitor-{number:06}"} for number in range(1, 1001)]
    db.execute(insert(Visitor), visitors)
    taken = [(number, desk, start) for number, (desk, start) in enumerate((d, s) for d in desks for s in days)]
    always = {"home_id": home_id, "state": "confirmed", "made_at": now, "changed_at": now}
    ids = [id_of("booking", number) for number, _, _ in taken]
    # Short codes of their own range, so that none is a desk's and none is given out again.
    db.execute(insert(Booking), [always | {"id": id_, "short_code": code_of(n + 10**6)} for n, id_ in enumerate(ids)])
    hour = timedelta(hours=1)
    places = [
        {"id": n + 1, "booking_id": ids[n], "position": 0, "desk_id": desk, "visitor_id": n % 1000 + 1}
        | {"start": start, "end": start + hour}
        for n, desk, start in taken
    ]
    db.execute(insert(BookingPlace), places)
    claims = [
        {"desk_id": row["desk_id"], "start": row["start"], "end": row["end"], "place_id": row["id"]} for row in places
    ]
    db.execute(insert(Claim), claims)
    if db.get_bind().dialect.name == "postgresql":
        for table, last in (("visitor", 1000), ("booking_place", len(places))):
            db.connection().exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last})")


def free_times(desks: tuple[str, ...], now: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    """Go through half hours in which a desk is free, another desk each time; each is given once."""
    for day in weekdays(now):
        opens = at(day, _FIRST_HOUR + 1)
        for number in range(2 * (_HOURS - 1)):
            start = opens + number * HALF_HOUR
            yield from ((desk, start, start + HALF_HOUR) for desk in desks)
