"""The one door to python-jose: each kind of token signed and verified under a table of its own.

Verification follows RFC 8725 and goes: outer form, header, key from a trusted set by kid, signature, then claims. The
caller chooses the keys by issuer, from what the registry attests, and never from what a token says. Everything that is
wrong with a token is ``TokenRefused``; a genuine token outside its time is ``TokenExpired``. There is no encryption.
"""

from federation.claims import LEEWAY, Claims
from federation.tokens.kind import TokenKind, Unverified, peek
from federation.tokens.kinds import (
    AGREEMENT,
    ANCHOR_KEYS,
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
    ROLL_CALL,
    STATUS_LIST,
    TRUST_MARK,
    TRUST_MARK_DELEGATION,
    TRUST_MARK_STATUS,
    USERINFO_TOKEN,
    VISIT_GRANT,
)
from federation.tokens.proof import Proof, sign_dpop_proof, verify_dpop_proof
from federation.tokens.upstream import UPSTREAM_ASSERTION, UPSTREAM_ID_TOKEN, UPSTREAM_LOGOUT_TOKEN, half_hash

__all__ = [
    "AGREEMENT",
    "ANCHOR_KEYS",
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
    "ROLL_CALL",
    "STATUS_LIST",
    "TRUST_MARK",
    "TRUST_MARK_DELEGATION",
    "TRUST_MARK_STATUS",
    "UPSTREAM_ASSERTION",
    "UPSTREAM_ID_TOKEN",
    "UPSTREAM_LOGOUT_TOKEN",
    "USERINFO_TOKEN",
    "VISIT_GRANT",
    "Claims",
    "Proof",
    "TokenKind",
    "Unverified",
    "half_hash",
    "peek",
    "sign_dpop_proof",
    "verify_dpop_proof",
]
