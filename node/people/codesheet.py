"""A printed sheet of one-time codes (look-up secrets, NIST SP 800-63B-4, 3.1.2): for who has no phone, or left it behind.

The codes are asked for in the order of their numbers, so that one glance at a sheet gives nobody a choice, and one
digest is computed for each try.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from node.models.factors import SheetCode
from node.people import passwords

LINES = 10
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without those that look alike; 32 of them, so that a code of eight holds 40 bits."""


def fresh() -> Sequence[str]:
    """Return the codes of a new sheet as they are printed. To be digested before a transaction is open: that takes long."""
    return [spoken() for _ in range(LINES)]


def spoken(groups: int = 2) -> str:
    """Return a code at random, in groups of four letters that can be read out."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(groups))


def plain(code: str) -> str:
    """Return a code as it is compared: without the marks and the case that people type or leave out."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def replace(db: Session, staff_id: int, digests: Sequence[str]) -> None:
    """Give the person a new sheet; no code of an older one is good any more."""
    remove(db, staff_id)
    db.add_all(SheetCode(staff_id=staff_id, place=place, digest=digest) for place, digest in enumerate(digests, 1))
    db.flush()


def digests(codes: Sequence[str]) -> Sequence[str]:
    """Return what is stored of the codes."""
    return [passwords.digest(plain(code)) for code in codes]


def next_line(db: Session, staff_id: int) -> SheetCode | None:
    """Return the line whose code is asked for next, or None where no sheet or no code is left."""
    unused = select(SheetCode).where(SheetCode.staff_id == staff_id, SheetCode.used_at.is_(None))
    return db.scalar(unused.order_by(SheetCode.place).limit(1))


def left(db: Session, staff_id: int) -> int:
    """Count the codes that are still good."""
    unused = select(func.count()).where(SheetCode.staff_id == staff_id, SheetCode.used_at.is_(None))
    return db.scalar(unused) or 0


def use_up(db: Session, line: SheetCode, *, now: datetime) -> bool:
    """Use a line up whose code was right; of two requests at once the second finds it used, or the sheet replaced."""
    unused = update(SheetCode).where(
        SheetCode.staff_id == line.staff_id,
        SheetCode.place == line.place,
        SheetCode.digest == line.digest,
        SheetCode.used_at.is_(None),
    )
    return db.scalar(unused.values(used_at=now).returning(SheetCode.place)) is not None


def remove(db: Session, staff_id: int) -> bool:
    """Forget the person's sheet; say whether there was one."""
    mine = delete(SheetCode).where(SheetCode.staff_id == staff_id)
    return bool(db.scalars(mine.returning(SheetCode.place)).all())
