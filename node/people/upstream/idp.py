"""The provider as we call it: its metadata, its keys, a code redeemed, and what it says of a person."""

import base64
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, urlencode

from federation.answer import JSON, Answer
from federation.envelope import read_object, shown
from federation.errors import (
    PeerAddressRefused,
    PeerAnsweredBadly,
    PeerRefused,
    PeerUnreachable,
    TokenRefused,
    UpstreamDown,
    UpstreamWrong,
)
from federation.jwk import PublicKeys, parse_jwks
from federation.keys import KeyRing
from federation.peer import ASSERTION_TYPE, Transport
from federation.tokens import UPSTREAM_ASSERTION
from node.people.upstream import metadata as discovery
from node.people.upstream.kept import Kept
from node.people.upstream.metadata import Metadata
from node.upstream import Upstream

log = logging.getLogger(__name__)

TOTAL_SECONDS = 8.0
AT_ONCE = 5
"""So many requests of one process are with the provider at a time: a silent one leaves threads for everybody else."""
_PATIENCE = 2.0
_LIMIT = 64 * 1024
_JWKS = (*JSON, "application/jwk-set+json")


@dataclass(frozen=True)
class Redeemed:
    """What a code was worth; neither token is ever stored."""

    id_token: str
    access_token: str


class Idp:
    """One town's provider. Safe to share between threads; every method raises ``UpstreamDown`` or ``UpstreamWrong``."""

    def __init__(self, settings: Upstream, transport: Transport, keys: KeyRing, clock: Callable[[], datetime]) -> None:
        """Take the settings, a transport whose guard knows the provider's origins, and the town's protocol keys."""
        self.settings = settings
        self._transport = transport
        self._keys = keys
        self._clock = clock
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._metadata: Kept[Metadata] = Kept(self._fetch_metadata)
        self._jwks: Kept[PublicKeys] = Kept(self._fetch_jwks)

    def metadata(self) -> Metadata:
        """Return the provider's endpoints."""
        return self._metadata.get(self._clock())

    def keys_for(self, kid: object) -> PublicKeys:
        """Return the provider's keys, fetched anew within the cooldown where none of them is called ``kid``."""
        now = self._clock()
        keys = self._jwks.get(now)
        return keys if kid in keys else self._jwks.renewed(now)

    def redeem(self, code: str, verifier: str, redirect_uri: str) -> Redeemed:
        """Exchange an authorization code (RFC 6749, 4.1.3; RFC 7636, 4.5)."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        headers, authenticated = self._authentication()
        answer = self._send("POST", self.metadata().token_endpoint, headers, {**form, **authenticated})
        id_token, access_token = answer.get("id_token"), answer.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise UpstreamWrong(f"a token answer without tokens: {shown(sorted(answer))}")
        if str(answer.get("token_type")).lower() != "bearer":
            raise UpstreamWrong(f"a token of type {shown(answer.get('token_type'))}")
        return Redeemed(id_token, access_token)

    def userinfo(self, access_token: str, subject: str) -> Mapping[str, Any]:
        """Return what the provider says of ``subject``; of anybody else it says it in vain (Core 1.0, 5.3.2)."""
        endpoint = self.metadata().userinfo_endpoint
        if not endpoint:
            return {}
        said = self._send("GET", endpoint, {"Authorization": f"Bearer {access_token}"})
        if said.get("sub") != subject:
            raise UpstreamWrong("userinfo is about somebody else than the ID token")
        return said

    def _authentication(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return the header and form members that show who we are (RFC 6749, 2.3.1; RFC 7523, 2.2)."""
        own = self.settings.client_id
        if not (secret := self.settings.secret()):
            claims = {"iss": own, "sub": own, "aud": self.settings.issuer}
            assertion = UPSTREAM_ASSERTION.sign(self._keys.current, claims, now=self._clock())
            return {}, {"client_id": own, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
        if not self.metadata().takes_basic:
            return {}, {"client_id": own, "client_secret": secret}
        pair = f"{quote_plus(own)}:{quote_plus(secret)}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}, {}

    def _fetch_metadata(self) -> Metadata:
        return discovery.read(self._send("GET", discovery.address(self.settings)), self.settings)

    def _fetch_jwks(self) -> PublicKeys:
        jwks = self._send("GET", self.metadata().jwks_uri, media=_JWKS)
        with _told_as_wrong("jwks"):
            return parse_jwks(jwks, algorithms=("ES256", "RS256"), skip_unusable=True)

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        *,
        media: tuple[str, ...] = JSON,
    ) -> dict[str, Any]:
        """Send one request and read one JSON object."""
        merged = {"Accept": "application/json", **(headers or {})}
        if form is not None:
            merged["Content-Type"] = "application/x-www-form-urlencoded"
        answer = self._exchange(method, url, merged, urlencode(form) if form is not None else None, media)
        with _told_as_wrong(url):
            return read_object(answer.body, depth=12, fractions=True)

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: str | None, media: tuple[str, ...]
    ) -> Answer:
        if not self._places.acquire(timeout=_PATIENCE):
            raise UpstreamDown("others are waiting for the provider already", retry_after=5)
        try:
            answer = self._transport.send(method, url, headers=headers, body=body, limit=_LIMIT)
            return answer.expect(200, media=media)
        except PeerUnreachable as error:
            raise UpstreamDown(error.detail) from None
        except (PeerAnsweredBadly, PeerAddressRefused, PeerRefused) as error:
            raise UpstreamWrong(error.detail) from None
        finally:
            self._places.release()


@contextmanager
def _told_as_wrong(what: str) -> Iterator[None]:
    try:
        yield
    except TokenRefused as error:
        raise UpstreamWrong(f"{what}: {error.detail}") from None
