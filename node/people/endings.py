"""Visitors whose home has said that their sign-ins are over: what a host checks before it believes one.

A sign-in is over when it began no later than what its home told of: a disabled account, a revoked session, a changed
credential. Who signs in anew at home, where the person may, is welcome again; the home alone decides whether.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from federation.claims import LEEWAY
from federation.errors import TooMany
from federation.storage import insert
from node.models.endings import Ending

SIGN_IN_HOLDS = timedelta(hours=12)
"""A sign-in older than a working day vouches for nobody (RFC 9470, 3: the host sets the age), ended or not."""
MOST = 20_000
"""So many people of one home may be remembered at once: more than leave on any 31 March."""


def end(db: Session, issuer: str, sub: str, at: datetime) -> None:
    """Remember that this home's person signed in no later than ``at`` in vain; raises ``TooMany`` beyond ``MOST``."""
    if (db.scalar(select(func.count()).select_from(Ending).where(Ending.issuer == issuer)) or 0) >= MOST:
        raise TooMany(f"{issuer} ends more people than it can have", retry_after=3600)
    row = insert(db, Ending).values(issuer=issuer, sub=sub, at=at)
    db.execute(
        row.on_conflict_do_update(
            index_elements=["issuer", "sub"], set_={"at": row.excluded.at}, where=Ending.at < row.excluded.at
        )
    )


def is_ended(db: Session, issuer: str, sub: str, signed_in: datetime) -> bool:
    """Say whether the home has ended the sign-in that began at ``signed_in`` (auth_time), in whole seconds."""
    at = db.scalar(select(Ending.at).where(Ending.issuer == issuer, Ending.sub == sub))
    return at is not None and signed_in <= at


def forget(db: Session, *, now: datetime) -> int:
    """Drop endings of sign-ins that are too old to be believed by now; how many."""
    old = delete(Ending).where(Ending.at < now - SIGN_IN_HOLDS - 2 * LEEWAY)
    return len(db.scalars(old.returning(Ending.sub)).all())
