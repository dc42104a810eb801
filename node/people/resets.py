"""The way back for who cannot sign in: a code that 人事担当 prints, and with which a person sets a password of their own.

Whoever hands the code over never learns the password, and the person cannot go on without having chosen one.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation import audit
from federation.errors import ResetRefused
from federation.storage import Storage
from node.models.factors import ResetCode
from node.models.staff import Staff
from node.people import assurance, attempts, codesheet, passwords
from node.people import staff as directory
from node.people.signin import SignedIn, has_left

LASTS = timedelta(days=7)
_GROUPS = 3
"""Sixty bits, typed once from paper."""
_FACTOR = "reset"


def fresh() -> str:
    """Return a code as it is printed."""
    return codesheet.spoken(_GROUPS)


def issue(db: Session, staff: Staff, digest: str, *, by: str, now: datetime) -> datetime:
    """Let the person set a password with the code of this digest, and take the one they have away; until when it is good.

    An older code is good no more. The caller ends the person's sessions.
    """
    expires = now + LASTS
    staff.password_hash = ""
    db.merge(ResetCode(staff_id=staff.id, digest=digest, expires=expires))
    audit.record(db, event="reset-code", actor=by, subject=f"staff:{staff.id}", verdict="allowed", now=now)
    db.flush()
    return expires


def redeem(storage: Storage, number: str, code: str, password: str, *, secret: str, now: datetime) -> SignedIn:
    """Set the person's own password by a code, once; raise ``ResetRefused``, ``SignInLocked``, or ``BadPassword``.

    A password that will not do leaves the code good. Unknown numbers take as long and are locked as soon.
    """
    mark = attempts.mark_of(secret, number, factor=_FACTOR)
    with storage.transaction() as db:
        attempts.refuse_locked(db, mark, now)
        staff = directory.find(db, number.strip())
        kept = db.get(ResetCode, staff.id) if staff else None
    digest = kept.digest if kept is not None and now < kept.expires else ""
    if not passwords.is_code(digest, codesheet.plain(code[:60])) or staff is None or has_left(staff, now):
        with storage.transaction(write=True) as db:
            attempts.count(db, mark, now)
            _record(db, staff, now)
        raise ResetRefused("no such code")
    chosen = passwords.hashed(password, number=staff.number)
    with storage.transaction(write=True) as db:
        attempts.refuse_locked(db, mark, now)
        used = delete(ResetCode).where(ResetCode.staff_id == staff.id, ResetCode.digest == digest)
        if db.scalar(used.returning(ResetCode.staff_id)) is None:
            raise ResetRefused("the code was used a moment ago")
        attempts.forgive(db, mark)
        return _begin_anew(db, staff.id, chosen, secret, now)


def _begin_anew(db: Session, staff_id: int, chosen: str, secret: str, now: datetime) -> SignedIn:
    """Give the person the password, and forget wrong ones typed before; whatever session there was is over."""
    staff = directory.get(db, staff_id)
    staff.password_hash = chosen
    staff.session_epoch += 1
    attempts.forgive(db, attempts.mark_of(secret, staff.number))
    who = f"staff:{staff.id}"
    audit.record(db, event="password", actor=who, subject=who, verdict="allowed", reason="by a reset code", now=now)
    db.flush()
    return SignedIn(staff.id, staff.session_epoch, assurance.ONE_FACTOR, now)


def _record(db: Session, staff: Staff | None, now: datetime) -> None:
    """Log a refusal; numbers nobody has stay out, so that no stranger can fill the log."""
    if staff is not None:
        who = f"staff:{staff.id}"
        audit.record(db, event="reset-code", actor=who, subject=who, verdict="refused", now=now)


def waits(db: Session, staff_id: int, *, now: datetime) -> bool:
    """Say whether the person has a code that is still good."""
    kept = db.scalar(select(ResetCode).where(ResetCode.staff_id == staff_id, ResetCode.expires > now))
    return kept is not None


def forget(db: Session, *, now: datetime) -> None:
    """Drop codes that are too old. Part of a job."""
    db.execute(delete(ResetCode).where(ResetCode.expires <= now))
