"""What a town asks when one of our people signs in there: read once, when it is pushed, and believed from then on.

Everything is refused that the profile does not have, so that what is kept needs no second look (FAPI 2.0, 5.3.2.2).
Parameters that nobody here knows are ignored (RFC 6749, 3.1).
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.errors import (
    InvalidRequestError,
    InvalidScopeError,
    UnauthorizedClientError,
    UnsupportedResponseTypeError,
)

from federation import replay
from federation.errors import TokenRefused
from federation.storage import Storage
from federation.tokens import REQUEST_OBJECT
from federation.trust import Party, VerifiedMember
from federation.web.grants import InvalidProof
from node.people import assurance
from node.people.provider.told import SCOPES

MAX_STATE = 512
MAX_NONCE = 64
_PARAMETERS = frozenset(
    {
        "response_type", "response_mode", "redirect_uri", "scope", "state", "nonce", "code_challenge",
        "code_challenge_method", "prompt", "max_age", "acr_values", "dpop_jkt", "request_uri",
    }
)  # fmt: skip
_VISIBLE = re.compile(r"[\x20-\x7e]+")
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")
_PROMPTS = frozenset({"none", "login", "consent"})


class InvalidRequestObject(OAuth2Error):  # type: ignore[misc]  # Authlib has no types.
    """The request object does not hold (RFC 9101, 6)."""

    error = "invalid_request_object"


class UnmetRequirements(OAuth2Error):  # type: ignore[misc]  # Authlib has no types.
    """No sign-in here is of any kind that was asked for (OpenID Connect Unmet Authentication Requirements 1.0)."""

    error = "unmet_authentication_requirements"


@dataclass(frozen=True)
class Asked:
    """An authorization request that may be put before a person. ``jkt`` binds the code to a key (RFC 9449, 10)."""

    redirect_uri: str
    scope: str
    nonce: str
    challenge: str
    state: str = ""
    prompt: str = ""
    max_age: int | None = None
    acr: str = assurance.ONE_FACTOR
    jkt: str = ""

    @classmethod
    def kept(cls, row: Mapping[str, Any]) -> "Asked":
        """Read what was kept."""
        return cls(**row)

    def to_keep(self) -> dict[str, Any]:
        """Return what to keep."""
        return asdict(self)

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes, one by one."""
        return frozenset(self.scope.split())

    @property
    def silent(self) -> bool:
        """Whether nobody may be shown a page (OpenID Connect Core 1.0, 3.1.2.1)."""
        return self.prompt == "none"

    def oldest(self, opened: datetime) -> datetime:
        """Return since when a sign-in counts for a request that was opened then, in whole seconds as sessions have it."""
        limit = 0 if "login" in self.prompt.split() else self.max_age
        since = datetime.min.replace(tzinfo=opened.tzinfo) if limit is None else opened - timedelta(seconds=limit)
        return since.replace(microsecond=0)


def from_form(
    form: Mapping[str, str], client: Party, own: str, storage: Storage, now: datetime, *, jkt: str = ""
) -> Asked:
    """Read a pushed request of an authenticated client; raise an ``OAuth2Error`` naming what is wrong.

    ``jkt`` is of the proof that came along, if one did. A request object is verified and used up, and is then all that
    counts (RFC 9126, 3).
    """
    if not isinstance(client, VerifiedMember):
        raise UnauthorizedClientError
    said = _object(form, client, own, storage, now) if "request" in form else form
    asked = _read(said, client)
    if jkt and asked.jkt not in {"", jkt}:
        raise InvalidProof(description="dpop_jkt names another key than the proof's")
    return replace(asked, jkt=jkt or asked.jkt)


def _object(
    form: Mapping[str, str], client: VerifiedMember, own: str, storage: Storage, now: datetime
) -> Mapping[str, str]:
    """Return the parameters of a request object, which counts once (RFC 9101, 6; Federation Connect 1.1, 12.1.1.1)."""
    if not _PARAMETERS.isdisjoint(form):
        raise InvalidRequestError(description="parameters stand in the request object alone")
    keys, who = client.protocol_keys, client.entity_id
    try:
        claims = REQUEST_OBJECT.verify(form["request"], keys, now=now, issuer=who, audience=own)
        with storage.transaction(write=True) as db:
            replay.once(db, issuer=who, jti=claims.jti, expires=claims.expires, now=now)
    except TokenRefused as error:
        raise InvalidRequestObject(description=error.code) from None
    said = {name: claims[name] for name in _PARAMETERS if name in claims}
    if type(said.get("max_age")) is int:
        said["max_age"] = str(said["max_age"])
    if not all(isinstance(value, str) for value in said.values()):
        raise InvalidRequestObject(description="a parameter is no text")
    return said


def _read(said: Mapping[str, str], client: VerifiedMember) -> Asked:
    if "request_uri" in said:
        raise InvalidRequestError(description="request_uri is what this endpoint gives")
    if said.get("response_type") != "code":
        raise UnsupportedResponseTypeError(said.get("response_type", "")[:40])
    if said.get("response_mode", "query") != "query":
        raise InvalidRequestError(description="response_mode")
    if said.get("code_challenge_method") != "S256":
        raise InvalidRequestError(description="code_challenge_method must be S256")
    return Asked(
        redirect_uri=_redirect_uri(said.get("redirect_uri"), client),
        scope=_scope(said.get("scope", "")),
        nonce=_text(said, "nonce", MAX_NONCE),
        challenge=_digest(said, "code_challenge"),
        state=_text(said, "state", MAX_STATE) if "state" in said else "",
        prompt=_prompt(said.get("prompt", "")),
        max_age=_max_age(said.get("max_age")),
        acr=_acr(said.get("acr_values", "")),
        jkt=_digest(said, "dpop_jkt") if "dpop_jkt" in said else "",
    )


def redirect_uris(client: VerifiedMember, name: str = "redirect_uris") -> list[str]:
    """Return where the federation lets this client receive people: nowhere, unless it is a relying party of our kind."""
    said = client.metadata.get("openid_relying_party", {})
    types, uris = said.get("client_registration_types", ["automatic"]), said.get(name, [])
    if not isinstance(types, list) or "automatic" not in types or not isinstance(uris, list):
        return []
    return [uri for uri in uris if isinstance(uri, str)]


def _redirect_uri(asked: str | None, client: VerifiedMember) -> str:
    """Compare character by character (RFC 9700, 2.1); nothing is ever sent to an address that does not stand there."""
    if asked is None or asked not in redirect_uris(client):
        raise InvalidRequestError(description="redirect_uri is not one that the federation knows")
    return asked


def _scope(text: str) -> str:
    scopes = text.split(" ")
    if "openid" not in scopes or not set(scopes) <= SCOPES.keys() or len(set(scopes)) != len(scopes):
        raise InvalidScopeError
    return text


def _text(said: Mapping[str, str], name: str, longest: int) -> str:
    text = said.get(name, "")
    if not _VISIBLE.fullmatch(text) or len(text) > longest:
        raise InvalidRequestError(description=f"{name} must be 1 to {longest} visible ASCII letters")
    return text


def _digest(said: Mapping[str, str], name: str) -> str:
    if not _DIGEST.fullmatch(said.get(name, "")):
        raise InvalidRequestError(description=f"{name} must be a SHA-256 digest in base64url")
    return said[name]


def _prompt(text: str) -> str:
    wishes = set(text.split())
    if not wishes <= _PROMPTS or ("none" in wishes and len(wishes) > 1):
        raise InvalidRequestError(description="prompt")
    return " ".join(sorted(wishes))


def _max_age(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 8):
        raise InvalidRequestError(description="max_age")
    return int(text)


def _acr(text: str) -> str:
    """Return the least level that would do. Another's names of levels say nothing here."""
    known = [level for level in assurance.LEVELS if level in text.split()]
    if text and not known:
        raise UnmetRequirements(description="acr_values")
    return known[0] if known else assurance.ONE_FACTOR
