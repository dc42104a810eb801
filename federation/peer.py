"""The one door to requests: how this party calls another, and what it never does.

Every exchange has a deadline, a size and a media type; redirects, cookies, proxies from the environment and compressed
answers do not exist here. Addresses pass ``federation.address``, and a connection goes to the address that passed.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from federation import entity
from federation.address import AddressGuard, Origin
from federation.answer import Answer, Granted, NewestNonces, page_of, refuse_odd
from federation.errors import (
    FeedEpochGone,
    PeerAddressRefused,
    PeerAnsweredBadly,
    PeerUnreachable,
)
from federation.keys import KeyPair, KeyRing
from federation.line import CONNECT_SECONDS, POOLS, READ_SECONDS, Brake, deadline
from federation.messages.feed import FeedPage
from federation.tokens import CLIENT_ASSERTION, sign_dpop_proof

TOTAL_SECONDS = 20.0
MESSAGE_BYTES = 64 * 1024
STATEMENT_BYTES = 64 * 1024
LIST_BYTES = 64 * 1024
PAGE_BYTES = 16 * 1024 * 1024
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_MARGIN = timedelta(seconds=30)
_FORM = "application/x-www-form-urlencoded"


class _GuardedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        cast(Any, self.poolmanager).pool_classes_by_scheme = POOLS


class Transport:
    """Sends one HTTP request and reads one answer, within limits. Safe to share between threads."""

    def __init__(
        self, guard: AddressGuard, *, ca_bundle: Path | None = None, total_seconds: float = TOTAL_SECONDS
    ) -> None:
        """Take the guard, and the certificates to trust where not the public ones (LGWAN has an authority of its own)."""
        self.guard = guard
        self._verify: bool | str = str(ca_bundle) if ca_bundle else True
        self._total = total_seconds
        # The adapter is used without a Session: no redirects, cookies, netrc or proxies can slip in.
        self._adapter = _GuardedAdapter(pool_connections=64, pool_maxsize=16)

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: str | bytes | None = None,
        limit: int = MESSAGE_BYTES,
    ) -> Answer:
        """Send and return the answer, whatever its status; ``limit`` is the most bytes of body that are read.

        Raises ``PeerAddressRefused``, ``PeerUnreachable``, or ``PeerAnsweredBadly`` for a redirect, a compressed or
        an oversized answer.
        """
        self.guard.check(url)
        content = body.encode() if isinstance(body, str) else body
        merged = {"Accept-Encoding": "identity", "User-Agent": "tachiyori", **headers}
        if not all(text.isascii() and text.isprintable() for text in merged.values()):
            raise PeerUnreachable(f"{method} {url}: a header holds what no header may")
        try:
            prepared = requests.Request(method, url, headers=merged, data=content).prepare()
            with deadline(self.guard, self._total) as brake:
                return self._exchange(prepared, url, limit, brake)
        except (requests.RequestException, HTTPError, OSError) as error:
            raise PeerUnreachable(f"{method} {url}: {type(error).__name__}: {error}") from None

    def _exchange(self, prepared: requests.PreparedRequest, url: str, limit: int, brake: Brake) -> Answer:
        response = self._adapter.send(
            prepared, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS), verify=self._verify, proxies={}
        )
        try:
            refuse_odd(response.status_code, response.headers, url=url, limit=limit)
            body = _read(response, url, limit)
        except BaseException:
            # What is left unread would be read as the next answer on this connection.
            response.raw.close()
            raise
        finally:
            response.close()
        if brake.pulled:
            raise PeerUnreachable(f"{url}: no whole answer in {self._total} s")
        return Answer(url, response.status_code, {name.lower(): text for name, text in response.headers.items()}, body)


def _read(response: requests.Response, url: str, limit: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(16 * 1024):
        body += chunk
        if len(body) > limit:
            raise PeerAnsweredBadly(f"{url}: more than {limit} bytes")
    return bytes(body)


@dataclass(frozen=True)
class _Kept:
    token: str
    until: datetime


class Peer:
    """This party as a caller: authenticated by its protocol key, each request bound by one DPoP key per process."""

    def __init__(
        self,
        entity_id: str,
        guard: AddressGuard,
        protocol_keys: KeyRing,
        dpop: KeyPair,
        clock: Callable[[], datetime],
        *,
        ca_bundle: Path | None = None,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        """Take who calls, what may be called, the keys to say so with, and a clock giving aware UTC moments."""
        self.entity_id = entity_id
        self.transport = Transport(guard, ca_bundle=ca_bundle, total_seconds=total_seconds)
        self._keys = protocol_keys
        self._dpop = dpop
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._nonces = NewestNonces()

    @property
    def jkt(self) -> str:
        """The thumbprint of this process's DPoP key, to which a visit grant is bound (RFC 9449, 6.1)."""
        return self._dpop.kid

    # --- What needs no token ----------------------------------------------------------------------------------

    def fetch_entity_configuration(self, entity_id: str) -> str:
        """Return what the entity says of itself, unverified (OpenID Federation 1.1, 9)."""
        return self._jwt(entity_id + entity.CONFIGURATION, "application/entity-statement+jwt")

    def fetch_statement(self, fetch_endpoint: str, subject: str) -> str:
        """Return what a superior says of ``subject``, unverified (OpenID Federation 1.1, 8.1)."""
        return self._jwt(f"{fetch_endpoint}?{urlencode({'sub': subject})}", "application/entity-statement+jwt")

    def status_list(self, url: str, etag: str = "") -> tuple[str, str] | None:
        """Return the status list, unverified, and its ETag; None when it is still the one of ``etag``."""
        headers = {"Accept": "application/statuslist+jwt"} | ({"If-None-Match": etag} if etag else {})
        answer = self.transport.send("GET", url, headers=headers, limit=LIST_BYTES)
        if etag and answer.status == 304:
            return None
        return answer.expect(200, media=("application/statuslist+jwt",)).text, answer.headers.get("etag", "")[:200]

    def post_json(self, url: str, text: str) -> Answer:
        """Send JSON that carries its own proof, such as an enrolment; return the answer of status 200 to 202."""
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        return self.transport.send("POST", url, headers=headers, body=text).expect(200, 201, 202)

    def _jwt(self, url: str, media: str) -> str:
        answer = self.transport.send("GET", url, headers={"Accept": media}, limit=STATEMENT_BYTES)
        return answer.expect(200, media=(media,)).text

    # --- Feeds ------------------------------------------------------------------------------------------------

    def feed_page(
        self, url: str, *, audience: str, token_endpoint: str | None = None, no_cache: bool = False
    ) -> FeedPage:
        """Read one page of a feed of ``audience``: a public one, or with a node token where ``token_endpoint`` is given.

        ``no_cache`` is for a reader that was pinged. Raises ``FeedEpochGone``, and ``PeerAnsweredBadly`` for a page
        that is none, or that leads away from the feed's own address.
        """
        self._check_origin(url, audience)
        headers = {"Accept": "application/json"} | ({"Cache-Control": "no-cache"} if no_cache else {})
        if token_endpoint is None:
            answer = self.transport.send("GET", url, headers=headers, limit=PAGE_BYTES)
        else:
            answer = self.request(
                "GET",
                url,
                audience=audience,
                token_endpoint=token_endpoint,
                scope="feed",
                headers=headers,
                limit=PAGE_BYTES,
            )
        if answer.status == 410:
            raise FeedEpochGone(url)
        return page_of(answer.expect(200))

    def ping(self, url: str, audience: str, feed: str) -> None:
        """Tell ``audience`` that ``feed`` of ours has moved. It carries a client assertion and nothing else."""
        self._check_origin(url, audience)
        form = {"feed": feed, **self._assertion(audience)}
        headers = {"Content-Type": _FORM, "Accept": "application/json"}
        self.transport.send("POST", url, headers=headers, body=urlencode(form)).expect(200, 202, 204)

    # --- Tokens -----------------------------------------------------------------------------------------------

    def node_token(self, audience: str, token_endpoint: str, scope: str) -> str:
        """Return an access token for this node itself, kept until shortly before it ends (RFC 6749, 4.4)."""
        now = self._clock()
        with self._lock:
            kept = self._kept.get((audience, scope))
        if kept is not None and now < kept.until:
            return kept.token
        granted = self._ask_token(audience, token_endpoint, {"grant_type": "client_credentials", "scope": scope})
        until = now + timedelta(seconds=granted.seconds) - _MARGIN
        with self._lock:
            self._kept[(audience, scope)] = _Kept(granted.token, until)
        return granted.token

    def person_token(self, audience: str, token_endpoint: str, grant: str) -> str:
        """Redeem a visit grant for a person token (RFC 7523, 2.1; identity chaining, 2.4). Never kept."""
        return self._ask_token(audience, token_endpoint, {"grant_type": JWT_BEARER, "assertion": grant}).token

    def _ask_token(self, audience: str, url: str, form: Mapping[str, str]) -> Granted:
        return Granted.read(self.ask(url, audience, form).expect(200))

    def ask(self, url: str, audience: str, form: Mapping[str, str]) -> Answer:
        """Send an authenticated form with a proof of our key, and return the answer, whatever its status."""
        self._check_origin(url, audience)

        def send(nonce: str | None) -> Answer:
            # A retry needs a fresh assertion as well as a fresh proof: each counts once.
            body = urlencode({**form, **self._assertion(audience)})
            headers = {"Content-Type": _FORM, "Accept": "application/json", "DPoP": self._proof("POST", url, nonce)}
            return self.transport.send("POST", url, headers=headers, body=body)

        return self._nonces.ask(audience, send)

    def _assertion(self, audience: str) -> dict[str, str]:
        """Authenticate as RFC 7523bis asks: the audience is the party's entity id, and that alone."""
        claims = {"iss": self.entity_id, "sub": self.entity_id, "aud": audience}
        token = CLIENT_ASSERTION.sign(self._keys.current, claims, now=self._clock())
        return {"client_id": self.entity_id, "client_assertion_type": ASSERTION_TYPE, "client_assertion": token}

    # --- Requests with a token --------------------------------------------------------------------------------

    def request(
        self,
        method: str,
        url: str,
        *,
        audience: str,
        token_endpoint: str = "",
        scope: str = "",
        token: str = "",
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
        limit: int = MESSAGE_BYTES,
    ) -> Answer:
        """Send a DPoP-bound request to ``audience`` and return its answer, whatever the status.

        With ``token`` as it is, or else with a node token for ``scope``, asked anew once if the party no longer knows
        it. The URL must stand on the audience's own origin, so that no token ever leaves for another party.
        """
        self._check_origin(url, audience)
        own = {"Accept": "application/json"} | ({"Content-Type": "application/json"} if body is not None else {})
        merged = {**own, **(headers or {})}
        used = token or self.node_token(audience, token_endpoint, scope)
        answer = self._bound(method, url, used, headers=merged, body=body, limit=limit)
        if answer.status == 401 and not token:
            with self._lock:
                self._kept.pop((audience, scope), None)
            used = self.node_token(audience, token_endpoint, scope)
            answer = self._bound(method, url, used, headers=merged, body=body, limit=limit)
        return answer

    def _bound(
        self, method: str, url: str, token: str, *, headers: Mapping[str, str], body: str | None, limit: int
    ) -> Answer:
        def send(nonce: str | None) -> Answer:
            bound = {"Authorization": f"DPoP {token}", "DPoP": self._proof(method, url, nonce, token)}
            return self.transport.send(method, url, headers={**headers, **bound}, body=body, limit=limit)

        return self._nonces.ask(str(Origin.of(url)), send)

    def _proof(self, method: str, url: str, nonce: str | None, token: str | None = None) -> str:
        return sign_dpop_proof(self._dpop, method=method, url=url, now=self._clock(), access_token=token, nonce=nonce)

    @staticmethod
    def _check_origin(url: str, audience: str) -> None:
        if str(Origin.of(url)) != audience:
            raise PeerAddressRefused(f"{url} is not on {audience}")
