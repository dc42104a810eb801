"""A room as a whole: one row among its desks, whose claims take every desk of the room."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from node.models.sites import Desk

WHOLE = "whole_room"

# Every booking asks these, and building them anew takes longer than the database needs for the answer.
_whole, _other = Desk.__table__.alias(), Desk.__table__.alias()
_ONE_ROOM = _whole.join(_other, _other.c.room_id == _whole.c.room_id)
_THESE = _whole.c.id.in_(bindparam("desks", expanding=True))
_PARTS = select(_whole.c.id, _other.c.id).select_from(_ONE_ROOM).where(_whole.c.kind == WHOLE, _THESE)
_TOGETHER = (
    select(_other.c.id).select_from(_ONE_ROOM).where(_THESE, or_(_whole.c.kind == WHOLE, _other.c.kind == WHOLE))
)
_SEATS = (
    select(_whole.c.id, func.count(_other.c.id))
    .select_from(_ONE_ROOM)
    .where(_whole.c.kind == WHOLE, _other.c.kind != WHOLE, _THESE)
    .group_by(_whole.c.id)
)


def occupied(db: Session, desk_ids: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Return for each desk (by id) the desks that a claim on it takes, in order: itself, and all others of a whole room.

    Desks that are withdrawn are among them: who is booked there stays. One statement, or none for desks at hand.
    """
    found = {desk_id: {desk_id} for desk_id in desk_ids}
    if perhaps := _perhaps_whole(db, found):
        for whole_id, part_id in db.execute(_PARTS, {"desks": perhaps}):
            found[whole_id].add(part_id)
    return {desk_id: tuple(sorted(ids)) for desk_id, ids in found.items()}


def _perhaps_whole(db: Session, desk_ids: Iterable[str]) -> tuple[str, ...]:
    """Return those of the desks that the session does not know to be mere desks; a row's kind never changes."""
    kinds = ((id_, db.identity_map.get(identity_key(Desk, id_))) for id_ in desk_ids)
    return tuple(id_ for id_, desk in kinds if desk is None or desk.__dict__.get("kind", WHOLE) == WHOLE)


def with_parts(db: Session, desks: Collection[Desk]) -> Mapping[str, Sequence[Desk]]:
    """Return for each desk (by id) itself, and with a whole room all its desks; no statement where there is none."""
    rooms = {desk.room_id for desk in desks if desk.kind == WHOLE}
    parts: dict[str, list[Desk]] = {room_id: [] for room_id in rooms}
    if rooms:
        for part in db.scalars(select(Desk).where(Desk.room_id.in_(rooms), Desk.kind != WHOLE).order_by(Desk.id)):
            parts[part.room_id].append(part)
    return {desk.id: [desk, *(parts[desk.room_id] if desk.kind == WHOLE else ())] for desk in desks}


def all_of(db: Session, desk_ids: Collection[str]) -> frozenset[str]:
    """Return the desks that claims on these desks take."""
    return frozenset(id_ for ids in occupied(db, desk_ids).values() for id_ in ids)


def concerned(db: Session, desk_ids: Iterable[str]) -> frozenset[str]:
    """Return the desks with those whose free times change along: the whole of a desk's room, and the desks of a whole.

    One statement.
    """
    ids = frozenset(desk_ids)
    return ids | frozenset(db.scalars(_TOGETHER, {"desks": tuple(ids)}))


def wholes_around(db: Session, desk_ids: Collection[str]) -> frozenset[str]:
    """Return the whole rooms that one of these desks is a part of."""
    rooms = select(Desk.room_id).where(Desk.id.in_(tuple(desk_ids)))
    return frozenset(db.scalars(select(Desk.id).where(Desk.kind == WHOLE, Desk.room_id.in_(rooms))))


def of_rooms(db: Session, room_ids: Collection[str]) -> Sequence[Desk]:
    """Return the rows that stand for whole rooms, in the order of their ids."""
    return db.scalars(select(Desk).where(Desk.kind == WHOLE, Desk.room_id.in_(room_ids)).order_by(Desk.id)).all()


def seats(db: Session, desk_ids: Collection[str]) -> Mapping[str, int]:
    """Return for each desk how many seats it counts for: a whole room for as many as it has desks, and at least one."""
    counted: dict[str, int] = {}
    if perhaps := _perhaps_whole(db, desk_ids):
        counted = {row[0]: row[1] for row in db.execute(_SEATS, {"desks": perhaps})}
    return {desk_id: max(1, counted.get(desk_id, 1)) for desk_id in desk_ids}
