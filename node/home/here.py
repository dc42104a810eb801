"""The desk somebody stands at: found by the code typed from its label, or come from the label itself.

A code is asked for first where this person has a booking now, then at the one host they name: no code is carried from
host to host, and a person tries only so many.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.errors import BadDeskCode, NotFound, TachiyoriError
from federation.messages.booking import Availability
from federation.messages.listing import DeskListing, SiteListing
from node.home import wishes
from node.home.wishes import When
from node.models.trips import Trip
from node.people import allowances
from node.town import Town

EARLY = timedelta(minutes=30)
"""How long before the start somebody may stand there; the host decides."""
TRIES = 10
"""So many codes one person may type in a minute."""
_HOSTS = 3
_SLOT = timedelta(minutes=15)


def hosts_now(db: Session, staff_id: int, *, now: datetime) -> Sequence[str]:
    """Return the hosts (entity ids) where the person has a booking on now or about to begin, or one of today."""
    about = timedelta(hours=12)
    mine = (Trip.staff_id == staff_id, Trip.state.in_(("confirmed", "checked_in")))
    near = select(Trip.host).where(*mine, Trip.start < now + about, Trip.end > now - about)
    return db.scalars(near.group_by(Trip.host).order_by(Trip.host).limit(_HOSTS)).all()


def find_trip(db: Session, staff_id: int, host: str, desk_id: str, *, now: datetime) -> Trip | None:
    """Return the person's booking of that desk which is on now or about to begin, or None."""
    mine = (Trip.staff_id == staff_id, Trip.host == host, Trip.desk_id == desk_id)
    on = (Trip.state.in_(("confirmed", "checked_in")), Trip.start <= now + EARLY, Trip.end > now)
    return db.scalar(select(Trip).where(*mine, *on).order_by(Trip.start).limit(1))


def find_desk(
    town: Town, staff_id: int, code: str, hosts: Iterable[str], *, now: datetime
) -> tuple[str, SiteListing, DeskListing] | None:
    """Ask these hosts for the desk with this code; None where none of them has it.

    Raises ``TooMany`` for a person who tries too many, and what kept a host from answering where no other has it.
    """
    with town.storage.transaction(write=True) as db:
        allowances.spend(db, "desk-code-typed", f"staff:{staff_id}", TRIES, now=now)
    trouble: TachiyoriError | None = None
    for host in hosts:
        try:
            site, desk = town.hosts(host).desk_by_code(code)
        except NotFound:
            continue
        except TachiyoriError as error:
            trouble = error
            continue
        return host, site, desk
    if trouble is not None:
        raise trouble
    return None


def from_now(free: Availability, site: SiteListing, *, now: datetime) -> When | None:
    """Return the time from the next quarter of an hour to the evening, after it to midnight, as far as the desk is free."""
    start = now + (datetime.min.replace(tzinfo=now.tzinfo) - now) % _SLOT
    around = (span for span in free.free if span.start <= start < span.end)
    span = next(around, None)
    if span is None:
        return None
    evening, midnight = wishes.evening(start, site.half_days), wishes.end_of_day(start)
    return wishes.around(start, min(span.end, evening if start < evening else midnight))


def desk_code(text: str) -> str:
    """Return a typed code if it can be one (the host knows which there are); raise ``BadDeskCode`` otherwise."""
    code = "".join(letter for letter in unicodedata.normalize("NFKC", text).upper() if letter not in "-‐ー− ")
    if not (len(code) == 6 and code.isascii() and code.isalnum()):
        raise BadDeskCode(f"code {text[:20]!r}", field="code")
    return code
