"""Who calls: a party of the federation, authenticated by an assertion signed with its protocol key.

RFC 7523bis with the audience-injection fix: ``aud`` is our own entity id, as one string. Authlib's own class accepts a
list and knows no single use, so it is not used.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol, cast

from flask import Flask, current_app
from sqlalchemy.orm import Session

from federation import replay
from federation.errors import NotAMember, TokenRefused, TrustBroken
from federation.peer import ASSERTION_TYPE
from federation.refusals import Refusals
from federation.storage import Storage
from federation.tokens import CLIENT_ASSERTION, peek
from federation.trust import Party

log = logging.getLogger(__name__)

EXTENSION = "tachiyori-clients"


class Directory(Protocol):
    """Who may call; ``federation.members.Members`` is one."""

    def party(self, entity_id: str, now: datetime, *, meanwhile: Callable[[Session], None] = ...) -> Party:
        """Return the party, verified; raises ``NotAMember``, ``MemberSuspended`` or ``TrustBroken``.

        ``meanwhile`` is asked in the same transaction, and may raise too.
        """
        ...

    def refetch(self, entity_id: str, now: datetime) -> bool:
        """Read a known party's statements anew, seldom; False when nothing was read."""
        ...


class Clients:
    """Authenticates callers by their client assertions, each good once, remembered for all workers."""

    def __init__(self, entity_id: str, directory: Directory, storage: Storage, clock: Callable[[], datetime]) -> None:
        """Take who we are, whom we know, where used assertions are remembered, and a clock giving aware UTC."""
        self.entity_id = entity_id
        self.refusals = Refusals(storage, clock)
        self._directory = directory
        self._storage = storage
        self._clock = clock

    def attach(self, app: Flask) -> None:
        """Make these the clients of ``app``, for ``clients``."""
        app.extensions[EXTENSION] = self

    def authenticate(self, form: Mapping[str, str]) -> Party:
        """Return the party that sent ``form``, which carries the assertion (RFC 7523, 2.2).

        Raises ``TokenRefused``, ``NotAMember`` or ``TrustBroken``, and writes the refusal down. Opens a transaction;
        nobody is called, but for a known party's statements when it signs with a key we have not seen.
        """
        try:
            return self._authenticate(form)
        except (TokenRefused, NotAMember, TrustBroken) as error:
            self.refusals.of_stranger("client", _said(form), error.code)
            raise

    def _authenticate(self, form: Mapping[str, str]) -> Party:
        token, now = form.get("client_assertion", ""), self._clock()
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise TokenRefused("no client assertion of the type we take")
        issuer = peek(token).claims.get("iss")
        if not isinstance(issuer, str) or form.get("client_id", issuer) != issuer:
            raise TokenRefused("client_id is not the assertion's issuer")
        if issuer == self.entity_id:
            raise NotAMember("we do not call ourselves")
        party = self.signer(token, issuer)
        claims = CLIENT_ASSERTION.verify(token, party.protocol_keys, now=now, issuer=issuer, audience=self.entity_id)
        with self._storage.transaction(write=True) as db:
            replay.once(db, issuer=issuer, jti=claims.jti, expires=claims.expires, now=now)
        return party

    def signer(self, token: str, issuer: str) -> Party:
        """Return who is said to have signed ``token``, with the keys to see whether it did; raises as ``authenticate``.

        A key we have not seen is asked for once, seldom.
        """
        party = self._directory.party(issuer, self._clock())
        if peek(token).header.get("kid") not in party.protocol_keys and self._directory.refetch(issuer, self._clock()):
            party = self._directory.party(issuer, self._clock())
        return party


def clients() -> Clients:
    """Return what authenticates the callers of the present application."""
    return cast(Clients, current_app.extensions[EXTENSION])


def _said(form: Mapping[str, str]) -> object:
    """Return who the caller says it is."""
    try:
        return peek(form.get("client_assertion", "")).claims.get("iss")
    except TokenRefused:
        return form.get("client_id")
