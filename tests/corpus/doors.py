"""Every door at which a token is shown: a good draft of it, how it is shown with everything else good, and the refusal.

A door is asked in two ways: ``knock`` with the text of a token, and ``welcomes`` with a good one, which is the twin that
every attack differs from in the attacked place alone.
"""

import secrets
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import ClassVar

import requests

from federation import entity
from federation.messages.base import written
from federation.tokens import peek
from node.entity import EVENTS
from registry.membership import anchor
from tests.corpus.draft import Attack, Draft, drafted
from tests.corpus.siege import MEMBERS, VISITS, Siege
from tests.corpus.target import Target, worded


class Door(ABC):
    """One kind of token at one endpoint."""

    name: ClassVar[str]
    kind: ClassVar[str]
    """The token's name in ``federation.tokens``, or PROOF."""
    refusals: ClassVar[frozenset[tuple[int, str]]]
    welcome: ClassVar[frozenset[int]] = frozenset({200})
    lines: ClassVar[int] = 0
    """Lines a refusal leaves in the audit log: one where the caller is known by then, none where it is nobody."""
    once: ClassVar[bool] = True
    """Whether a token counts once here."""

    def __init__(self, siege: Siege) -> None:
        """Take the scene."""
        self.siege = siege

    @property
    def target(self) -> Target:
        """Who stands behind the door."""
        return self.siege.host

    @abstractmethod
    def draft(self) -> Draft:
        """Return a good token, not yet signed."""

    @abstractmethod
    def knock(self, token: str) -> requests.Response:
        """Show a token."""

    def refuses(self, token: str) -> None:
        """Hold that a token is refused in the right words."""
        answer = self.knock(token)
        assert (answer.status_code, worded(answer)) in self.refusals, f"{answer.status_code} {answer.text[:300]}"
        assert "access_token" not in answer.text

    def welcomes(self, token: str | None = None) -> None:
        """Hold that a good token is taken."""
        answer = self.knock(self.draft().text() if token is None else token)
        assert answer.status_code in self.welcome, f"{answer.status_code} {answer.text[:300]}"

    def withstands(self, attacks: Mapping[str, Attack], *, but: frozenset[str] = frozenset()) -> None:
        """Hold that each attack is refused and moves nothing, and then that the good twin is taken after all."""
        forged = [token for attack in attacks.values() if (token := attack(self.draft())) is not None]
        with self.target.unmoved(lines=self.lines * len(forged), but=but):
            for token in forged:
                self.refuses(token)
        self.welcomes()


class ClientAssertion(Door):
    """Who a client is, at the host's token endpoint."""

    name = "client assertion at the host"
    kind = "CLIENT_ASSERTION"
    refusals = frozenset({(401, "invalid_client")})

    def draft(self) -> Draft:
        return self.siege.assertion(self.target)

    def knock(self, token: str) -> requests.Response:
        return self.siege.ask_for_itself(self.target, assertion=token)


class ClientAssertionAtRegistry(ClientAssertion):
    """The same at the registry."""

    name = "client assertion at the registry"

    @property
    def target(self) -> Target:
        return self.siege.registry


class Ping(Door):
    """A client assertion that carries a ping to the host."""

    name = "client assertion of a ping"
    kind = "CLIENT_ASSERTION"
    refusals = frozenset(
        {(401, "token-refused"), (401, "token-expired"), (401, "token-replayed"), (403, "not-a-member")}
    )
    welcome = frozenset({202})
    feed = "visits"

    def draft(self) -> Draft:
        return self.siege.assertion(self.target)

    def knock(self, token: str) -> requests.Response:
        return self.siege.ask(self.target, {"feed": self.feed}, assertion=token, path=anchor.PINGS)


class PingAtRegistry(Ping):
    """The same at the registry."""

    name = "client assertion of a ping at the registry"
    feed = "offers"

    @property
    def target(self) -> Target:
        return self.siege.registry


class ClientAssertionOfRevocation(ClientAssertion):
    """Who a client is, where it ends a token."""

    name = "client assertion of a revocation"

    def knock(self, token: str) -> requests.Response:
        return self.siege.ask(self.target, {"token": "x"}, assertion=token, path=entity.REVOKE)


class ClientAssertionOfPush(ClientAssertion):
    """Who a client is, where it pushes an authorization request."""

    name = "client assertion of a pushed request"
    welcome = frozenset({201})

    def knock(self, token: str) -> requests.Response:
        return self.siege.push(client_assertion=token)


class RequestObject(Door):
    """An authorization request as a token, pushed."""

    name = "request object"
    kind = "REQUEST_OBJECT"
    refusals = frozenset({(400, "invalid_request_object")})
    welcome = frozenset({201})
    lines = 1

    def draft(self) -> Draft:
        return self.siege.request_object()

    def knock(self, token: str) -> requests.Response:
        return self.siege.ask(self.target, {"request": token}, path=entity.PUSHED, headers={"DPoP": None})


class VisitGrant(Door):
    """The home's word about a visitor."""

    name = "visit grant"
    kind = "VISIT_GRANT"
    refusals = frozenset({(400, "invalid_grant"), (400, "invalid_request")})
    lines = 1

    def draft(self) -> Draft:
        return self.siege.grant()

    def knock(self, token: str) -> requests.Response:
        return self.siege.redeem(token)


class Proof(Door):
    """A DPoP proof at the token endpoint."""

    name = "proof at the host's token endpoint"
    kind = "PROOF"
    lines = 1
    refusals = frozenset({(400, "invalid_dpop_proof")})

    def draft(self) -> Draft:
        return self.siege.proof("POST", f"{self.target.origin}/oauth/token")

    def knock(self, token: str) -> requests.Response:
        return self.siege.ask_for_itself(self.target, proof=token)


class ProofAtRegistry(Proof):
    """The same at the registry."""

    name = "proof at the registry's token endpoint"

    @property
    def target(self) -> Target:
        return self.siege.registry


AT_RESOURCE = frozenset({(401, "token-refused"), (401, "token-expired"), (401, "token-replayed")})


class NodeToken(Door):
    """A town's own token, reading its visits feed."""

    name = "node token at the host"
    kind = "NODE_TOKEN"
    refusals = AT_RESOURCE | {(403, "forbidden")}
    once = False
    path = VISITS

    @property
    def url(self) -> str:
        """What is asked for."""
        return self.target.origin + self.path

    def draft(self) -> Draft:
        return self.siege.node_token(self.target, "feed")

    def knock(self, token: str) -> requests.Response:
        return self.siege.call("GET", self.url, token)


class NodeTokenAtRegistry(NodeToken):
    """The same at the registry, reading the members feed."""

    name = "node token at the registry"
    path = MEMBERS

    @property
    def target(self) -> Target:
        return self.siege.registry


class ProofOfToken(Door):
    """The DPoP proof that goes with a node token."""

    name = "proof at the host's API"
    kind = "PROOF"
    refusals = AT_RESOURCE
    path = VISITS

    def __init__(self, siege: Siege) -> None:
        super().__init__(siege)
        self.token = siege.node_token(self.target, "feed").text()

    @property
    def url(self) -> str:
        """What is asked for."""
        return self.target.origin + self.path

    def draft(self) -> Draft:
        return self.siege.proof("GET", self.url, self.token)

    def knock(self, token: str) -> requests.Response:
        return self.siege.call("GET", self.url, self.token, proof=token)


class ProofOfTokenAtRegistry(ProofOfToken):
    """The same at the registry."""

    name = "proof at the registry's API"
    path = MEMBERS

    @property
    def target(self) -> Target:
        return self.siege.registry


class PersonToken(Door):
    """A visitor's token, with which a booking is made."""

    name = "person token at the host"
    kind = "PERSON_TOKEN"
    refusals = AT_RESOURCE
    once = False
    hours: ClassVar[Iterator[int]] = count(26)
    """Hours from now, each wished for once."""

    def __init__(self, siege: Siege) -> None:
        super().__init__(siege)
        self.sub = secrets.token_urlsafe(24)

    def draft(self) -> Draft:
        return self.siege.person_token(self.sub)

    def knock(self, token: str) -> requests.Response:
        booking = f"{self.target.origin}/api/v1/bookings/{uuid.uuid4()}"
        return self.siege.call("PUT", booking, token, json=self._wish())

    def _wish(self) -> Mapping[str, object]:
        start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=next(self.hours))
        place = {"desk": self.siege.desk, "start": written(start), "end": written(start + timedelta(hours=1))}
        visitors = [{"sub": self.sub, "name": "山本 由美"}]
        until = written(datetime.now(UTC) + timedelta(minutes=5))
        return {"places": [{**place, "sub": self.sub}], "visitors": visitors, "not_after": until}


class Event(Door):
    """A security event, pushed to the host."""

    name = "security event at the host"
    kind = "EVENT"
    refusals = frozenset(
        {(400, "invalid_request"), (400, "invalid_issuer"), (400, "access_denied"), (413, "too-large")}
    )
    welcome = frozenset({202})
    media = "application/secevent+jwt"

    def draft(self) -> Draft:
        return self.siege.event()

    def knock(self, token: str) -> requests.Response:
        url = self.target.origin + EVENTS
        return requests.post(url, data=token.encode(), headers={"Content-Type": self.media}, timeout=30)


class Configuration(Door):
    """What a member says of itself, sent to the registry."""

    name = "entity configuration at the registry"
    kind = "ENTITY_STATEMENT"
    refusals = frozenset({(401, "token-refused"), (403, "trust-broken"), (403, "not-a-member"), (413, "too-large")})
    welcome = frozenset({204})
    once = False

    @property
    def target(self) -> Target:
        return self.siege.registry

    taken: ClassVar[list[int]] = [0]
    """The second of the last one taken; what is not newer changes nothing, so it would show nothing."""

    def draft(self) -> Draft:
        while int(time.time()) <= self.taken[-1]:
            time.sleep(0.05)
        return self.siege.configuration()

    def welcomes(self, token: str | None = None) -> None:
        super().welcomes(token)
        self.taken.append(int(time.time()))

    def knock(self, token: str) -> requests.Response:
        return requests.post(self.target.origin + anchor.CONFIGURATIONS, data=token.encode(), timeout=30)


class TrustMark(Door):
    """A trust mark, asked about at the registry."""

    name = "trust mark at the registry"
    kind = "TRUST_MARK"
    refusals = frozenset({(404, "not_found"), (400, "invalid_request")})
    once = False

    @property
    def target(self) -> Target:
        return self.siege.registry

    def draft(self) -> Draft:
        kind = self.target.origin + "/trust-marks/municipality"
        about = {"sub": self.siege.home.config.entity_id, "municipality_code": self.siege.home.config.code}
        claims = {"iss": self.target.origin, "trust_mark_type": kind, **about}
        return drafted("trust-mark+jwt", self.target.federation.current, claims, life=86400).claiming(jti=...)

    def knock(self, token: str) -> requests.Response:
        return requests.post(self.target.origin + anchor.MARK_STATUS, data={"trust_mark": token}, timeout=30)

    def refuses(self, token: str) -> None:
        """A mark of ours that is out of its time is answered with a word about it, which is signed (8.4.2)."""
        answer = self.knock(token)
        if answer.status_code == 200:
            assert peek(answer.text).claims["status"] == "expired"
        else:
            assert (answer.status_code, worded(answer)) in self.refusals, answer.text


DOORS: Mapping[str, type[Door]] = {
    door.name: door
    for door in (
        ClientAssertion, ClientAssertionAtRegistry, Ping, PingAtRegistry, VisitGrant, Proof, ProofAtRegistry, NodeToken,
        NodeTokenAtRegistry, ProofOfToken, ProofOfTokenAtRegistry, PersonToken, Configuration, TrustMark, Event,
        ClientAssertionOfRevocation, ClientAssertionOfPush, RequestObject,
    )
}  # fmt: skip
