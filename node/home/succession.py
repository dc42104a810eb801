"""What a home keeps of a host, moved to the host that has taken its place."""

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, aliased

from node.models.provider import Consent
from node.models.series import Occurrence
from node.models.staff import PairwiseSubject
from node.models.trips import KnownDesk, Trip
from node.models.waiting import Waiting


def move_trips(db: Session, old: str, new: str) -> int:
    """Move trips and the desks our people know; what the new host does not know of them is asked anew when its feed is read."""
    trips = db.scalars(update(Trip).where(Trip.host == old).values(host=new).returning(Trip.id)).all()
    db.execute(update(Occurrence).where(Occurrence.host == old).values(host=new))
    db.execute(update(Waiting).where(Waiting.host == old).values(host=new))
    desks = db.scalars(select(KnownDesk).where(KnownDesk.host == old)).all()
    for desk in desks:
        if db.get(KnownDesk, (new, desk.desk_id)) is None:
            desk.host = new
        else:
            db.delete(desk)
    db.flush()
    return len(trips) + len(desks)


def move_subjects(db: Session, old: str, new: str) -> int:
    """Keep each person's subject and consent; who is known to both by now stays known to each by its own.

    A subject that stays behind is one that trips still carry, each its own.
    """
    moved = 0
    theirs = aliased(PairwiseSubject)
    known = exists().where(theirs.staff_id == PairwiseSubject.staff_id, theirs.audience == new)
    subjects = update(PairwiseSubject).where(PairwiseSubject.audience == old, ~known)
    moved += len(db.scalars(subjects.values(audience=new).returning(PairwiseSubject.id)).all())
    agreed = aliased(Consent)
    given = exists().where(agreed.staff_id == Consent.staff_id, agreed.client_id == new)
    consents = update(Consent).where(Consent.client_id == old, ~given)
    moved += len(db.scalars(consents.values(client_id=new).returning(Consent.staff_id)).all())
    db.expire_all()
    return moved
