"""協定: who may come, how many a day, at what price. Nobody comes without one."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from federation import municipality
from federation.errors import BadInput
from node.host import listings
from node.models.agreements import Agreement


def conclude(db: Session, facts: Mapping[str, Any]) -> Agreement:
    """Enter an agreement with its facts (columns of ``Agreement``) and offer it. Raises ``BadInput`` with the field."""
    agreement = Agreement(id=str(uuid.uuid4()))
    _apply(agreement, facts)
    db.add(agreement)
    db.flush()
    _check(agreement)
    listings.agreement_changed(db, agreement)
    return agreement


def amend(db: Session, agreement: Agreement, facts: Mapping[str, Any]) -> None:
    """Change the terms for bookings still to be made; those made keep theirs. Raises ``BadInput`` with the field."""
    _apply(agreement, facts)
    db.flush()
    _check(agreement)
    listings.agreement_changed(db, agreement)


def suspend(db: Session, agreement: Agreement, now: datetime) -> None:
    """Offer nothing more under an agreement. What is booked inside its notice period is honoured."""
    agreement.suspended_at = agreement.suspended_at or now
    listings.agreement_changed(db, agreement)


def resume(db: Session, agreement: Agreement) -> None:
    """Offer again under an agreement that was suspended."""
    agreement.suspended_at = None
    listings.agreement_changed(db, agreement)


def _apply(agreement: Agreement, facts: Mapping[str, Any]) -> None:
    known = set(Agreement.__table__.columns.keys()) - {"id", "lock_version", "suspended_at"}
    for name, value in facts.items():
        if name not in known:
            raise BadInput(f"an agreement has no {name}", field=name)
        setattr(agreement, name, value)


def _check(agreement: Agreement) -> None:
    if agreement.home_code is not None:
        municipality.parse(agreement.home_code)
    if not agreement.name.strip():
        raise BadInput("a name is needed", field="name")
    if agreement.starts_on and agreement.ends_on and agreement.ends_on < agreement.starts_on:
        raise BadInput("it ends before it starts", field="ends_on")
    if agreement.price_yen and not agreement.price_basis.strip():
        raise BadInput("a price rests on a 条例", field="price_basis")
