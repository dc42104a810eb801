"""A token before it is signed: every part of it may be changed first, which is what an attack is."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from federation.jwk import to_base64url
from federation.keys import KeyPair
from tests.federation.forgery import raw_signature, to_json


@dataclass(frozen=True)
class Draft:
    """Header and claims, and the key that will sign them. A change to ``...`` leaves the member out."""

    head: Mapping[str, Any]
    claims: Mapping[str, Any]
    key: KeyPair = field(repr=False)

    def headed(self, **changes: Any) -> Draft:
        """Change members of the header."""
        return replace(self, head=_changed(self.head, changes))

    def claiming(self, **changes: Any) -> Draft:
        """Change claims."""
        return replace(self, claims=_changed(self.claims, changes))

    def by(self, key: KeyPair) -> Draft:
        """Have another key sign, under the name of the right one."""
        return replace(self, key=key)

    def text(self) -> str:
        """Sign it."""
        return self.over(to_json(self.claims))

    def over(self, payload: bytes) -> str:
        """Sign these bytes as the payload."""
        return self.of(to_json(self.head), payload)

    def of(self, head: bytes, payload: bytes) -> str:
        """Sign these bytes as header and payload."""
        return self.spelled(to_base64url(head), to_base64url(payload))

    def spelled(self, head: str, payload: str) -> str:
        """Sign two parts that are encoded already, however badly."""
        message = f"{head}.{payload}"
        return f"{message}.{to_base64url(raw_signature(message.encode(), self.key))}"


Attack = Callable[[Draft], "str | None"]
"""What an attacker makes of a good draft; None where there is nothing to attack."""


def drafted(typ: str, key: KeyPair, claims: Mapping[str, Any], *, life: int) -> Draft:
    """Begin a draft of our usual form: issued now, ending in ``life`` seconds, with an id of its own."""
    now = int(time.time())
    once = {"iat": now, "exp": now + life, "jti": secrets.token_urlsafe(16)}
    return Draft({"alg": "ES256", "kid": key.kid, "typ": typ}, {**once, **claims}, key)


def _changed(members: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**members, **changes}.items() if value is not ...}
