"""The token endpoint: Authlib dispatches, and our own grants judge.

Every client is a party of the federation and proves it by ``private_key_jwt``; every token is bound to the DPoP key of
the request (RFC 9449, 5). URLs are built from the configured entity id, never from what a request says of its host.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from authlib.integrations.flask_oauth2 import AuthorizationServer as FlaskAuthorizationServer
from authlib.oauth2.rfc6749 import OAuth2Error, OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin
from flask import Blueprint, Request, Response, jsonify, request

from federation import audit, entity
from federation.errors import NotAMember, TokenRefused, TrustBroken
from federation.keys import KeyRing
from federation.replay import Proofs
from federation.storage import Storage
from federation.tokens import NODE_TOKEN, Proof, verify_dpop_proof
from federation.trust import Party, VerifiedMember
from federation.web.clients import Clients, Directory

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


class InvalidGrant(OAuth2Error):  # type: ignore[misc]  # Authlib has no types.
    """The grant does not hold (RFC 6749, 5.2); raised by grants that redeem one."""

    error = "invalid_grant"


@dataclass(frozen=True)
class Issued:
    """An access token, how long it lives, and what for."""

    token: str
    life: timedelta
    scope: str = ""


class _Client:
    """What Authlib asks of a client; the profile leaves no choice."""

    def __init__(self, party: Party) -> None:
        self.party = party
        self.client_id = party.entity_id

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method == "private_key_jwt"


class _Payload(OAuth2Payload):  # type: ignore[misc]  # Authlib has no types.
    """The form alone: parameters in a URL would stand in logs (RFC 6749, 3.2; RFC 9700, 4.3)."""

    def __init__(self, sent: Request) -> None:
        self._form = sent.form

    @property
    def data(self) -> Mapping[str, str]:
        return self._form

    @property
    def datalist(self) -> dict[str, list[str]]:
        return dict(self._form.lists())


class _Server(FlaskAuthorizationServer):  # type: ignore[misc]  # Authlib has no types.
    """Authlib's dispatch over requests whose URL we know beforehand."""

    def __init__(self, authorization: "Authorization") -> None:
        super().__init__(query_client=lambda _id: None, save_token=lambda _token, _request: None)
        self.authorization = authorization
        self.register_client_auth_method("private_key_jwt", authorization.authenticate)

    def create_oauth2_request(self, _request: object) -> OAuth2Request:
        made = OAuth2Request(request.method, self.authorization.token_endpoint, headers=request.headers)
        made.payload = _Payload(request)
        return made


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
        proof = self.authorization.proof()
        party: Party = self.request.client.party
        try:
            issued = self.issue(party, proof, self.authorization.clock())
        except (TokenRefused, NotAMember, TrustBroken) as error:
            log.info("token: %s from %s refused: %s", self.GRANT_TYPE, party.entity_id, error.detail)
            self.authorization.note_refusal(party, error.code)
            raise InvalidGrant(description=error.code) from None
        body: dict[str, object] = {
            "access_token": issued.token,
            "token_type": "DPoP",
            "expires_in": int(issued.life.total_seconds()),
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
        claims = {
            "iss": self.authorization.entity_id,
            "aud": self.authorization.entity_id,
            "sub": party.entity_id,
            "client_id": party.entity_id,
            "scope": " ".join(scopes),
            "cnf": {"jkt": proof.jkt},
        }
        token = NODE_TOKEN.sign(self.authorization.keys.current, claims, now=now, life=NODE_LIFE)
        return Issued(token, NODE_LIFE, " ".join(scopes))


class Authorization:
    """The authorization server of one party; register its ``blueprint`` for ``Audience.PUBLIC`` as ``Kind.API``."""

    def __init__(
        self,
        *,
        entity_id: str,
        keys: KeyRing,
        directory: Directory,
        storage: Storage,
        proofs: Proofs,
        clock: Callable[[], datetime],
        scopes: frozenset[str],
        grants: Sequence[type[BoundGrant]] = (),
        metadata: Callable[[], Mapping[str, object]] | None = None,
    ) -> None:
        """Take who we are, our protocol keys, whom we know, where uses are remembered, and the scopes offered.

        ``grants`` are taken beside ``client_credentials``. ``metadata`` gives the RFC 8414 document, by default
        ``server_metadata``.
        """
        self.entity_id = entity_id
        self.keys = keys
        self.clock = clock
        self.scopes = scopes & SCOPES
        self.storage = storage
        self._proofs = proofs
        self.clients = Clients(entity_id, directory, storage, clock)
        self._server = _Server(self)
        self._grants: tuple[type[BoundGrant], ...] = (NodeGrant, *grants)
        for grant in self._grants:
            self._server.register_grant(grant)
        self._metadata = metadata or self.metadata
        self.blueprint = self._blueprint()

    @property
    def token_endpoint(self) -> str:
        """The configured URL of the token endpoint."""
        return self.entity_id + entity.TOKEN

    def metadata(self) -> dict[str, object]:
        """Return the authorization server's metadata, for the well-known address and the entity configuration."""
        return server_metadata(
            self.entity_id,
            self.keys.jwks(),
            scopes=self.scopes,
            grant_types=[grant.GRANT_TYPE for grant in self._grants],
        )

    def authenticate(self, _query_client: object, sent: OAuth2Request) -> _Client:
        """Authenticate the client of a token request; Authlib calls this."""
        try:
            return _Client(self.clients.authenticate(sent.payload.data))
        except (TokenRefused, NotAMember, TrustBroken) as error:
            log.info("token: client refused: %s: %s", error.code, error.detail)
            raise InvalidClient(description=error.code) from None

    def note_refusal(self, party: Party, reason: str) -> None:
        """Write down that an authenticated party was refused a token. Who is nobody is in the process's log only."""
        now = self.clock()
        with self.storage.transaction(write=True) as db:
            audit.record(
                db,
                event="token",
                actor=party.entity_id,
                subject=party.entity_id,
                verdict="refused",
                reason=reason,
                now=now,
            )

    def proof(self) -> Proof:
        """Check the one DPoP proof of the present token request and use it up (RFC 9449, 4.3, 11.1)."""
        sent, now = request.headers.getlist("DPoP"), self.clock()
        if len(sent) != 1:
            raise InvalidProof(description="one DPoP header is needed")
        try:
            proof = verify_dpop_proof(sent[0], method="POST", url=self.token_endpoint, now=now)
            self._proofs.once(issuer=proof.jkt, jti=proof.jti, expires=proof.expires, now=now)
        except TokenRefused as error:
            log.info("token: proof refused: %s", error.detail)
            raise InvalidProof(description=error.code) from None
        return proof

    def _blueprint(self) -> Blueprint:
        blueprint = Blueprint("authorization", __name__)
        blueprint.add_url_rule(entity.TOKEN, "token", self._token, methods=["POST"])
        blueprint.add_url_rule(entity.AUTHORIZATION_METADATA, "metadata", lambda: jsonify(self._metadata()))
        return blueprint

    def _token(self) -> Response:
        try:
            _refuse_odd_form()
        except InvalidRequestError as error:
            refused: Response = self._server.handle_error_response(None, error)
            return refused
        answer: Response = self._server.create_token_response()
        return answer


def server_metadata(
    entity_id: str, jwks: Mapping[str, Any], *, scopes: frozenset[str], grant_types: Sequence[str], **more: object
) -> dict[str, object]:
    """Return an RFC 8414 document of our profile; ``more`` adds to it, as a node adds its OpenID Provider's part."""
    return {
        "issuer": entity_id,
        "token_endpoint": entity_id + entity.TOKEN,
        "jwks": dict(jwks),
        "scopes_supported": sorted(scopes),
        "response_types_supported": [],
        "grant_types_supported": list(grant_types),
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
        "dpop_signing_alg_values_supported": ["ES256"],
        **more,
    }


def _refuse_odd_form() -> None:
    """Refuse parameters in the URL, twice, or in another media type (RFC 6749, 3.2)."""
    if request.mimetype != "application/x-www-form-urlencoded" or request.args:
        raise InvalidRequestError(description="parameters go in the form")
    if any(len(values) != 1 for _name, values in request.form.lists()):
        raise InvalidRequestError(description="a parameter stands twice")
