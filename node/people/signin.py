"""Signing in with the built-in directory, and staying signed in."""

import contextlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import audit, replay
from federation.errors import NotSignedIn, SignInRefused, TokenReplayed
from federation.storage import Storage
from node.models.staff import Staff
from node.people import assurance, attempts, passwords

LASTS = timedelta(hours=10)
"""How long a sign-in is good for, however busy its session is: a working day, after which hosts ask for a new one too."""
_SESSION = "session"


@dataclass(frozen=True)
class SignedIn:
    """A sign-in as the session keeps it: who, how surely, since when, and which run of sessions it belongs to."""

    staff_id: int
    epoch: int
    acr: str
    auth_time: datetime
    session: str = field(default_factory=lambda: secrets.token_urlsafe(16), compare=False)
    """The session's own number."""


def sign_in(storage: Storage, number: str, password: str, *, secret: str, now: datetime) -> SignedIn:
    """Check a 職員番号 and password; raise ``SignInRefused``, or ``SignInLocked`` after too many wrong ones.

    Who is unknown, without a password, or has left is refused in the same words, after the same time, and locked after
    as many attempts. ``secret`` is the town's own; attempts are counted under it.
    """
    with storage.transaction() as db:
        staff = db.scalar(select(Staff).where(Staff.number == number.strip()))
    staff = _checked(storage, staff, attempts.mark_of(secret, number), password, now)
    return SignedIn(staff.id, staff.session_epoch, assurance.ONE_FACTOR, now)


def confirm(storage: Storage, staff: Staff, password: str, *, secret: str, now: datetime) -> None:
    """Check the password of somebody who has signed in, as ``sign_in`` does and under the same lock."""
    _checked(storage, staff, attempts.mark_of(secret, staff.number), password, now)


def _checked(storage: Storage, staff: Staff | None, mark: str, password: str, now: datetime) -> Staff:
    """Return the person the password belongs to, or count.

    The hash is computed outside of any transaction, since it takes long on purpose.
    """
    with storage.transaction() as db:
        attempts.refuse_locked(db, mark, now)
    right = passwords.matches(staff.password_hash if staff else "", password)
    if staff is None or not right or has_left(staff, now):
        with storage.transaction(write=True) as db:
            attempts.count(db, mark, now)
            _record(db, staff, "refused", now)
        raise SignInRefused("unknown number, wrong password, or left")
    with storage.transaction(write=True) as db:
        # Of many guesses sent at once the right one is worth no more than the first few.
        attempts.refuse_locked(db, mark, now)
        attempts.forgive(db, mark)
        _record(db, staff, "allowed", now)
    return staff


def has_left(staff: Staff, now: datetime) -> bool:
    """Say whether the person no longer serves. The day counts in Japan's zone by being a plain date after ``left_on``."""
    return staff.left_on is not None and staff.left_on <= (now + timedelta(hours=9)).date()


def still(db: Session, signed_in: SignedIn, *, now: datetime) -> Staff:
    """Return the person of a session; raise ``NotSignedIn`` when they have left, or it is old, or it was ended."""
    if now >= signed_in.auth_time + LASTS or replay.was_used(db, issuer=_SESSION, jti=signed_in.session):
        raise NotSignedIn("the session is over")
    staff = db.get(Staff, signed_in.staff_id)
    if staff is None or staff.session_epoch != signed_in.epoch or has_left(staff, now):
        raise NotSignedIn("the session has been ended")
    return staff


def end(db: Session, signed_in: SignedIn, *, now: datetime) -> None:
    """End one session for good: a copy of its cookie is worth nothing afterwards."""
    with contextlib.suppress(TokenReplayed):
        replay.once(db, issuer=_SESSION, jti=signed_in.session, expires=signed_in.auth_time + LASTS, now=now)


def _record(db: Session, staff: Staff | None, verdict: Literal["allowed", "refused"], now: datetime) -> None:
    """Log a sign-in; attempts at numbers nobody has stay out, so that no stranger can fill the log."""
    if staff is None:
        return
    who = f"staff:{staff.id}"
    audit.record(db, event="sign-in", actor=who, subject=who, verdict=verdict, now=now)
