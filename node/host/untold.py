"""What bookings change of desks' free times is told a moment later, many desks at once, outside of their locks.

The row that says so is written with the claim: nothing is lost with the process. Whoever reads the feed is told all that
was committed before, so what a reader finds is never older than the bookings it could know of.
"""

from collections.abc import Iterable

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from federation.storage import Storage
from node.host import listings
from node.models.untold import Untold

_MOST = 200
"""So many changes are told in one transaction, so that nobody waits long for the feed's counter."""


def note(db: Session, desk_ids: Iterable[str]) -> None:
    """Note that somebody took these desks or let go of them; part of the transaction that does so."""
    if rows := [{"desk_id": desk_id} for desk_id in sorted(set(desk_ids))]:
        db.execute(insert(Untold), rows)


def tell(storage: Storage) -> int:
    """Let the feed say when the noted desks are free; return how many notes there were. May run twice at once.

    The notes go in the transaction that numbers what they ask for. A note is seen only when its booking can be seen, and the
    feed reads the calendar after it, behind its counter's lock. Who else tells the same is waited for.
    """
    told = 0
    while _is_any(storage):
        with storage.transaction(write=True) as db:
            first = select(Untold.id).order_by(Untold.id).limit(_MOST).with_for_update()
            gone = delete(Untold).where(Untold.id.in_(first)).returning(Untold.desk_id)
            desks = db.scalars(gone.execution_options(synchronize_session=False)).all()
            listings.free_changed(db, *desks)
        told += len(desks)
    return told


def _is_any(storage: Storage) -> bool:
    with storage.transaction() as db:
        return db.scalar(select(Untold.id).limit(1)) is not None
