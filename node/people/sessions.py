"""Staying signed in: a session is begun, is still good or not, and is ended, by its own person too."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from secrets import token_urlsafe

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.errors import NotSignedIn
from node.models.sessions import StaffSession
from node.models.staff import Staff
from node.people.signin import SignedIn, has_left

LASTS = timedelta(hours=10)
"""How long a sign-in is good for, however busy its session is: a working day, after which hosts ask for a new one too."""
_BROWSERS = {"Edg": "Microsoft Edge", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
_SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def begin(db: Session, signed_in: SignedIn, *, user_agent: str = "") -> None:
    """Write the session of somebody who has just signed in down; before that it is worth nothing."""
    db.add(
        StaffSession(
            id=signed_in.session,
            staff_id=signed_in.staff_id,
            acr=signed_in.acr,
            since=signed_in.auth_time,
            browser=browser_of(user_agent),
        )
    )
    db.flush()


def still(db: Session, signed_in: SignedIn, *, now: datetime) -> Staff:
    """Return the person of a session; raise ``NotSignedIn`` when they have left, or it is old, or it was ended."""
    if now >= signed_in.auth_time + LASTS:
        raise NotSignedIn("the session is over")
    kept = db.get(StaffSession, signed_in.session)
    if kept is None or kept.staff_id != signed_in.staff_id:
        raise NotSignedIn("the session has been ended")
    return person_of(db, signed_in, now=now)


def person_of(db: Session, signed_in: SignedIn, *, now: datetime) -> Staff:
    """Return who signed in, whether or not a session has begun; raise ``NotSignedIn`` when their sign-ins were ended."""
    staff = db.get(Staff, signed_in.staff_id)
    if staff is None or staff.session_epoch != signed_in.epoch or has_left(staff, now):
        raise NotSignedIn("the person's sessions have been ended")
    return staff


def raised(db: Session, signed_in: SignedIn, acr: str, *, user_agent: str = "") -> SignedIn:
    """Return a new session in place of ``signed_in`` after one more factor was shown: an older cookie gains nothing.

    The time of the first sign-in stays, so that a code alone never makes a session longer.
    """
    surer = replace(signed_in, acr=acr, session=token_urlsafe(16))
    end(db, signed_in)
    begin(db, surer, user_agent=user_agent)
    return surer


def end(db: Session, signed_in: SignedIn) -> None:
    """End one session for good: a copy of its cookie is worth nothing afterwards."""
    db.execute(delete(StaffSession).where(StaffSession.id == signed_in.session))


def open_of(db: Session, staff_id: int, *, now: datetime) -> Sequence[StaffSession]:
    """Return a person's open sessions, the newest first."""
    open_ones = select(StaffSession).where(StaffSession.staff_id == staff_id, StaffSession.since > now - LASTS)
    return db.scalars(open_ones.order_by(StaffSession.since.desc())).all()


def end_of(db: Session, staff_id: int, *, session: str | None = None, but: str | None = None) -> int:
    """End a person's sessions: that one, or all of them except ``but``; return how many. Nobody ends another's."""
    mine = delete(StaffSession).where(StaffSession.staff_id == staff_id)
    if session is not None:
        mine = mine.where(StaffSession.id == session)
    if but is not None:
        mine = mine.where(StaffSession.id != but)
    return len(db.scalars(mine.returning(StaffSession.id)).all())


def forget(db: Session, *, now: datetime) -> None:
    """Drop sessions that are over. Part of a job."""
    db.execute(delete(StaffSession).where(StaffSession.since <= now - LASTS))


def browser_of(user_agent: str) -> str:
    """Return roughly what a browser says it is, out of the words known here and no others."""
    found = [
        next((word for token, word in known.items() if token in user_agent), "") for known in (_BROWSERS, _SYSTEMS)
    ]
    return " / ".join(word for word in found if word)
