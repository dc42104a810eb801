"""What this party knows of the others: the members table, how it is kept fresh, and who may be believed now.

Anchor-first: only who stands in the table is anybody. An id that does not is refused without a call to anyone, so no
token can make us contact the host it names. What is in the table came from the registry's feed and verified under the
pinned keys. Freshness is not validity: a statement holds until it expires, and only a signed status suspends.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import trust
from federation.envelope import shown
from federation.errors import (
    MemberSuspended,
    NotAMember,
    PeerAnsweredBadly,
    PeerRefused,
    PeerUnreachable,
    TachiyoriError,
    TrustBroken,
)
from federation.follow import Followed, follow
from federation.messages.feed import FeedItem
from federation.remote_registry import RegistryVerbs
from federation.roster import AnchorSeen, Member, find, keep, read_entry, set_status
from federation.storage import Storage
from federation.trust import Anchor, Party, Pins, VerifiedAnchor, VerifiedMember

__all__ = ["AnchorSeen", "Member", "Members", "RegistryVerbs", "find", "keep"]

log = logging.getLogger(__name__)

REGISTRY = 0
"""The feed cursor's source for the registry's own feeds."""
COOLDOWN = timedelta(seconds=30)
MAX_KEPT = 4096


class Members:
    """The others, as this process believes them. Safe to share between threads; several processes share the table."""

    def __init__(
        self,
        storage: Storage,
        pins: Pins,
        own_entity_id: str,
        registry: RegistryVerbs | None,
        *,
        alarm: Callable[[str], None] | None = None,
        own_anchor: Callable[[], Anchor] | None = None,
    ) -> None:
        """Take the table's storage, the anchor's pins and the registry's verbs.

        ``alarm`` is told, in English, when the registry's word about this party's own code or keys changes. At the
        registry itself, which fetches from nobody, ``registry`` is None and ``own_anchor`` gives its own keys.
        """
        self.storage = storage
        self.own_entity_id = own_entity_id
        self._pins = pins
        self._registry = registry
        self._own_anchor = own_anchor
        self._alarm = alarm or (lambda words: log.critical("%s", words))
        self._kept: OrderedDict[tuple[str, ...], VerifiedMember] = OrderedDict()
        self._anchors: dict[tuple[str, str], VerifiedAnchor] = {}
        self._lock = threading.Lock()
        self._fetching = threading.BoundedSemaphore(2)
        self._refetched: dict[str, datetime] = {}

    # --- Who may be believed now ------------------------------------------------------------------------------

    def verified(self, entity_id: str, now: datetime, *, grace: timedelta = timedelta(0)) -> VerifiedMember:
        """Return the member, verified; nobody is called. Opens a reading transaction; inside one, use ``verify``.

        Raises ``NotAMember``, ``MemberSuspended`` by the newest status, ``TrustBroken`` when the statements have expired.
        ``grace``, at most ``trust.DISASTER``, honours expired ones in a disaster.
        """
        with self.storage.transaction() as db:
            return self.verify(db, self.row(db, entity_id), now, grace=grace)

    def by_code(self, code: str, now: datetime) -> VerifiedMember:
        """Return the live member of this 団体コード, verified; raises as ``verified`` does."""
        with self.storage.transaction() as db:
            row = db.scalar(select(Member).where(Member.code == code, ~Member.gone))
            if row is None:
                raise NotAMember(code)
            return self.verify(db, row, now)

    def party(self, entity_id: str, now: datetime) -> Party:
        """Return a member or the registry, verified: anybody who may call us. Raises as ``verified`` does."""
        if entity_id != self._pins.entity_id:
            return self.verified(entity_id, now)
        with self.storage.transaction() as db:
            registry = self._anchor(db)
        if registry.expires <= now:
            raise TrustBroken("the registry's configuration has expired")
        return registry

    def row(self, db: Session, entity_id: str) -> Member:
        """Return the table's row of a live member, by its exact id; raises ``NotAMember``."""
        found = find(db, entity_id)
        if found is None or found.gone:
            raise NotAMember(shown(entity_id))
        return found

    def verify(self, db: Session, row: Member, now: datetime, *, grace: timedelta = timedelta(0)) -> VerifiedMember:
        """Verify a row of the table; raises as ``verified`` does."""
        if row.status == "suspended":
            raise MemberSuspended(row.entity_id)
        if row.gone or row.status != "valid":
            raise NotAMember(f"{row.entity_id} is {row.status}")
        if now >= row.expires + min(grace, trust.DISASTER):
            raise TrustBroken(f"what the registry said of {row.entity_id} has expired")
        return self._chain(self._trusted(db), row)

    def anchor(self) -> Anchor:
        """Return the registry with its keys; raises ``NotAMember`` before its configuration was ever read."""
        with self.storage.transaction() as db:
            return self._trusted(db)

    def _trusted(self, db: Session) -> Anchor:
        return self._own_anchor() if self._own_anchor else self._anchor(db).anchor

    def _anchor(self, db: Session) -> VerifiedAnchor:
        seen = db.get(AnchorSeen, self._pins.entity_id)
        if seen is None:
            raise NotAMember("the registry has not been read yet")
        name = (seen.configuration, seen.online)
        anchors = self._anchors
        if name not in anchors:
            # Its keys are pinned and do not expire with the document that lists them: hence as of its signing.
            anchors = {name: trust.verify_anchor(seen.configuration, self._pins_now(seen), now=seen.issued)}
            self._anchors = anchors
        return anchors[name]

    def _pins_now(self, seen: AnchorSeen | None) -> Pins:
        return Pins(self._pins.entity_id, seen.online, self._pins.recovery) if seen else self._pins

    def _chain(self, anchor: Anchor, row: Member) -> VerifiedMember:
        """Verify a row's statements once, and remember the outcome as long as neither they nor the anchor change."""
        name = (row.statement, row.configuration, *trust.thumbprints(anchor.keys))
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        member = trust.verify_member(
            anchor=anchor,
            entity_configuration=row.configuration,
            subordinate_statement=row.statement,
            now=max(row.issued, row.configured),
        )
        with self._lock:
            self._kept[name] = member
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return member

    # --- Staying informed -------------------------------------------------------------------------------------

    def refresh(self, now: datetime) -> Followed:
        """Read the registry's own configuration and follow its members feed: a job, and after a hint.

        A member whose word does not hold keeps its last good copy, and ``trouble`` says why.
        """
        registry = self._verbs()
        self._read_anchor(registry.configuration(self._pins.entity_id), now)
        anchor = self.anchor()
        followed = follow(
            self.storage,
            source=REGISTRY,
            feed="members",
            first=registry.members_feed,
            fetch=registry.members_page,
            apply=lambda db, item: self._apply(db, item, anchor, now),
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
            anchor, seen = self._anchor(db).anchor, db.get_one(AnchorSeen, self._pins.entity_id)
            etag, newest = seen.status_etag, seen.status_issued
            waiting = db.scalar(select(Member.id).where(Member.status == "unknown", ~Member.gone).limit(1))
        fetched = registry.status_list("" if waiting else etag)
        if fetched is None:
            return False
        statuses = trust.verify_status_list(fetched[0], anchor=anchor, now=now, newer_than=newest)
        with self.storage.transaction(write=True) as db:
            seen = db.get_one(AnchorSeen, self._pins.entity_id, with_for_update=True)
            if seen.status_issued is not None and statuses.issued < seen.status_issued:
                return False
            seen.status_list, seen.status_etag, seen.status_issued = fetched[0], fetched[1], statuses.issued
            for row in db.scalars(select(Member).where(~Member.gone).order_by(Member.id)):
                set_status(row, statuses)
        return True

    def refetch(self, entity_id: str, now: datetime) -> bool:
        """Fetch one member's statements now, as for an unknown ``kid``; raise ``NotAMember`` for who is not in the table.

        False within 30 s of the last time, and while two others are fetched: an unsigned token is enough to come here.
        """
        if self._registry is None or entity_id == self._pins.entity_id:
            return False
        with self.storage.transaction() as db:
            held = self.row(db, entity_id).configuration
        with self._lock:
            last = self._refetched.get(entity_id, now - COOLDOWN)
            if now < last + COOLDOWN or not self._fetching.acquire(blocking=False):
                return False
            self._refetched[entity_id] = now
        try:
            return self._fetch_one(self._registry, entity_id, held, now)
        finally:
            self._fetching.release()

    def _fetch_one(self, registry: RegistryVerbs, entity_id: str, held: str, now: datetime) -> bool:
        try:
            statement = registry.statement(entity_id)
            configuration = _or_else(lambda: registry.configuration(entity_id), held)
            verified = trust.verify_member(
                anchor=self.anchor(), entity_configuration=configuration, subordinate_statement=statement, now=now
            )
            if verified.entity_id != entity_id:
                raise TrustBroken(f"the registry answered with {verified.entity_id}")
            with self.storage.transaction(write=True) as db:
                self._keep(db, verified, statement, configuration, now)
        except TachiyoriError as error:
            log.warning("members: %s was not refetched: %s", entity_id, error.detail)
            return False
        return True

    def _verbs(self) -> RegistryVerbs:
        if self._registry is None:
            raise RuntimeError("the registry informs itself")
        return self._registry

    def _read_anchor(self, configuration: str, now: datetime) -> None:
        with self.storage.transaction(write=True) as db:
            seen = db.get(AnchorSeen, self._pins.entity_id, with_for_update=True)
            pins = self._pins_now(seen)
            verified = trust.verify_anchor(configuration, pins, now=now, newer_than=seen.issued if seen else None)
            moved = trust.recovered(configuration, pins, now=now)
            if moved is not None:
                self._alarm(f"the registry's recovery key has named a new online key: {moved.online}")
            if seen is None:
                seen = AnchorSeen(entity_id=pins.entity_id)
                db.add(seen)
            seen.configuration, seen.online = configuration, (moved or pins).online
            seen.issued, seen.seen_at = verified.issued, now

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
        held = find(db, verified.entity_id)
        if held is not None and verified.entity_id == self.own_entity_id:
            self._watch_own(held, verified)
        return keep(db, verified, statement=statement, configuration=configuration, now=now)

    def _watch_own(self, held: Member, said: VerifiedMember) -> None:
        before = trust.attested(held.statement)
        if said.code != held.code or before != trust.thumbprints(said.federation_keys):
            self._alarm(f"the registry's word about this party's own code or keys has changed: {said.code}")


def _or_else(fetch: Callable[[], str], held: str) -> str:
    """Return what is fetched, or what is held: a member may not be reachable from here, and is no less one for that."""
    try:
        return fetch()
    except (PeerUnreachable, PeerRefused, PeerAnsweredBadly):
        return held
