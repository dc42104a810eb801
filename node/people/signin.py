"""Signing in with the built-in directory."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.orm import Session

from federation import audit
from federation.errors import SignInRefused
from federation.storage import Storage
from node.models.staff import Staff
from node.people import assurance, attempts, passwords
from node.people import staff as directory


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
        staff = directory.find(db, number.strip())
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


def _record(db: Session, staff: Staff | None, verdict: Literal["allowed", "refused"], now: datetime) -> None:
    """Log a sign-in; attempts at numbers nobody has stay out, so that no stranger can fill the log."""
    if staff is None:
        return
    who = f"staff:{staff.id}"
    audit.record(db, event="sign-in", actor=who, subject=who, verdict=verdict, now=now)
