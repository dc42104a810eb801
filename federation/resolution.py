"""Resolve responses: what a chain comes to, signed by whoever resolved it, and believed by nobody unproved (8.3). Pure.

Section numbers are of OpenID Federation 1.1. A response carries its chain, so whoever reads one checks all of it again
under the anchor of its own; a resolver saves others the fetching and has no say.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from federation.chain import Anchor, Chain, verify_chain
from federation.claims import moment
from federation.errors import TokenRefused, TrustBroken
from federation.jwk import PublicKeys
from federation.keys import KeyRing
from federation.marks import verify_mark
from federation.policy import Metadata
from federation.tokens import RESOLVE_RESPONSE, peek


@dataclass(frozen=True)
class Resolved:
    """What a chain comes to: metadata of the types that were asked for, the marks that hold, and until when."""

    chain: Chain
    metadata: Metadata
    marks: tuple[tuple[str, str], ...]
    expires: datetime


def path(configuration: str, statement: str, own: str, anchor: Anchor) -> tuple[str, ...]:
    """Return the chain of a member: its configuration, the anchor's statement about it and the anchor's configuration.

    The last is left out, as section 4 allows, when it was signed with a key that counts no more: it is about to be replaced.
    """
    counts = peek(own).header.get("kid") in anchor.keys
    return (configuration, statement, own) if counts else (configuration, statement)


def resolve(statements: Sequence[str], anchor: Anchor, *, types: Collection[str] = (), now: datetime) -> Resolved:
    """Resolve a chain to the metadata of ``types``, or of all; marks that do not hold are left out.

    Raises ``TrustBroken`` for a chain that does not hold.
    """
    chain = verify_chain(statements, anchor, now=now)
    marks, ends = _holding(chain, anchor, now)
    return Resolved(chain, _of_types(chain.metadata, types), marks, min([chain.expires, *ends]))


def respond(resolved: Resolved, statements: Sequence[str], *, resolver: str, signer: KeyRing, now: datetime) -> str:
    """Sign a resolve response (8.3.2); raises ``TrustBroken`` for a chain in its last moments."""
    if resolved.expires <= now:
        raise TrustBroken(f"the chain of {resolved.chain.subject} has ended")
    claims: dict[str, object] = {
        "iss": resolver,
        "sub": resolved.chain.subject,
        "exp": resolved.expires,
        "metadata": dict(resolved.metadata),
        "trust_chain": list(statements),
    }
    if resolved.marks:
        claims["trust_marks"] = [{"trust_mark_type": kind, "trust_mark": token} for kind, token in resolved.marks]
    return RESOLVE_RESPONSE.sign(signer.current, claims, now=now)


def verify_response(
    token: str,
    *,
    resolver: str,
    keys: PublicKeys,
    subject: str,
    anchor: Anchor,
    types: Collection[str] = (),
    now: datetime,
) -> Resolved:
    """Verify a resolve response about ``subject``, asked of ``resolver`` for ``types``; raise ``TrustBroken``.

    The chain inside must hold under our own anchor, come to exactly the metadata beside it, and end no sooner than the
    response; every mark beside it must hold.
    """
    try:
        claims = RESOLVE_RESPONSE.verify(token, keys, now=now, issuer=resolver, sub=subject)
    except TokenRefused as error:
        raise TrustBroken(f"resolve response: {error.detail}") from None
    resolved = resolve(claims["trust_chain"], anchor, types=types, now=now)
    if resolved.chain.subject != subject:
        raise TrustBroken("resolve response: the chain of somebody else")
    if not _are_same(claims["metadata"], resolved.metadata):
        raise TrustBroken("resolve response: other metadata than its chain comes to")
    marks = _carried(claims)
    if not marks <= set(resolved.marks):
        raise TrustBroken("resolve response: a trust mark that does not hold")
    if moment(claims["exp"]) > resolved.expires:
        raise TrustBroken("resolve response: it outlives its chain")
    return resolved


def _holding(chain: Chain, anchor: Anchor, now: datetime) -> tuple[tuple[tuple[str, str], ...], list[datetime]]:
    marks, ends = [], []
    for kind, token in chain.configuration.trust_marks:
        try:
            mark = verify_mark(
                kind,
                token,
                bearer=chain.subject,
                rules=anchor.mark_rules,
                issuers={anchor.entity_id: anchor.keys},
                now=now,
            )
        except TrustBroken:
            continue
        marks.append((kind, token))
        ends.append(mark.expires)
    return tuple(marks), ends


def _carried(claims: Mapping[str, object]) -> set[tuple[object, object]]:
    marks = claims.get("trust_marks", [])
    pairs = [(mark.get("trust_mark_type"), mark.get("trust_mark")) for mark in marks] if isinstance(marks, list) else []
    if not all(isinstance(part, str) for pair in pairs for part in pair):
        raise TrustBroken("resolve response: a trust mark without its type or token")
    return set(pairs)


def _of_types(metadata: Metadata, types: Collection[str]) -> Metadata:
    return {kind: values for kind, values in metadata.items() if not types or kind in types}


def _are_same(first: object, second: object) -> bool:
    return json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)
