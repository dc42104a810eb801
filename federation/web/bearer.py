"""The resource server's check: a token of our own, and with each request the proof of the key it is bound to.

RFC 9449, 7 and RFC 9068, 4. The URL a proof must name is the configured entity id and the request's path; Host and
X-Forwarded headers are never read. A member that was suspended since its token was issued is refused here too.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import cast
from urllib.parse import quote

from flask import Flask, Response, current_app, g, request
from sqlalchemy.orm import Session

from federation.errors import (
    Forbidden,
    NonceNeeded,
    NotAMember,
    ScopeMissing,
    TokenMissing,
    TokenRefused,
    TokenReplayed,
    TrustBroken,
)
from federation.keys import KeyRing
from federation.refusals import Refusals
from federation.replay import Proofs
from federation.tokens import PERSON_TOKEN, USERINFO_TOKEN, Claims, TokenKind, peek, verify_dpop_proof
from federation.trust import Party, VerifiedMember
from federation.web.clients import Directory
from federation.web.nonces import HEADER, Nonces
from federation.web.verified import VerifiedTokens

EXTENSION = "tachiyori-bearer"
_PATH = "/:@!$&'()*+,;=~-._"


@dataclass(frozen=True)
class Caller:
    """Who sent the present request: the party, and the claims of the token it was sent with."""

    party: Party
    claims: Claims
    person: bool

    @property
    def member(self) -> VerifiedMember:
        """The party as a member; raises ``NotAMember`` for the registry, which has no desks and no people."""
        if not isinstance(self.party, VerifiedMember):
            raise NotAMember(f"{self.party.entity_id} is no town")
        return self.party


class Bearer:
    """Checks tokens that ``federation.web.authorization`` issued."""

    def __init__(
        self,
        *,
        entity_id: str,
        keys: KeyRing,
        directory: Directory,
        proofs: Proofs,
        nonces: Nonces,
        clock: Callable[[], datetime],
        refusals: Refusals,
        ended: Callable[[Claims, Session], bool] = lambda _claims, _db: False,
    ) -> None:
        """Take who we are, our protocol keys, whom we know, where proofs are remembered, nonces, and a clock in aware UTC.

        ``refusals`` is told of each. ``ended`` says, in the transaction that reads the party's standing, whether a token
        has ended before its time: revoked, or its visitor left the home's service.
        """
        self._entity_id = entity_id
        self._keys = keys
        self._directory = directory
        self._proofs = proofs
        self._nonces = nonces
        self._clock = clock
        self._refusals = refusals
        self._ended = ended
        self._tokens = VerifiedTokens(entity_id, keys)

    def attach(self, app: Flask) -> None:
        """Make this the check behind ``node_caller``, ``person_caller`` and ``any_caller`` in ``app``."""
        app.extensions[EXTENSION] = self
        app.after_request(self._offer_nonce)

    def check(self) -> Caller:
        """Check the present request, once; raises ``TokenRefused``, ``NotAMember`` or ``TrustBroken``."""
        with self._noting_refusals():
            now, token = self._clock(), self._presented()
            remembered = self._tokens.find(token, now)
            person = remembered is None and _is_person(token)
            verify = partial(self._verified, PERSON_TOKEN) if person else self._tokens.verify
            claims = remembered or verify(token, now)
            return Caller(self._party(claims, token, now), claims, person)

    def sign_in(self) -> Caller:
        """Check that the present request shows the token of a person's sign-in; raises as ``check`` does."""
        with self._noting_refusals():
            now, token = self._clock(), self._presented()
            claims = self._verified(USERINFO_TOKEN, token, now)
            return Caller(self._party(claims, token, now), claims, person=False)

    @contextmanager
    def _noting_refusals(self) -> Iterator[None]:
        """Write down what is refused inside, of a party from where it has proved that the token is its own."""
        try:
            yield
        except NonceNeeded:
            # No refusal: the caller asks again with the nonce it is given (RFC 9449, 8).
            raise
        except (TokenRefused, NotAMember, TrustBroken) as error:
            proven: Claims | None = g.get("proven")
            # Whoever got hold of a request may send it again and again; that proves nothing.
            if proven is None or isinstance(error, TokenReplayed):
                self._refusals.of_stranger("token-use", request.path, error.code)
            else:
                whose, whom = str(proven["client_id"]), proven.subject
                self._refusals.of_party("token-use", whose, error.code, subject=whom, jti=proven.jti)
            raise

    def _presented(self) -> str:
        """Return the token of the one Authorization header, never from a URL, form or cookie (RFC 9700, 4.3)."""
        g.asked_for_proof = True
        sent = request.headers.getlist("Authorization")
        if not sent:
            raise TokenMissing("no Authorization header")
        scheme, _, token = sent[0].partition(" ") if len(sent) == 1 else ("", "", "")
        if scheme.lower() != "dpop" or not token or "access_token" in request.args:
            raise TokenRefused("one Authorization header of the scheme DPoP is needed")
        return token

    def _party(self, claims: Claims, token: str, now: datetime) -> Party:
        """Return who sent a verified token, once its proof has held and neither party nor token has ended."""
        proof = verify_dpop_proof(_proof(), method=request.method, url=self._url(), now=now, access_token=token)
        if proof.jkt != claims.jkt:
            raise TokenRefused("the token is bound to another key")
        g.proven = claims
        self._nonces.check(proof.nonce, now)
        self._proofs.once(issuer=proof.jkt, jti=proof.jti, expires=proof.expires, now=now)
        return self._directory.party(str(claims["client_id"]), now, meanwhile=partial(self._refuse_ended, claims))

    def _refuse_ended(self, claims: Claims, db: Session) -> None:
        if self._ended(claims, db):
            raise TokenRefused("the token was ended")

    def _verified(self, kind: TokenKind, token: str, now: datetime) -> Claims:
        own = self._entity_id
        return kind.verify(token, self._keys.public(), now=now, issuer=own, audience=own)

    def _offer_nonce(self, response: Response) -> Response:
        """Give every caller who is to prove a key the newest nonce, before the old one is refused (RFC 9449, 8.2)."""
        if "asked_for_proof" in g:
            response.headers[HEADER] = self._nonces.current(self._clock())
        return response

    def _url(self) -> str:
        return self._entity_id + quote(request.root_path.rstrip("/") + request.path, safe=_PATH)


def any_caller() -> Caller:
    """Return who sent the present request, a node or a person; raises ``TokenRefused`` and kin."""
    if "caller" not in g:
        g.caller = cast(Bearer, current_app.extensions[EXTENSION]).check()
    return cast(Caller, g.caller)


def node_caller(scope: str | None = None) -> Caller:
    """Return the node behind the present request; raises ``Forbidden`` for a person, or without ``scope``."""
    caller = any_caller()
    if caller.person:
        raise Forbidden("a person's token is for one booking")
    if scope is not None and scope not in caller.claims.scopes:
        raise ScopeMissing(f"{caller.party.entity_id} has no scope {scope}")
    return caller


def person_caller() -> Caller:
    """Return the visitor behind the present request; raises ``Forbidden`` for a node."""
    caller = any_caller()
    if not caller.person:
        raise Forbidden("a person token is needed")
    return caller


def sign_in_caller() -> Caller:
    """Return the town that shows the token of a person's sign-in; raises ``TokenRefused`` and kin."""
    if "sign_in" not in g:
        g.sign_in = cast(Bearer, current_app.extensions[EXTENSION]).sign_in()
    return cast(Caller, g.sign_in)


def admit_relying() -> None:
    """Let towns in that were told of a person: the guard of ``Audience.RELYING``."""
    sign_in_caller()


def admit_node() -> None:
    """Let nodes in: the guard of ``Audience.NODE``."""
    node_caller()


def admit_person() -> None:
    """Let visitors in, by the token their home asked for: the guard of ``Audience.PERSON``."""
    person_caller()


def _proof() -> str:
    sent = request.headers.getlist("DPoP")
    if len(sent) != 1:
        raise TokenRefused("one DPoP header is needed")
    return sent[0]


def _is_person(token: str) -> bool:
    """Guess by the unverified subject which table to check by; each table refuses the other's tokens."""
    claims = peek(token).claims
    return claims.get("sub") != claims.get("client_id")
