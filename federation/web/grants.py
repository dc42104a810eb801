"""Grants of our profile (RFC 6749, 1.3): what a party of the federation may present at a token endpoint, and get for it.

Authlib dispatches; a grant here judges. Every token is bound to the DPoP key of the request (RFC 9449, 5).
"""

import logging
import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from authlib.oauth2.rfc6749 import OAuth2Error
from authlib.oauth2.rfc6749.errors import InvalidScopeError
from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin

from federation import audit
from federation.errors import NotAMember, TokenRefused, TrustBroken
from federation.tokens import NODE_TOKEN, Proof
from federation.trust import Party, VerifiedMember

if TYPE_CHECKING:
    from federation.web.authorization import Authorization

log = logging.getLogger(__name__)

NODE_LIFE = timedelta(minutes=10)
SCOPES = frozenset({"search", "feed", "manage"})


class InvalidClient(OAuth2Error):  # type: ignore[misc]  # Authlib has no types.
    """Client authentication failed (RFC 6749, 5.2). No WWW-Authenticate: nobody tried the Authorization header."""

    error = "invalid_client"
    status_code = 401


class InvalidProof(OAuth2Error):  # type: ignore[misc]  # Authlib has no types.
    """The DPoP proof is missing or does not hold (RFC 9449, 5)."""

    error = "invalid_dpop_proof"


class UseNonce(OAuth2Error):  # type: ignore[misc]  # Authlib has no types.
    """The DPoP proof carries no nonce of ours that is still good (RFC 9449, 8); the answer's header has one."""

    error = "use_dpop_nonce"


class InvalidGrant(OAuth2Error):  # type: ignore[misc]  # Authlib has no types.
    """The grant does not hold (RFC 6749, 5.2); raised by grants that redeem one."""

    error = "invalid_grant"


class SurerSignIn(OAuth2Error):  # type: ignore[misc]  # Authlib has no types.
    """The person is to sign in more surely, at one of ``acr_values`` (RFC 9470, 3), and may then come again."""

    error = "insufficient_user_authentication"

    def __init__(self, acr_values: str) -> None:
        """Take the levels that would do, separated by blanks."""
        super().__init__()
        self.acr_values = acr_values

    def get_body(self) -> list[tuple[str, str]]:
        """Return the members of the answer."""
        return [*super().get_body(), ("acr_values", self.acr_values)]


@dataclass(frozen=True)
class Issued:
    """An access token, how long it lives, what for, and what else the answer says, such as an ID token."""

    token: str
    life: timedelta
    scope: str = ""
    more: Mapping[str, str] = field(default_factory=dict)


class BoundGrant(BaseGrant, TokenEndpointMixin, ABC):  # type: ignore[misc]  # Authlib has no types.
    """A grant of our profile: the client authenticates, then shows its key; a subclass says what is issued.

    Set ``GRANT_TYPE`` and write ``issue``; raise ``InvalidGrant`` or ``InvalidScopeError`` there to refuse. An error of
    ``federation.errors`` for a token or a party is told as ``invalid_grant``.
    """

    GRANT_TYPE: ClassVar[str]
    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar[list[str]] = ["private_key_jwt"]

    @property
    def authorization(self) -> "Authorization":
        """The server this grant is presented to."""
        found: Authorization = self.server.authorization
        return found

    @property
    def form(self) -> Mapping[str, str]:
        """The parameters of the request; each stands there once."""
        found: Mapping[str, str] = self.request.payload.data
        return found

    @abstractmethod
    def issue(self, party: Party, proof: Proof, now: datetime) -> Issued:
        """Judge the request of an authenticated ``party`` and return a token bound to ``proof.jkt``."""

    def validate_token_request(self) -> None:
        """Authenticate the client."""
        self.request.client = self.authenticate_token_endpoint_client()

    def create_token_response(self) -> tuple[int, dict[str, object], list[tuple[str, str]]]:
        """Check the proof, issue, and answer (RFC 6749, 5.1)."""
        party: Party = self.request.client.party
        try:
            issued = self.issue(party, self.authorization.proof(), self.authorization.clock())
        except (TokenRefused, NotAMember, TrustBroken) as error:
            log.info("token: %s from %s refused: %s", self.GRANT_TYPE, party.entity_id, error.detail)
            self.authorization.note_refusal(party, error.code)
            raise InvalidGrant(description=error.code) from None
        except UseNonce:
            # No refusal: the caller asks again with the nonce it is given (RFC 9449, 8).
            raise
        except OAuth2Error as error:
            self.authorization.note_refusal(party, error.error)
            raise
        body: dict[str, object] = {
            "access_token": issued.token,
            "token_type": "DPoP",
            "expires_in": int(issued.life.total_seconds()),
            **issued.more,
        }
        return 200, body | ({"scope": issued.scope} if issued.scope else {}), self.TOKEN_RESPONSE_HEADER


class NodeGrant(BoundGrant):
    """A party for itself (RFC 6749, 4.4): what is done while no visitor is there."""

    GRANT_TYPE = "client_credentials"

    def issue(self, party: Party, proof: Proof, now: datetime) -> Issued:
        """Issue a node token for the scopes asked, which must all be offered, and fit the party."""
        scopes = self.form.get("scope", "").split(" ")
        if not set(scopes) <= self.authorization.scopes or len(set(scopes)) != len(scopes):
            raise InvalidScopeError
        if not isinstance(party, VerifiedMember) and set(scopes) != {"feed"}:
            # The registry reads feeds; it never searches, and never touches a booking.
            raise InvalidScopeError
        who, jti = party.entity_id, secrets.token_urlsafe(16)
        claims: dict[str, Any] = {
            "iss": self.authorization.entity_id,
            "aud": self.authorization.entity_id,
            "sub": who,
            "client_id": who,
            "jti": jti,
            "scope": " ".join(scopes),
            "cnf": {"jkt": proof.jkt},
        }
        token = NODE_TOKEN.sign(self.authorization.keys.current, claims, now=now, life=NODE_LIFE)
        asked = " ".join(scopes)
        with self.authorization.storage.transaction(write=True) as db:
            audit.record(db, event="token", actor=who, subject=who, verdict="allowed", reason=asked, jti=jti, now=now)
        return Issued(token, NODE_LIFE, " ".join(scopes))
