"""From statements and a clock to a verified member, or why not. Pure: nothing here fetches, stores or remembers.

The federation is flat: the registry is the trust anchor and every member its immediate subordinate, so a chain is the
member's entity configuration and the registry's statement about it, under pinned keys (OpenID Federation 1.1, 10.2).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from federation.claims import is_entity_id
from federation.endpoints import check_endpoints
from federation.entity import MUNICIPALITY_MARK, STATUS, Metadata, Statement, keys_of, protocol_jwks, read_statement
from federation.errors import BadMunicipalityCode, TokenRefused, TrustBroken
from federation.keys import PublicKeys
from federation.municipality import parse
from federation.status import StatusList, read_status_list
from federation.tokens import ENTITY_STATEMENT, STATUS_LIST, TRUST_MARK, Claims, peek

DISASTER = timedelta(days=7)
"""How long a host may honour members last known good, in a declared disaster and by a logged action."""


@dataclass(frozen=True)
class Pins:
    """What ``join`` fixed about the anchor, out of band: its id, and RFC 7638 thumbprints of its two keys.

    ``online`` signs every day; ``recovery`` is kept offline and alone may name another online key.
    """

    entity_id: str
    online: str
    recovery: str


@dataclass(frozen=True)
class Anchor:
    """The trust anchor with the keys its signatures are checked against."""

    entity_id: str
    keys: PublicKeys

    @property
    def status_uri(self) -> str:
        """Where the one status list stands."""
        return self.entity_id + STATUS


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

    @property
    def anchor(self) -> Anchor:
        """What members are verified against."""
        return Anchor(self.entity_id, self.keys)


@dataclass(frozen=True)
class VerifiedMember(Party):
    """A member of the federation; code and names are the registry's word, never its own."""

    code: str
    name: str
    name_en: str
    name_kana: str
    status_index: int
    federation_keys: PublicKeys


def verify_anchor(
    configuration: str, pins: Pins, *, now: datetime, newer_than: datetime | None = None
) -> VerifiedAnchor:
    """Verify the anchor's own configuration against the pinned thumbprints; raise ``TrustBroken``.

    Signed by the online key, only the pinned online key counts, whatever else it lists. Signed by the recovery key,
    every other key it lists takes the online key's place; keep the ``Pins`` that ``recovered`` then returns.
    """
    claimed = keys_of(_peeked(configuration).get("jwks"))
    trusted = {kid: key for kid, key in claimed.items() if key.thumbprint in (pins.online, pins.recovery)}
    claims = _verified(configuration, PublicKeys(list(trusted.values())), pins.entity_id, now)
    statement = read_statement(claims)
    if not statement.own:
        raise TrustBroken("not the anchor's word about itself")
    if newer_than is not None and statement.issued < newer_than:
        raise TrustBroken("an older configuration of the anchor than the last one seen")
    by_recovery = trusted[claims.kid].thumbprint == pins.recovery
    daily = [key for key in claimed.values() if key.thumbprint != pins.recovery]
    online = daily if by_recovery else [key for key in daily if key.thumbprint == pins.online]
    if not online:
        raise TrustBroken("the anchor lists no key to check its statements with")
    check_endpoints(statement.subject, statement.metadata)
    return VerifiedAnchor(
        entity_id=statement.subject,
        metadata=statement.metadata,
        protocol_keys=_protocol_keys(statement),
        issued=statement.issued,
        expires=statement.expires,
        keys=PublicKeys(online),
    )


def recovered(configuration: str, pins: Pins, *, now: datetime) -> Pins | None:
    """Return the pins to keep from now on when the recovery key signed ``configuration``; None when it did not.

    Raises ``TrustBroken``, also where the recovery key names more than one new online key.
    """
    anchor = verify_anchor(configuration, pins, now=now)
    (*more, online) = anchor.keys.values()
    if online.thumbprint == pins.online and not more:
        return None
    if more:
        raise TrustBroken("a recovery names exactly one online key")
    return Pins(pins.entity_id, online.thumbprint, pins.recovery)


def verify_member(
    *, anchor: Anchor, entity_configuration: str, subordinate_statement: str, now: datetime
) -> VerifiedMember:
    """Verify a member's chain; raise ``TrustBroken`` saying which link does not hold.

    The configuration must verify with a key the registry attested, and the code is read from the registry's statement
    itself, so that neither the member's own words nor a merge of both can name another town.
    """
    about = read_statement(_verified(subordinate_statement, anchor.keys, anchor.entity_id, now))
    if about.own or not is_entity_id(about.subject):
        raise TrustBroken("not a statement about a member")
    own = read_statement(_verified(entity_configuration, about.keys, about.subject, now))
    if not own.own or anchor.entity_id not in own.authority_hints:
        raise TrustBroken(f"{about.subject} does not stand under {anchor.entity_id}")
    if not own.keys.keys() & about.keys.keys():
        raise TrustBroken("the member no longer publishes the key the registry attests")
    metadata = _resolved(own, about)
    check_endpoints(about.subject, metadata)
    member = _member(own, about, metadata, anchor)
    _check_marks(own, member, anchor, now)
    return member


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


# --- One statement --------------------------------------------------------------------------------------------


def _peeked(token: str) -> Mapping[str, object]:
    try:
        return peek(token).claims
    except TokenRefused as error:
        raise TrustBroken(error.detail) from None


def _verified(token: str, keys: PublicKeys, issuer: str, now: datetime) -> Claims:
    try:
        return ENTITY_STATEMENT.verify(token, keys, now=now, issuer=issuer)
    except TokenRefused as error:
        raise TrustBroken(f"statement of {issuer}: {error.detail}") from None


def _protocol_keys(statement: Statement) -> PublicKeys:
    """Return the keys of the protocol roles; a federation key never speaks in the protocol (3.1.1)."""
    keys = keys_of(protocol_jwks(statement.metadata))
    federation = {key.thumbprint for key in statement.keys.values()}
    if federation & {key.thumbprint for key in keys.values()}:
        raise TrustBroken("one key for the federation and the protocol")
    return keys


# --- The two together -----------------------------------------------------------------------------------------


def _resolved(own: Statement, about: Statement) -> Metadata:
    """Lay the registry's metadata over the member's own (6.1.4.2), under the registry's constraints (6.2)."""
    constraints = about.constraints or {}
    depth = constraints.get("max_path_length", 0)
    if type(depth) is not int or depth < 0:
        raise TrustBroken("max_path_length")
    _check_naming(about.subject, constraints.get("naming_constraints"))
    allowed = constraints.get("allowed_entity_types")
    kinds = dict(own.metadata)
    if isinstance(allowed, list):
        kinds = {kind: values for kind, values in kinds.items() if kind in allowed or kind == "federation_entity"}
    return {kind: {**values, **about.metadata.get(kind, {})} for kind, values in kinds.items()}


def _check_naming(entity_id: str, naming: object) -> None:
    """Apply naming constraints (6.2.2): a name with a leading dot means its sub-domains only (RFC 5280, 4.2.1.10)."""
    if naming is None:
        return
    permitted, excluded = (naming.get("permitted"), naming.get("excluded", [])) if isinstance(naming, dict) else (0, 0)
    if not isinstance(excluded, list) or not isinstance(permitted, list | None):
        raise TrustBroken("naming_constraints")
    host = entity_id.partition("://")[2].partition(":")[0]
    if any(_matches(host, name) for name in excluded):
        raise TrustBroken(f"{entity_id} is excluded by name")
    if permitted is not None and not any(_matches(host, name) for name in permitted):
        raise TrustBroken(f"{entity_id} is not permitted by name")


def _matches(host: str, name: object) -> bool:
    return isinstance(name, str) and (host.endswith(name) if name.startswith(".") else host == name)


def _member(own: Statement, about: Statement, metadata: Metadata, anchor: Anchor) -> VerifiedMember:
    pinned = about.metadata.get("federation_entity", {})
    if about.status_index is None or about.status_uri != anchor.status_uri:
        raise TrustBroken("the statement has no place in the status list")
    return VerifiedMember(
        entity_id=about.subject,
        metadata=metadata,
        protocol_keys=_protocol_keys(own),
        issued=min(own.issued, about.issued),
        expires=min(own.expires, about.expires),
        code=_code(pinned),
        name=_text(pinned, "organization_name"),
        name_en=_text(pinned, "organization_name#en", ""),
        name_kana=_text(pinned, "organization_name#ja-Kana-JP", ""),
        status_index=about.status_index,
        federation_keys=about.keys,
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


def _check_marks(own: Statement, member: VerifiedMember, anchor: Anchor, now: datetime) -> None:
    """Check the mark ``municipality`` where the configuration carries it (7.3); marks of other types say nothing to us."""
    kind = anchor.entity_id + MUNICIPALITY_MARK
    for carried, token in own.trust_marks:
        if carried != kind:
            continue
        expected = {"sub": member.entity_id, "trust_mark_type": kind, "municipality_code": member.code}
        try:
            TRUST_MARK.verify(token, anchor.keys, now=now, issuer=anchor.entity_id, **expected)
        except TokenRefused as error:
            raise TrustBroken(f"trust mark: {error.detail}") from None


def thumbprints(keys: PublicKeys) -> tuple[str, ...]:
    """Return the RFC 7638 thumbprints of keys, for two people to compare on their screens."""
    return tuple(sorted(key.thumbprint for key in keys.values()))


def signed_at(statement: str) -> datetime:
    """Return when a statement that was verified before was signed, aware UTC."""
    return read_statement(_peeked(statement)).issued


def attested(statement: str) -> tuple[str, ...]:
    """Return the thumbprints of the keys that a statement, verified before, attests."""
    return thumbprints(read_statement(_peeked(statement)).keys)
