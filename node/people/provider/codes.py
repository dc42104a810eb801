"""Authorization codes: a minute long, good once, for one client (RFC 6749, 4.1.2; FAPI 2.0, 5.3.2.1).

A code that comes a second time is in two hands: what was issued from it ends (RFC 6749, 10.5).
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.web import revocation
from node.models.provider import SignInCode
from node.people import staff as directory
from node.people import subjects
from node.people.provider.asked import Asked
from node.people.provider.pushed import digest
from node.people.signin import SignedIn

LIFE = timedelta(seconds=60)
TOKEN_LIFE = timedelta(minutes=5)
_KEPT = LIFE + TOKEN_LIFE


def issue(db: Session, client_id: str, asked: Asked, signed_in: SignedIn, *, now: datetime) -> str:
    """Return a code that says who has signed in; takes the person's lock."""
    directory.lock(db, signed_in.staff_id)
    code = secrets.token_urlsafe(32)
    row = SignInCode(
        mark=digest(code),
        client_id=client_id,
        asked=asked.to_keep(),
        staff_id=signed_in.staff_id,
        sub=subjects.subject_for(db, signed_in.staff_id, client_id, now=now),
        epoch=signed_in.epoch,
        session=signed_in.session,
        acr=signed_in.acr,
        auth_time=signed_in.auth_time,
        expires=now + LIFE,
    )
    db.add(row)
    db.flush()
    return code


def use_up(db: Session, code: str, client_id: str, *, now: datetime) -> SignInCode | None:
    """Use a code up and return its row, which names the token to issue; None for one that is not good, or not any more.

    Commit either way. Any attempt of its own client uses it up; another client's leaves it alone.
    """
    row = db.scalar(select(SignInCode).where(SignInCode.mark == digest(code)).with_for_update())
    if row is None or row.client_id != client_id:
        return None
    if row.token:
        _end(db, row, now)
        return None
    row.token = secrets.token_urlsafe(16)
    db.flush()
    return row if now < row.expires else None


def behind(db: Session, staff_id: int, token: str) -> SignInCode | None:
    """Return the code of a person that an access token (its ``jti``) was issued for; None where it was taken back."""
    return db.scalar(select(SignInCode).where(SignInCode.staff_id == staff_id, SignInCode.token == token))


def sign_in_of(row: SignInCode) -> SignedIn:
    """Return the sign-in at home that a code rests on."""
    return SignedIn(row.staff_id, row.epoch, row.acr, row.auth_time, row.session)


def end_all(db: Session, staff_id: int, client_id: str, *, now: datetime) -> None:
    """End the codes a person's sign-ins left at a client, and what was issued from them."""
    rows = select(SignInCode).where(SignInCode.staff_id == staff_id, SignInCode.client_id == client_id)
    for row in db.scalars(rows.with_for_update()):
        _end(db, row, now)
        db.delete(row)
    db.flush()


def forget(db: Session, *, now: datetime) -> None:
    """Drop codes whose tokens are dead. Part of a job."""
    db.execute(delete(SignInCode).where(SignInCode.expires <= now - _KEPT))


def _end(db: Session, row: SignInCode, now: datetime) -> None:
    if row.token:
        revocation.revoke(db, row.token, expires=row.expires + TOKEN_LIFE, now=now)
