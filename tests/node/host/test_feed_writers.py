"""Every feed of a host, written by eight at once over the real tables: nothing is lost to whoever reads meanwhile."""

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from federation.feed import Feeds
from federation.storage import Storage
from node.config import Config
from node.host import answers, sites
from node.host.listings import LISTINGS, OFFERS, visits_of
from node.models.bookings import Booking, BookingPlace, Visitor
from node.models.sites import Desk
from tests.lossless import CHANGES, read_while_written
from tests.node import agreed
from tests.node.host.conftest import NOW, SAITAMA, Desks, person


def test_nothing_of_2000_changes_is_lost_on_any_feed(
    storage: Storage, feeds: Feeds, config: Config, desks: Desks
) -> None:
    with storage.transaction(write=True) as db:
        furnish(db, desks)

    def write(db: Session, number: int) -> None:
        """One desk, one agreement and one booking, each another one every time: three feeds in one transaction."""
        sites.edit(db, config, db.get_one(Desk, desk_id(number)), {"note": f"変更{number}"})
        agreed.conclude(db, {"name": f"協定{number}", "home_code": None})
        answers.touched(db, db.get_one(Booking, booking_id(number)), NOW)

    held = read_while_written(storage, feeds, (LISTINGS, OFFERS, visits_of(SAITAMA.id)), write)
    assert notes(held[LISTINGS]) == {desk_id(number): f"変更{number}" for number in range(CHANGES)}
    assert {one.get("name") for (kind, _), one in held[OFFERS].items() if kind == "agreement"} >= {
        f"協定{number}" for number in range(CHANGES)
    }
    assert {id_ for kind, id_ in held[OFFERS] if kind == "free"} >= {desk_id(number) for number in range(CHANGES)}
    booked = {id_: one["version"] for (_, id_), one in held[visits_of(SAITAMA.id)].items()}
    assert booked == {booking_id(number): 2 for number in range(CHANGES)}


def notes(held: Any) -> dict[str, str]:
    return {id_: one["note"] for (kind, id_), one in held.items() if kind == "desk" and "note" in one}


def desk_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def booking_id(number: int) -> str:
    return f"10000000-0000-4000-8000-{number:012}"


def furnish(db: Session, desks: Desks) -> None:
    """Put 2,000 desks into a room, and 2,000 bookings of one of them side by side, without a word to the feeds."""
    db.add(Visitor(home_id=SAITAMA.id, sub=person()))
    db.flush()
    visitor = db.scalars(select(Visitor.id)).one()
    numbers = range(CHANGES)
    db.execute(
        insert(Desk),
        [
            {"id": desk_id(n), "room_id": desks.room, "name": f"D-{n:04}", "code": f"{n:06}", "published": True}
            for n in numbers
        ],
    )
    stamp = {"home_id": SAITAMA.id, "state": "cancelled", "made_at": NOW, "changed_at": NOW}
    db.execute(insert(Booking), [{"id": booking_id(n), **stamp} for n in numbers])
    hour = timedelta(hours=1)
    db.execute(
        insert(BookingPlace),
        [
            {
                "booking_id": booking_id(n),
                "position": 0,
                "desk_id": desks.booth,
                "visitor_id": visitor,
                "start": NOW + n * hour,
                "end": NOW + (n + 1) * hour,
            }
            for n in numbers
        ],
    )
