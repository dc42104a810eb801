"""The terms of an agreement as two towns sign them: one spelling, one digest, one token from each side (``agreement+jwt``).

The signatures prove which terms were entered and confirmed; the consent itself is the 協定書 on paper. A version is
confirmed when both tokens hold, name each other's parties, and are about the same agreement, number and digest.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from federation import trust
from federation.claims import LEEWAY
from federation.envelope import shown
from federation.errors import TokenRefused, TrustBroken
from federation.jwk import PublicKeys
from federation.keys import KeyPair
from federation.messages.agreement import SignersChain
from federation.tokens import AGREEMENT, Claims, peek
from federation.trust import Pins, VerifiedMember

__all__ = [
    "LEEWAY",
    "Side",
    "Signed",
    "chained",
    "digest",
    "kept",
    "read",
    "refuse_unless_named",
    "said_by",
    "sign",
    "spelt",
]

Side = Literal["host", "home"]
MOST_LETTERS = 48 * 1024
"""How long terms may be in their one spelling: hundreds of sites, with their names."""


@dataclass(frozen=True)
class Signed:
    """One side's signature: who signed for whom, which version of which agreement, with which terms, and when."""

    side: Side
    issuer: str
    audience: str
    agreement: str
    version: int
    terms: Mapping[str, Any]
    digest: str
    at: datetime

    def matches(self, other: "Signed") -> bool:
        """Say whether the other side has signed the very same version, each for the other."""
        parties = (self.issuer, self.audience) == (other.audience, other.issuer) and self.side != other.side
        same = (self.agreement, self.version, self.digest) == (other.agreement, other.version, other.digest)
        return parties and same and self.terms == other.terms


def spelt(terms: Mapping[str, object]) -> str:
    """Return terms in their one spelling: members in order, nothing blank, each letter itself (as RFC 8785, for integers and text)."""
    return json.dumps(terms, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(terms: Mapping[str, object]) -> str:
    """Return the SHA-256 of terms in their one spelling, in hexadecimal."""
    return hashlib.sha256(spelt(terms).encode()).hexdigest()


def sign(
    key: KeyPair,
    *,
    side: Side,
    issuer: str,
    audience: str,
    agreement: str,
    version: int,
    terms: Mapping[str, object],
    now: datetime,
) -> str:
    """Sign a version of the terms for the other side."""
    claims = {
        "iss": issuer,
        "aud": audience,
        "side": side,
        "agreement": agreement,
        "version": version,
        "terms": dict(terms),
        "digest": digest(terms),
    }
    return AGREEMENT.sign(key, claims, now=now)


def read(token: str, keys: PublicKeys, *, side: Side, issuer: str, audience: str, now: datetime) -> Signed:
    """Verify one side's signature against its keys; raise ``TokenRefused``, also where the digest is of other terms."""
    claims = AGREEMENT.verify(token, keys, now=now, issuer=issuer, audience=audience, side=side)
    return _signed(claims, side)


def chained(token: str, chain: SignersChain, pins: Pins, *, side: Side, audience: str) -> tuple[Signed, VerifiedMember]:
    """Verify a signature by the chain kept with it, as of its signing: nothing is fetched, and what has expired since counts.

    Raises ``TrustBroken`` for a chain that did not hold then, ``TokenRefused`` for a token that is not its subject's.
    """
    claims = peek(token, max_size=AGREEMENT.max_size).claims
    at = _moment(claims)
    anchor = trust.verify_anchor(chain.anchor, pins, now=trust.signed_at(chain.anchor))
    member = trust.verify_member(
        anchor=anchor.anchor, entity_configuration=chain.configuration, subordinate_statement=chain.statement, now=at
    )
    signed = read(token, member.protocol_keys, side=side, issuer=member.entity_id, audience=audience, now=at)
    return signed, member


def kept(token: str) -> Signed:
    """Return a signature that was verified, or made, before and has been kept since."""
    claims = Claims(peek(token, max_size=AGREEMENT.max_size).claims)
    return _signed(claims, "host" if claims["side"] == "host" else "home")


def said_by(token: str) -> tuple[str, str]:
    """Return the issuer and the audience a token names, unverified: for finding the chain to verify it by."""
    claims = peek(token, max_size=AGREEMENT.max_size).claims
    return str(claims.get("iss", "")), str(claims.get("aud", ""))


def _moment(claims: Mapping[str, object]) -> datetime:
    second = claims.get("iat")
    if type(second) is not int or not 0 <= second < 2**33:
        raise TokenRefused(f"signed at {shown(second)}")
    return Claims(claims).issued_at


def _signed(claims: Claims, side: Side) -> Signed:
    terms = claims["terms"]
    if len(spelt(terms)) > MOST_LETTERS:
        raise TokenRefused(f"terms of more than {MOST_LETTERS} letters")
    if digest(terms) != claims["digest"]:
        raise TokenRefused("the digest is of other terms")
    return Signed(
        side=side,
        issuer=claims.issuer,
        audience=str(claims["aud"]),
        agreement=str(claims["agreement"]),
        version=int(claims["version"]),
        terms=terms,
        digest=str(claims["digest"]),
        at=claims.issued_at,
    )


def refuse_unless_named(signed: Signed, home_code: str) -> None:
    """Raise ``TrustBroken`` unless the terms name that home: nobody signs for another town."""
    homes = signed.terms.get("homes")
    if not isinstance(homes, list) or home_code not in homes:
        raise TrustBroken(f"the terms do not name {home_code}")
