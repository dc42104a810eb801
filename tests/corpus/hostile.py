"""A registry that says what a test wants, over real HTTP, and a node that has joined it and believes no more than it must.

The node runs in this process, since what it makes of its registry's words happens in its jobs, not in its answers.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from federation import clock, entity, keys, status
from federation.errors import TachiyoriError
from federation.keys import KeyPair, ring_of
from federation.members import find
from federation.messages.enrolment import EnrolmentAnswer
from federation.remote_registry import ENROLMENT, MEMBERS_FEED, RemoteRegistry
from federation.roster import AnchorSeen, Member
from federation.tokens import peek
from federation.trust import Pins
from node import config as node_config
from node import joining
from node.app import open_town
from node.models.tables import METADATAS
from node.town import Town
from tests.corpus.bait import Bait
from tests.corpus.draft import Attack, Draft
from tests.corpus.target import Target
from tests.federation.test_peer import Handler, Server, serving
from tests.federation.world import Town as Party

LEAF, CODE = "https://node.city.leaf.example", "131130"
Act = Callable[[Handler], None]


@dataclass
class HostileRegistry:
    """An anchor with one member, the leaf. Each of its words can be replaced: ``told`` by another token, ``acts`` by a deed."""

    origin: str = ""
    online: KeyPair = field(default_factory=keys.make)
    recovery: KeyPair = field(default_factory=keys.make)
    protocol: KeyPair = field(default_factory=keys.make)
    leaf: Party = field(default_factory=lambda: Party(LEAF, CODE, "葉市", 0))
    told: dict[str, str] = field(default_factory=dict)
    acts: dict[str, Act] = field(default_factory=dict)
    changes: int = 0

    def good(self, name: str) -> Draft:
        """Draft one of the four words a node lives by: ``anchor``, ``about``, ``own`` or ``status``."""
        drafts: Mapping[str, Callable[[], Draft]] = {
            "anchor": self._anchor, "about": self._about, "own": self._own, "status": self._status,
        }  # fmt: skip
        return drafts[name]()

    def _anchor(self) -> Draft:
        jwks = ring_of(self.protocol).jwks()
        server = {"issuer": self.origin, "token_endpoint": self.origin + entity.TOKEN, "jwks": jwks}
        claims = {"jwks": ring_of(self.online).jwks(), "metadata": {"oauth_authorization_server": server}}
        return self._statement(self.online, iss=self.origin, sub=self.origin, **claims)

    def _about(self) -> Draft:
        return self._statement(
            self.online,
            iss=self.origin,
            sub=LEAF,
            jwks=ring_of(self.leaf.federation).jwks(),
            metadata=dict(entity.pinned(code=CODE, name="葉市")),
            constraints={"max_path_length": 0},
            status={"status_list": {"idx": 0, "uri": self.origin + entity.STATUS}},
        )

    def _own(self) -> Draft:
        said = {"jwks": ring_of(self.leaf.federation).jwks(), "metadata": self.leaf.metadata()}
        return self._statement(self.leaf.federation, iss=LEAF, sub=LEAF, authority_hints=[self.origin], **said)

    def _status(self) -> Draft:
        place = self.origin + entity.STATUS
        ring, now = ring_of(self.online), clock.now()
        made = status.status_list(issuer=self.origin, federation=ring, uri=place, statuses={0: "valid"}, now=now)
        said = peek(made)
        return Draft(dict(said.header), dict(said.claims), self.online)

    @staticmethod
    def _statement(key: KeyPair, **claims: object) -> Draft:
        now = int(clock.now().timestamp())
        return Draft(
            {"alg": "ES256", "kid": key.kid, "typ": "entity-statement+jwt"},
            {"iat": now, "exp": now + 86400, **claims},
            key,
        )

    # --- As it answers ----------------------------------------------------------------------------------------------

    def __call__(self, request: Handler) -> None:
        """Answer a request."""
        parts = urlsplit(request.path)
        act = self.acts.get(parts.path)
        if act is not None:
            act(request)
            return
        words = {entity.CONFIGURATION: "anchor", entity.FETCH: "about", entity.STATUS: "status"}
        if parts.path in words:
            media = "statuslist+jwt" if parts.path == entity.STATUS else "entity-statement+jwt"
            request.answer(body=self.word(words[parts.path]).encode(), media=f"application/{media}")
        else:
            answers = {entity.TOKEN: self._token, MEMBERS_FEED: self._page, ENROLMENT: self._enrolled}
            request.answer(body=json.dumps(answers[parts.path](request)).encode())

    def word(self, name: str) -> str:
        """Return what is said for one of the four words now."""
        return self.told.get(name) or self.good(name).text()

    def _token(self, _request: Handler) -> object:
        return {"access_token": "x.y.z", "token_type": "DPoP", "expires_in": 600}

    def _page(self, request: Handler) -> object:
        after = int(parse_qs(urlsplit(request.path).query).get("afterChangeNumber", ["0"])[0])
        entry = {"entity_id": LEAF, "code": CODE, "name": "葉市", "status_index": 0}
        data = {**entry, "statement": self.word("about"), "configuration": self.word("own")}
        item = {"state": "updated", "kind": "member", "id": LEAF, "modified": self.changes, "data": data}
        url = f"{self.origin}{MEMBERS_FEED}?epoch=a&afterChangeNumber={self.changes}"
        return {"next": url, "items": [item] if after < self.changes else [], "license": "https://example.org/"}

    def _enrolled(self, request: Handler) -> object:
        said = peek(json.loads(request.body)["configuration"])
        answer = EnrolmentAnswer(
            state="pending", registry=self.origin, code="130001", name="東京都", thumbprint=str(said.header["kid"]),
            anchor_thumbprint=self.online.kid, recovery_thumbprint=self.recovery.kid,
        )  # fmt: skip
        return answer.wire()


@dataclass
class Captive:
    """A node that has joined a hostile registry."""

    registry: HostileRegistry
    server: Server
    town: Town
    target: Target

    def hear(self, **told: str) -> Member:
        """Have the registry say these words, among good ones, and read what there is; return the leaf as it is known then."""
        self.registry.told, self.registry.changes = told, self.registry.changes + 1
        self.town.members.refresh(self.town.clock())
        self.town.members.refresh_status(self.town.clock())
        return self.leaf

    @property
    def leaf(self) -> Member:
        """The leaf, as the node knows it."""
        with self.town.storage.transaction() as db:
            found = find(db, LEAF)
            assert found is not None
            return found

    def believed(self, name: str) -> str:
        """Return the one of the four words that the node holds for true."""
        if name in {"about", "own"}:
            return self.leaf.statement if name == "about" else self.leaf.configuration
        with self.town.storage.transaction() as db:
            seen = db.get_one(AnchorSeen, self.registry.origin)
            return seen.configuration if name == "anchor" else seen.status_list

    def disbelieves(self, name: str, attacks: Mapping[str, Attack]) -> None:
        """Hold that the node keeps what it knows, whatever is said in place of a good word, and then hears the good one."""
        calls = self.target.bait.calls
        for what, attack in attacks.items():
            token = attack(self.registry.good(name))
            with suppress(TachiyoriError):
                self.hear(**{name: token or ""})
            assert token != self.believed(name), what
            assert self.leaf.status == "valid", what
        assert self.target.bait.calls == calls, "somebody called an address that a statement named"
        good = self.registry.good(name).text()
        self.hear(**{name: good})
        assert self.believed(name) == good


@contextmanager
def captive(folder: Path, bait: Bait) -> Iterator[Captive]:
    """Give out such a node, which knows the leaf by good words."""
    registry = HostileRegistry()
    with serving(registry) as server:
        registry.origin = server.origin
        settings = {
            "NODE_ENTITY_ID": "http://localhost:9", "NODE_CODE": "130001", "NODE_NAME": "東京都",
            "NODE_REGISTRY": server.origin, "NODE_DATA": str(folder / "captive"),
            "PEER_ORIGINS_ALLOWED": f"{server.origin} {bait.origin}",
        }  # fmt: skip
        config = node_config.from_environment(settings)
        first = open_town(config)
        given = Pins(server.origin, registry.online.kid, registry.recovery.kid)
        verbs = RemoteRegistry(first.peer, server.origin)
        joining.join(config, first.keys, verbs, "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA", given, now=first.clock())
        town = open_town(config)
        town.storage.create_all()
        log = folder / "captive.log"
        log.touch()
        own, rings = town.config.entity_id, town.keys
        target = Target(own, town.storage, METADATAS, log, rings.protocol, rings.federation, bait)
        made = Captive(registry, server, town, target)
        made.hear()
        yield made
        for each in (first, town):
            each.storage.close()
            each.proofs.close()
