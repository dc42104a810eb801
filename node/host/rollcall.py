"""在館者確認 (点呼): everybody who is in the building, whichever town employs them, and the newest word on each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from node.host import reception
from node.host.reception import Guest
from node.models.visits import Accounted


@dataclass(frozen=True)
class RollCall:
    """在館者確認: everybody who is in the building, and the newest word on each (None before anybody looked)."""

    here: tuple[Guest, ...]
    expected: tuple[Guest, ...]
    answers: Mapping[str, Accounted]

    @property
    def missing(self) -> tuple[Guest, ...]:
        """Those who are in the building and have not been seen."""
        return tuple(one for one in self.here if one.key not in self.answers or not self.answers[one.key].seen)

    @property
    def heads(self) -> int:
        """How many people are in the building, with those who came along."""
        return sum(1 + one.companions for one in self.here)


def roll_call(db: Session, now: datetime, *, by: str, site_id: str | None = None, since: datetime) -> RollCall:
    """Return who is in the building and who is expected still; ``since`` is when this roll call began."""
    guests = reception.today(db, now, by=by, site_id=site_id)
    places = [int(one.key) for one in guests if not one.is_walk_in]
    walk_ins = [one.key for one in guests if one.is_walk_in]
    theirs = or_(Accounted.place_id.in_(places), Accounted.walk_in_id.in_(walk_ins))
    words = select(Accounted).where(theirs, Accounted.at >= since).order_by(Accounted.at, Accounted.id)
    return RollCall(
        here=tuple(one for one in guests if one.is_here),
        expected=tuple(one for one in guests if one.arrived_at is None and now < one.end),
        answers={str(word.place_id or word.walk_in_id): word for word in db.scalars(words)},
    )


def account_for(db: Session, key: str, *, seen: bool, sheltering: bool = False, by: str, now: datetime) -> None:
    """Write down one answer of a roll call: the person was seen or not, and stays in the building (庁舎待機) or not.

    ``key`` is that of somebody in the building.
    """
    who = {"place_id": int(key)} if key.isdigit() else {"walk_in_id": key}
    db.add(Accounted(**who, seen=seen, sheltering=sheltering, by=by, at=now))
    db.flush()
