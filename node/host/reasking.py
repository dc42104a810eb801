"""Asking again: a town that was never told of a version, since the promise was laid aside or lost."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from federation import outbox
from node.host import versions
from node.models.agreements import AgreementVersion, Confirmation

AGAIN = timedelta(hours=24)
"""A town that has not been told for so long, since the promise was laid aside or lost, is told again."""


def remind(db: Session, now: datetime) -> int:
    """Promise anew what a town has not been told of a newest version for a day; a job. Returns how many towns."""
    newer = aliased(AgreementVersion)
    question = (
        select(Confirmation.agreement_id, Confirmation.home_code)
        .join(AgreementVersion, AgreementVersion.agreement_id == Confirmation.agreement_id)
        .where(Confirmation.number == AgreementVersion.number, Confirmation.state == "awaited")
        .where(Confirmation.sent_at.is_(None), AgreementVersion.entered_at < now - AGAIN)
        .where(~exists().where(newer.agreement_id == Confirmation.agreement_id, newer.number > Confirmation.number))
    )
    untold = db.execute(question.order_by(Confirmation.agreement_id, Confirmation.home_code)).all()
    for agreement_id, home_code in untold:
        outbox.promise(db, versions.OFFER, home_code, {"agreement": agreement_id}, now=now, most=1)
    return len(untold)
