"""Operators' accounts: made by command, checked with Argon2id, locked for a while after wrong passwords."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import audit
from federation.errors import BadInput, NotFound, SignInRefused
from registry.models import Operator

SHORTEST = 12
"""Characters of a password, which length makes strong, not signs (NIST SP 800-63B, 5.1.1)."""
TRIES = 5
LOCKED_FOR = timedelta(minutes=15)
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


def end(db: Session, account: str, now: datetime) -> None:
    """End an account and its sessions; raises ``NotFound``."""
    operator = db.scalar(select(Operator).where(Operator.account == account))
    if operator is None:
        raise NotFound(f"operator {account}")
    operator.ended_at = now
    operator.session_version += 1


def _check(account: str, password: str) -> None:
    if not (1 <= len(account) <= 64 and account.isascii() and account.isprintable() and " " not in account):
        raise BadInput("an account is up to 64 ASCII characters without blanks", field="account")
    if len(password) < SHORTEST:
        raise BadInput(f"a password has at least {SHORTEST} characters", field="password")


def sign_in(db: Session, account: str, password: str, now: datetime) -> SignedIn | None:
    """Return the operator, or None; a failure is counted, so the caller commits before it refuses.

    An unknown account takes as long as a known one, so that time does not tell which there are.
    """
    question = select(Operator).where(Operator.account == account, Operator.ended_at.is_(None)).with_for_update()
    operator = db.scalar(question)
    if operator is None:
        _matches(_nobodys_hash(), password)
        return None
    if operator.locked_until is not None and now < operator.locked_until:
        return None
    if not _matches(operator.password_hash, password):
        _count_failure(operator, now)
        audit.record(db, event="sign in", actor=account, subject=account, verdict="refused", now=now)
        return None
    operator.failures, operator.locked_until = 0, None
    if _hasher.check_needs_rehash(operator.password_hash):
        operator.password_hash = _hasher.hash(password)
    audit.record(db, event="sign in", actor=account, subject=account, verdict="allowed", now=now)
    return _signed_in(operator)


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


def present(db: Session, operator_id: int, session_version: int) -> SignedIn:
    """Return the operator of a session; raise ``SignInRefused`` when the account or the session has ended."""
    operator = db.get(Operator, operator_id)
    if operator is None or operator.ended_at is not None or operator.session_version != session_version:
        raise SignInRefused("the session has ended")
    return _signed_in(operator)


def _signed_in(operator: Operator) -> SignedIn:
    return SignedIn(operator.id, operator.account, operator.name, operator.session_version)
