"""Where a room's desks stand, as another town's node asks: the offered ones, and for whom an agreement brings there."""

import hashlib

import pytest

from federation.messages.plan import RoomPlan
from node.host import planpictures, plans, sites
from node.host.plans import Seat
from node.host.rasters import Cell
from node.models.sites import Desk, Room
from node.town import Town
from tests.node.host.conftest import CHIBA, SAITAMA, Desks
from tests.node.views.partner.conftest import Api, node
from tests.node.views.test_borrowed import picture


@pytest.fixture
def placed(here: Town, offered: Desks) -> Desks:
    """Both desks of the room, on its plan."""
    with here.storage.transaction(write=True) as db:
        room = db.get_one(Room, offered.room)
        stands = plans.of(db, room)
        seats = [Seat(seat.desk_id, seat.name, Cell(number + 1, 3)) for number, seat in enumerate(stands.seats)]
        plans.arrange(db, here.config, room, stands.raster, seats)
    return offered


def asked(api: Api, desk: str) -> RoomPlan:
    api.calls(node(SAITAMA.entity_id, SAITAMA.code, "manage"))
    answer = api.client.get(f"/api/v1/desks/{desk}/plan")
    assert answer.status_code == 200
    return RoomPlan.read(answer.data)


def test_a_room_is_told_as_its_raster_and_the_fields_of_its_desks(api: Api, placed: Desks) -> None:
    plan = asked(api, placed.first)
    assert (plan.room, plan.columns, plan.rows, plan.stride) == (placed.room, 16, 10, 1)
    assert {desk.desk: (desk.column, desk.row) for desk in plan.desks} == {placed.first: (1, 3), placed.second: (2, 3)}


def test_a_withdrawn_desk_and_one_without_a_place_are_not_on_it(api: Api, here: Town, placed: Desks) -> None:
    with here.storage.transaction(write=True) as db:
        sites.withdraw(db, db.get_one(Desk, placed.second))
    assert [desk.desk for desk in asked(api, placed.first).desks] == [placed.first]


@pytest.mark.parametrize("part", ["", "/drawing"])
def test_a_plan_is_for_whom_an_agreement_brings_there(api: Api, here: Town, placed: Desks, part: str) -> None:
    with here.storage.transaction(write=True) as db:
        planpictures.put(db, db.get_one(Room, placed.room), planpictures.read(picture()), here.clock())
    plan = asked(api, placed.first)
    path = f"/api/v1/desks/{placed.first}/plan{part}"
    if part:
        drawn = api.client.get(path)
        assert (drawn.mimetype, hashlib.sha256(drawn.data).hexdigest()) == ("image/webp", plan.drawing)
    api.calls(node(CHIBA.entity_id, CHIBA.code, "manage"))
    assert api.client.get(path).status_code == 404
    api.calls(node(SAITAMA.entity_id, SAITAMA.code, "feed"))
    assert api.client.get(path).status_code == 403
    api.calls(None)
    assert api.client.get(path).status_code == 401


def test_a_room_without_a_picture_has_no_drawing(api: Api, placed: Desks) -> None:
    assert asked(api, placed.first).drawing == ""
    assert api.client.get(f"/api/v1/desks/{placed.first}/plan/drawing").status_code == 404
