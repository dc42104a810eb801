"""Wrong passwords and codes, counted by the 職員番号 that was typed, so that a lock says nothing of who serves here.

What was typed is kept as a keyed digest alone: people type passwords into the wrong field.
"""

import hashlib
import hmac
import unicodedata
from datetime import datetime, timedelta

from sqlalchemy import case, delete, update
from sqlalchemy.orm import Session

from federation.errors import SignInLocked
from federation.storage import insert
from node.models.staff import SignInAttempts

FREE = 5
_LONGEST_LOCK = timedelta(minutes=30)
_REMEMBERED = timedelta(days=1)
"""After a day without a wrong password counting begins anew; no lock lasts longer."""


def mark_of(secret: str, number: str, *, factor: str = "sign-in") -> str:
    """Return the mark under which attempts at ``number`` are counted, each factor by itself; ``secret`` is the town's own.

    All spellings of a number share it: a directory server takes many for the same (RFC 4518, 2), and each would have
    guesses of its own.
    """
    return hmac.new(secret.encode(), f"{factor}\0{_folded(number)}".encode(), hashlib.sha256).hexdigest()


def _folded(number: str) -> str:
    """Return the letters and digits alone, in one width and case: coarser than any server's own rule."""
    plain = unicodedata.normalize("NFKD", number).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def refuse_locked(db: Session, mark: str, now: datetime) -> None:
    """Raise ``SignInLocked`` while too many wrong passwords stand behind ``mark``, whoever it belongs to."""
    counted = db.get(SignInAttempts, mark, populate_existing=True)
    if counted is not None and counted.locked_until is not None and now < counted.locked_until:
        seconds = int((counted.locked_until - now).total_seconds()) + 1
        raise SignInLocked(retry_after=seconds, facts={"minutes": -(-seconds // 60)})


def count(db: Session, mark: str, now: datetime) -> None:
    """Count, and lock for a time that doubles from a minute; a lock for good would let anybody lock out anybody."""
    row = insert(db, SignInAttempts).values(mark=mark, failures=1, expires=now + _REMEMBERED)
    more = case((SignInAttempts.expires <= now, 1), else_=SignInAttempts.failures + 1)
    counted = row.on_conflict_do_update(
        index_elements=["mark"], set_={"failures": more, "expires": row.excluded.expires}
    )
    failures = db.scalar(counted.returning(SignInAttempts.failures)) or 0
    if failures >= FREE:
        wait = min(timedelta(minutes=2 ** min(failures - FREE, 6)), _LONGEST_LOCK)
        db.execute(update(SignInAttempts).where(SignInAttempts.mark == mark).values(locked_until=now + wait))


def forgive(db: Session, mark: str) -> None:
    """Begin counting anew after the right password."""
    db.execute(delete(SignInAttempts).where(SignInAttempts.mark == mark))


def forget(db: Session, *, now: datetime) -> None:
    """Drop what nobody has tried for a day. Part of a job."""
    db.execute(delete(SignInAttempts).where(SignInAttempts.expires <= now))
