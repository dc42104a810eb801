"""利用上の注意 of hosts, as our own people have confirmed them: once per person and version."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.storage import insert
from node.models.house_consents import HouseRulesConsent

SHOWN = 100
"""How many confirmations a page lists, newest first."""


def confirm(db: Session, staff_id: int, host: str, version: str, *, host_name: str, now: datetime) -> None:
    """Remember that the person has read and confirmed a version; the first time stays."""
    row = {
        "staff_id": staff_id,
        "host": host,
        "version": version,
        "host_name": host_name,
        "confirmed_at": now,
    }
    db.execute(insert(db, HouseRulesConsent).values(row).on_conflict_do_nothing())


def confirmed_at(db: Session, staff_id: int, host: str, version: str) -> datetime | None:
    """Return when the person confirmed the version; None for one they have not."""
    found = db.get(HouseRulesConsent, (staff_id, host, version))
    return found.confirmed_at if found else None


def of(db: Session, staff_id: int) -> Sequence[HouseRulesConsent]:
    """Return what the person has confirmed, newest first."""
    own = select(HouseRulesConsent).where(HouseRulesConsent.staff_id == staff_id)
    return db.scalars(own.order_by(HouseRulesConsent.confirmed_at.desc(), HouseRulesConsent.host).limit(SHOWN)).all()
