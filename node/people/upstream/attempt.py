"""One sign-in under way: begun in a browser, sent to the provider, and finished in the same browser, once, within minutes.

The browser keeps the attempt in a cookie of its own, signed, so that several tabs do not meet. Nonce and PKCE verifier are
derived from the state under the town's secret: they stand in no cookie and in no database.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urlencode

from federation.claims import moment
from federation.errors import SignInLapsed
from federation.keys import to_base64url
from node.people import assurance
from node.people.sessions import LASTS as SIGN_IN_LASTS
from node.people.upstream.metadata import Metadata
from node.upstream import Upstream

LASTS = timedelta(minutes=10)
STATE = re.compile(r"[A-Za-z0-9_-]{43}")
"""What a state of ours looks like."""


@dataclass(frozen=True)
class Attempt:
    """``issuer`` is bound to the state, so that no other provider's answer is taken for this one's (mix-up, COAT)."""

    state: str
    issuer: str
    wished: str
    since: int
    minimum: str = ""
    """The least 当人認証保証レベル that is asked for, or nothing."""
    anew: bool = False
    """Whether the person has to show themselves again, whatever session the provider has."""

    @classmethod
    def begin(cls, settings: Upstream, wished: str, *, minimum: str = "", anew: bool = False, now: datetime) -> Self:
        """Begin an attempt; ``wished`` is the page to go on to."""
        fresh = anew or bool(minimum) or settings.always_anew
        return cls(secrets.token_urlsafe(32), settings.issuer, wished, int(now.timestamp()), minimum, fresh)

    @classmethod
    def read(cls, kept: Mapping[str, object]) -> Self:
        """Read what the browser kept, once its signature has been checked; raise ``SignInLapsed``."""
        try:
            return cls(**kept)  # type: ignore[arg-type]  # We signed it; of another make it fails.
        except TypeError:
            raise SignInLapsed("an attempt of another make") from None

    def kept(self) -> dict[str, object]:
        """Return what the browser keeps."""
        return asdict(self)

    @property
    def begun(self) -> datetime:
        """When the browser was sent away."""
        return moment(self.since)

    @property
    def expires(self) -> datetime:
        """The moment from which it is over."""
        return self.begun + LASTS

    def nonce(self, secret: str) -> str:
        """Return what the ID token must repeat."""
        return self._derived(secret, b"nonce")

    def verifier(self, secret: str) -> str:
        """Return the PKCE verifier (RFC 7636, 4.1)."""
        return self._derived(secret, b"verifier")

    def _derived(self, secret: str, purpose: bytes) -> str:
        message = b"upstream\0" + purpose + b"\0" + self.state.encode()
        return to_base64url(hmac.new(secret.encode(), message, hashlib.sha256).digest())


def authorization_url(
    metadata: Metadata, settings: Upstream, attempt: Attempt, *, secret: str, redirect_uri: str
) -> str:
    """Return where to send the browser (Core 1.0, 3.1.2.1; RFC 7636, 4.3); a minimum is the ``acr_values`` that reach it."""
    challenge = to_base64url(hashlib.sha256(attempt.verifier(secret).encode()).digest())
    query = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": redirect_uri,
        "scope": settings.scope,
        "state": attempt.state,
        "nonce": attempt.nonce(secret),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "max_age": str(int(SIGN_IN_LASTS.total_seconds())),
    }
    if attempt.anew:
        query["prompt"] = "login"
    if acr_values := _acr_values(settings, attempt.minimum):
        query["acr_values"] = acr_values
    joint = "&" if "?" in metadata.authorization_endpoint else "?"
    return metadata.authorization_endpoint + joint + urlencode(query)


def _acr_values(settings: Upstream, minimum: str) -> str:
    reaching = [
        value
        for level in settings.levels
        if level.claim == "acr" and minimum and assurance.reaches(assurance.LEVELS[level.reached - 1], minimum)
        for value in sorted(level.values)
    ]
    return " ".join(reaching)
