"""Who may be believed now: the table's rows, verified under the registry's keys. Nobody is called from here."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import trust
from federation.claims import is_entity_id
from federation.envelope import shown
from federation.errors import MemberSuspended, NotAMember, TrustBroken
from federation.members.anchorage import Anchorage
from federation.prepared import Prepared, moment
from federation.roster import Member, find
from federation.storage import Storage
from federation.trust import Anchor, Party, Pins, VerifiedMember

MAX_KEPT = 4096

_LIVE = Prepared("""
    SELECT entity_id, status, gone, statement, configuration, issued, configured, expires
    FROM members WHERE entity_id = :who AND NOT gone""")

Grace = Callable[[Session, datetime], timedelta]
"""How long beyond their expiry statements are honoured now; asked only of expired ones."""


def no_grace(_db: Session, _now: datetime) -> timedelta:
    """What holds on all days but those of a declared disaster."""
    return timedelta(0)


class _Row(NamedTuple):
    """What a member's row says of its standing, and the statements it rests on."""

    entity_id: str
    status: str
    gone: bool
    statement: str
    configuration: str
    issued: datetime
    configured: datetime
    expires: datetime


class Believed:
    """The others, as the table holds them. Safe to share between threads; several processes share the table."""

    def __init__(self, storage: Storage, anchorage: Anchorage, grace: Grace) -> None:
        """Take the table's storage, where trust in the registry is made fast, and how long it may be silent."""
        self.storage = storage
        self._anchorage = anchorage
        self._grace = grace
        self._kept: OrderedDict[tuple[str, ...], VerifiedMember] = OrderedDict()
        self._lock = threading.Lock()

    def verified(self, entity_id: str, now: datetime) -> VerifiedMember:
        """Return the member, verified; nobody is called. Opens a reading transaction; inside one, use ``verify``.

        Raises ``NotAMember``, ``MemberSuspended`` by the newest status, ``TrustBroken`` when the statements have expired.
        In a declared disaster expired ones are honoured a while longer, ``trust.DISASTER`` at most.
        """
        with self.storage.transaction() as db:
            return self._standing(db, entity_id, now)

    def _standing(self, db: Session, entity_id: str, now: datetime) -> VerifiedMember:
        """Read and verify a member for one request: by columns, since an object of the session costs as much again."""
        # What is no entity id may hold what a database refuses to compare, such as a NUL.
        rows = _LIVE.rows(db, {"who": entity_id}) if is_entity_id(entity_id) else []
        if not rows:
            raise NotAMember(shown(entity_id))
        return self.verify(db, _Row(*rows[0][:5], *map(moment, rows[0][5:])), now)

    def by_code(self, code: str, now: datetime) -> VerifiedMember:
        """Return the live member of this 団体コード, verified; raises as ``verified`` does."""
        with self.storage.transaction() as db:
            row = db.scalar(select(Member).where(Member.code == code, ~Member.gone))
            if row is None:
                raise NotAMember(code)
            return self.verify(db, row, now)

    def party(self, entity_id: str, now: datetime, *, meanwhile: Callable[[Session], None] = lambda _db: None) -> Party:
        """Return a member or the registry, verified: anybody who may call us. Raises as ``verified`` does.

        ``meanwhile`` is asked in the same transaction, and may raise too.
        """
        with self.storage.transaction() as db:
            meanwhile(db)
            if entity_id != self._anchorage.pins.entity_id:
                return self._standing(db, entity_id, now)
            registry = self._anchorage.verified(db)
        if registry.expires <= now:
            raise TrustBroken("the registry's configuration has expired")
        return registry

    def row(self, db: Session, entity_id: str) -> Member:
        """Return the table's row of a live member, by its exact id; raises ``NotAMember``."""
        found = find(db, entity_id)
        if found is None or found.gone:
            raise NotAMember(shown(entity_id))
        return found

    def verify(self, db: Session, row: Member | _Row, now: datetime) -> VerifiedMember:
        """Verify a row of the table; raises as ``verified`` does."""
        if row.status == "suspended":
            raise MemberSuspended(row.entity_id)
        if row.gone or row.status != "valid":
            raise NotAMember(f"{row.entity_id} is {row.status}")
        if now >= row.expires and now >= row.expires + min(self._grace(db, now), trust.DISASTER):
            raise TrustBroken(f"what the registry said of {row.entity_id} has expired")
        return self._chain(self._anchorage.trusted(db), row)

    def anchor(self) -> Anchor:
        """Return the registry with its keys; raises ``NotAMember`` before its configuration was ever read."""
        with self.storage.transaction() as db:
            return self._anchorage.trusted(db)

    def anchor_of(self, db: Session) -> Anchor:
        """Return the same inside a transaction."""
        return self._anchorage.trusted(db)

    @property
    def pins(self) -> Pins:
        """What ``join`` fixed about the registry."""
        return self._anchorage.pins

    def _chain(self, anchor: Anchor, row: Member | _Row) -> VerifiedMember:
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
