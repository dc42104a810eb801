"""Agreements as two towns have confirmed them, made by the domain alone: for tests that are about what comes afterwards."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import outbox
from node.host import agreements, confirmations, versions
from node.models.agreements import Agreement, Confirmation

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def conclude(db: Session, facts: Mapping[str, Any], *, now: datetime = LONG_AGO) -> Agreement:
    """Enter an agreement and have every town it names confirm it."""
    made = agreements.conclude(db, facts, now=now)
    confirm(db, made, now=now)
    return made


def amend(db: Session, agreement: Agreement, facts: Mapping[str, Any], *, now: datetime = LONG_AGO) -> None:
    """Change the terms and have every town confirm them."""
    agreements.amend(db, agreement, facts, now=now)
    confirm(db, agreement, now=now)


def confirm(db: Session, agreement: Agreement, *, now: datetime = LONG_AGO) -> None:
    """Write down that every town that was asked has said yes; it is told nothing."""
    asked = select(Confirmation).where(Confirmation.agreement_id == agreement.id, Confirmation.state == "awaited")
    for row in db.scalars(asked.order_by(Confirmation.number)).all():
        confirmations.confirmed(db, agreement, row, now=now)
    for code in agreement.named:
        outbox.withdraw(db, versions.OFFER, code)


def confirm_all(db: Session, *, now: datetime = LONG_AGO) -> None:
    """Have every town confirm whatever was entered."""
    for agreement in db.scalars(select(Agreement).order_by(Agreement.id)).all():
        confirm(db, agreement, now=now)
