"""Who sits beside whom reaches the feed: whenever a desk moves, is withdrawn, or the drawing under it changes."""

from collections.abc import Mapping

import pytest

from federation.feed import Feeds
from federation.storage import Storage
from node.config import Config
from node.host import listings, planpictures, plans, sites
from node.host.pictures import Size
from node.host.plans import Seat
from node.host.rasters import Cell
from node.models.sites import Desk, Room
from tests.node.host.conftest import NOW, Desks, page


def put(storage: Storage, config: Config, desks: Desks, **cells: tuple[int, int] | None) -> None:
    """Put the desks of the room with two where they are wanted, by their names."""
    with storage.transaction(write=True) as db:
        room = db.get_one(Room, desks.room)
        stands = plans.of(db, room)
        wanted = [
            Seat(seat.desk_id, seat.name, Cell(*cell) if (cell := cells.get(seat.name)) else None)
            for seat in stands.seats
        ]
        plans.arrange(db, config, room, stands.raster, wanted)


def beside(storage: Storage, feeds: Feeds) -> Mapping[str, tuple[int, tuple[str, ...]]]:
    """Return each listed desk's change number and neighbours, as the feed tells them."""
    items = [item for item in page(storage, feeds, listings.LISTINGS) if item.kind == "desk" and item.data]
    return {item.id: (item.modified, tuple(item.data.get("adjacent", ()))) for item in items}


@pytest.fixture
def third(storage: Storage, config: Config, desks: Desks) -> str:
    with storage.transaction(write=True) as db:
        desk = sites.add_desk(db, db.get_one(Room, desks.room), {"name": "D"})
        sites.publish(db, desk)
        return desk.id


def test_moving_a_desk_tells_its_old_and_new_neighbours_alone(
    storage: Storage, feeds: Feeds, config: Config, desks: Desks, third: str
) -> None:
    put(storage, config, desks, A=(1, 1), B=(2, 1), D=(9, 9))
    before = beside(storage, feeds)
    assert [before[each][1] for each in (desks.first, desks.second, third)] == [(desks.second,), (desks.first,), ()]
    put(storage, config, desks, A=(1, 1), B=(9, 8), D=(9, 9))
    after = beside(storage, feeds)
    assert [after[each][1] for each in (desks.first, desks.second, third)] == [(), (third,), (desks.second,)]
    assert after[desks.booth] == before[desks.booth]


def test_a_withdrawn_desk_is_nobodys_neighbour(storage: Storage, feeds: Feeds, config: Config, desks: Desks) -> None:
    put(storage, config, desks, A=(1, 1), B=(2, 1))
    with storage.transaction(write=True) as db:
        sites.withdraw(db, db.get_one(Desk, desks.second))
    assert beside(storage, feeds)[desks.first][1] == ()


def test_distances_are_those_of_the_drawing(
    storage: Storage, feeds: Feeds, config: Config, desks: Desks, third: str
) -> None:
    # On the square grid B lies nearer to A than D does; on a drawing four times as wide it is the other way round.
    put(storage, config, desks, A=(1, 1), B=(3, 1), D=(1, 4))
    assert beside(storage, feeds)[desks.first][1] == (desks.second,)
    with storage.transaction(write=True) as db:
        planpictures.put(db, db.get_one(Room, desks.room), Size(b"", "0" * 64, 1600, 400), NOW)
    assert beside(storage, feeds)[desks.first][1] == (third,)
    with storage.transaction(write=True) as db:
        planpictures.take_away(db, db.get_one(Room, desks.room))
    assert beside(storage, feeds)[desks.first][1] == (desks.second,)


def test_a_plan_saved_as_it_stands_tells_nobody(storage: Storage, feeds: Feeds, config: Config, desks: Desks) -> None:
    put(storage, config, desks, A=(1, 1), B=(2, 1))
    before = beside(storage, feeds)
    put(storage, config, desks, A=(1, 1), B=(2, 1))
    assert beside(storage, feeds) == before
