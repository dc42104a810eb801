"""Operators' accounts: made by command, checked with Argon2id, locked for a while after wrong passwords."""

import contextlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import audit, replay
from federation.claims import moment
from federation.errors import BadInput, NotFound, SignInRefused, TokenReplayed
from federation.storage import Storage
from registry.models import Operator

SHORTEST = 12
"""Characters of a password, which length makes strong, not signs (NIST SP 800-63B, 5.1.1)."""
TRIES = 5
LOCKED_FOR = timedelta(minutes=15)
LASTS = timedelta(hours=10)
"""How long a sign-in is good for, however busy its session is."""
OperatorSession = tuple[int, int, int, str]
"""What a session keeps: the operator, the run of sessions, since when (seconds since 1970), and its own number."""
_SESSION = "operator session"
_log = logging.getLogger(__name__)
_hasher = PasswordHasher()


@dataclass(frozen=True)
class SignedIn:
    """Who is at the keyboard: the account is what is written into decisions."""

    id: int
    account: str
    name: str
    session_version: int


def add(db: Session, *, account: str, name: str, password: str, now: datetime) -> None:
    """Make an account, or give an existing one a new password, which ends its sessions; raises ``BadInput``."""
    _check(account, password)
    operator = db.scalar(select(Operator).where(Operator.account == account))
    if operator is None:
        operator = Operator(account=account, made_at=now, session_version=0)
        db.add(operator)
    operator.name, operator.password_hash = name or account, _hasher.hash(password)
    operator.session_version += 1
    operator.ended_at, operator.locked_until, operator.failures = None, None, 0
    _record(db, "operator added", account, now)


def end(db: Session, account: str, now: datetime) -> None:
    """End an account and its sessions; raises ``NotFound``."""
    operator = db.scalar(select(Operator).where(Operator.account == account))
    if operator is None:
        raise NotFound(f"operator {account}")
    operator.ended_at = now
    operator.session_version += 1
    _record(db, "operator ended", account, now)


def _record(db: Session, event: str, account: str, now: datetime) -> None:
    audit.record(db, event=event, actor="command", subject=account, verdict="allowed", now=now)


def _check(account: str, password: str) -> None:
    if not (1 <= len(account) <= 64 and account.isascii() and account.isprintable() and " " not in account):
        raise BadInput("an account is up to 64 ASCII characters without blanks", field="account")
    if len(password) < SHORTEST:
        raise BadInput(f"a password has at least {SHORTEST} characters", field="password")


def sign_in(storage: Storage, account: str, password: str, now: datetime) -> SignedIn | None:
    """Return the operator, or None; a failure is counted.

    An unknown account and a locked one take as long as any other, so that time tells nothing about them. The hash is
    computed outside of any transaction: it takes long on purpose, and everybody's writing would wait for it.
    """
    with storage.transaction() as db:
        operator = db.scalar(select(Operator).where(Operator.account == account, Operator.ended_at.is_(None)))
    kept = operator.password_hash if operator else _nobodys_hash()
    right = _matches(kept, password)
    if operator is None:
        return None
    fresh = _hasher.hash(password) if right and _hasher.check_needs_rehash(kept) else kept
    with storage.transaction(write=True) as db:
        known = db.scalars(select(Operator).where(Operator.id == operator.id).with_for_update()).one()
        refusal = _refusal(known, kept, right=right, now=now)
        verdict: Literal["allowed", "refused"] = "refused" if refusal else "allowed"
        audit.record(db, event="sign in", actor=account, subject=account, verdict=verdict, reason=refusal, now=now)
        if refusal:
            return None
        known.failures, known.locked_until, known.password_hash = 0, None, fresh
        return _signed_in(known)


def _refusal(operator: Operator, checked: str, *, right: bool, now: datetime) -> str:
    """Say why not, and count a wrong password; nothing when the operator may enter."""
    if operator.locked_until is not None and now < operator.locked_until:
        return "locked"
    if operator.ended_at is not None or operator.password_hash != checked:
        return "changed"
    if not right:
        _count_failure(operator, now)
    return "" if right else "password"


def _count_failure(operator: Operator, now: datetime) -> None:
    operator.failures += 1
    if operator.failures >= TRIES:
        operator.failures, operator.locked_until = 0, now + LOCKED_FOR


def _matches(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody's password")


def present(db: Session, session: OperatorSession, now: datetime) -> SignedIn:
    """Return the operator of a session; raise ``SignInRefused`` when the account or the session has ended."""
    operator_id, session_version, since, number = session
    if now >= moment(since) + LASTS or replay.was_used(db, issuer=_SESSION, jti=number):
        raise SignInRefused("the session is over")
    operator = db.get(Operator, operator_id)
    if operator is None or operator.ended_at is not None or operator.session_version != session_version:
        raise SignInRefused("the session has ended")
    return _signed_in(operator)


def begin(operator: SignedIn, now: datetime) -> OperatorSession:
    """Return what the session of somebody who has just signed in keeps."""
    return operator.id, operator.session_version, int(now.timestamp()), secrets.token_urlsafe(16)


def leave(db: Session, session: OperatorSession, now: datetime) -> None:
    """End one session for good: a copy of its cookie is worth nothing afterwards."""
    *_, since, number = session
    with contextlib.suppress(TokenReplayed):
        replay.once(db, issuer=_SESSION, jti=number, expires=moment(since) + LASTS, now=now)


def _signed_in(operator: Operator) -> SignedIn:
    return SignedIn(operator.id, operator.account, operator.name, operator.session_version)
