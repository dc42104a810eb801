"""A small federation for tests: a registry and towns that sign what real ones sign, and a registry that can be asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from federation import entity, mandate, status
from federation.errors import PeerRefused, PeerUnreachable
from federation.keys import KeyPair, KeyRing, make, ring_of
from federation.messages.feed import FeedItem, FeedPage
from federation.messages.member import MemberEntry
from federation.policy import Metadata
from federation.status import Status
from federation.tokens import ENTITY_STATEMENT
from federation.trust import Anchor, Pins

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
REGISTRY = "https://registry.example"
HOME = "https://node.city.home.example"
HOST = "https://node.city.host.example"
NOISE = "https://node.town.noise.example"


def metadata_of(entity_id: str, jwks: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What a town's node says of itself."""
    return {
        "federation_entity": {"organization_name": "自称市"},
        "openid_provider": {
            "issuer": entity_id,
            "authorization_endpoint": f"{entity_id}/oauth/authorize",
            "jwks": jwks,
        },
        "openid_relying_party": {"redirect_uris": [f"{entity_id}/signin/callback"], "jwks": jwks},
        "oauth_authorization_server": {"issuer": entity_id, "token_endpoint": entity_id + entity.TOKEN, "jwks": jwks},
        "desk_exchange": {"api_version": "1", "bookings_endpoint": f"{entity_id}/api/v1/bookings"},
    }


@dataclass
class Town:
    """A member-to-be with its keys."""

    entity_id: str
    code: str = "131130"
    name: str = "帰宅市"
    index: int = 0
    federation: KeyPair = field(default_factory=make)
    protocol: KeyPair = field(default_factory=make)
    dpop: KeyPair = field(default_factory=make)

    @property
    def ring(self) -> KeyRing:
        """Its protocol keys."""
        return ring_of(self.protocol)

    def metadata(self) -> dict[str, dict[str, Any]]:
        """What it says of itself."""
        return metadata_of(self.entity_id, self.ring.jwks())

    def configuration(self, now: datetime = NOW, metadata: Metadata | None = None, **more: Any) -> str:
        """Its entity configuration; ``more`` goes to ``entity.entity_configuration``."""
        return entity.entity_configuration(
            **{
                "entity_id": self.entity_id,
                "federation": ring_of(self.federation),
                "metadata": self.metadata() if metadata is None else metadata,
                "authority_hints": [REGISTRY],
                "now": now,
                **more,
            }
        )


@dataclass
class Registry:
    """The anchor, answering the verbs of ``federation.members.RegistryVerbs`` and counting the calls."""

    online: KeyPair = field(default_factory=make)
    recovery: KeyPair = field(default_factory=make)
    protocol: KeyPair = field(default_factory=make)
    statuses: dict[int, Status] = field(default_factory=dict)
    items: list[FeedItem] = field(default_factory=list)
    configurations: dict[str, str] = field(default_factory=dict)
    statements: dict[str, str] = field(default_factory=dict)
    now: datetime = NOW
    calls: list[str] = field(default_factory=list)
    down: bool = False
    mandate: str = ""

    members_feed = f"{REGISTRY}/feeds/members"

    @property
    def pins(self) -> Pins:
        """What ``join`` would have fixed."""
        return Pins(REGISTRY, self.online.kid, self.recovery.kid)

    @property
    def anchor(self) -> Anchor:
        """What members verify against."""
        return Anchor(REGISTRY, ring_of(self.online).public())

    def name_keys(self, *terms: tuple[KeyPair, datetime | None], recovery: KeyPair | None = None) -> str:
        """Have the recovery key name the online keys; the configuration carries it from now on."""
        named = [(pair.public, until) for pair, until in terms]
        self.mandate = mandate.draw_up(recovery or self.recovery, REGISTRY, named, now=self.now, last=self.mandate)
        return self.mandate

    def own_configuration(self, signer: KeyPair | None = None, keys: list[KeyPair] | None = None) -> str:
        """The anchor's configuration, signed by ``signer`` and listing ``keys``; by default as every day."""
        jwks = ring_of(self.protocol).jwks()
        named = {mandate.CARRIED_AS: self.mandate} if self.mandate else {}
        claims = {
            "iss": REGISTRY,
            "sub": REGISTRY,
            "jwks": {"keys": [key.public_jwk() for key in keys or [self.online]]},
            "metadata": {
                "federation_entity": {"federation_fetch_endpoint": REGISTRY + entity.FETCH, **named},
                "oauth_authorization_server": {
                    "issuer": REGISTRY,
                    "token_endpoint": REGISTRY + entity.TOKEN,
                    "jwks": jwks,
                },
            },
        }
        return ENTITY_STATEMENT.sign(signer or self.online, claims, now=self.now, life=entity.LIFE)

    def about(self, town: Town, now: datetime | None = None, **more: Any) -> str:
        """The registry's statement about a town; ``more`` goes to ``entity.subordinate_statement``."""
        return entity.subordinate_statement(
            **{
                "issuer": REGISTRY,
                "federation": ring_of(self.online),
                "subject": town.entity_id,
                "subject_jwks": ring_of(town.federation).jwks(),
                "metadata": entity.pinned(code=town.code, name=town.name, name_en="Home", name_kana="キタク"),
                "status_index": town.index,
                "now": now or self.now,
                **more,
            }
        )

    def admit(self, town: Town, **more: Any) -> None:
        """Publish a town as it stands now; ``more`` overrides members of its feed item."""
        self.statuses.setdefault(town.index, "valid")
        self.statements[town.entity_id] = self.about(town)
        self.configurations[town.entity_id] = town.configuration(self.now)
        entry = MemberEntry(
            entity_id=town.entity_id,
            code=town.code,
            name=town.name,
            status_index=town.index,
            statement=self.statements[town.entity_id],
            configuration=self.configurations[town.entity_id],
        )
        self.publish(town.entity_id, entry.wire() | more)

    def publish(self, id_: str, data: dict[str, Any] | None) -> None:
        """Put an item, or with no data a tombstone, at the end of the feed."""
        number = len(self.items) + 1
        if data is None:
            self.items.append(FeedItem(state="deleted", kind="member", id=id_, modified=number))
        else:
            self.items.append(FeedItem(state="updated", kind="member", id=id_, modified=number, data=data))

    def list_token(self, now: datetime | None = None, **more: Any) -> str:
        """The status list, signed."""
        made = {"issuer": REGISTRY, "federation": ring_of(self.online), "uri": REGISTRY + entity.STATUS}
        return status.status_list(**{**made, "statuses": self.statuses, "now": now or self.now, **more})

    # --- As asked by members ----------------------------------------------------------------------------------

    def _called(self, what: str) -> None:
        self.calls.append(what)
        if self.down:
            raise PeerUnreachable(what)

    def members_page(self, url: str) -> FeedPage:
        """One page holds everything after the number in the address."""
        self._called(url)
        after = int(url.partition("afterChangeNumber=")[2] or 0)
        items = [item for item in self.items if item.modified > after]
        address = f"{self.members_feed}?epoch=a&afterChangeNumber="
        return FeedPage(next=f"{address}{items[-1].modified}" if items else url, items=tuple(items))

    def configuration(self, entity_id: str) -> str:
        """The anchor's own, or a town's as published."""
        self._called(f"configuration {entity_id}")
        if entity_id == REGISTRY:
            return self.own_configuration()
        return self._found(self.configurations, entity_id)

    def statement(self, subject: str) -> str:
        """The newest statement about a town."""
        self._called(f"statement {subject}")
        return self._found(self.statements, subject)

    def status_list(self, etag: str) -> tuple[str, str] | None:
        """The list; the time is its ETag."""
        self._called(f"status {etag}")
        own = f'"{int(self.now.timestamp())}"'
        return None if etag == own else (self.list_token(), own)

    @staticmethod
    def _found(held: dict[str, str], name: str) -> str:
        if name not in held:
            raise PeerRefused(name, answered=404)
        return held[name]

    def later(self, **delta: float) -> datetime:
        """Let time pass at the registry and return its new now."""
        self.now += timedelta(**delta)
        return self.now
