"""How often somebody may do something: counted in the database, so that all workers count together."""

from datetime import datetime, timedelta

from sqlalchemy import case, delete
from sqlalchemy.orm import Session

from federation.errors import TooMany
from federation.storage import insert
from node.models.allowances import Allowance

MINUTE = timedelta(minutes=1)


def spend(db: Session, what: str, who: str, most: int, *, now: datetime) -> None:
    """Count one more time that ``who`` does ``what``; raise ``TooMany`` beyond ``most`` within a minute.

    What is refused is not counted, since its transaction is undone.
    """
    fresh = Allowance.until <= now
    row = insert(db, Allowance).values(mark=f"{what} {who}", used=1, until=now + MINUTE)
    counted = row.on_conflict_do_update(
        index_elements=["mark"],
        set_={
            "used": case((fresh, 1), else_=Allowance.used + 1),
            "until": case((fresh, row.excluded.until), else_=Allowance.until),
        },
    )
    used, until = db.execute(counted.returning(Allowance.used, Allowance.until)).one()
    if used > most:
        raise TooMany(
            f"{who}: {what} more than {most} times a minute", retry_after=int((until - now).total_seconds()) + 1
        )


def forget(db: Session, *, now: datetime) -> None:
    """Drop what is counted no more. Part of a job."""
    db.execute(delete(Allowance).where(Allowance.until <= now))
