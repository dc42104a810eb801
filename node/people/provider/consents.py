"""What each of our people agreed that a town may learn, remembered until they take it back."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from node.models.provider import Consent
from node.people.provider import codes


def covers(db: Session, staff_id: int, client_id: str, scopes: Iterable[str]) -> bool:
    """Say whether the person agreed to at least these scopes for this town."""
    given = db.get(Consent, (staff_id, client_id))
    return given is not None and set(scopes) <= set(given.scope.split())


def give(db: Session, staff_id: int, client_id: str, scopes: Iterable[str], *, now: datetime) -> None:
    """Remember that the person agrees, or signs in again as agreed. The caller holds the person's lock."""
    given = db.get(Consent, (staff_id, client_id))
    if given is None:
        given = Consent(staff_id=staff_id, client_id=client_id, scope="", given_at=now)
        db.add(given)
    wider = set(scopes) - set(given.scope.split())
    if wider:
        given.scope, given.given_at = " ".join(sorted({*given.scope.split(), *wider})), now
    given.last_used = now
    db.flush()


def of(db: Session, staff_id: int) -> Sequence[Consent]:
    """Return what the person agreed to, the town used last first."""
    return db.scalars(select(Consent).where(Consent.staff_id == staff_id).order_by(Consent.last_used.desc())).all()


def withdraw(db: Session, staff_id: int, client_id: str, *, now: datetime) -> bool:
    """Take an agreement back and end what still lives of it; False where there was none."""
    gone = db.scalar(
        delete(Consent).where(Consent.staff_id == staff_id, Consent.client_id == client_id).returning(Consent.client_id)
    )
    codes.end_all(db, staff_id, client_id, now=now)
    return gone is not None
