"""A person's own address for mail: typed, confirmed by a code that only its mailbox gets, and taken away again."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from federation import audit, outbox
from federation.errors import BadMailAddress, TooMany
from federation.language import Locale
from node import letters, secret_file
from node.config import Config
from node.models.mail import MailWish
from node.people import staff as directory
from node.smtp import ADDRESS, LONGEST

LASTS = timedelta(minutes=30)
"""How long a code is good."""
FAILURES = 5
"""So many wrong codes, and a new one is needed."""
CODES = 5
PER = timedelta(hours=1)
"""So many letters with codes may a person cause in that time: the mailbox may be somebody else's."""
_DIGITS = 6


def of(db: Session, staff_id: int) -> MailWish | None:
    """Return what the person wished for; None for one who never did."""
    return db.get(MailWish, staff_id)


def ask(db: Session, staff_id: int, typed: str, *, locale: Locale, now: datetime) -> None:
    """Promise a code to the address; raise ``BadMailAddress``, or ``TooMany`` when there were enough of them.

    The address that counts so far goes on counting until the code is typed.
    """
    address = typed.strip()
    if len(address) > LONGEST or not ADDRESS.fullmatch(address):
        raise BadMailAddress("no address", field="address")
    directory.lock(db, staff_id)
    wish = of(db, staff_id) or MailWish(
        staff_id=staff_id,
        address="",
        pending="",
        failures=0,
        codes_sent=0,
        kinds=" ".join(letters.KINDS),
        locale=locale,
    )
    if wish.codes_since is None or now - wish.codes_since >= PER:
        wish.codes_since, wish.codes_sent = now, 0
    if wish.codes_sent >= CODES:
        raise TooMany("codes for an address", retry_after=int(PER.total_seconds()))
    wish.codes_sent += 1
    wish.pending, wish.pending_until, wish.failures = address, now + LASTS, 0
    db.add(wish)
    told = {"staff": staff_id, "kind": letters.CODE, "until": wish.pending_until.isoformat()}
    outbox.promise(db, letters.LETTER, letters.TARGET, told, now=now)
    db.flush()


def secret_of(config: Config) -> str:
    """Return the town's secret for codes, made on first use and kept beside its keys."""
    return secret_file.kept(config.data / "keys" / "mail.secret")


def code_of(wish: MailWish, secret: str) -> str:
    """Return the code for the address that waits: reckoned from the town's secret, so that it is written down nowhere."""
    until = wish.pending_until.isoformat() if wish.pending_until else ""
    said = f"mail code|{wish.staff_id}|{wish.pending}|{until}".encode()
    mark = hmac.new(secret.encode(), said, hashlib.sha256).digest()
    return f"{int.from_bytes(mark[:8]) % 10**_DIGITS:0{_DIGITS}}"


def confirm(db: Session, staff_id: int, typed: str, *, secret: str, now: datetime) -> bool:
    """Let the address count whose code was typed; False, with the failure counted, where it is not the code."""
    directory.lock(db, staff_id)
    wish = of(db, staff_id)
    if wish is None or not wish.pending or wish.pending_until is None or now >= wish.pending_until:
        return False
    digits = "".join(typed.split())[:20]
    right = hmac.compare_digest(code_of(wish, secret).encode(), digits.encode())
    if wish.failures >= FAILURES or not right:
        wish.failures += 1
        return False
    wish.address, wish.refused_at = wish.pending, None
    wish.pending, wish.pending_until, wish.failures = "", None, 0
    _record(db, staff_id, "confirmed", now)
    return True


def choose(db: Session, staff_id: int, kinds: Iterable[str], locale: Locale) -> None:
    """Keep which kinds of letters the person wants and in which language; words that are no kind are left out."""
    wish = of(db, staff_id)
    if wish is not None:
        chosen = frozenset(kinds)
        wish.kinds, wish.locale = " ".join(kind for kind in letters.KINDS if kind in chosen), locale


def remove(db: Session, staff_id: int, *, now: datetime) -> None:
    """Forget the person's address; what is promised already finds nobody."""
    wish = of(db, staff_id)
    if wish is not None:
        wish.address = wish.pending = ""
        wish.pending_until = wish.refused_at = None
        _record(db, staff_id, "removed", now)


def _record(db: Session, staff_id: int, what: str, now: datetime) -> None:
    who = f"staff:{staff_id}"
    audit.record(db, event="mail-address", actor=who, subject=who, verdict="allowed", reason=what, now=now)
