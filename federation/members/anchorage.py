"""The registry as this party believes it: pinned by ``join``, read now and then, verified once for each word it said."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from federation import kept, trust
from federation.errors import NotAMember
from federation.members.witness import Witness
from federation.prepared import Prepared, moment
from federation.roster import AnchorSeen
from federation.trust import Anchor, Pins, VerifiedAnchor

_SEEN = Prepared("SELECT configuration, issued FROM anchor_seen WHERE entity_id = :who")


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
        seen = _SEEN.rows(db, {"who": self.pins.entity_id})
        if not seen:
            raise NotAMember("the registry has not been read yet")
        configuration, issued = seen[0]
        found = self._verified.get(configuration)
        if found is None:
            # Its keys are pinned and do not expire with the document that lists them: hence as of its signing.
            found = trust.verify_anchor(configuration, self.pins, now=moment(issued))
            self._verified = {configuration: found}
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
