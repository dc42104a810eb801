"""A home's OpenID Provider reduced to what a relying party sees of it, and as honest as a test wants it to be."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Blueprint, Response, jsonify, request

from federation.jwk import to_base64url
from federation.keys import KeyPair
from federation.tokens import CLIENT_ASSERTION, ID_TOKEN, verify_dpop_proof
from federation.web.audience import Audience, Kind, register
from node import entity
from node.people import assurance
from tests.federation.world import REGISTRY
from tests.federation.world import Town as Party
from tests.node.pair import HOME, HOST, Pair

SUB = "pairwise-of-somebody-at-home"


@dataclass
class Provider:
    """The provider of the pair's home. ``lies`` replaces claims of its ID token."""

    towns: Pair
    sub: str = SUB
    lies: dict[str, Any] = field(default_factory=dict)
    signer: KeyPair | None = None
    token: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    pushed: dict[str, dict[str, str]] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def open(self) -> None:
        """Answer at the home's own origin, and have the host hear of it."""
        blueprint = Blueprint("op", __name__)
        blueprint.add_url_rule("/op/par", "par", self._push, methods=["POST"])
        blueprint.add_url_rule("/op/token", "token", self._redeem, methods=["POST"])
        register(self.towns.home_app, blueprint, audience=Audience.PUBLIC, kind=Kind.API)
        self.declare(
            issuer=HOME,
            pushed_authorization_request_endpoint=f"{HOME}/op/par",
            authorization_endpoint=f"{HOME}/op/authorize",
            token_endpoint=f"{HOME}/op/token",
            end_session_endpoint=f"{HOME}/op/logout",
        )

    def declare(self, **provider: str) -> None:
        """Publish this as the home's ``openid_provider``, and have the host read it."""
        keys, now = self.towns.home.keys, self.towns.clock()
        own = {**entity.metadata(self.towns.home.config, keys.protocol)}
        own.pop("openid_provider", None)
        if provider:
            own["openid_provider"] = {**provider, "jwks": keys.protocol.jwks()}
        party = Party(HOME, "112089", "所沢市", 0, federation=keys.federation.current)
        self.towns.registry.statements[HOME] = self.towns.registry.about(party, now)
        self.towns.registry.configurations[HOME] = party.configuration(now, own, authority_hints=[REGISTRY])
        assert self.towns.host.members.refetch(HOME, now)

    # --- As the browser meets it ----------------------------------------------------------------------------------

    def answer_to(self, address: str, **changes: Any) -> str:
        """Return the path and query with which the browser comes back; a change to None leaves a parameter out."""
        parts = urlsplit(address)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{HOME}/op/authorize"
        assert set(query) == {"client_id", "request_uri"}
        asked = self.pushed.pop(query["request_uri"])
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        said = {"code": code, "state": asked["state"], "iss": HOME, **changes}
        return f"{entity.CALLBACK}?{urlencode({name: value for name, value in said.items() if value is not None})}"

    # --- As the host's node meets it ------------------------------------------------------------------------------

    def _client(self) -> dict[str, str]:
        form, now = request.form.to_dict(), self.towns.clock()
        self.asked.append(request.path)
        keys = self.towns.host.keys.protocol.public()
        CLIENT_ASSERTION.verify(form["client_assertion"], keys, now=now, issuer=HOST, audience=HOME)
        assert form["client_id"] == HOST
        return form

    def _push(self) -> Response:
        form = self._client()
        assert form["code_challenge_method"] == "S256"
        assert form["redirect_uri"] == HOST + entity.CALLBACK
        reference = f"urn:ietf:params:oauth:request_uri:{secrets.token_urlsafe(16)}"
        self.pushed[reference] = form
        response = jsonify({"request_uri": reference, "expires_in": 60, **self.answers})
        response.status_code = 201
        return response

    def _redeem(self) -> Response:
        form, now = self._client(), self.towns.clock()
        asked = self.codes.pop(form["code"], None)
        challenge = to_base64url(hashlib.sha256(form["code_verifier"].encode()).digest())
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"]:
            return Response('{"error": "invalid_grant"}', 400, mimetype="application/json")
        url = f"{HOME}/op/token"
        proof = verify_dpop_proof(request.headers["DPoP"], method="POST", url=url, now=now)
        assert proof.jkt == asked["dpop_jkt"]
        access = secrets.token_urlsafe(16)
        given = {"access_token": access, "token_type": "DPoP", "expires_in": 300}
        return jsonify({**given, "id_token": self.token or self._id_token(asked["nonce"], access), **self.answers})

    def _id_token(self, nonce: str, access: str) -> str:
        now, half = self.towns.clock(), hashlib.sha256(access.encode()).digest()[:16]
        claims = {
            "iss": HOME,
            "aud": HOST,
            "sub": self.sub,
            "nonce": nonce,
            "acr": assurance.ONE_FACTOR,
            "auth_time": now - timedelta(minutes=1),
            "at_hash": to_base64url(half),
            **self.lies,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return ID_TOKEN.sign(self.signer or self.towns.home.keys.protocol.current, claims, now=now)
