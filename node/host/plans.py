"""座席配置: where the desks of a room stand, on a raster of columns and rows.

What is kept of a desk is where its middle stands, as parts of the plan's width and height. So a picture laid under the plan,
or another one, moves nobody; only the raster on which desks are put becomes as fine as a drawing needs.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.errors import NotFound
from federation.messages.plan import MOST_DESKS, PlannedDesk, RoomPlan
from node.config import Config
from node.host import claims, listings, sites, terms
from node.host.homes import Home
from node.host.rasters import Cell, Raster, raster_of
from node.models.sites import Desk, Room


@dataclass(frozen=True)
class Seat:
    """A desk's name and where it stands; ``cell`` is None for one that is not on the plan, ``desk_id`` for a new one."""

    desk_id: str | None
    name: str
    cell: Cell | None


@dataclass(frozen=True)
class Plan:
    """A room's desks in the order of their names, and the raster they stand on; a room booked as a whole is no desk."""

    raster: Raster
    seats: tuple[Seat, ...]

    @property
    def digest(self) -> str:
        """What differs for any other names or places, so that nobody saves over what they have not seen."""
        told = sorted((seat.desk_id or "", seat.name, _told(seat.cell)) for seat in self.seats)
        return hashlib.sha256(json.dumps([self.raster.word, told]).encode()).hexdigest()


def of(db: Session, room: Room) -> Plan:
    """Return a room's plan."""
    raster = raster_of(room)
    return Plan(raster, tuple(Seat(desk.id, desk.name, cell_of(desk, raster)) for desk in _desks(db, room)))


def cell_of(desk: Desk, raster: Raster) -> Cell | None:
    """Return the field on which a desk stands; None where it is not on the plan."""
    if desk.plan_x is None or desk.plan_y is None:
        return None
    return raster.cell(desk.plan_x, desk.plan_y)


def shown(db: Session, home: Home, desk_id: str, *, now: datetime) -> RoomPlan:
    """Return the room of a desk as a home sees it: the desks that are offered and have a place on the plan.

    Raises ``NotFound`` for a desk that is not offered, or not to this home.
    """
    desk = _offered(db, home, desk_id, now)
    stands = of(db, desk.room)
    offered = {each.id for each in desk.room.desks if each.published}
    placed = [
        PlannedDesk(desk=seat.desk_id, name=seat.name, column=seat.cell.column, row=seat.cell.row)
        for seat in stands.seats
        if seat.desk_id in offered and seat.desk_id is not None and seat.cell is not None
    ]
    raster = stands.raster
    return RoomPlan(
        room=desk.room_id,
        columns=raster.columns,
        rows=raster.rows,
        stride=raster.stride,
        drawing=raster.picture.digest if raster.picture else "",
        desks=tuple(placed[:MOST_DESKS]),
    )


def drawing(db: Session, home: Home, desk_id: str, *, now: datetime) -> bytes:
    """Return the picture under the room of a desk, as a home sees it; raise ``NotFound`` as ``shown`` does, or for none."""
    picture = _offered(db, home, desk_id, now).room.plan_picture
    if picture is None:
        raise NotFound("no drawing of this room")
    return picture.data


def lock(db: Session, room: Room) -> None:
    """Keep others from moving the room's desks until the transaction ends."""
    claims.lock_desks(db, [desk.id for desk in _desks(db, room)])


def arrange(db: Session, config: Config, room: Room, raster: Raster, seats: Sequence[Seat]) -> int:
    """Name and place the room's desks, and add those that are new; return how many read otherwise now.

    Seats of other rooms' desks are passed over. Raises ``BadInput`` for a name that will not do. Call ``lock`` before.
    """
    wanted = {seat.desk_id: seat for seat in seats if seat.desk_id}
    touched = 0
    for desk in _desks(db, room):
        seat = wanted.get(desk.id)
        if seat is not None and (desk.name, cell_of(desk, raster)) != (seat.name, seat.cell):
            sites.edit(db, config, desk, _facts(seat, raster))
            touched += 1
    for seat in seats:
        if seat.desk_id is None:
            sites.add_desk(db, room, _facts(seat, raster))
            touched += 1
    if touched:
        listings.plan_changed(db, room)
    return touched


def _offered(db: Session, home: Home, desk_id: str, now: datetime) -> Desk:
    desk = db.get(Desk, desk_id)
    if desk is None or not terms.knows(db, home, desk, now):
        raise NotFound("no such desk, or not offered")
    return desk


def _desks(db: Session, room: Room) -> Sequence[Desk]:
    question = select(Desk).where(Desk.room_id == room.id, Desk.kind == "desk").order_by(Desk.name, Desk.id)
    return db.scalars(question.execution_options(populate_existing=True)).all()


def _facts(seat: Seat, raster: Raster) -> Mapping[str, object]:
    x, y = (None, None) if seat.cell is None else raster.spot(seat.cell)
    return {"name": seat.name, "plan_x": x, "plan_y": y}


def _told(cell: Cell | None) -> tuple[int, int]:
    return (0, 0) if cell is None else (cell.column, cell.row)
