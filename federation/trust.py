"""From statements and a clock to a verified member, or why not. Pure: nothing here fetches, stores or remembers.

The federation is flat: the registry is the trust anchor and every member its immediate subordinate. So a member's chain
is its configuration and the registry's statement about it (``chain`` knows longer ones), and we ask more of it than
OpenID Federation 1.1, 10.2 does: a code and names that the statement itself pins, and a place in the status list.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from federation import mandate, replaced
from federation.chain import Anchor, Chain, verify_chain
from federation.endpoints import check_endpoints
from federation.entity import MUNICIPALITY_MARK
from federation.errors import BadMunicipalityCode, TokenRefused, TrustBroken
from federation.jwk import PublicKeys
from federation.marks import MarkLapsed, MarkRules, verify_mark
from federation.municipality import parse
from federation.policy import Metadata
from federation.replaced import Replaced
from federation.statement import Statement, keys_of, peeked, protocol_jwks, read_statement, verify_statement
from federation.status import StatusList, read_status_list
from federation.tokens import STATUS_LIST

__all__ = [
    "DISASTER",
    "Anchor",
    "Party",
    "Pins",
    "VerifiedAnchor",
    "VerifiedMember",
    "attested",
    "signed_at",
    "thumbprints",
    "verify_anchor",
    "verify_member",
    "verify_status_list",
]

DISASTER = timedelta(days=7)
"""How long a host may honour members last known good, in a declared disaster and by a logged action."""


@dataclass(frozen=True)
class Pins:
    """What ``join`` fixed about the anchor, out of band: its id, and RFC 7638 thumbprints of its two keys.

    ``online`` signs every day; ``recovery`` is kept offline and alone may name another online key, by a mandate.
    """

    entity_id: str
    online: str
    recovery: str


@dataclass(frozen=True)
class Party:
    """Somebody whose statements held: who, what it says of itself, and the keys its protocol tokens verify with."""

    entity_id: str
    metadata: Metadata
    protocol_keys: PublicKeys
    issued: datetime
    expires: datetime

    def endpoint(self, kind: str, name: str) -> str:
        """Return an endpoint from the metadata of entity type ``kind``; raise ``TrustBroken`` where there is none."""
        url = self.metadata.get(kind, {}).get(name)
        if not isinstance(url, str):
            raise TrustBroken(f"{self.entity_id} has no {kind}.{name}")
        return url

    @property
    def token_endpoint(self) -> str:
        """Where this party takes grants."""
        return self.endpoint("oauth_authorization_server", "token_endpoint")


@dataclass(frozen=True)
class VerifiedAnchor(Party):
    """The registry, as itself a caller and an authorization server, with the keys its statements verify with."""

    keys: PublicKeys
    mark_rules: MarkRules

    @property
    def anchor(self) -> Anchor:
        """What members are verified against."""
        return Anchor(self.entity_id, self.keys, self.mark_rules)


@dataclass(frozen=True)
class VerifiedMember(Party):
    """A member of the federation; code and names are the registry's word, never its own. ``marks`` are types that hold."""

    code: str
    name: str
    name_en: str
    name_kana: str
    status_index: int
    federation_keys: PublicKeys
    marks: tuple[str, ...] = ()
    replaces: tuple[Replaced, ...] = ()


def verify_anchor(
    configuration: str, pins: Pins, *, now: datetime, newer_than: datetime | None = None, last: str = ""
) -> VerifiedAnchor:
    """Verify the anchor's own configuration; raise ``TrustBroken``.

    Only keys that the recovery key's mandate names count, or before there ever was one the pinned online key, whatever
    else is listed. ``last`` is the mandate known so far: an older one is refused, and so is none in its place.
    """
    said = peeked(configuration)
    names = _mandated(mandate.carried(said), last, pins, now)
    online = [key for key in keys_of(said.get("jwks")).values() if names(key.thumbprint)]
    if not online:
        raise TrustBroken("the anchor lists no key to check its statements with")
    statement = verify_statement(configuration, PublicKeys(online), issuer=pins.entity_id, now=now)
    if not statement.own:
        raise TrustBroken("not the anchor's word about itself")
    if newer_than is not None and statement.issued < newer_than:
        raise TrustBroken("an older configuration of the anchor than the last one seen")
    check_endpoints(statement.subject, statement.metadata)
    protocol = _protocol_keys(statement.metadata, statement.keys)
    if pins.recovery in thumbprints(protocol):
        raise TrustBroken("the recovery key signs mandates and nothing else")
    return VerifiedAnchor(
        entity_id=statement.subject,
        metadata=statement.metadata,
        protocol_keys=protocol,
        issued=statement.issued,
        expires=statement.expires,
        keys=PublicKeys(online),
        mark_rules=statement.mark_rules,
    )


def _mandated(token: str, last: str, pins: Pins, now: datetime) -> Callable[[str], bool]:
    """Return who says whether a thumbprint is of a key that may sign for the anchor."""
    if not token:
        if last:
            raise TrustBroken("the recovery key's mandate is missing")
        return lambda thumbprint: thumbprint == pins.online
    newest = mandate.read(token, pins.entity_id, pins.recovery, now=now)
    if last and newest.issued < mandate.read(last, pins.entity_id, pins.recovery, now=now).issued:
        raise TrustBroken("an older mandate of the recovery key than the last one seen")
    return lambda thumbprint: newest.names(thumbprint, now)


def verify_member(
    *, anchor: Anchor, entity_configuration: str, subordinate_statement: str, now: datetime
) -> VerifiedMember:
    """Verify a member's chain; raise ``TrustBroken`` saying which link does not hold.

    The configuration must verify with a key the registry attested, and the code is read from the registry's statement
    itself, so that neither the member's own words nor a merge of both can name another town.
    """
    chain = verify_chain([entity_configuration, subordinate_statement], anchor, now=now)
    check_endpoints(chain.subject, chain.metadata)
    member = _member(chain, anchor)
    return replace(member, marks=_marks(chain.configuration, member, anchor, now))


def verify_status_list(token: str, *, anchor: Anchor, now: datetime, newer_than: datetime | None = None) -> StatusList:
    """Verify the registry's status list; raise ``TrustBroken``, also for one older than ``newer_than``."""
    try:
        claims = STATUS_LIST.verify(token, anchor.keys, now=now, issuer=anchor.entity_id)
    except TokenRefused as error:
        raise TrustBroken(f"status list: {error.detail}") from None
    statuses = read_status_list(claims, anchor.status_uri)
    if newer_than is not None and statuses.issued < newer_than:
        raise TrustBroken("an older status list than the last one seen")
    return statuses


# --- A member --------------------------------------------------------------------------------------------------------


def _protocol_keys(metadata: Metadata, federation: PublicKeys) -> PublicKeys:
    """Return the keys of the protocol roles; a federation key never speaks in the protocol (3.1.1)."""
    keys = keys_of(protocol_jwks(metadata))
    if {key.thumbprint for key in federation.values()} & {key.thumbprint for key in keys.values()}:
        raise TrustBroken("one key for the federation and the protocol")
    return keys


def _member(chain: Chain, anchor: Anchor) -> VerifiedMember:
    (about,) = chain.superiors
    pinned = about.metadata.get("federation_entity", {})
    if about.status_index is None or about.status_uri != anchor.status_uri:
        raise TrustBroken("the statement has no place in the status list")
    return VerifiedMember(
        entity_id=chain.subject,
        metadata=chain.metadata,
        protocol_keys=_protocol_keys(chain.metadata, chain.configuration.keys),
        issued=chain.issued,
        expires=chain.expires,
        code=_code(pinned),
        name=_text(pinned, "organization_name"),
        name_en=_text(pinned, "organization_name#en", ""),
        name_kana=_text(pinned, "organization_name#ja-Kana-JP", ""),
        status_index=about.status_index,
        federation_keys=about.keys,
        replaces=replaced.read(pinned.get(replaced.PARAMETER), by=chain.subject),
    )


def _code(pinned: Mapping[str, object]) -> str:
    try:
        return parse(_text(pinned, "municipality_code"))
    except BadMunicipalityCode:
        raise TrustBroken("the registry pins no 団体コード") from None


def _text(pinned: Mapping[str, object], name: str, default: str | None = None) -> str:
    value = pinned.get(name, default)
    if not isinstance(value, str) or (default is None and not value):
        raise TrustBroken(f"the registry pins no {name}")
    return value


def _marks(own: Statement, member: VerifiedMember, anchor: Anchor, now: datetime) -> tuple[str, ...]:
    """Return the types of the marks that hold: ``municipality``, issued by the anchor; other types say nothing to us.

    A mark that has lapsed is none. It ends no membership, for its bearer cannot renew it while the anchor is away, nor in
    the hour in which the anchor's key is replaced. One that speaks of another town or code breaks the chain.
    """
    kind = anchor.entity_id + MUNICIPALITY_MARK
    rules = MarkRules({kind: frozenset([anchor.entity_id])})
    for token in (token for carried, token in own.trust_marks if carried == kind):
        try:
            mark = verify_mark(
                kind, token, bearer=member.entity_id, rules=rules, issuers={anchor.entity_id: anchor.keys}, now=now
            )
        except MarkLapsed:
            continue
        if mark.get("municipality_code") != member.code:
            raise TrustBroken("trust mark: for another 団体コード")
        return (kind,)
    return ()


def thumbprints(keys: PublicKeys) -> tuple[str, ...]:
    """Return the RFC 7638 thumbprints of keys, for two people to compare on their screens."""
    return tuple(sorted(key.thumbprint for key in keys.values()))


def signed_at(statement: str) -> datetime:
    """Return when a statement that was verified before was signed, aware UTC."""
    return read_statement(peeked(statement)).issued


def attested(statement: str) -> tuple[str, ...]:
    """Return the thumbprints of the keys that a statement, verified before, attests."""
    return thumbprints(read_statement(peeked(statement)).keys)
