"""A trust chain: from the statements of a path, the pinned anchor and a clock to resolved metadata, or why not.

Pure: nothing here fetches, stores or remembers. A chain stands as OpenID Federation 1.1, 4 writes it: the subject's own
configuration, each superior's statement about the one before, and, if it is given, the anchor's own configuration.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from federation.entity import STATUS
from federation.errors import TrustBroken
from federation.jwk import PublicKeys
from federation.marks import MarkRules
from federation.policy import Metadata, Policy, apply, merge
from federation.statement import Statement, peeked, verify_statement

MAX_STATEMENTS = 4
MAX_SIZE = 128 * 1024


@dataclass(frozen=True)
class Anchor:
    """The trust anchor with the keys its signatures are checked against, and its rules for trust marks."""

    entity_id: str
    keys: PublicKeys
    mark_rules: MarkRules = field(default_factory=MarkRules)

    @property
    def status_uri(self) -> str:
        """Where the one status list stands."""
        return self.entity_id + STATUS


@dataclass(frozen=True)
class Chain:
    """A chain that holds: the subject's configuration, the statements above it from the nearest up, and what follows."""

    configuration: Statement
    superiors: tuple[Statement, ...]
    metadata: Metadata
    issued: datetime
    expires: datetime

    @property
    def subject(self) -> str:
        """Whom the chain is about."""
        return self.configuration.subject


def verify_chain(statements: Sequence[str], anchor: Anchor, *, now: datetime) -> Chain:
    """Verify a chain from its pinned end downwards (10.2) and resolve the subject's metadata; raise ``TrustBroken``.

    Every statement is checked under keys that the one above attests, so nothing is read before it is known whose it is.
    """
    if not 2 <= len(statements) <= MAX_STATEMENTS or sum(map(len, statements)) > MAX_SIZE:
        raise TrustBroken(f"a chain of {len(statements)} statements, or of more than {MAX_SIZE} characters")
    path, own = _above(statements, anchor, now)
    superiors = _superiors(path[1:], anchor.entity_id, _shared(anchor.keys, own), now)
    configuration = _configuration(path[0], superiors[0], now)
    _check_loops([anchor.entity_id, *(statement.subject for statement in superiors)])
    every = (configuration, *superiors, *([own] if own else []))
    return Chain(
        configuration=configuration,
        superiors=superiors,
        metadata=_resolved(configuration, superiors),
        issued=min(statement.issued for statement in every),
        expires=min(statement.expires for statement in every),
    )


# --- Link by link ----------------------------------------------------------------------------------------------------


def _above(statements: Sequence[str], anchor: Anchor, now: datetime) -> tuple[Sequence[str], Statement | None]:
    """Return the path below the anchor, and the anchor's own configuration where the chain ends with it."""
    last = peeked(statements[-1])
    if last.get("iss") != last.get("sub"):
        return statements, None
    if len(statements) < 3:
        raise TrustBroken("a chain without a statement about its subject")
    return statements[:-1], verify_statement(statements[-1], anchor.keys, issuer=anchor.entity_id, now=now)


def _shared(pinned: PublicKeys, own: Statement | None) -> PublicKeys:
    """Return the pinned keys that the anchor still publishes; no others of its keys count (10.2)."""
    if own is None:
        return pinned
    shared = [key for key in pinned.values() if own.keys.get(key.kid) == key]
    if own.kid not in {key.kid for key in shared}:
        raise TrustBroken("the anchor signs with a key it does not publish")
    return PublicKeys(shared)


def _superiors(tokens: Sequence[str], issuer: str, keys: PublicKeys, now: datetime) -> tuple[Statement, ...]:
    """Verify the statements about subordinates, the anchor's first; return them from the subject's nearest up."""
    verified: list[Statement] = []
    for token in reversed(tokens):
        about = verify_statement(token, keys, issuer=issuer, now=now)
        if about.own:
            raise TrustBroken(f"{issuer} speaks of itself inside a chain")
        verified.append(about)
        issuer, keys = about.subject, about.keys
    return tuple(reversed(verified))


def _configuration(token: str, about: Statement, now: datetime) -> Statement:
    """Verify what the subject says of itself: under a key its superior attests, which it must publish itself too."""
    own = verify_statement(token, about.keys, issuer=about.subject, now=now)
    if not own.own:
        raise TrustBroken(f"{about.subject} speaks of somebody else")
    if about.issuer not in own.authority_hints:
        raise TrustBroken(f"{about.subject} does not stand under {about.issuer}")
    if own.keys.get(own.kid) != about.keys[own.kid]:
        raise TrustBroken(f"{about.subject} no longer publishes the key that is attested")
    return own


def _check_loops(entity_ids: Sequence[str]) -> None:
    if len(set(entity_ids)) != len(entity_ids):
        raise TrustBroken("a chain that comes back to where it was")


# --- What follows ----------------------------------------------------------------------------------------------------


def _resolved(configuration: Statement, superiors: Sequence[Statement]) -> Metadata:
    """Resolve the subject's metadata (6.1.4): its superior's words over its own, constraints, and then the policies."""
    nearest = superiors[0].metadata
    metadata: Metadata = {kind: {**values, **nearest.get(kind, {})} for kind, values in configuration.metadata.items()}
    below = [statement.subject for statement in superiors]
    for intermediates, statement in enumerate(superiors):
        statement.constraints.check_path(intermediates)
        statement.constraints.check_names(below[: intermediates + 1])
        metadata = statement.constraints.allowed(metadata)
    return apply(_policy(superiors), metadata)


def _policy(superiors: Sequence[Statement]) -> Policy:
    policy: Policy = {}
    for statement in reversed(superiors):
        policy = merge(policy, statement.policy)
    return policy
