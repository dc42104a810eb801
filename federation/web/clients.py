"""Who calls: a party of the federation, authenticated by an assertion signed with its protocol key.

RFC 7523bis with the audience-injection fix: ``aud`` is our own entity id, as one string. Authlib's own class accepts a
list and knows no single use, so it is not used.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from federation import replay
from federation.errors import NotAMember, TokenRefused
from federation.peer import ASSERTION_TYPE
from federation.storage import Storage
from federation.tokens import CLIENT_ASSERTION, Claims, peek
from federation.trust import Party

log = logging.getLogger(__name__)


class Directory(Protocol):
    """Who may call; ``federation.members.Members`` is one."""

    def party(self, entity_id: str, now: datetime) -> Party:
        """Return the party, verified; raises ``NotAMember``, ``MemberSuspended`` or ``TrustBroken``."""
        ...

    def refetch(self, entity_id: str, now: datetime) -> bool:
        """Read a known party's statements anew, seldom; False when nothing was read."""
        ...


class Clients:
    """Authenticates callers by their client assertions, each good once, remembered for all workers."""

    def __init__(self, entity_id: str, directory: Directory, storage: Storage, clock: Callable[[], datetime]) -> None:
        """Take who we are, whom we know, where used assertions are remembered, and a clock giving aware UTC."""
        self.entity_id = entity_id
        self._directory = directory
        self._storage = storage
        self._clock = clock

    def authenticate(self, form: Mapping[str, str]) -> Party:
        """Return the party that sent ``form``, which carries the assertion (RFC 7523, 2.2).

        Raises ``TokenRefused``, ``NotAMember`` or ``TrustBroken``. Opens a transaction; nobody is called, but for a
        known party's statements when it signs with a key we have not seen.
        """
        token, now = form.get("client_assertion", ""), self._clock()
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise TokenRefused("no client assertion of the type we take")
        issuer = peek(token).claims.get("iss")
        if not isinstance(issuer, str) or form.get("client_id", issuer) != issuer:
            raise TokenRefused("client_id is not the assertion's issuer")
        if issuer == self.entity_id:
            raise NotAMember("we do not call ourselves")
        party, claims = self._verify(token, issuer, now)
        with self._storage.transaction(write=True) as db:
            replay.once(db, issuer=issuer, jti=claims.jti, expires=claims.expires, now=now)
        return party

    def _verify(self, token: str, issuer: str, now: datetime) -> tuple[Party, Claims]:
        party = self._directory.party(issuer, now)
        if peek(token).header.get("kid") not in party.protocol_keys and self._directory.refetch(issuer, now):
            party = self._directory.party(issuer, now)
        claims = CLIENT_ASSERTION.verify(token, party.protocol_keys, now=now, issuer=issuer, audience=self.entity_id)
        return party, claims
