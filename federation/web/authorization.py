"""The token endpoint and its kin: Authlib dispatches, and our own grants judge.

Every client is a party of the federation and proves it by ``private_key_jwt``. URLs are built from the configured entity
id, never from what a request says of its host.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import cast

from authlib.integrations.flask_oauth2 import AuthorizationServer as FlaskAuthorizationServer
from authlib.oauth2.rfc6749 import OAuth2Error, OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidRequestError, UnauthorizedClientError
from flask import Blueprint, Flask, Request, Response, current_app, jsonify, request

from federation import audit, entity
from federation.errors import NonceNeeded, NotAMember, TokenRefused, TrustBroken
from federation.keys import KeyRing
from federation.metadata import authorization_server
from federation.replay import Proofs
from federation.storage import Storage
from federation.tokens import Proof, verify_dpop_proof
from federation.trust import Party
from federation.web import revocation
from federation.web.clients import Clients, Directory
from federation.web.grants import SCOPES, BoundGrant, InvalidClient, InvalidProof, NodeGrant, UseNonce
from federation.web.nonces import HEADER, Nonces

log = logging.getLogger(__name__)

EXTENSION = "tachiyori-authorization"


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
        nonces: Nonces,
        clock: Callable[[], datetime],
        scopes: frozenset[str],
        grants: Sequence[type[BoundGrant]] = (),
        metadata: Callable[[], Mapping[str, object]] | None = None,
    ) -> None:
        """Take who we are, our protocol keys, whom we know, where uses are remembered, nonces, and the scopes offered.

        ``grants`` are taken beside ``client_credentials``. ``metadata`` gives the RFC 8414 document, by default
        what every party of the federation says.
        """
        self.entity_id = entity_id
        self.keys = keys
        self.clock = clock
        self.scopes = scopes & SCOPES
        self.storage = storage
        self._proofs = proofs
        self._nonces = nonces
        self.clients = Clients(entity_id, directory, storage, clock)
        self._server = _Server(self)
        self._grants: tuple[type[BoundGrant], ...] = (NodeGrant, *grants)
        for grant in self._grants:
            self._server.register_grant(grant)
        self._metadata = metadata or self.metadata
        self.blueprint = self._blueprint()

    def attach(self, app: Flask) -> None:
        """Make this the server that ``present`` returns in ``app``."""
        app.extensions[EXTENSION] = self

    @property
    def token_endpoint(self) -> str:
        """The configured URL of the token endpoint."""
        return self.entity_id + entity.TOKEN

    def metadata(self) -> dict[str, object]:
        """Return the authorization server's metadata, for the well-known address and the entity configuration."""
        grant_types = [grant.GRANT_TYPE for grant in self._grants]
        return authorization_server(self.entity_id, self.keys.jwks(), scopes=self.scopes, grant_types=grant_types)

    def authenticate(self, _query_client: object, sent: OAuth2Request) -> _Client:
        """Authenticate the client of a token request; Authlib calls this."""
        return _Client(self._authenticated(sent.payload.data))

    def _authenticated(self, form: Mapping[str, str]) -> Party:
        try:
            return self.clients.authenticate(form)
        except (TokenRefused, NotAMember, TrustBroken) as error:
            log.info("client refused: %s: %s", error.code, error.detail)
            raise InvalidClient(description=error.code) from None

    def note_refusal(self, party: Party, reason: str, *, event: str = "token") -> None:
        """Write down that an authenticated party was refused; of who is nobody, ``Clients`` does."""
        who, now = party.entity_id, self.clock()
        with self.storage.transaction(write=True) as db:
            audit.record(db, event=event, actor=who, subject=who, verdict="refused", reason=reason, now=now)

    def proof(self, path: str = entity.TOKEN) -> Proof:
        """Check the one DPoP proof of the present request to ``path`` and use it up (RFC 9449, 4.3, 8, 11.1)."""
        sent, now = request.headers.getlist("DPoP"), self.clock()
        if len(sent) != 1:
            raise InvalidProof(description="one DPoP header is needed")
        try:
            proof = verify_dpop_proof(sent[0], method="POST", url=self.entity_id + path, now=now)
            self._nonces.check(proof.nonce, now)
            self._proofs.once(issuer=proof.jkt, jti=proof.jti, expires=proof.expires, now=now)
        except NonceNeeded as error:
            raise UseNonce(description=error.code) from None
        except TokenRefused as error:
            log.info("proof refused: %s", error.detail)
            raise InvalidProof(description=error.code) from None
        return proof

    def answer(self, work: Callable[[Party], Response], event: str) -> Response:
        """Do ``work`` for the client whose form this is; what is wrong is told as RFC 6749, 5.2 has it, and noted."""

        def worked() -> Response:
            party = self._authenticated(request.form)
            try:
                return work(party)
            except UseNonce:
                raise
            except OAuth2Error as error:
                self.note_refusal(party, str(error.error), event=event)
                raise

        return self._told(worked)

    def _told(self, work: Callable[[], Response]) -> Response:
        try:
            self._refuse_odd_form()
            done = work()
        except OAuth2Error as error:
            done = self._server.handle_error_response(None, error)
        done.headers[HEADER] = self._nonces.current(self.clock())
        return done

    def _refuse_odd_form(self) -> None:
        try:
            _refuse_odd_form()
        except InvalidRequestError as error:
            self.clients.refusals.of_stranger("client", request.form.get("client_id"), error.error)
            raise

    def _blueprint(self) -> Blueprint:
        blueprint = Blueprint("authorization", __name__)
        blueprint.add_url_rule(entity.TOKEN, "token", self._token, methods=["POST"])
        blueprint.add_url_rule(entity.REVOKE, "revoke", self._revocation, methods=["POST"])
        blueprint.add_url_rule(entity.AUTHORIZATION_METADATA, "metadata", lambda: jsonify(self._metadata()))
        return blueprint

    def _token(self) -> Response:
        return self._told(self._server.create_token_response)

    def _revocation(self) -> Response:
        return self.answer(self._revoke, event="revoke")

    def _revoke(self, party: Party) -> Response:
        """End a token of the client's own (RFC 7009, 2); one that is dead or was never ours is no error."""
        token, now = request.form.get("token"), self.clock()
        if not token:
            raise InvalidRequestError(description="token is missing")
        claims = revocation.own_token(token, self.keys.public(), entity_id=self.entity_id, now=now)
        if claims is not None and claims["client_id"] != party.entity_id:
            raise UnauthorizedClientError
        if claims is not None:
            who = party.entity_id
            with self.storage.transaction(write=True) as db:
                revocation.revoke(db, claims.jti, expires=claims.expires, now=now)
                audit.record(
                    db, event="revoke", actor=who, subject=claims.subject, verdict="allowed", jti=claims.jti, now=now
                )
        return current_app.response_class(status=200)


def present() -> Authorization:
    """Return the authorization server of the present application."""
    return cast(Authorization, current_app.extensions[EXTENSION])


def _refuse_odd_form() -> None:
    """Refuse parameters in the URL, twice, or in another media type (RFC 6749, 3.2)."""
    if request.mimetype != "application/x-www-form-urlencoded" or request.args:
        raise InvalidRequestError(description="parameters go in the form")
    if any(len(values) != 1 for _name, values in request.form.lists()):
        raise InvalidRequestError(description="a parameter stands twice")
