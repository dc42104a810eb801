"""A room as a whole: one row among its desks, whose claims take every desk of the room."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.orm.util import identity_key

from node.models.sites import Desk

WHOLE = "whole_room"


def occupied(db: Session, desk_ids: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Return for each desk (by id) the desks that a claim on it takes, in order: itself, and all others of a whole room.

    Desks that are withdrawn are among them: who is booked there stays. One statement, or none for desks at hand.
    """
    found = {desk_id: {desk_id} for desk_id in desk_ids}
    if perhaps := _perhaps_whole(db, found):
        whole, part = aliased(Desk), aliased(Desk)
        question = select(whole.id, part.id).join(part, part.room_id == whole.room_id)
        for whole_id, part_id in db.execute(question.where(whole.kind == WHOLE, whole.id.in_(perhaps))):
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
    one, other = aliased(Desk), aliased(Desk)
    together = or_(one.kind == WHOLE, other.kind == WHOLE)
    question = select(other.id).join(one, one.room_id == other.room_id).where(one.id.in_(tuple(ids)), together)
    return ids | frozenset(db.scalars(question))


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
        whole, part = aliased(Desk), aliased(Desk)
        question = (
            select(whole.id, func.count(part.id))
            .join(part, part.room_id == whole.room_id)
            .where(whole.kind == WHOLE, part.kind != WHOLE, whole.id.in_(perhaps))
            .group_by(whole.id)
        )
        counted = {row[0]: row[1] for row in db.execute(question)}
    return {desk_id: max(1, counted.get(desk_id, 1)) for desk_id in desk_ids}
