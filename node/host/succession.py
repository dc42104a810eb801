"""What a host keeps of a home, moved to the home that has taken its place."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from federation.storage import insert
from node.host import answers, listings
from node.models.agreements import Agreement
from node.models.assistance import ToldAssistance
from node.models.blocks import Block
from node.models.bookings import Booking, BookingPlace, ManifestName, Visitor
from node.models.endings import Ending
from node.models.visits import WalkIn
from node.models.withheld import Withheld


def move_people(db: Session, old: int, new: int) -> int:
    """Move visitors; one whom the new home has already named by the same subject is one person."""
    people = db.scalars(select(Visitor).where(Visitor.home_id == old).order_by(Visitor.id)).all()
    for visitor in people:
        known = db.scalar(select(Visitor).where(Visitor.home_id == new, Visitor.sub == visitor.sub))
        if known is None:
            visitor.home_id = new
            db.flush()
        else:
            _unite(db, visitor, known)
    return len(people)


def _unite(db: Session, visitor: Visitor, known: Visitor) -> None:
    places = update(BookingPlace).where(BookingPlace.visitor_id == visitor.id)
    db.execute(places.values(visitor_id=known.id))
    for kept in (ManifestName, ToldAssistance):
        db.execute(update(kept).where(kept.visitor_id == visitor.id).values(visitor_id=known.id))
    # Who asked under either name that it is not used, asked it under both.
    hidden, theirs = db.get(Withheld, visitor.id), db.get(Withheld, known.id)
    if hidden is not None and theirs is None:
        db.add(Withheld(visitor_id=known.id, since=hidden.since, by=hidden.by, reason=hidden.reason))
    db.execute(delete(Withheld).where(Withheld.visitor_id == visitor.id))
    db.execute(delete(Visitor).where(Visitor.id == visitor.id))
    db.expire_all()


def move_bookings(db: Session, old: int, new: int) -> int:
    """Move bookings and tombstones, and note in the new home's feed each that still has places."""
    bookings = db.scalars(select(Booking).where(Booking.home_id == old).order_by(Booking.id)).all()
    for booking in bookings:
        booking.home_id = new
        if booking.places:
            answers.noted(db, booking)
    db.flush()
    return len(bookings)


def move_terms(db: Session, old: str, new: str) -> int:
    """Move agreements, blocks and walk-ins, which name a town by its code; both towns' agreements stand beside each other."""
    if old == new:
        return 0
    every = db.scalars(select(Agreement).order_by(Agreement.id))
    agreements = [one for one in every if old in one.homes]
    for agreement in agreements:
        if agreement.home_code is None:
            agreement.home_codes = list(dict.fromkeys(new if code == old else code for code in agreement.home_codes))
        else:
            agreement.home_code = new
        agreement.confirmed_by = sorted({new if code == old else code for code in agreement.confirmed_by})
        agreement.suspended_by = {new if code == old else code: said for code, said in agreement.suspended_by.items()}
        listings.agreement_changed(db, agreement)
    db.execute(update(Block).where(Block.home_code == old).values(home_code=new))
    walk_ins = db.scalars(select(WalkIn).where(WalkIn.home_code == old).order_by(WalkIn.id)).all()
    for walk_in in walk_ins:
        walk_in.home_code = new
    db.flush()
    return len(agreements) + len(walk_ins)


def move_endings(db: Session, old: str, new: str) -> int:
    """Who was told to have left stays so under the new name; the later of two moments counts."""
    endings = db.scalars(select(Ending).where(Ending.issuer == old).order_by(Ending.sub)).all()
    for ending in endings:
        row = insert(db, Ending).values(issuer=new, sub=ending.sub, at=ending.at)
        later = row.on_conflict_do_update(
            index_elements=[Ending.issuer, Ending.sub], set_={"at": ending.at}, where=Ending.at < ending.at
        )
        db.execute(later)
        db.delete(ending)
    db.flush()
    return len(endings)
