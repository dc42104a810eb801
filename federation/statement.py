"""Entity statements as they are read: what each claim means, and its limits (OpenID Federation 1.1, 3).

What a claim may be, and in which of the two kinds of statement it may stand, is the table of ``ENTITY_STATEMENT``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from federation.claims import is_entity_id, moment
from federation.constraints import FEDERATION_ENTITY, Constraints
from federation.envelope import shown
from federation.errors import TokenRefused, TrustBroken
from federation.jwk import PublicKeys, parse_jwks
from federation.marks import MarkRules, read_rules
from federation.policy import Metadata, Policy
from federation.policy import read as read_policy
from federation.tokens import ENTITY_STATEMENT, peek

MAX_HINTS = 3
MAX_MARKS = 10


@dataclass(frozen=True)
class Statement:
    """An entity statement whose claims are sound. Times are aware UTC."""

    issuer: str
    subject: str
    issued: datetime
    expires: datetime
    kid: str
    keys: PublicKeys
    metadata: Metadata
    authority_hints: tuple[str, ...]
    trust_marks: tuple[tuple[str, str], ...]
    mark_rules: MarkRules
    constraints: Constraints
    policy: Policy
    status_index: int | None
    status_uri: str

    @property
    def own(self) -> bool:
        """Whether this is an entity's word about itself: an entity configuration."""
        return self.issuer == self.subject

    @property
    def signed_with_own_key(self) -> bool:
        """Whether the key that signed is among those the statement lists."""
        return self.kid in self.keys


def verify_statement(token: str, keys: PublicKeys, *, issuer: str, now: datetime) -> Statement:
    """Verify a statement against its issuer's keys (3.2) and read it; raise ``TrustBroken``."""
    try:
        claims = ENTITY_STATEMENT.verify(token, keys, now=now, issuer=issuer)
    except TokenRefused as error:
        raise TrustBroken(f"statement of {issuer}: {error.detail}") from None
    return read_statement(claims, claims.kid)


def peeked(token: str) -> Mapping[str, object]:
    """Return what a statement says before anything is known of its truth; raise ``TrustBroken`` for an unsound form."""
    try:
        return peek(token).claims
    except TokenRefused as error:
        raise TrustBroken(error.detail) from None


def read_statement(claims: Mapping[str, object], kid: str = "") -> Statement:
    """Read verified claims as an entity statement; raise ``TrustBroken`` naming the first thing wrong."""
    index, uri = _status(claims.get("status"))
    return Statement(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        issued=moment(cast(int, claims["iat"])),
        expires=moment(cast(int, claims["exp"])),
        kid=kid,
        keys=keys_of(claims.get("jwks")),
        metadata=cast(Metadata, claims.get("metadata", {})),
        authority_hints=_hints(claims.get("authority_hints", [])),
        trust_marks=_marks(claims.get("trust_marks", [])),
        mark_rules=read_rules(claims.get("trust_mark_issuers"), claims.get("trust_mark_owners")),
        constraints=Constraints.read(claims.get("constraints")),
        policy=read_policy(claims.get("metadata_policy"), claims.get("metadata_policy_crit")),
        status_index=index,
        status_uri=uri,
    )


def keys_of(jwks: object) -> PublicKeys:
    """Read a JWK set from a statement; raise ``TrustBroken`` when it holds no usable key or a wrong one."""
    try:
        return parse_jwks(jwks)
    except TokenRefused as error:
        raise TrustBroken(f"jwks: {error.detail}") from None


def protocol_jwks(metadata: Metadata) -> object:
    """Return the one JWK set an entity's protocol roles share; raise ``TrustBroken`` when there is none, or two.

    Sets stand inline, attested by the chain; one by reference would be fetched past it (5.2.1).
    """
    found: list[object] = []
    for kind, parameters in metadata.items():
        if parameters.keys() & {"jwks_uri", "signed_jwks_uri"} or (kind == FEDERATION_ENTITY and "jwks" in parameters):
            raise TrustBroken(f"{shown(kind)} has its keys elsewhere")
        if "jwks" in parameters and parameters["jwks"] not in found:
            found.append(parameters["jwks"])
    if len(found) != 1:
        raise TrustBroken(f"{len(found)} sets of protocol keys")
    return found[0]


def _hints(hints: object) -> tuple[str, ...]:
    if not isinstance(hints, list) or len(hints) > MAX_HINTS:
        raise TrustBroken("authority_hints is too long")
    if not all(is_entity_id(hint) for hint in hints):
        raise TrustBroken("authority_hints holds something that is no entity id")
    return tuple(hints)


def _marks(marks: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(marks, list) or len(marks) > MAX_MARKS:
        raise TrustBroken("trust_marks is no list, or too long")
    read = []
    for mark in marks:
        kind, token = (mark.get("trust_mark_type"), mark.get("trust_mark")) if isinstance(mark, dict) else (None, None)
        if not isinstance(kind, str) or not isinstance(token, str):
            raise TrustBroken("a trust mark without its type or token")
        read.append((kind, token))
    return tuple(read)


def _status(status: object) -> tuple[int | None, str]:
    if status is None:
        return None, ""
    place = status.get("status_list") if isinstance(status, dict) else None
    index, uri = (place.get("idx"), place.get("uri")) if isinstance(place, dict) else (None, None)
    if type(index) is not int or index < 0 or not isinstance(uri, str):
        raise TrustBroken("status is not a place in a status list")
    return index, uri
