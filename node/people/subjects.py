"""Pairwise subjects: the name under which one host knows one of our staff (OpenID Connect Core, 8.1)."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from node.models.staff import PairwiseSubject


def subject_for(db: Session, staff_id: int, audience: str, *, now: datetime) -> str:
    """Return the person's subject at the host ``audience`` (entity id), made at random on first use.

    The caller holds the person's lock, so that two first uses do not meet.
    """
    known = db.scalar(
        select(PairwiseSubject.sub).where(PairwiseSubject.staff_id == staff_id, PairwiseSubject.audience == audience)
    )
    if known:
        return known
    sub = secrets.token_urlsafe(24)
    db.add(PairwiseSubject(staff_id=staff_id, audience=audience, sub=sub, created_at=now))
    db.flush()
    return sub


def find_person(db: Session, audience: str, sub: str) -> int | None:
    """Return the staff id behind a subject that ``audience`` uses, or None; another host's subject finds nobody."""
    return db.scalar(
        select(PairwiseSubject.staff_id).where(PairwiseSubject.sub == sub, PairwiseSubject.audience == audience)
    )
