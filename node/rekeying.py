"""Putting the town's changed keys into force: the registry is told at once, and again until it attests them.

The registry takes our configuration when it is signed with a key it attests already, and pings everybody. After the
federation key itself was compromised its word is worth nothing: the town enrols again, with an invitation that an
operator gave by another way, and is admitted after both have compared the new thumbprint (``node.joining``).
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import audit, keys
from federation.errors import TachiyoriError
from federation.kept import Spoken, attested_keys, spoken_keys
from federation.keys import KeyPair, Purpose
from federation.members import Member, find
from federation.remote_registry import RemoteRegistry
from node import entity, marks
from node.host import answers
from node.models.bookings import Booking
from node.town import Town

_log = logging.getLogger(__name__)


def rotate(town: Town, purpose: Purpose, *, announce: timedelta, overlap: timedelta | None) -> KeyPair:
    """Make the next key of one purpose, announced before it signs; return it."""
    now = town.clock()
    pair = keys.rotate(town.config.data / "keys", purpose, now=now, announce=announce, overlap=overlap)
    with town.storage.transaction(write=True) as db:
        _record(db, town, f"{purpose} rotated to {pair.kid}", now)
    return pair


def revoke(town: Town, purpose: Purpose) -> KeyPair:
    """End every key of one purpose now; return the one that signs instead. What was signed is refused from now on."""
    now = town.clock()
    pair = keys.revoke(town.config.data / "keys", purpose, now=now)
    with town.storage.transaction(write=True) as db:
        _record(db, town, f"{purpose} compromised, now {pair.kid}", now)
        if purpose == "pass":
            for booking in db.scalars(select(Booking).where(Booking.state.in_(answers.ADMITTED))):
                answers.touched(db, booking, now)
    return pair


def _record(db: Session, town: Town, reason: str, now: datetime) -> None:
    own = town.config.entity_id
    audit.record(db, event="keys", actor="command", subject=own, verdict="allowed", reason=reason, now=now)


def is_attested(town: Town) -> bool:
    """Say whether the registry's newest word about us, as we know it, names just the keys that we publish."""
    with town.storage.transaction() as db:
        held = find(db, town.config.entity_id)
    if held is None:
        return False
    ours = Spoken(frozenset(town.keys.federation.public()), frozenset(town.keys.protocol.public()))
    return spoken_keys(held.configuration) == ours and attested_keys(held.statement) == ours.federation


def may_vouch(town: Town) -> bool:
    """Say whether the key that signs our statements is one that the registry attests, so that it takes our word."""
    with town.storage.transaction() as db:
        held: Member | None = find(db, town.config.entity_id)
    return held is not None and town.keys.federation.current.kid in attested_keys(held.statement)


def tell(town: Town) -> bool:
    """Hand the registry what we say of ourselves now; False when it could not be told, which the next job repeats."""
    now = town.clock()
    configuration = entity.configuration(town.config, town.keys, now, marks.carried(town.config, town.members, now))
    try:
        RemoteRegistry(town.peer, town.config.registry).publish_configuration(configuration)
    except TachiyoriError as error:
        _log.warning("the registry has not taken our configuration: %s %s", error.code, error.detail)
        return False
    return True


def keep_told(town: Town) -> bool:
    """Tell the registry whenever it attests other keys than ours: a job. True when there was nothing to tell."""
    if is_attested(town):
        return True
    if may_vouch(town):
        tell(town)
    return False
