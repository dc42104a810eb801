"""What was judged of a booking at its host, as far as it is kept: the agreement it rests on, and what became of a no-show."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from federation.audit import AuditEntry
from federation.messages.trail import RestedOn
from node.models.agreements import Agreement, AgreementVersion
from node.models.bookings import Booking
from node.models.noshows import NoShowDispute

_JUDGING = ("booking.move", "booking.extend", "visit.extend")
"""Events after which a booking may rest on another agreement, or another version."""


@dataclass(frozen=True)
class Judged:
    """``at`` is when it was judged last: when it was made, moved or extended. ``agreement`` is None for our own staff."""

    at: datetime
    agreement: RestedOn | None
    dispute: NoShowDispute | None


def of(db: Session, booking: Booking) -> Judged:
    """Read what is kept of the judgement."""
    at = _at(db, booking)
    return Judged(at, _rested_on(db, booking, at), db.get(NoShowDispute, booking.id))


def rested_on(db: Session, booking: Booking) -> RestedOn | None:
    """Return the agreement that a booking rests on, in the version that was in force when it was judged."""
    return _rested_on(db, booking, _at(db, booking))


def _at(db: Session, booking: Booking) -> datetime:
    lines = select(func.max(AuditEntry.at)).where(
        AuditEntry.subject == booking.id, AuditEntry.event.in_(_JUDGING), AuditEntry.verdict == "allowed"
    )
    return db.scalar(lines) or booking.made_at


def _rested_on(db: Session, booking: Booking, at: datetime) -> RestedOn | None:
    agreement = db.get(Agreement, booking.agreement_id) if booking.agreement_id else None
    if agreement is None:
        return None
    in_force = or_(AgreementVersion.in_force_at <= at, AgreementVersion.earlier)
    version = db.scalar(
        select(func.max(AgreementVersion.number)).where(AgreementVersion.agreement_id == agreement.id, in_force)
    )
    return RestedOn(name=agreement.name, number=agreement.number, version=version)
