"""How the table is kept fresh: the members feed, the status list, and one member fetched when it shows a new key."""

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import kept, trust
from federation.envelope import shown
from federation.errors import (
    PeerAnsweredBadly,
    PeerRefused,
    PeerUnreachable,
    TachiyoriError,
    TrustBroken,
)
from federation.follow import Followed, each, follow
from federation.members.anchorage import Anchorage
from federation.members.believed import Believed, Grace, no_grace
from federation.members.flights import Flights
from federation.members.witness import Witness
from federation.messages.feed import FeedItem
from federation.remote_registry import RegistryVerbs
from federation.replaced import Replaced
from federation.roster import AnchorSeen, Member, find, keep, read_entry, set_status
from federation.storage import Storage
from federation.trust import Anchor, Pins, VerifiedMember

log = logging.getLogger(__name__)

REGISTRY = 0
"""The feed cursor's source for the registry's own feeds."""


class Members(Believed):
    """The others, as this process believes them and keeps informed of them."""

    def __init__(
        self,
        storage: Storage,
        pins: Pins,
        own_entity_id: str,
        registry: RegistryVerbs | None,
        *,
        witness: Witness | None = None,
        grace: Grace = no_grace,
        own_anchor: Callable[[], Anchor] | None = None,
    ) -> None:
        """Take the table's storage, the anchor's pins and the registry's verbs.

        ``witness`` hears that the registry's key moved, and what it says of this party itself. ``grace`` is how long the
        registry may be silent beyond what it signed. At the registry, which
        fetches from nobody, ``registry`` is None and ``own_anchor`` may give its own keys.
        """
        self.own_entity_id = own_entity_id
        self._registry = registry
        self._witness = witness or Witness()
        self._flights = Flights()
        super().__init__(storage, Anchorage(pins, self._witness, own_anchor), grace)

    def refresh(self, now: datetime) -> Followed:
        """Read the registry's own configuration and follow its members feed: a job, and after a hint.

        A member whose word does not hold keeps its last good copy, and ``trouble`` says why.
        """
        registry = self._verbs()
        self._read_anchor(now)
        anchor = self.anchor()
        followed = follow(
            self.storage,
            source=REGISTRY,
            feed="members",
            first=registry.members_feed,
            fetch=registry.members_page,
            apply=each(lambda db, item: self._apply(db, item, anchor, now)),
            sweep=lambda db, unmet: None,
            now=now,
        )
        if followed.items:
            self.refresh_status(now)
        return followed

    def refresh_status(self, now: datetime) -> bool:
        """Fetch the status list and take it in; False when it is still the one we have. A job, every minute."""
        registry = self._verbs()
        with self.storage.transaction() as db:
            anchor, seen = self._anchorage.verified(db).anchor, self._seen(db)
            etag, newest = seen.status_etag, seen.status_issued
            waiting = db.scalar(select(Member.id).where(Member.status == "unknown", ~Member.gone).limit(1))
        fetched = registry.status_list("" if waiting else etag)
        if fetched is None:
            return False
        if not kept.is_signed_by(fetched[0], anchor.keys):
            # The registry may have another online key by now, which its own configuration names.
            self._read_anchor(now)
            anchor = self.anchor()
        statuses = trust.verify_status_list(fetched[0], anchor=anchor, now=now, newer_than=newest)
        with self.storage.transaction(write=True) as db:
            seen = self._seen(db, for_update=True)
            if seen.status_issued is not None and statuses.issued < seen.status_issued:
                return False
            seen.status_list, seen.status_etag, seen.status_issued = fetched[0], fetched[1], statuses.issued
            for row in db.scalars(select(Member).where(~Member.gone).order_by(Member.id)):
                set_status(db, row, statuses, now=now)
        return True

    def refetch(self, entity_id: str, now: datetime) -> bool:
        """Fetch what is said of one member or the registry now, as for an unknown ``kid``; True if the table is fresh.

        Not within 30 s of the last time, when the answer is what came of that; who asks meanwhile waits for it. Raises
        ``NotAMember`` for who is not in the table. While two others are fetched the answer is False.
        """
        registry = self._registry
        if registry is None:
            return False
        if entity_id == self._anchorage.pins.entity_id:
            return self._flights.fetch(entity_id, now, lambda: self._read_anchor(now))
        with self.storage.transaction() as db:
            held = self.row(db, entity_id).configuration
        return self._flights.fetch(entity_id, now, lambda: self._fetch_one(registry, entity_id, held, now))

    def _fetch_one(self, registry: RegistryVerbs, entity_id: str, held: str, now: datetime) -> None:
        statement = registry.statement(entity_id)
        configuration = _or_else(lambda: registry.configuration(entity_id), held)
        verified = trust.verify_member(
            anchor=self.anchor(), entity_configuration=configuration, subordinate_statement=statement, now=now
        )
        if verified.entity_id != entity_id:
            raise TrustBroken(f"the registry answered with {verified.entity_id}")
        with self.storage.transaction(write=True) as db:
            self._keep(db, verified, statement, configuration, now)

    def _verbs(self) -> RegistryVerbs:
        if self._registry is None:
            raise RuntimeError("the registry informs itself")
        return self._registry

    def _read_anchor(self, now: datetime) -> None:
        configuration = self._verbs().configuration(self._anchorage.pins.entity_id)
        with self.storage.transaction(write=True) as db:
            self._anchorage.read(db, configuration, now)

    def _seen(self, db: Session, *, for_update: bool = False) -> AnchorSeen:
        return db.get_one(AnchorSeen, self._anchorage.pins.entity_id, with_for_update=for_update)

    def _apply(self, db: Session, item: FeedItem, anchor: Anchor, now: datetime) -> None:
        """Take one item of the members feed in. A tombstone expels nobody: only a signed status does."""
        if item.kind != "member" or item.data is None:
            return
        try:
            entry = read_entry(item)
            verified = trust.verify_member(
                anchor=anchor,
                entity_configuration=entry.configuration,
                subordinate_statement=entry.statement,
                now=now,
            )
            if entry.entity_id != verified.entity_id:
                raise TrustBroken("the feed names another member than its statement")
            row = self._keep(db, verified, entry.statement, entry.configuration, now)
            row.kind, row.lat, row.lon = entry.kind, entry.lat, entry.lon
        except TachiyoriError as error:
            log.warning("members: %s was not taken: %s", shown(item.id), error.detail)
            row_or_none = find(db, item.id)
            if row_or_none is not None:
                row_or_none.trouble = f"{error.code}: {error.detail}"[:500]

    def _keep(self, db: Session, verified: VerifiedMember, statement: str, configuration: str, now: datetime) -> Member:
        if verified.entity_id == self.own_entity_id:
            self._witness.own_entry(db, find(db, verified.entity_id), verified)
        kept_row = keep(db, verified, statement=statement, configuration=configuration, now=now)
        for former in verified.replaces:
            self._replace(db, former, kept_row)
        return kept_row

    def _replace(self, db: Session, former: Replaced, new: Member) -> None:
        old = find(db, former.entity_id)
        if old is not None and old.code == former.code:
            old.gone = True
            self._witness.replaced(db, old, new)


def _or_else(fetch: Callable[[], str], held: str) -> str:
    """Return what is fetched, or what is held: a member may not be reachable from here, and is no less one for that."""
    try:
        return fetch()
    except (PeerUnreachable, PeerRefused, PeerAnsweredBadly):
        return held
