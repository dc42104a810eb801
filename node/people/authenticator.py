"""Authenticator apps: six digits that change every thirty seconds (TOTP, RFC 6238; SHA-1, as every app knows it)."""

from datetime import datetime

import pyotp
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from federation.errors import Conflict
from node.models.factors import AuthenticatorApp
from node.people.sealing import Seal

_DRIFT = 1
"""Steps a clock may be off to either side (RFC 6238, 5.2)."""


def secret_for(db: Session, staff_id: int, seal: Seal, *, session: str) -> str:
    """Return the secret to be typed into an app that is not confirmed yet, made on first use in this session.

    No other session sees it or confirms it: who found one open must not wait there for the app of its owner. Raises
    ``Conflict`` where an app is confirmed: its secret is never shown again.
    """
    app = db.get(AuthenticatorApp, staff_id)
    if app is not None and app.confirmed_at is not None:
        raise Conflict(f"staff {staff_id} has an app already")
    kept = _unconfirmed(app, seal, session) if app else None
    if kept is not None:
        return kept
    secret = pyotp.random_base32()
    db.merge(AuthenticatorApp(staff_id=staff_id, sealed=seal.close(f"{session} {secret}", of=staff_id), last_step=0))
    db.flush()
    return secret


def _unconfirmed(app: AuthenticatorApp, seal: Seal, session: str) -> str | None:
    """Return the secret that this session was shown, or None where it was another."""
    shown_in, _blank, secret = seal.open(app.sealed, of=app.staff_id).rpartition(" ")
    return secret if shown_in == session else None


def address(secret: str, *, number: str, town: str) -> str:
    """Return the ``otpauth`` address that the app reads as a two-dimensional code."""
    return pyotp.TOTP(secret).provisioning_uri(name=number, issuer_name=town)


def confirm(db: Session, staff_id: int, code: str, seal: Seal, *, session: str, now: datetime) -> bool:
    """Say whether the app shows the right code, and count it from now on as this person's."""
    app = db.get(AuthenticatorApp, staff_id)
    secret = _unconfirmed(app, seal, session) if app is not None and app.confirmed_at is None else None
    if app is None or secret is None or not _used_up(db, staff_id, secret, code, now):
        return False
    app.sealed, app.confirmed_at = seal.close(secret, of=staff_id), now
    db.flush()
    return True


def accepts(db: Session, staff_id: int, code: str, seal: Seal, *, now: datetime) -> bool:
    """Say whether ``code`` is the one the person's app shows; a code is good once."""
    app = db.get(AuthenticatorApp, staff_id)
    if app is None or app.confirmed_at is None:
        return False
    return _used_up(db, staff_id, seal.open(app.sealed, of=staff_id), code, now)


def remove(db: Session, staff_id: int) -> bool:
    """Forget the person's app; say whether there was one."""
    mine = delete(AuthenticatorApp).where(AuthenticatorApp.staff_id == staff_id)
    return db.scalar(mine.returning(AuthenticatorApp.staff_id)) is not None


def _used_up(db: Session, staff_id: int, secret: str, code: str, now: datetime) -> bool:
    """Use the code's time step up, if it is right; of two requests at once the second finds it used."""
    try:
        step = pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=now, valid_window=_DRIFT)
    except OTPVerificationError:
        return False
    newer = update(AuthenticatorApp).where(AuthenticatorApp.staff_id == staff_id, AuthenticatorApp.last_step < step)
    return db.scalar(newer.values(last_step=step).returning(AuthenticatorApp.staff_id)) is not None
