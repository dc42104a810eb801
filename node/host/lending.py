"""この部屋をまとめて貸す: offer a room as a whole, beside its desks, and withdraw it again."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.errors import BadInput
from node.host import sites
from node.host.wholes import WHOLE
from node.models.sites import Desk, Room

MOST_PEOPLE = 1000
NAME = "部屋全体"
"""What the row is called where its name is shown beside desks; the room's own name stands before it."""


def of_room(db: Session, room: Room) -> Desk | None:
    """Return the row by which the room is booked as a whole, published or not; None where it never was offered."""
    return db.scalar(select(Desk).where(Desk.room_id == room.id, Desk.kind == WHOLE))


def offer(db: Session, room: Room, *, capacity: int) -> Desk:
    """Offer a room as a whole for ``capacity`` people; offered again, it is the same row. Raises ``BadInput``.

    What is booked at its desks stays: the whole is free where all of them are.
    """
    if not 1 <= capacity <= MOST_PEOPLE:
        raise BadInput(f"capacity {capacity}", field="capacity")
    whole = of_room(db, room) or sites.add_desk(db, room, {"name": NAME, "kind": WHOLE})
    whole.capacity = capacity
    sites.publish(db, whole)
    return whole


def withdraw(db: Session, room: Room) -> None:
    """Offer it no longer as a whole. What is booked stays booked."""
    whole = of_room(db, room)
    if whole is not None:
        sites.withdraw(db, whole)
