"""The scene of the corpus: a registry and a host on real processes, and those who come to their doors, good and bad."""

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from sqlalchemy import select

from deploy.demo import installing
from federation import entity as entities
from federation import keys
from federation.events import ACCOUNT_DISABLED
from federation.keys import KeyPair
from federation.peer import ASSERTION_TYPE, JWT_BEARER
from federation.replay import Proofs
from federation.storage import Storage
from federation.tokens import peek
from node import config as node_config
from node import entity
from node.app import open_town
from node.models.sites import Desk, Room
from node.models.tables import METADATAS as NODE_TABLES
from node.people import assurance
from node.town import Town
from registry.bureau import Bureau
from registry.models.tables import METADATAS as REGISTRY_TABLES
from tests.corpus.bait import Bait
from tests.corpus.draft import Draft, drafted
from tests.corpus.target import Target
from tests.federation.forgery import digest
from tests.interop import conftest as interop
from tests.node import agreed
from tests.nonce import nonce_of
from tests.story.stage import Front, Stage, built, free_ports

THIEF = "111007"
"""さいたま市: a member like the others, that means ill."""
VERIFIER = "v" * 64
"""The secret of our authorization requests (RFC 7636, 4.1)."""
VISITS = "/feeds/visits"
MEMBERS = "/feeds/members"


@dataclass
class Siege:
    """Who is attacked, who attacks, and the bait that nobody may take."""

    stage: Stage
    bureau: Bureau
    home: Town
    thief: Town
    host: Target
    registry: Target
    bait: Bait
    desk: str
    dpop: KeyPair = field(default_factory=keys.make)

    # --- Tokens, good until they are changed ------------------------------------------------------------------------

    def assertion(self, target: Target, town: Town | None = None) -> Draft:
        """Say as a client who we are."""
        town = town or self.home
        own = town.config.entity_id
        claims = {"iss": own, "sub": own, "aud": target.origin}
        return drafted("client-authentication+jwt", town.keys.protocol.current, claims, life=60)

    def grant(self, town: Town | None = None) -> Draft:
        """Vouch to the host for one of our people, whom it has never seen."""
        town = town or self.home
        own = town.config.entity_id
        claims = {
            "iss": own,
            "client_id": own,
            "aud": self.host.origin,
            "sub": secrets.token_urlsafe(24),
            "acr": assurance.ONE_FACTOR,
            "auth_time": int(time.time()) - 300,
            "cnf": {"jkt": self.dpop.kid},
        }
        return drafted("oauth-id-jag+jwt", town.keys.protocol.current, claims, life=60)

    def proof(self, method: str, url: str, token: str = "", key: KeyPair | None = None) -> Draft:
        """Show with a request that we hold the key."""
        key = key or self.dpop
        jwk = {name: value for name, value in key.public_jwk().items() if name in {"kty", "crv", "x", "y"}}
        claims = {"jti": secrets.token_urlsafe(16), "htm": method, "htu": url, "iat": int(time.time())}
        parts = urlsplit(url)
        asked = {"nonce": nonce_of(f"{parts.scheme}://{parts.netloc}")} | ({"ath": digest(token)} if token else {})
        return Draft({"alg": "ES256", "typ": "dpop+jwt", "jwk": jwk}, {**claims, **asked}, key)

    def node_token(self, target: Target, scope: str, town: Town | None = None) -> Draft:
        """Draft what ``target`` would issue to a town for itself: an attacker who could sign it would be in."""
        own = (town or self.home).config.entity_id
        claims = {"sub": own, "client_id": own, "scope": scope, **self._issued_by(target)}
        return drafted("at+jwt", target.protocol.current, claims, life=600)

    def person_token(self, sub: str = "") -> Draft:
        """Draft what the host would issue for a visitor of our home."""
        person = {
            "sub": sub or secrets.token_urlsafe(24),
            "client_id": self.home.config.entity_id,
            "acr": assurance.ONE_FACTOR,
            "auth_time": int(time.time()) - 300,
        }
        return drafted("at+jwt", self.host.protocol.current, {**person, **self._issued_by(self.host)}, life=300)

    def event(self, town: Town | None = None) -> Draft:
        """Tell the host that one of our people has left, of whom it has never heard."""
        town = town or self.home
        own = town.config.entity_id
        about = {"format": "iss_sub", "iss": own, "sub": secrets.token_urlsafe(24)}
        said = {"iss": own, "aud": self.host.origin, "sub_id": about, "events": {ACCOUNT_DISABLED: {}}}
        return drafted("secevent+jwt", town.keys.protocol.current, said, life=0).claiming(exp=...)

    def configuration(self, town: Town | None = None) -> Draft:
        """Say of ourselves what we said when we joined, anew."""
        town = town or self.thief
        signer = town.keys.federation.current
        said = peek(entity.configuration(town.config, town.keys, town.clock()))
        return Draft(dict(said.header), dict(said.claims), signer)

    def _issued_by(self, target: Target) -> dict[str, Any]:
        return {"iss": target.origin, "aud": target.origin, "cnf": {"jkt": self.dpop.kid}}

    def host_hears(self) -> None:
        """Have the host read what the registry says now, as its job does every minute."""
        town = self.stage.host.open()
        town.members.refresh(town.clock())

    # --- Requests ---------------------------------------------------------------------------------------------------

    def ask(
        self,
        target: Target,
        form: Mapping[str, Any],
        *,
        assertion: str | None = None,
        proof: str | None = None,
        headers: Mapping[str, str | None] | None = None,
        path: str = "/oauth/token",
        **options: Any,
    ) -> requests.Response:
        """Ask for a token; what is not given is good and fresh. A member of ``...`` is left out of the form."""
        url = target.origin + path
        own = {
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(target).text() if assertion is None else assertion,
        }
        sent = {name: text for name, text in {**own, **form}.items() if text is not ...}
        shown = {"DPoP": self.proof("POST", url).text() if proof is None else proof, **(headers or {})}
        return requests.post(url, data=sent, headers=shown, timeout=30, **options)

    def ask_for_itself(self, target: Target, scope: str = "feed", **more: Any) -> requests.Response:
        """Ask for a node token."""
        return self.ask(target, {"grant_type": "client_credentials", "scope": scope}, **more)

    def redeem(
        self, grant: str | None = None, *, form: Mapping[str, Any] | None = None, **more: Any
    ) -> requests.Response:
        """Redeem a visit grant."""
        shown = self.grant().text() if grant is None else grant
        return self.ask(self.host, {"grant_type": JWT_BEARER, "assertion": shown, **(form or {})}, **more)

    @property
    def redirect_uri(self) -> str:
        """Where the home receives people who have signed in at the host."""
        return self.home.config.entity_id + entity.CALLBACK

    def request(self, **changes: Any) -> dict[str, Any]:
        """Return what a good authorization request holds; a change to ``...`` leaves a parameter out."""
        good = {
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "scope": "openid",
            "state": "s-1",
            "nonce": "n-1",
            "code_challenge": digest(VERIFIER),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**good, **changes}.items() if value is not ...}

    def request_object(self) -> Draft:
        """Ask by a request object."""
        own = self.home.config.entity_id
        said = {"iss": own, "client_id": own, "aud": self.host.origin, **self.request()}
        return drafted("oauth-authz-req+jwt", self.home.keys.protocol.current, said, life=60)

    def push(self, **changes: Any) -> requests.Response:
        """Push an authorization request to the host, as the town whose person is to sign in there."""
        return self.ask(self.host, self.request(**changes), path=entities.PUSHED, headers={"DPoP": None})

    def redeem_code(self, code: str, *, proof: str | None = None, **changes: Any) -> requests.Response:
        """Redeem a code at the host."""
        good = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        return self.ask(self.host, {**good, "code_verifier": VERIFIER, **changes}, proof=proof)

    @staticmethod
    def get(target: Target, path: str) -> requests.Response:
        """Read what is there for anybody."""
        return requests.get(target.origin + path, timeout=30)

    def call(
        self,
        method: str,
        url: str,
        token: str,
        *,
        proof: str | None = None,
        scheme: str = "DPoP",
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> requests.Response:
        """Send a request with a token, and a proof that fits unless one is given."""
        shown = self.proof(method, url, token).text() if proof is None else proof
        merged = {"Authorization": f"{scheme} {token}", "DPoP": shown, **(headers or {})}
        return requests.request(method, url, headers=merged, timeout=30, **options)


@contextmanager
def laid(database: str, *, workers: int = 1) -> Iterator[Siege]:
    """Lay a siege: the registry and the host run, without jobs, so that only requests move them; home and thief only speak."""
    ports = free_ports(4)
    origins = [f"http://localhost:{port}" for port in ports]
    with ExitStack() as stack:
        bait = stack.enter_context(Bait())
        allowed = {"PEER_ORIGINS_ALLOWED": " ".join([*origins, bait.origin])}
        front = Front(origins[:3], [allowed] * 3, [("--no-jobs",)] * 3)
        stage = stack.enter_context(built(database, workers=workers, front=front))
        interop.let_in(stage)
        bureau = stack.enter_context(_opened(installing.open_registry(stage.registry.settings)))
        thief = stack.enter_context(_opened(_thief(stage, origins[3])))
        installing.admit(bureau, thief)
        home, host = stage.home.open(), stage.host.open()
        for town in (home, host):
            town.members.refresh(town.clock())
        with host.storage.transaction(write=True) as db:
            # The home's node, which would say yes, does not run.
            agreed.confirm_all(db, now=host.clock())
        stage.host.program.start()
        stage.host.program.wait()
        yield Siege(
            stage=stage,
            bureau=bureau,
            home=home,
            thief=thief,
            host=_target(host, stage.host.program.log, bait),
            registry=Target(
                bureau.config.entity_id,
                bureau.storage,
                REGISTRY_TABLES,
                stage.registry.log,
                bureau.seal.protocol,
                bureau.seal.federation,
                bait,
            ),
            bait=bait,
            desk=_desk(host, interop.site_of(stage.host)),
        )


def _target(town: Town, log: Path, bait: Bait) -> Target:
    return Target(town.config.entity_id, town.storage, NODE_TABLES, log, town.keys.protocol, town.keys.federation, bait)


def _desk(host: Town, site: str) -> str:
    with host.storage.transaction() as db:
        question = select(Desk.id).join(Room).where(Room.site_id == site).order_by(Desk.name)
        return str(db.scalars(question.limit(1)).one())


def _thief(stage: Stage, origin: str) -> Town:
    settings = {
        **stage.home.program.settings,
        "NODE_ENTITY_ID": origin,
        "NODE_CODE": THIEF,
        "NODE_NAME": "さいたま市",
        "NODE_DATA": str(Path(stage.home.program.settings["NODE_DATA"]).with_name(THIEF)),
    }
    settings.pop("NODE_DATABASE", None)
    return open_town(node_config.from_environment(settings))


@contextmanager
def _opened(party: "Town | Bureau") -> Iterator[Any]:
    yield party
    _close(party.storage, party.proofs)


def _close(storage: Storage, proofs: Proofs) -> None:
    storage.close()
    proofs.close()
