"""この部屋をまとめて貸す, on the room's form: shown, read and carried out."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from federation.wording import phrase
from node.host import lending
from node.models.sites import Room
from node.views.filled import Filled

FIELDS = ("lend", "capacity")


def facts(db: Session, room: Room) -> Mapping[str, str]:
    """Return the fields as they stand."""
    whole = lending.of_room(db, room)
    if whole is None:
        return {"lend": "", "capacity": ""}
    return {"lend": "1" if whole.published else "", "capacity": str(whole.capacity or "")}


def read(filled: Filled) -> int | None:
    """Return for how many people the room is lent as a whole, None where it is not."""
    capacity = filled.whole("capacity", 1, lending.MOST_PEOPLE)
    if filled.typed("lend") != "1":
        return None
    if capacity is None:
        filled.wrong("capacity", phrase("まとめて貸す場合は、定員を入力してください。"))
    return capacity


def apply(db: Session, room: Room, capacity: int | None) -> None:
    """Offer the room as a whole, or withdraw that; what is booked stays booked."""
    if capacity is None:
        lending.withdraw(db, room)
    else:
        lending.offer(db, room, capacity=capacity)
