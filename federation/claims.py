"""What a token must say: a table of claims per kind, and the clock.

A table maps each claim to a check. A missing claim is refused unless its check is ``optional``; claims that the table
does not name are let through unread, as RFC 7519, 4.3 asks, but never to be relied upon; those of ``REGISTERED`` are typed.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from federation.envelope import shown
from federation.errors import TokenExpired, TokenRefused

LEEWAY = timedelta(seconds=10)
"""How far two towns' clocks may differ (FAPI 2.0, 5.3.2.1: up to 10 seconds ahead is accepted)."""

_LAST_SECOND = 253402300799  # 9999-12-31T23:59:59Z, the last second a datetime can hold.
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*")
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")

_MISSING = object()


class Claims(Mapping[str, Any]):
    """The claims of a verified token, read-only. The properties exist where the kind's table demands the claim."""

    def __init__(self, members: Mapping[str, Any], *, kid: str = "") -> None:
        """Wrap parsed members; ``kid`` names the key that signed."""
        self._members = dict(members)
        self.kid = kid

    def __getitem__(self, name: str) -> Any:
        """Return a claim as JSON gave it, or raise ``KeyError``."""
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        """Go through the names of the claims."""
        return iter(self._members)

    def __len__(self) -> int:
        """Count the claims."""
        return len(self._members)

    def __repr__(self) -> str:
        """Name the claims, never their values: they may tell of a person."""
        return f"Claims({sorted(self._members)})"

    @property
    def issuer(self) -> str:
        """Who signed (iss)."""
        return str(self["iss"])

    @property
    def subject(self) -> str:
        """Whom it is about (sub)."""
        return str(self["sub"])

    @property
    def jti(self) -> str:
        """The token's own number, for the replay store together with the issuer."""
        return str(self["jti"])

    @property
    def issued_at(self) -> datetime:
        """When it was made (iat), UTC."""
        return moment(self["iat"])

    @property
    def expires(self) -> datetime:
        """When it ends (exp), UTC and without leeway."""
        return moment(self["exp"])

    @property
    def jkt(self) -> str | None:
        """The thumbprint of the DPoP key the token is bound to (RFC 9449, 6.1), or None when it is bound to none."""
        return str(self["cnf"]["jkt"]) if "cnf" in self else None

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes, empty when the token names none (RFC 6749, 3.3)."""
        return frozenset(str(self.get("scope", "")).split())


@dataclass(frozen=True)
class Check:
    """One row of a table: what holds for a value, and whether the claim may be absent."""

    holds: Callable[[Any], bool]
    required: bool = True

    def is_met_by(self, value: object) -> bool:
        """Say whether the claim may have this value (or be absent)."""
        return not self.required if value is _MISSING else self.holds(value)


ClaimsTable = Mapping[str, Check]


def optional(check: Check) -> Check:
    """Return the same check for a claim that may be absent."""
    return Check(check.holds, required=False)


def one_of(*values: str) -> Check:
    """Return a check that a claim is one of these texts."""
    return Check(lambda value: isinstance(value, str) and value in values)


def is_entity_id(value: object) -> bool:
    """Say whether text is an origin in its one spelling: scheme and lower-case host, a port only if not the default.

    Variants (a trailing slash, upper case, ``:443``, userinfo) are other texts and so other parties (OpenID
    Federation 1.1, 16); here they are no entity ids at all.
    """
    if not isinstance(value, str) or not value.isascii() or len(value) > 255:
        return False
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    default = {"https": 443, "http": 80}.get(parts.scheme)
    spelling = f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port is not None else "")
    return default not in (None, port) and spelling == value and _HOST.fullmatch(parts.hostname or "") is not None


def _is_short(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 255 and value.isascii() and value.isprintable()


def _is_second(value: object) -> bool:
    return type(value) is int and 0 <= value <= _LAST_SECOND


def _is_binding(value: object) -> bool:
    jkt = value.get("jkt") if isinstance(value, dict) and set(value) == {"jkt"} else None
    return isinstance(jkt, str) and _THUMBPRINT.fullmatch(jkt) is not None


def _is_metadata(value: object) -> bool:
    kinds = value.values() if isinstance(value, dict) else ()
    return isinstance(value, dict) and all(isinstance(kind, dict) and None not in kind.values() for kind in kinds)


entity_id = Check(is_entity_id)
short = Check(_is_short)
text = Check(lambda value: isinstance(value, str) and value != "")
number = Check(lambda value: type(value) is int and value >= 0)
seconds = Check(_is_second)
identifier = Check(lambda value: _is_short(value) and len(value) <= 128)
pairwise = Check(lambda value: _is_short(value) and "://" not in value)
scope = Check(lambda value: isinstance(value, str) and _SCOPE.fullmatch(value) is not None)
binding = Check(_is_binding)
mapping = Check(lambda value: isinstance(value, dict))
metadata = Check(_is_metadata)
mappings = Check(lambda value: isinstance(value, list) and all(isinstance(item, dict) for item in value))
texts = Check(lambda value: isinstance(value, list) and len(value) > 0 and all(_is_short(item) for item in value))
tokens = Check(lambda value: isinstance(value, list) and 0 < len(value) <= 4 and all(isinstance(x, str) for x in value))
forbidden = Check(lambda _value: False, required=False)


REGISTERED: ClaimsTable = {
    "iss": optional(short),
    "sub": optional(text),
    "exp": optional(seconds),
    "nbf": optional(seconds),
    "iat": optional(seconds),
    "jti": optional(identifier),
    "auth_time": optional(seconds),
}
"""Claims whose meaning is registered (RFC 7519, 4.1): of the right type wherever they stand, demanded or not."""


def check_table(claims: Mapping[str, Any], table: ClaimsTable) -> None:
    """Raise ``TokenRefused`` for the first claim that is missing, of the wrong type or forbidden."""
    for name, check in {**REGISTERED, **table}.items():
        if not check.is_met_by(claims.get(name, _MISSING)):
            raise TokenRefused(f"claim {name} is missing, ill-formed or not allowed: {shown(claims.get(name))}")


def check_expected(claims: Mapping[str, Any], expected: Mapping[str, object]) -> None:
    """Raise ``TokenRefused`` unless each expected claim is there with the same type and value."""
    for name, wanted in expected.items():
        given = claims.get(name, _MISSING)
        if type(given) is not type(wanted) or given != wanted:
            raise TokenRefused(f"claim {name} is {shown(claims.get(name))}, not {shown(wanted)}")


def check_life(claims: Mapping[str, Any], *, max_life: timedelta | None) -> None:
    """Raise ``TokenRefused`` for a life that is negative or longer than the kind allows; no clock is read."""
    if "exp" not in claims:
        return
    life = claims["exp"] - claims["iat"]
    if life <= 0 or (max_life is not None and life > max_life.total_seconds()):
        raise TokenRefused(f"a life of {life} seconds")


def check_times(claims: Mapping[str, Any], *, now: datetime, max_age: timedelta | None) -> None:
    """Raise ``TokenExpired`` outside [iat or nbf, exp), or beyond ``max_age`` after iat; the leeway is 10 seconds."""
    begins = max(claims.get(name, 0) for name in ("iat", "nbf", "auth_time"))
    ends = claims.get("exp", _LAST_SECOND)
    if max_age is not None:
        ends = min(ends, claims["iat"] + int(max_age.total_seconds()))
    instant, leeway = now.timestamp(), LEEWAY.total_seconds()
    if instant < begins - leeway:
        raise TokenExpired(f"valid from {begins} only")
    if instant >= ends + leeway:
        raise TokenExpired(f"valid until {ends} only")


def moment(value: int) -> datetime:
    """Return seconds since 1970 (a NumericDate, RFC 7519, 2) as an aware UTC datetime."""
    return datetime.fromtimestamp(value, UTC)


def as_seconds(value: object) -> object:
    """Return an aware datetime as whole seconds since 1970, and anything else unchanged."""
    return int(value.timestamp()) if isinstance(value, datetime) else value
