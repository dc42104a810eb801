"""OpenID Federation 1.1: entity statements, trust marks and the status list, made and read.

Making needs keys and a clock; reading checks shape only. Whether a signature, an issuer and a chain hold is for
``federation.trust``. Section numbers are of OpenID Federation 1.1 unless they say otherwise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from federation.claims import is_entity_id
from federation.errors import TokenRefused, TrustBroken
from federation.keys import KeyRing, PublicKeys, parse_jwks
from federation.municipality import parse
from federation.tokens import ENTITY_STATEMENT, HISTORICAL_KEYS, TRUST_MARK

CONFIGURATION = "/.well-known/openid-federation"
AUTHORIZATION_METADATA = "/.well-known/oauth-authorization-server"
TOKEN = "/oauth/token"  # noqa: S105 - a path, not a secret.
FETCH = "/federation/fetch"
LIST = "/federation/list"
HISTORY = "/federation/historical-keys"
STATUS = "/federation/status-list"
MUNICIPALITY_MARK = "/trust-marks/municipality"

LIFE = timedelta(hours=24)
_CONFIGURATION_ONLY = (
    "authority_hints",
    "trust_anchor_hints",
    "trust_marks",
    "trust_mark_issuers",
    "trust_mark_owners",
)
_STATEMENT_ONLY = ("constraints", "metadata_policy", "metadata_policy_crit", "source_endpoint")
_REGISTRATION_ONLY = ("aud", "trust_anchor")
MAX_HINTS = 3
MAX_MARKS = 10

Metadata = Mapping[str, Mapping[str, object]]
"""Parameters by entity type, such as ``federation_entity`` (5.1)."""


# --- Made -----------------------------------------------------------------------------------------------------


def entity_configuration(
    *,
    entity_id: str,
    federation: KeyRing,
    metadata: Metadata,
    authority_hints: Sequence[str] = (),
    trust_marks: Sequence[Mapping[str, str]] = (),
    now: datetime,
    life: timedelta = LIFE,
) -> str:
    """Sign what an entity says of itself (3.1.2). The anchor has no ``authority_hints``; a leaf names the anchor."""
    claims: dict[str, object] = {
        "iss": entity_id,
        "sub": entity_id,
        "jwks": federation.jwks(),
        "metadata": dict(metadata),
    }
    if authority_hints:
        claims["authority_hints"] = list(authority_hints)
    if trust_marks:
        claims["trust_marks"] = [dict(mark) for mark in trust_marks]
    return ENTITY_STATEMENT.sign(federation.current, claims, now=now, life=life)


def subordinate_statement(
    *,
    issuer: str,
    federation: KeyRing,
    subject: str,
    subject_jwks: Mapping[str, object],
    metadata: Metadata,
    status_index: int,
    now: datetime,
    life: timedelta = LIFE,
) -> str:
    """Sign what the registry says of a member (3.1.3): its keys, its pinned metadata, and its place in the status list.

    Take ``metadata`` from ``pinned``: here the member's code and names are fixed, and nowhere else.
    """
    claims: dict[str, object] = {
        "iss": issuer,
        "sub": subject,
        "jwks": dict(subject_jwks),
        "metadata": dict(metadata),
        "constraints": {"max_path_length": 0},
        "source_endpoint": issuer + FETCH,
        "status": {"status_list": {"idx": status_index, "uri": issuer + STATUS}},
    }
    return ENTITY_STATEMENT.sign(federation.current, claims, now=now, life=life)


def pinned(*, code: str, name: str, name_en: str = "", name_kana: str = "") -> Metadata:
    """Build the metadata the registry pins; ``code`` is a 団体コード. Raises ``BadMunicipalityCode``."""
    names = {"organization_name": name, "organization_name#en": name_en, "organization_name#ja-Kana-JP": name_kana}
    return {
        "federation_entity": {"municipality_code": parse(code)} | {key: text for key, text in names.items() if text}
    }


def trust_mark(
    *, issuer: str, federation: KeyRing, subject: str, code: str, now: datetime, life: timedelta = LIFE
) -> dict[str, str]:
    """Sign the mark ``municipality`` (7.1) and return it as an entity configuration carries it."""
    kind = issuer + MUNICIPALITY_MARK
    claims = {"iss": issuer, "sub": subject, "trust_mark_type": kind, "municipality_code": parse(code)}
    return {"trust_mark_type": kind, "trust_mark": TRUST_MARK.sign(federation.current, claims, now=now, life=life)}


def historical_keys(*, issuer: str, federation: KeyRing, keys: Sequence[Mapping[str, object]], now: datetime) -> str:
    """Sign the keys of former times (8.7); each has ``exp``, and ``revoked`` where it was."""
    claims = {"iss": issuer, "keys": [dict(key) for key in keys]}
    return HISTORICAL_KEYS.sign(federation.current, claims, now=now)


# --- Read -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Statement:
    """An entity statement whose shape is right. Times are aware UTC."""

    issuer: str
    subject: str
    issued: datetime
    expires: datetime
    keys: PublicKeys
    metadata: Metadata
    authority_hints: tuple[str, ...] = ()
    trust_marks: tuple[tuple[str, str], ...] = ()
    constraints: Mapping[str, object] | None = None
    status_index: int | None = None
    status_uri: str = ""

    @property
    def own(self) -> bool:
        """Whether this is an entity's word about itself: an entity configuration."""
        return self.issuer == self.subject


def read_statement(claims: Mapping[str, object]) -> Statement:
    """Read verified claims as an entity statement (3.2); raise ``TrustBroken`` naming the first thing wrong."""
    issuer, subject = _entity(claims, "iss"), _entity(claims, "sub")
    _refuse_misplaced(claims, own=issuer == subject)
    index, uri = _status(claims.get("status"))
    return Statement(
        issuer=issuer,
        subject=subject,
        issued=_moment(claims, "iat"),
        expires=_moment(claims, "exp"),
        keys=keys_of(claims.get("jwks")),
        metadata=_metadata(claims.get("metadata", {})),
        authority_hints=_hints(claims),
        trust_marks=_marks(claims.get("trust_marks", [])),
        constraints=_optional_object(claims.get("constraints"), "constraints"),
        status_index=index,
        status_uri=uri,
    )


def keys_of(jwks: object) -> PublicKeys:
    """Read a JWK set from a statement; raise ``TrustBroken`` when it holds no usable key or a wrong one."""
    try:
        keys = parse_jwks(jwks)
    except TokenRefused as error:
        raise TrustBroken(f"jwks: {error.detail}") from None
    if not keys:
        raise TrustBroken("jwks is empty")
    return keys


def protocol_jwks(metadata: Metadata) -> object:
    """Return the one JWK set an entity's protocol roles share; raise ``TrustBroken`` when there is none, or two.

    Sets stand inline, attested by the chain; one by reference would be fetched past it (5.2.1).
    """
    found: list[object] = []
    for kind, parameters in metadata.items():
        if parameters.keys() & {"jwks_uri", "signed_jwks_uri"} or (
            kind == "federation_entity" and "jwks" in parameters
        ):
            raise TrustBroken(f"{kind} has its keys elsewhere")
        if "jwks" in parameters and parameters["jwks"] not in found:
            found.append(parameters["jwks"])
    if len(found) != 1:
        raise TrustBroken(f"{len(found)} sets of protocol keys")
    return found[0]


def _entity(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not is_entity_id(value):
        raise TrustBroken(f"{name} is not an entity id")
    return value


def _moment(claims: Mapping[str, object], name: str) -> datetime:
    value = claims.get(name)
    if type(value) is not int or not 0 < value < 2**33:
        raise TrustBroken(f"{name} is not a time")
    return datetime.fromtimestamp(value, UTC)


def _refuse_misplaced(claims: Mapping[str, object], *, own: bool) -> None:
    """Refuse claims of the other kind of statement (3.2), ``crit`` (none is understood), and metadata policy.

    The registry speaks about leaves only and pins what matters in ``metadata``; a policy would be somebody else's idea.
    """
    misplaced = (_STATEMENT_ONLY if own else _CONFIGURATION_ONLY) + _REGISTRATION_ONLY
    misplaced += ("crit", "metadata_policy", "metadata_policy_crit")
    for name in misplaced:
        if name in claims:
            raise TrustBroken(f"{name} does not belong here")


def _hints(claims: Mapping[str, object]) -> tuple[str, ...]:
    if "authority_hints" not in claims:
        return ()
    hints = claims["authority_hints"]
    if not isinstance(hints, list) or not 1 <= len(hints) <= MAX_HINTS:
        raise TrustBroken("authority_hints is empty, or too long")
    if not all(isinstance(hint, str) and is_entity_id(hint) for hint in hints):
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


def _metadata(metadata: object) -> Metadata:
    if not isinstance(metadata, dict) or not all(isinstance(value, dict) for value in metadata.values()):
        raise TrustBroken("metadata is not objects by entity type")
    if any(value is None for parameters in metadata.values() for value in parameters.values()):
        raise TrustBroken("metadata holds a null")
    return cast(Metadata, metadata)


def _status(status: object) -> tuple[int | None, str]:
    if status is None:
        return None, ""
    place = status.get("status_list") if isinstance(status, dict) else None
    index, uri = (place.get("idx"), place.get("uri")) if isinstance(place, dict) else (None, None)
    if type(index) is not int or index < 0 or not isinstance(uri, str):
        raise TrustBroken("status is not a place in a status list")
    return index, uri


def _optional_object(value: object, name: str) -> Mapping[str, object] | None:
    if value is not None and not isinstance(value, dict):
        raise TrustBroken(f"{name} is not an object")
    return value
