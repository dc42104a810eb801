"""npm's oidc-provider as another town's provider, by the FAPI 2.0 profile: one of its people signs in at our host."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
import requests
from sqlalchemy import select

from deploy.demo import installing
from federation.audit import AuditEntry
from federation.jwk import to_base64url
from federation.keys import KeyPair
from federation.messages.enrolment import EnrolmentRequest
from federation.tokens import CLIENT_ASSERTION, peek
from node.people import assurance
from registry.membership import enrolment, invitations, standing
from tests.corpus.cases import case
from tests.federation.world import Town as Party
from tests.interop.conftest import federation
from tests.interop.municipal import Browser, peer
from tests.interop.peers import environments
from tests.story import acts
from tests.story.acts import Day
from tests.story.stage import Front, Stage, free_ports

pytestmark = pytest.mark.peer
CODE, NAME = "141003", "横浜市"


@dataclass
class Foreign:
    """The host, and the provider of a town whose software is not ours."""

    day: Day
    issuer: str

    @property
    def host(self) -> str:
        return self.day.stage.host.origin

    def begins(self, browser: Browser) -> requests.Response:
        """Press the button at the host; return where the home's own pages end up."""
        shown = browser.get(f"/visit/signin?town={CODE}")
        led = browser.send(shown, "/visit/signin")
        assert led.status_code == 200, led.text
        _seconds, _, address = led.headers["Refresh"].partition("; url=")
        assert f'href="{address}"' in unescape(led.text)
        return browser.get(address)

    def audited(self) -> list[tuple[str, str, str]]:
        lines = select(AuditEntry).where(AuditEntry.event == "visit-sign-in").order_by(AuditEntry.number)
        with self.day.stage.host.open().storage.transaction() as db:
            return [(line.actor, line.verdict, line.reason) for line in db.scalars(lines)]


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foreign]:
    """A federation of real processes with one more member, whose provider is oidc-provider."""
    folder, script = tmp_path_factory.mktemp("foreign"), environments.node_peer("oidc_provider") / "foreign.mjs"
    script.write_bytes((environments.HERE / "oidc_provider" / script.name).read_bytes())
    *ports, port = free_ports(4)
    issuer, origins = f"http://localhost:{port}", [f"http://localhost:{each}" for each in ports]
    known = {"PEER_ORIGINS_ALLOWED": " ".join((*origins, issuer))}
    with federation("sqlite", Front(origins, settings=(known, known, known))) as day:
        town = Party(issuer, CODE, NAME)
        told = {"port": port, "key": private_jwk(town.protocol), "acr": assurance.ONE_FACTOR}
        command = [environments.node(), str(script), json.dumps({**told, "clients": [client(day.stage)]})]
        ready = f"{issuer}/.well-known/openid-configuration"
        with peer(command, ready, folder=script.parent, log=folder / "provider.log"):
            enrol(day.stage, town)
            host = day.stage.host.open()
            acts.soon(lambda: CODE in installing.known_members(host), "the host hears of the new member")
            acts.soon(lambda: acts.knows(host, issuer), "the newest status list has the new member")
            yield Foreign(day, issuer)


def private_jwk(pair: KeyPair) -> dict[str, str]:
    """Return the whole pair as a JWK, for the peer's own key store."""
    secret = pair.private.private_numbers().private_value
    return {**pair.public_jwk(), "d": to_base64url(secret.to_bytes(32))}


def client(stage: Stage) -> dict[str, Any]:
    """Return the host as its own metadata declares it: what a provider of the federation registers by itself."""
    own = requests.get(f"{stage.host.origin}/.well-known/openid-federation", timeout=30).text
    party = peek(own).claims["metadata"]["openid_relying_party"]
    ours = {"client_registration_types", "client_name"}
    return {"client_id": stage.host.origin, **{name: value for name, value in party.items() if name not in ours}}


def enrol(stage: Stage, town: Party) -> None:
    """Invite and admit a member whose node is not ours: its configuration is posted, as ``join`` would."""
    bureau = installing.open_registry(stage.registry.settings)
    now, issuer, keys = bureau.clock(), town.entity_id, town.ring.jwks()
    metadata: dict[str, dict[str, object]] = {
        "federation_entity": {"organization_name": town.name},
        "openid_provider": {
            "issuer": issuer,
            "pushed_authorization_request_endpoint": f"{issuer}/request",
            "authorization_endpoint": f"{issuer}/auth",
            "token_endpoint": f"{issuer}/token",
            "end_session_endpoint": f"{issuer}/session/end",
            "client_registration_types_supported": ["automatic"],
            "jwks": keys,
        },
    }
    registry = bureau.config.entity_id
    configuration = town.configuration(now, metadata, authority_hints=[registry])
    claims = {"iss": issuer, "sub": issuer, "aud": registry}
    with bureau.storage.transaction(write=True) as db:
        body = invitations.known_body(db, town.code, town.name)
        secret = invitations.invite(db, body, by=installing.OPERATOR, now=now)
        proof = CLIENT_ASSERTION.sign(town.federation, claims, now=now)
        wish = EnrolmentRequest(invitation=secret, configuration=configuration, proof=proof)
        waiting = enrolment.enrol(db, bureau.seal, wish, now)
    with bureau.storage.transaction(write=True) as db:
        thumbprint = town.federation.kid
        enrolment.admit(
            db, bureau.seal, waiting.enrolment.id, thumbprint=thumbprint, by=installing.OPERATOR, now=bureau.clock()
        )
        standing.sign_status_list(db, bureau.seal, bureau.clock())
    bureau.storage.close()
    bureau.proofs.close()


def test_somebody_of_a_town_with_other_software_signs_in(foreign: Foreign) -> None:
    browser = Browser(foreign.host)
    page = foreign.begins(browser)
    assert (page.status_code, page.url) == (200, f"{foreign.host}/visit"), page.text
    assert f"{NAME}の職員" in page.text
    assert foreign.audited()[-1] == (foreign.issuer, "allowed", "")


def test_signing_out_leads_to_the_provider_s_own_sign_out(foreign: Foreign) -> None:
    browser = Browser(foreign.host)
    page = browser.send(foreign.begins(browser), "/visit/signout")
    (onward,) = re.findall(r'href="([^"]+/session/end[^"]*)"', page.text)
    asked = browser.get(unescape(onward))
    assert "/session/end/confirm" in asked.text, asked.text
    assert browser.get("/visit").url == f"{foreign.host}/visit/signin"


@case("O08")
def test_the_answer_given_to_one_browser_is_worth_nothing_in_another(foreign: Foreign) -> None:
    one, other = Browser(foreign.host), Browser(foreign.host)
    shown = one.get(f"/visit/signin?town={CODE}")
    _seconds, _, address = one.send(shown, "/visit/signin").headers["Refresh"].partition("; url=")
    answer = stopped_at(one, address, "/visit/callback")
    other.send(other.get(f"/visit/signin?town={CODE}"), "/visit/signin")
    assert other.get(answer).status_code == 403
    assert one.get(answer).url == f"{foreign.host}/visit"
    assert one.get(answer).status_code == 403


def stopped_at(browser: Browser, address: str, path: str) -> str:
    """Follow redirects up to the one that leads to ``path``, and return where it leads."""
    for _ in range(20):
        answer = browser.session.get(address, allow_redirects=False, timeout=30)
        address = requests.compat.urljoin(address, answer.headers["Location"])
        if path in address:
            return address
    raise AssertionError("a circle")
