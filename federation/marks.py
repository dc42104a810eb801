"""Trust marks: who may issue which, as the anchor publishes it, and whether one holds (OpenID Federation 1.1, 7). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from federation.claims import Claims, is_entity_id
from federation.envelope import shown
from federation.errors import TokenExpired, TokenRefused, TrustBroken
from federation.jwk import PublicKeys, parse_jwks
from federation.tokens import TRUST_MARK, TRUST_MARK_DELEGATION, peek

MAX_TYPES = 50
MAX_ISSUERS = 100


class MarkLapsed(TrustBroken):
    """A genuine mark is over, or the key that signed it is no longer its issuer's: it says nothing any more."""


@dataclass(frozen=True)
class Owner:
    """Who owns a type of mark and lets others issue it (7.2.2)."""

    entity_id: str
    keys: PublicKeys


@dataclass(frozen=True)
class MarkRules:
    """What the anchor lays down: issuers by type (``trust_mark_issuers``), owners by type (``trust_mark_owners``).

    A type that is not listed is nobody's; one whose list is empty may be issued by anybody in the federation (3.1.2).
    """

    issuers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    owners: Mapping[str, Owner] = field(default_factory=dict)

    def check_issuer(self, kind: str, issuer: str) -> None:
        """Refuse an issuer that may not issue marks of this type."""
        issuers = self.issuers.get(kind)
        if issuers is None or (issuers and issuer not in issuers):
            raise TrustBroken(f"trust mark: {shown(issuer)} may not issue {shown(kind)}")


def read_rules(issuers: object, owners: object) -> MarkRules:
    """Read the claims ``trust_mark_issuers`` and ``trust_mark_owners``; raise ``TrustBroken`` for another shape."""
    return MarkRules(
        {kind: _issuers(listed) for kind, listed in _by_type(issuers).items()},
        {kind: _owner(said) for kind, said in _by_type(owners).items()},
    )


def verify_mark(
    kind: str, token: str, *, bearer: str, rules: MarkRules, issuers: Mapping[str, PublicKeys], now: datetime
) -> Claims:
    """Verify a mark that ``bearer`` carries under type ``kind`` (7.3); return what it says.

    ``issuers`` are the entities whose own chains hold, with their keys. Raises ``MarkLapsed`` for a mark that is over
    and otherwise ``TrustBroken``.
    """
    try:
        unverified = peek(token)
        issuer = unverified.claims.get("iss")
        if not isinstance(issuer, str) or issuer not in issuers:
            raise TrustBroken(f"trust mark: no chain leads to {shown(issuer)}")
        rules.check_issuer(kind, issuer)
        if unverified.header.get("kid") not in issuers[issuer]:
            raise MarkLapsed(f"trust mark: signed with no key of {issuer}")
        mark = TRUST_MARK.verify(token, issuers[issuer], now=now, issuer=issuer, sub=bearer, trust_mark_type=kind)
        _check_delegation(mark, kind, rules.owners.get(kind), now)
    except TokenExpired as error:
        raise MarkLapsed(f"trust mark: {error.detail}") from None
    except TokenRefused as error:
        raise TrustBroken(f"trust mark: {error.detail}") from None
    return mark


def _check_delegation(mark: Claims, kind: str, owner: Owner | None, now: datetime) -> None:
    """Check that the owner of a type, where it has one, lets the issuer issue it (7.2.2)."""
    delegation = mark.get("delegation")
    if (owner is None) != (delegation is None):
        raise TrustBroken("trust mark: a delegation is missing, or is of nobody who could give one")
    if owner is not None and delegation is not None:
        TRUST_MARK_DELEGATION.verify(
            delegation, owner.keys, now=now, issuer=owner.entity_id, sub=mark.issuer, trust_mark_type=kind
        )


def _by_type(claim: object) -> Mapping[str, object]:
    if claim is None:
        return {}
    if not isinstance(claim, dict) or len(claim) > MAX_TYPES:
        raise TrustBroken("the rules of trust marks are no object by type, or too many")
    return claim


def _issuers(listed: object) -> frozenset[str]:
    if not isinstance(listed, list) or len(listed) > MAX_ISSUERS or not all(map(is_entity_id, listed)):
        raise TrustBroken("trust_mark_issuers are no entity ids, or too many")
    return frozenset(listed)


def _owner(said: object) -> Owner:
    entity_id, jwks = (said.get("sub"), said.get("jwks")) if isinstance(said, dict) else (None, None)
    if not isinstance(entity_id, str) or not is_entity_id(entity_id):
        raise TrustBroken("trust_mark_owners names no entity")
    try:
        return Owner(entity_id, parse_jwks(jwks))
    except TokenRefused as error:
        raise TrustBroken(f"trust_mark_owners: {error.detail}") from None
