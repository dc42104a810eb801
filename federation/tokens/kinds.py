"""Every kind of token that crosses the wire, each as one table. The page is ``protocol`` in the design, section 2.

What may never change: a typ, and that a claim is demanded. A kind may come to demand more only after every town sends it.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from federation.claims import (
    ClaimsTable,
    binding,
    entity_id,
    forbidden,
    identifier,
    mapping,
    mappings,
    metadata,
    number,
    one_of,
    optional,
    pairwise,
    scope,
    seconds,
    short,
    text,
    texts,
    tokens,
)
from federation.envelope import shown
from federation.errors import TokenRefused
from federation.tokens.kind import Relation, TokenKind

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_KIBIBYTE = 1024

_SIGNED: ClaimsTable = {"iss": entity_id, "iat": seconds, "nbf": optional(seconds)}
_MADE_FOR_NOBODY: ClaimsTable = {**_SIGNED, "aud": forbidden}
_ADDRESSED: ClaimsTable = {**_SIGNED, "aud": entity_id}
_FOR_ONCE: ClaimsTable = {**_ADDRESSED, "exp": seconds, "jti": identifier}
_PERSON: ClaimsTable = {"sub": pairwise, "acr": short, "auth_time": seconds, "assurance": optional(texts)}


def _same(first: str, second: str) -> Relation:
    def relation(claims: Mapping[str, Any]) -> None:
        if claims[first] != claims[second]:
            raise TokenRefused(f"{first} and {second} differ")

    return relation


def _apart(first: str, second: str) -> Relation:
    def relation(claims: Mapping[str, Any]) -> None:
        if claims[first] == claims[second]:
            raise TokenRefused(f"{first} and {second} must not be the same (RFC 9700, 4.15)")

    return relation


# --- OpenID Federation 1.1 ------------------------------------------------------------------------------------------

_ONLY_IN_CONFIGURATIONS = frozenset(
    {"authority_hints", "trust_anchor_hints", "trust_marks", "trust_mark_issuers", "trust_mark_owners"}
)
_ONLY_ABOUT_SUBORDINATES = frozenset({"constraints", "metadata_policy", "metadata_policy_crit", "source_endpoint"})
_UNDERSTOOD = frozenset({"status"})
"""Claims that are not the standard's own and may be critical: a place in the status list."""


def _configuration_or_about_a_subordinate(claims: Mapping[str, Any]) -> None:
    """Refuse claims that belong to the other of the two statements (OpenID Federation 1.1, 3.1.2 and 3.1.3)."""
    foreign = _ONLY_ABOUT_SUBORDINATES if claims["iss"] == claims["sub"] else _ONLY_IN_CONFIGURATIONS
    if not foreign.isdisjoint(claims):
        raise TokenRefused(f"{sorted(foreign & set(claims))} belong to the other kind of statement")


def _critical(claims: Mapping[str, Any]) -> None:
    """Refuse critical claims that we do not understand, that the standard itself defines, or that are not there (3.2)."""
    critical = claims.get("crit", [])
    if not all(name in _UNDERSTOOD and name in claims for name in critical):
        raise TokenRefused(f"critical claims {shown(critical)}")


ENTITY_STATEMENT = TokenKind(
    "entity-statement+jwt",
    {
        **_MADE_FOR_NOBODY,
        "sub": entity_id,
        "exp": seconds,
        "jwks": mapping,
        "metadata": optional(metadata),
        "authority_hints": optional(texts),
        "trust_anchor_hints": optional(texts),
        "trust_marks": optional(mappings),
        "trust_mark_issuers": optional(mapping),
        "trust_mark_owners": optional(mapping),
        "metadata_policy": optional(mapping),
        "metadata_policy_crit": optional(texts),
        "constraints": optional(mapping),
        "source_endpoint": optional(text),
        "crit": optional(texts),
        "trust_anchor": forbidden,
    },
    max_life=_DAY,
    max_size=64 * _KIBIBYTE,
    fractions=True,
    relations=(_configuration_or_about_a_subordinate, _critical),
)
TRUST_MARK = TokenKind(
    "trust-mark+jwt",
    {**_MADE_FOR_NOBODY, "sub": entity_id, "exp": seconds, "trust_mark_type": text, "delegation": optional(text)},
    max_life=_DAY,
)
TRUST_MARK_DELEGATION = TokenKind(
    "trust-mark-delegation+jwt",
    {**_MADE_FOR_NOBODY, "sub": entity_id, "exp": optional(seconds), "trust_mark_type": text},
)
TRUST_MARK_STATUS = TokenKind(
    "trust-mark-status-response+jwt",
    {**_MADE_FOR_NOBODY, "trust_mark": text, "status": one_of("active", "expired", "revoked", "invalid")},
    max_age=5 * _MINUTE,
    max_size=32 * _KIBIBYTE,
)
RESOLVE_RESPONSE = TokenKind(
    "resolve-response+jwt",
    {
        **_MADE_FOR_NOBODY,
        "sub": entity_id,
        "exp": seconds,
        "metadata": metadata,
        "trust_chain": tokens,
        "trust_marks": optional(mappings),
    },
    max_life=_DAY,
    max_size=512 * _KIBIBYTE,
    fractions=True,
)
HISTORICAL_KEYS = TokenKind("jwk-set+jwt", {**_MADE_FOR_NOBODY, "keys": mappings}, max_size=256 * _KIBIBYTE)
STATUS_LIST = TokenKind(
    "statuslist+jwt",
    {**_MADE_FOR_NOBODY, "sub": short, "exp": seconds, "ttl": optional(number), "status_list": mapping},
    max_life=10 * _MINUTE,
    max_size=64 * _KIBIBYTE,
)

ANCHOR_KEYS = TokenKind(
    "anchor-keys+jwt",
    {**_MADE_FOR_NOBODY, "sub": entity_id, "jwks": mapping, "exp": forbidden},
    max_size=16 * _KIBIBYTE,
    relations=(_same("iss", "sub"),),
)
"""The word of the anchor's recovery key, good until a newer one: ``federation.mandate``."""

# --- OAuth between towns --------------------------------------------------------------------------------------------

CLIENT_ASSERTION = TokenKind(
    "client-authentication+jwt",
    {**_FOR_ONCE, "sub": entity_id},
    max_life=_MINUTE,
    may_omit_typ=True,
    relations=(_same("iss", "sub"),),
)
REQUEST_OBJECT = TokenKind(
    "oauth-authz-req+jwt",
    {**_FOR_ONCE, "client_id": entity_id, "sub": forbidden, "request": forbidden, "request_uri": forbidden},
    max_life=5 * _MINUTE,
    relations=(_same("iss", "client_id"),),
)
VISIT_GRANT = TokenKind(
    "oauth-id-jag+jwt",
    {
        **_FOR_ONCE,
        **_PERSON,
        "client_id": entity_id,
        "cnf": binding,
        "scope": optional(scope),
        "act": forbidden,
        "may_act": forbidden,
    },
    max_life=_MINUTE,
    relations=(_same("iss", "client_id"), _apart("iss", "aud"), _apart("sub", "client_id")),
)


def _openid(claims: Mapping[str, Any]) -> None:
    if "openid" not in claims["scope"].split():
        raise TokenRefused("not from a sign-in (OpenID Connect Core 1.0, 3.1.2.1)")


_ACCESS: ClaimsTable = {**_FOR_ONCE, "client_id": entity_id, "cnf": binding}
PERSON_TOKEN = TokenKind(
    "at+jwt",
    {**_ACCESS, **_PERSON, "scope": forbidden},
    max_life=5 * _MINUTE,
    relations=(_same("iss", "aud"), _apart("sub", "client_id")),
)
"""A visitor's, at their host. It has no scope: it creates a booking, and is thereby told from the next."""
USERINFO_TOKEN = TokenKind(
    "at+jwt",
    {**_ACCESS, **_PERSON, "scope": scope},
    max_life=5 * _MINUTE,
    relations=(_same("iss", "aud"), _apart("sub", "client_id"), _openid),
)
"""A town's, at the home of somebody who signed in there: it reads what that person agreed to (OpenID Connect Core, 5.3)."""
NODE_TOKEN = TokenKind(
    "at+jwt",
    {**_ACCESS, "sub": entity_id, "scope": scope},
    max_life=10 * _MINUTE,
    relations=(_same("iss", "aud"), _same("sub", "client_id")),
)

# --- OpenID Connect -------------------------------------------------------------------------------------------------


def authorized_party(claims: Mapping[str, Any]) -> None:
    """Refuse a token whose authorized party is another client than its audience."""
    if claims.get("azp", claims["aud"]) != claims["aud"]:
        raise TokenRefused("azp is another client (OpenID Connect Core 1.0, 3.1.3.7)")


# OpenID Connect asks for no typ, and other towns' software sends none. Of what a member signs without one, a client
# assertion has neither nonce nor acr, so the claims keep the two apart.
ID_TOKEN = TokenKind(
    "JWT",
    {**_ADDRESSED, **_PERSON, "exp": seconds, "nonce": short},
    max_life=5 * _MINUTE,
    may_omit_typ=True,
    algorithms=("ES256", "RS256"),
    relations=(authorized_party,),
)
# --- Our own --------------------------------------------------------------------------------------------------------

PASS = TokenKind(
    "visit-pass+jwt",
    {
        **_ADDRESSED,
        "exp": seconds,
        "jti": identifier,
        "booking": identifier,
        "version": number,
        "desk": short,
        "card": optional(identifier),
    },
    max_life=400 * _DAY,
    relations=(_same("iss", "aud"),),
)


def _one_event(claims: Mapping[str, Any]) -> None:
    if len(claims["events"]) != 1:
        raise TokenRefused("a security event token tells one event (Shared Signals Framework 1.0)")


EVENT = TokenKind(
    "secevent+jwt",
    {
        **_ADDRESSED,
        "jti": identifier,
        "events": mapping,
        "sub_id": optional(mapping),
        "txn": optional(short),
        "sub": forbidden,
        "exp": forbidden,
    },
    max_age=7 * _DAY,
    relations=(_one_event,),
)
AGREEMENT = TokenKind(
    "agreement+jwt",
    {
        **_ADDRESSED,
        "side": one_of("host", "home"),
        "agreement": identifier,
        "version": number,
        "terms": mapping,
        "digest": short,
        "exp": forbidden,
    },
    max_size=128 * _KIBIBYTE,
    depth=8,
    relations=(_apart("iss", "aud"),),
)
"""One side's signature of a version of the terms; it is good for as long as anybody asks: ``federation.agreed``."""
MONTHLY_REPORT = TokenKind("statement+jwt", _ADDRESSED, max_size=8 * _KIBIBYTE * _KIBIBYTE, depth=16)
ROLL_CALL = TokenKind("roll-call+jwt", {**_ADDRESSED, "report": mapping}, max_size=512 * _KIBIBYTE, depth=16)
"""A host's word on one home's people in a roll call. It has no end: it is kept as proof."""
FEED_PAGE = TokenKind("feed-page+jwt", _MADE_FOR_NOBODY, max_size=8 * _KIBIBYTE * _KIBIBYTE, depth=16, fractions=True)
