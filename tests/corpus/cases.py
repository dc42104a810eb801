"""The table of the corpus: every case with its sentence, the sections it comes from, and how it stands.

A test belongs to a case by ``@case("J01")``, by its name (``test_o08_…``), or by a parameter whose id begins with the case:
``"J05 r is zero"``.
``tests.corpus.tally`` counts them; a case that stands as tested without a test fails, and so does an unknown id.
"""

from dataclasses import dataclass
from enum import Enum

import pytest

case = pytest.mark.case
"""Say which cases a test shows."""


class Standing(Enum):
    """How a case stands."""

    TESTED = "tested"
    NOT_APPLICABLE = "not applicable"
    MISSING = "missing"


@dataclass(frozen=True)
class Case:
    """One attack, and where its refusal is demanded; ``reason`` says why a case is not tested."""

    id: str
    sentence: str
    spec: str
    standing: Standing = Standing.TESTED
    reason: str = ""


_TOKENS = (
    Case("J01", "alg is none in any spelling, empty or missing", "RFC 8725 3.1, 3.2; RFC 7518 3.6"),
    Case("J02", "HS256 keyed with the public key in any of its forms", "RFC 8725 2.1"),
    Case("J03", "alg is another than the key's own", "RFC 8725 3.1"),
    Case("J04", "ES256 by a key of another curve; RSA under 2048 bits", "RFC 7518 3.3, 3.4"),
    Case("J05", "an ECDSA signature of zeros, too short, too long, in DER, out of range", "RFC 7518 3.4"),
    Case("J06", "a signature over another header or payload, cut or empty", "RFC 7515 5.2"),
    Case("J07", "two, four or five parts; JSON serialization; detached; JWE", "RFC 7515 3; RFC 7519 7.2"),
    Case("J08", "base64url not canonical, padded, spaced or of the other alphabet", "RFC 7515 2, 5.2"),
    Case("J09", "crit unknown, empty or of registered names; b64 false", "RFC 7515 4.1.11; RFC 7797"),
    Case("J10", "kid missing, unknown, another's, an object, a path, SQL, 10 kB", "RFC 7515 4.1.4; RFC 8725 3.10"),
    Case("J11", "a key in the header, or its address; nothing is fetched", "RFC 7515 4.1.2-4.1.6; RFC 8725 3.10"),
    Case("J12", "typ missing, wrong, or of another kind of token: every pair of kinds", "RFC 8725 3.11, 3.12"),
    Case("J13", "a member twice in header or payload", "RFC 7515 4; RFC 7519 4"),
    Case("J14", "a payload that is no object, not UTF-8, or holds numbers that are none", "RFC 7519 2; RFC 8725 3.4"),
    Case("J15", "nesting without end, 5 MB, a header of 1 MB, compression", "RFC 8725 3.6"),
    Case("J16", "exp past, missing, beyond the profile, or not after iat", "RFC 7519 4.1.4"),
    Case("J17", "nbf or iat in the future; ten seconds are accepted", "FAPI 2.0 5.3.2.1"),
    Case("J18", "jti missing or used before, by whatever worker, restart or signature", "RFC 7519 4.1.7; RFC 7523 3"),
    Case("J19", "a key for encryption, retired, revoked, or of an entity that left", "OpenID Federation 1.1 8.7"),
    Case("J20", "any bytes whatever: 400 or 401, never 500", "RFC 8725 2"),
)
_PARTIES = (
    Case("A01", "an issuer outside the federation, or a variant of a member's id", "OpenID Federation 1.1 16"),
    Case("A02", "the registry, or the host itself, as the home of a visitor", "ID-JAG 5"),
    Case(
        "A03",
        "an audience that is missing, another, a list, an endpoint or a variant",
        "RFC 7523bis 4; FAPI 2.0 5.3.2.1",
    ),
    Case("A04", "a town that asserts the 団体コード of another", "OpenID Federation 1.1 6.1"),
    Case("A05", "a subject that is missing, empty, no text, or a client", "RFC 9700 4.15"),
    Case("A06", "a client_id that is not the caller's", "RFC 7523 3"),
    Case("A07", "a grant of one town presented by another", "identity chaining 5.5"),
    Case("A08", "acr missing, unknown or too low; auth_time too old or in the future", "RFC 9470 3"),
    Case("A09", "a scope that is wider than granted, unknown or a list", "RFC 7521 4.1"),
    Case("A10", "act or may_act without a policy for it", "RFC 8693 4.1, 4.4"),
    Case("A11", "a person who was suspended or has left", "RISC 2.2; RFC 8935"),
    Case("A12", "e-mail or name taken for who somebody is", "OpenID Connect Core 5.7"),
)
_FEDERATION = (
    Case("F01", "a statement without typ, kid, iat, exp or jwks, or with wrong ones", "OpenID Federation 1.1 3, 3.2"),
    Case("F02", "an entity configuration whose iss is not its sub", "OpenID Federation 1.1 3.2"),
    Case("F03", "a superior that authority_hints does not name", "OpenID Federation 1.1 3.2"),
    Case("F04", "a statement signed by a leaf, by unattested or by unpinned keys", "OpenID Federation 1.1 10.2"),
    Case("F05", "a chain with a gap, reordered, doubled, extended, or to another anchor", "OpenID Federation 1.1 10.2"),
    Case("F06", "one element expired while the others are valid", "OpenID Federation 1.1 10.2, 12.3"),
    Case("F07", "a trust_chain header that leads back to a revoked state", "OpenID Federation 1.1 4.3"),
    Case("F08", "a suspended or removed member that shows what it has kept", "OpenID Federation 1.1 8.4"),
    Case("F09", "a trust mark of the wrong typ, subject, issuer, type or time", "OpenID Federation 1.1 7.3"),
    Case("F10", "metadata that breaks a policy, or a policy where none may stand", "OpenID Federation 1.1 6.1"),
    Case("F11", "constraints of length, name or entity type that are broken", "OpenID Federation 1.1 6.2"),
    Case("F12", "a crit claim nobody knows", "OpenID Federation 1.1 3.2"),
    Case(
        "F13",
        "authority_hints that lead inside, in circles or nowhere; huge and slow answers",
        "OpenID Federation 1.1 18.1",
    ),
    Case("F14", "a resolve response that is for others, too long-lived or unproven", "OpenID Federation 1.1 8.3"),
    Case("F15", "a trust_chain header inside a statement, or for another subject", "OpenID Federation 1.1 4.3"),
    Case("F16", "metadata with another issuer, or an endpoint of another node", "OpenID Federation 1.1 5.1"),
    Case(
        "F17", "a protocol token signed with a federation key, and the other way round", "OpenID Federation 1.1 3.1.1"
    ),
    Case("F18", "a key used after it was revoked or removed", "OpenID Federation 1.1 8.7, 11.2"),
    Case("F19", "two nodes for one 団体コード, or one node for two", "protocol, section 1"),
    Case("F20", "fetch and list with parameters that make no sense", "OpenID Federation 1.1 8.1, 8.2, 8.9"),
    Case("F21", "an older statement or list than was seen, rightly signed", "OpenID Federation 1.1 10.2"),
)
_FLOWS = (
    Case("O01", "PAR without the client's own assertion", "RFC 9126 2; RFC 7523bis"),
    Case(
        "O02",
        "a request object of another audience, issuer, client, key, time or form",
        "RFC 9101 6; OpenID Federation 1.1 12.1",
    ),
    Case("O03", "a request_uri used again, expired, another client's, or an address", "RFC 9126 4; RFC 9101 7"),
    Case("O04", "an authorization request outside PAR, of another response_type, or doubled", "FAPI 2.0 5.3.2.2"),
    Case("O05", "a redirect_uri that is not exactly registered; no redirect on broken trust", "RFC 9700 4.1"),
    Case("O06", "PKCE missing, plain, wrong, or a verifier without a challenge", "RFC 7636; RFC 9700 4.8"),
    Case("O07", "a code used again, late, by another client, key or redirect_uri", "RFC 6749 4.1; RFC 9449 10"),
    Case("O08", "a callback with another iss, state or session", "RFC 9207 2.4; RFC 9700 4.4"),
    Case(
        "O09", "an ID token of another issuer, audience, nonce, key, algorithm or tenant", "OpenID Connect Core 3.1.3.7"
    ),
    Case("O10", "a redirect to anywhere by next, post_logout_redirect_uri or an error", "RFC 9700 4.11"),
    Case(
        "O11",
        "a JWT bearer grant that is old, replayed, unbound or of another kind",
        "RFC 7523 3; identity chaining 2.4",
    ),
    Case("O12", "token exchange with another's token, audience or actor", "RFC 8693 2"),
    Case("O13", "client authentication by another method than private_key_jwt", "FAPI 2.0 5.3.2.1"),
    Case("O14", "introspection or revocation by another client; dynamic registration", "RFC 7009 2.1; RFC 7591"),
    Case("O15", "a 307, a frame, CORS, another media type, parameters in the query", "RFC 9700 4.12; RFC 6749 3.2"),
)
_PROOFS = (
    Case("D01", "no proof, two, Bearer for a bound token", "RFC 9449 7.1, 7.2"),
    Case("D02", "a proof of another typ or alg, without or with a private jwk, without a claim", "RFC 9449 4.2"),
    Case("D03", "htm or htu of another request; forged Host and X-Forwarded headers", "RFC 9449 4.3; RFC 9700 4.13"),
    Case("D04", "a proof of an hour ago or ahead, or older than the window", "RFC 9449 4.3"),
    Case("D05", "a proof shown twice, to any worker and any URL", "RFC 9449 11.1"),
    Case("D06", "ath missing, wrong or of another token", "RFC 9449 4.3"),
    Case("D07", "another key than the token is bound to, or a token bound to none", "RFC 9449 6"),
    Case("D08", "a nonce that is missing, wrong, expired or another node's", "RFC 9449 8"),
    Case("D09", "a proof whose signature does not hold; further claims are accepted", "RFC 9449 4.3"),
)
_ACCESS = (
    Case("T01", "an access token whose typ is missing or another", "RFC 9068 4"),
    Case("T02", "an access token issued by another node, the registry or an IdP", "RFC 9068 4"),
    Case("T03", "an access token for another resource server, or for a list", "RFC 9068 4"),
    Case("T04", "an access token without client_id, sub, jti, iat or exp", "RFC 9068 2.2"),
    Case("T05", "an access token without the scope that is needed", "RFC 6750 3.1"),
    Case("T06", "an access token after its revocation, its session's end or the member's suspension", "RFC 7009; CAEP"),
    Case("T07", "an access token in the query, the form or a cookie", "RFC 9700 4.3"),
    Case("T08", "a token of one town at another town of the same installation", "RFC 9068 4"),
)
_EVENTS = (
    Case(
        "S01",
        "an event of the wrong form, issuer, audience or subject, replayed, unauthenticated, too large",
        "RFC 8417; RFC 8935",
    ),
    Case("S02", "a status list of the wrong form, issuer, place or time, a bomb, a redirect", "Token Status List 8"),
)
_RUNNING = (
    Case("X01", "a clock that is five minutes off", "protocol, section 7"),
    Case("X02", "a replay store that is lost", "protocol, section 2"),
    Case("X03", "a registry that is away for an hour and for seven", "protocol, section 7"),
    Case("X04", "a key rolled over on one worker and not yet on the other", "OpenID Federation 1.1 11.2"),
    Case("X05", "two workers of one node share what was used", "RFC 9449 11.1"),
    Case("X06", "log lines forged through claims: CR, LF, RTL, ANSI", "CWE-117"),
    Case("X07", "the time it takes to refuse a known and an unknown subject", "CWE-208"),
    Case("X08", "limits slipped past by variants of an entity id", "OpenID Federation 1.1 16"),
)

CASES: tuple[Case, ...] = (
    *_TOKENS, *_PARTIES, *_FEDERATION, *_FLOWS, *_PROOFS, *_ACCESS, *_EVENTS, *_RUNNING,
)  # fmt: skip
BY_ID = {each.id: each for each in CASES}
