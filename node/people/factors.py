"""Second factors: which ones a person has, and whether what was shown is one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from federation import audit
from federation.errors import CodeRefused
from federation.storage import Storage
from node.models.factors import AuthenticatorApp, Passkey
from node.models.staff import Staff
from node.people import attempts, authenticator, codesheet, passkeys, passwords
from node.people.sealing import Seal

_FACTOR = "second factor"


@dataclass(frozen=True)
class Held:
    """The factors somebody has besides the password; false when there are none."""

    app: bool
    codes: int
    next_code: int
    passkeys: Sequence[Passkey]

    def __bool__(self) -> bool:
        """Say whether there is any."""
        return self.app or self.codes > 0 or bool(self.passkeys)


def held(db: Session, staff_id: int) -> Held:
    """Return the person's second factors. A sheet that is used up, or an app that never showed a code, is none."""
    app = db.get(AuthenticatorApp, staff_id)
    line = codesheet.next_line(db, staff_id)
    confirmed = app is not None and app.confirmed_at is not None
    return Held(confirmed, codesheet.left(db, staff_id), line.place if line else 0, passkeys.of(db, staff_id))


def show_code(storage: Storage, staff: Staff, code: str, seal: Seal, *, secret: str, now: datetime) -> None:
    """Check a code of the person's app or sheet; raise ``CodeRefused``, or ``SignInLocked`` after too many wrong ones.

    Six digits are the app's, all else is the sheet's. Digests are computed outside of any transaction.
    """
    mark = attempts.mark_of(secret, str(staff.id), factor=_FACTOR)
    with storage.transaction() as db:
        attempts.refuse_locked(db, mark, now)
        line = codesheet.next_line(db, staff.id)
    typed = codesheet.plain(code[:40])
    of_app = len(typed) == 6 and typed.isdecimal()
    of_sheet = not of_app and line is not None and passwords.fits(line.digest, typed)
    with storage.transaction(write=True) as db:
        attempts.refuse_locked(db, mark, now)
        if of_app:
            right = authenticator.accepts(db, staff.id, typed, seal, now=now)
        else:
            right = of_sheet and line is not None and codesheet.use_up(db, line, now=now)
        _conclude(db, staff, mark, right=right, kind="app" if of_app else "sheet", now=now)
    if not right:
        raise CodeRefused(f"staff {staff.id} showed a wrong or used code")


def _conclude(db: Session, staff: Staff, mark: str, *, right: bool, kind: str, now: datetime) -> None:
    """Count or forgive, and leave one line."""
    (attempts.forgive(db, mark) if right else attempts.count(db, mark, now))
    who = f"staff:{staff.id}"
    audit.record(
        db,
        event="second-factor",
        actor=who,
        subject=who,
        verdict="allowed" if right else "refused",
        reason=kind,
        now=now,
    )


def remove_all(db: Session, staff_id: int) -> bool:
    """Forget every second factor of somebody who lost them; say whether there was one."""
    gone = [authenticator.remove(db, staff_id), codesheet.remove(db, staff_id)]
    keys = passkeys.of(db, staff_id)
    for key in keys:
        db.delete(key)
    db.flush()
    return any(gone) or bool(keys)
