"""A town with sites, an agreement and visitors on their way, and somebody of it at the keyboard."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import event, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from federation.members import Member
from federation.messages.booking import BookingRequest, Place, Visitor
from node.host import bookings, opening, sites
from node.host.homes import Home
from node.host.passes import Passes
from node.models.bookings import Booking
from node.models.rollcalls import RollCall
from node.models.sites import Site
from node.town import Town
from tests.node import agreed
from tests.node.views.conftest import Person

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
"""Tuesday, nine o'clock in Japan."""
TEN, NOON = NOW + timedelta(hours=1), NOW + timedelta(hours=3)
SITE = {"name": "本庁舎", "address": "埼玉県所沢市並木1-1-1", "lat": 35.7993, "lon": 139.4686}
CODE, NAME = "110001", "埼玉県"
PASSWORD = "tachiyori-desu-yo"


@dataclass
class Offered:
    """The ids of what the town offers, and the home that may come."""

    site: str
    room: str
    desks: tuple[str, ...]
    home: Home


def offer(town: Town, *, rooms: int = 1, desks: int = 2) -> Offered:
    """Add and publish a site with rooms and desks, and conclude an agreement with a member."""
    with town.storage.transaction(write=True) as db:
        site = sites.add_site(db, town.config, SITE)
        added = [furnish(db, site, number, desks) for number in range(rooms)]
        sites.publish(db, site)
        facts = {"name": "相互利用協定", "number": "3デジ第12号", "home_code": CODE, "seats_a_day": 5}
        agreed.conclude(db, facts)
        home = member(db)
        return Offered(site.id, added[0][0], added[0][1], home)


def furnish(db: Session, site: Site, number: int, desks: int) -> tuple[str, tuple[str, ...]]:
    """Add and publish a room with desks."""
    room = sites.add_room(db, site, {"name": f"{number + 1}階 執務室", "privacy": "open"})
    sites.publish(db, room)
    made = [sites.add_desk(db, room, {"name": f"A-{one + 1:02}"}) for one in range(desks)]
    for desk in made:
        sites.publish(db, desk)
    return room.id, tuple(desk.id for desk in made)


def member(db: Session, status: str = "valid") -> Home:
    """Write the member down as if the registry had told of it."""
    row = Member(
        entity_id="https://node.saitama.example",
        code=CODE,
        name=NAME,
        statement="",
        configuration="",
        status_index=1,
        status=status,
        issued=NOW,
        configured=NOW,
        expires=NOW + timedelta(days=1),
        seen_at=NOW,
    )
    db.add(row)
    db.flush()
    return Home(row.id, row.entity_id, CODE)


@dataclass
class Came:
    """A visitor's booking: its id, short code, pass, the id of its place, and what was on offer."""

    id: str
    code: str
    visit_pass: str
    place: int
    offered: Offered


def books(
    town: Town, offered: Offered, number: int = 0, *, start: datetime = TEN, end: datetime = NOON, name: str = ""
) -> Came:
    """Let a visitor book the desk of that number."""
    sub, uuid = f"subject-number-{number:04}", str(uuid4())
    named = Visitor(sub=sub, name=name or f"立寄 花子{number}", section="情報政策課")
    place = Place(desk=offered.desks[number], start=start, end=end, sub=sub)
    passes = Passes(town.config.entity_id, town.keys.passes)
    with town.storage.transaction(write=True) as db:
        wish = BookingRequest(places=(place,), visitors=(named,), not_after=start)
        made = bookings.decide(db, passes, offered.home, uuid, wish, now=town.clock())
        row = db.get(Booking, uuid)
        assert row is not None
        return Came(uuid, made.short_code, made.visit_pass, row.places[0].id, offered)


def begins(person: Person, town: Town) -> str:
    """Let somebody begin a roll call; return its id."""
    person.sends("/reception/rollcall")
    with town.storage.transaction() as db:
        return db.scalars(select(RollCall)).one().id


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that are sent to any database, without those that write the audit log."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "audit_" not in statement:
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def statements(person: Person, path: str) -> int:
    """Return how many statements a page needs."""
    with counted() as seen:
        assert person.opens(path).status_code == 200
    return len(seen)


def hours(town: Town, place_id: str) -> tuple[opening.Hours, ...]:
    """Return the hours a place has of its own."""
    with town.storage.transaction() as db:
        return opening.hours_by_place(db, [place_id]).get(place_id, ())
