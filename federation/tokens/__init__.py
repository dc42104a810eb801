"""The one door to python-jose: each kind of token signed and verified under a table of its own.

Verification follows RFC 8725 and goes: outer form, header, key from a trusted set by kid, signature, then claims. The
caller chooses the keys by issuer, from what the registry attests, and never from what a token says. Everything that is
wrong with a token is ``TokenRefused``; a genuine token outside its time is ``TokenExpired``. There is no encryption.
"""

from federation.claims import LEEWAY, Claims
from federation.tokens.kind import TokenKind, Unverified, peek
from federation.tokens.kinds import (
    AGREEMENT,
    CLIENT_ASSERTION,
    ENTITY_STATEMENT,
    EVENT,
    FEED_PAGE,
    HISTORICAL_KEYS,
    ID_TOKEN,
    MONTHLY_REPORT,
    NODE_TOKEN,
    PASS,
    PERSON_TOKEN,
    REQUEST_OBJECT,
    RESOLVE_RESPONSE,
    STATUS_LIST,
    TRUST_MARK,
    TRUST_MARK_STATUS,
    UPSTREAM_ID_TOKEN,
    VISIT_GRANT,
)
from federation.tokens.proof import Proof, sign_dpop_proof, verify_dpop_proof

__all__ = [
    "AGREEMENT",
    "CLIENT_ASSERTION",
    "ENTITY_STATEMENT",
    "EVENT",
    "FEED_PAGE",
    "HISTORICAL_KEYS",
    "ID_TOKEN",
    "LEEWAY",
    "MONTHLY_REPORT",
    "NODE_TOKEN",
    "PASS",
    "PERSON_TOKEN",
    "REQUEST_OBJECT",
    "RESOLVE_RESPONSE",
    "STATUS_LIST",
    "TRUST_MARK",
    "TRUST_MARK_STATUS",
    "UPSTREAM_ID_TOKEN",
    "VISIT_GRANT",
    "Claims",
    "Proof",
    "TokenKind",
    "Unverified",
    "peek",
    "sign_dpop_proof",
    "verify_dpop_proof",
]
