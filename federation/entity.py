"""OpenID Federation 1.1: entity statements, trust marks and former keys as they are made; they are read in ``statement``.

Section numbers are of OpenID Federation 1.1 unless they say otherwise.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from federation import replaced
from federation.keys import KeyRing
from federation.municipality import parse
from federation.policy import Metadata, Policy
from federation.replaced import Replaced
from federation.tokens import ENTITY_STATEMENT, HISTORICAL_KEYS, TRUST_MARK

CONFIGURATION = "/.well-known/openid-federation"
AUTHORIZATION_METADATA = "/.well-known/oauth-authorization-server"
PROVIDER_METADATA = "/.well-known/openid-configuration"
TOKEN = "/oauth/token"  # noqa: S105 - a path, not a secret.
AUTHORIZE = "/oauth/authorize"
PUSHED = "/oauth/par"
USERINFO = "/oauth/userinfo"
REVOKE = "/oauth/revoke"
LOGOUT = "/oauth/logout"
FETCH = "/federation/fetch"
LIST = "/federation/list"
HISTORY = "/federation/historical-keys"
RESOLVE = "/federation/resolve"
STATUS = "/federation/status-list"
MUNICIPALITY_MARK = "/trust-marks/municipality"

LIFE = timedelta(hours=24)


def entity_configuration(
    *,
    entity_id: str,
    federation: KeyRing,
    metadata: Metadata,
    authority_hints: Sequence[str] = (),
    trust_marks: Sequence[Mapping[str, str]] = (),
    mark_issuers: Mapping[str, Sequence[str]] | None = None,
    now: datetime,
    life: timedelta = LIFE,
) -> str:
    """Sign what an entity says of itself (3.1.2). The anchor has no ``authority_hints``; a leaf names the anchor.

    ``mark_issuers`` is for the anchor. Raises ``ValueError`` for an empty list of them: it would mean anybody (3.1.2).
    """
    if mark_issuers and not all(mark_issuers.values()):
        raise ValueError("an empty list of issuers lets anybody issue a trust mark")
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
    if mark_issuers:
        claims["trust_mark_issuers"] = {kind: list(issuers) for kind, issuers in mark_issuers.items()}
    return ENTITY_STATEMENT.sign(federation.current, claims, now=now, life=life)


def subordinate_statement(
    *,
    issuer: str,
    federation: KeyRing,
    subject: str,
    subject_jwks: Mapping[str, object],
    metadata: Metadata,
    status_index: int,
    policy: Policy | None = None,
    constraints: Mapping[str, object] | None = None,
    now: datetime,
    life: timedelta = LIFE,
) -> str:
    """Sign what the registry says of a member (3.1.3): its keys, its pinned metadata, and its place in the status list.

    ``policy`` and ``constraints`` are what it lays down for members; without them, that nobody stands below one. Take ``metadata`` from ``pinned``: here the member's code and names are fixed, and nowhere else.
    """
    claims: dict[str, object] = {
        "iss": issuer,
        "sub": subject,
        "jwks": dict(subject_jwks),
        "metadata": dict(metadata),
        "constraints": dict(constraints or {"max_path_length": 0}),
        "source_endpoint": issuer + FETCH,
        "status": {"status_list": {"idx": status_index, "uri": issuer + STATUS}},
    }
    if policy:
        claims["metadata_policy"] = dict(policy)
    return ENTITY_STATEMENT.sign(federation.current, claims, now=now, life=life)


def pinned(
    *, code: str, name: str, name_en: str = "", name_kana: str = "", replaces: Iterable[Replaced] = ()
) -> Metadata:
    """Build the metadata the registry pins; ``code`` is a 団体コード, ``replaces`` whose place the member has taken.

    Raises ``BadMunicipalityCode``.
    """
    names = {"organization_name": name, "organization_name#en": name_en, "organization_name#ja-Kana-JP": name_kana}
    return {
        "federation_entity": {
            "municipality_code": parse(code),
            **{key: text for key, text in names.items() if text},
            **replaced.pinned(replaces),
        }
    }


def trust_mark(
    *, issuer: str, federation: KeyRing, subject: str, code: str, now: datetime, life: timedelta = LIFE
) -> dict[str, str]:
    """Sign the mark ``municipality`` (7.1) and return it as an entity configuration carries it."""
    kind = issuer + MUNICIPALITY_MARK
    claims = {"iss": issuer, "sub": subject, "trust_mark_type": kind, "id": kind, "municipality_code": parse(code)}
    return carried_mark(kind, TRUST_MARK.sign(federation.current, claims, now=now, life=life))


def carried_mark(kind: str, token: str) -> dict[str, str]:
    """Return a mark as an entity configuration carries it (3.1.2); ``id`` is what drafts before the standard read."""
    return {"trust_mark_type": kind, "id": kind, "trust_mark": token}


def historical_keys(*, issuer: str, federation: KeyRing, keys: Sequence[Mapping[str, object]], now: datetime) -> str:
    """Sign the keys of former times (8.7); each has ``exp``, and ``revoked`` where it was."""
    claims = {"iss": issuer, "keys": [dict(key) for key in keys]}
    return HISTORICAL_KEYS.sign(federation.current, claims, now=now)
