"""The registry as this party believes it: pinned by ``join``, read now and then, verified once for each word it said."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from federation import kept, trust
from federation.errors import NotAMember
from federation.members.witness import Witness
from federation.roster import AnchorSeen
from federation.trust import Anchor, Pins, VerifiedAnchor

_ROW = AnchorSeen.__table__.c
_SEEN = select(_ROW.configuration, _ROW.issued).where(_ROW.entity_id == bindparam("who"))
"""Two columns, since every request asks and an object of the session costs as much again."""


class Anchorage:
    """Where this party's trust is made fast. Safe to share between threads."""

    def __init__(self, pins: Pins, witness: Witness, own: Callable[[], Anchor] | None) -> None:
        """Take what was pinned, and who hears that it moved; at the registry itself ``own`` gives its own keys."""
        self.pins = pins
        self._witness = witness
        self._own = own
        self._verified: dict[str, VerifiedAnchor] = {}

    def trusted(self, db: Session) -> Anchor:
        """Return the registry with its keys; raises ``NotAMember`` before its configuration was ever read."""
        return self._own() if self._own else self.verified(db).anchor

    def verified(self, db: Session) -> VerifiedAnchor:
        """Return all the registry says of itself; raises ``NotAMember`` before it was ever read."""
        seen = db.connection().execute(_SEEN, {"who": self.pins.entity_id}).first()
        if seen is None:
            raise NotAMember("the registry has not been read yet")
        found = self._verified.get(seen.configuration)
        if found is None:
            # Its keys are pinned and do not expire with the document that lists them: hence as of its signing.
            found = trust.verify_anchor(seen.configuration, self.pins, now=seen.issued)
            self._verified = {seen.configuration: found}
        return found

    def read(self, db: Session, configuration: str, now: datetime) -> None:
        """Take in what the registry says of itself now; raises ``TrustBroken`` for what the pins do not bear."""
        seen = db.get(AnchorSeen, self.pins.entity_id, with_for_update=True)
        last = kept.mandate_in(seen.configuration) if seen else ""
        newer_than = seen.issued if seen else None
        verified = trust.verify_anchor(configuration, self.pins, now=now, newer_than=newer_than, last=last)
        online = kept.signed_with(configuration, verified.keys)
        if seen is None:
            seen = AnchorSeen(entity_id=self.pins.entity_id, online=online)
            db.add(seen)
        if seen.online != online:
            lost = seen.online not in trust.thumbprints(verified.keys)
            self._witness.anchor_moved(db, seen.online, online, lost=lost)
        seen.configuration, seen.online, seen.issued, seen.seen_at = configuration, online, verified.issued, now
