"""The tokens between a town and its own identity provider: outside the federation, so an issuer may have a path."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from federation.claims import Check, ClaimsTable, forbidden, identifier, mapping, optional, seconds, short
from federation.errors import TokenRefused
from federation.jwk import to_base64url
from federation.tokens.kind import PLAIN_HEADER, TokenKind
from federation.tokens.kinds import authorized_party

BACK_CHANNEL_LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
_KIBIBYTE = 1024

_several = Check(lambda value: isinstance(value, list) and len(value) <= 32 and all(map(short.holds, value)))
_TABLE: ClaimsTable = {"iss": short, "aud": short, "iat": seconds, "nbf": optional(seconds)}
_OF_IDPS = PLAIN_HEADER | {"x5t"}
"""AD FS names its certificate beside the kid; nobody reads the name, and the kid alone chooses the key."""

UPSTREAM_ID_TOKEN = TokenKind(
    "JWT",
    {
        **_TABLE,
        "sub": short,
        "exp": seconds,
        "nonce": short,
        "auth_time": optional(seconds),
        "azp": optional(short),
        "at_hash": optional(short),
        "acr": optional(short),
        "amr": optional(_several),
        "sid": optional(short),
        "tid": optional(short),
        "events": forbidden,
    },
    max_life=timedelta(days=1),
    max_size=16 * _KIBIBYTE,
    fractions=True,
    may_omit_typ=True,
    algorithms=("ES256", "RS256"),
    header_members=_OF_IDPS,
    relations=(authorized_party,),
)
"""OpenID Connect Core 1.0, 3.1.3.7. An audience among several is refused although the section leaves that open."""


def _ends_a_session(claims: Mapping[str, Any]) -> None:
    if claims["events"] != {BACK_CHANNEL_LOGOUT: {}}:
        raise TokenRefused("not the one event of a logout token (Back-Channel Logout 1.0, 2.4)")


UPSTREAM_LOGOUT_TOKEN = TokenKind(
    "logout+jwt",
    {
        **_TABLE,
        "sub": short,
        "jti": identifier,
        "exp": seconds,
        "sid": optional(short),
        "events": mapping,
        "nonce": forbidden,
    },
    max_life=timedelta(minutes=10),
    may_omit_typ=True,
    algorithms=("ES256", "RS256"),
    header_members=_OF_IDPS,
    relations=(_ends_a_session,),
)
"""OpenID Connect Back-Channel Logout 1.0, 2.4. One that names a session and no person is of no use here."""


def _of_oneself(claims: Mapping[str, Any]) -> None:
    if claims["iss"] != claims["sub"]:
        raise TokenRefused("iss and sub differ")


UPSTREAM_ASSERTION = TokenKind(
    "client-authentication+jwt",
    {**_TABLE, "sub": short, "exp": seconds, "jti": identifier},
    max_life=timedelta(minutes=1),
    relations=(_of_oneself,),
)
"""How a town authenticates at its provider with its own key (RFC 7523bis): the issuer is the sole audience."""


def half_hash(access_token: str) -> str:
    """Return what ``at_hash`` says of an access token beside an ES256 or RS256 ID token (Core 1.0, 3.1.3.6)."""
    return to_base64url(hashlib.sha256(access_token.encode("ascii", "replace")).digest()[:16])
