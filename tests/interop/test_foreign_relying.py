"""openid-client, which we did not write, signs people in at a running town, and presents grants at its token endpoint.

It stands for a member of the federation whose node is of another make: its keys are admitted by the registry, and nothing
answers at its own address. It proves that what we serve is the profile others implement (FAPI 2.0); it is no oracle.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from deploy.demo import installing
from deploy.demo.seed import PASSWORD
from federation import entity
from federation.jwk import to_base64url
from node import entity as node_entity
from node.people import assurance
from node.town import Town
from tests.interop.conftest import SQLITE
from tests.interop.peers import environments
from tests.story.acts import VISITOR, Day
from tests.story.browser import Browser
from tests.story.stage import free_ports

pytestmark = [pytest.mark.peer, pytest.mark.parametrize("day", [SQLITE], indirect=True)]


@dataclass
class Foreign:
    """The foreign party: its program, spoken to line by line."""

    entity_id: str
    provider: str
    process: "subprocess.Popen[str]"
    metadata: dict[str, Any]

    def __call__(self, verb: str, **given: str) -> dict[str, Any]:
        return _said(self.process, {"verb": verb, **given})

    @property
    def callback(self) -> str:
        return self.entity_id + node_entity.CALLBACK


def _said(process: "subprocess.Popen[str]", line: object) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(line) + "\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    assert answer, process.stderr.read() if process.stderr else ""
    return dict(json.loads(answer))


def admitted(day: Day, folder: Path) -> Town:
    """Let a third town in, of which nothing but its keys will be used."""
    (port,) = free_ports(1)
    registry = day.stage.registry.settings
    settings = {
        "NODE_ENTITY_ID": f"http://localhost:{port}",
        "NODE_CODE": "132195",
        "NODE_NAME": "狛江市",
        "NODE_REGISTRY": day.stage.registry.urls[0],
        "NODE_DATA": str(folder / "foreign"),
        "PEER_ORIGINS_ALLOWED": registry["PEER_ORIGINS_ALLOWED"],
    }
    town, bureau = installing.open_node(settings), installing.open_registry(registry)
    try:
        installing.admit(bureau, town)
    finally:
        bureau.storage.close()
        bureau.proofs.close()
    home = day.stage.home.open()
    home.members.refresh(home.clock())
    return town


def private_jwk(town: Town) -> dict[str, str]:
    key = town.keys.protocol.current
    secret = key.private.private_numbers().private_value.to_bytes(32)
    public = {name: str(key.public_jwk()[name]) for name in ("kty", "crv", "x", "y")}
    return {**public, "d": to_base64url(secret)}


@pytest.fixture(scope="module")
def foreign(day: Day, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foreign]:
    folder = environments.node_peer("openid_client")
    script = folder / "relying.mjs"
    script.write_bytes((environments.HERE / "openid_client" / "relying.mjs").read_bytes())
    town = admitted(day, tmp_path_factory.mktemp("foreign"))
    command = [environments.node(), str(script)]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    own, provider = town.config.entity_id, day.stage.home.origin
    told = {"issuer": provider, "clientId": own, "kid": town.keys.protocol.current.kid, "jwk": private_jwk(town)}
    try:
        yield Foreign(own, provider, process, _said(process, told)["metadata"])
    finally:
        process.terminate()
        process.communicate(timeout=10)
        town.storage.close()
        town.proofs.close()


def hidden(page: requests.Response) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    return {name: unescape(value) for name, value in found}


@pytest.fixture
def person(day: Day, foreign: Foreign) -> Browser:
    browser = Browser(foreign.provider)
    browser.sign_in(VISITOR, PASSWORD)
    return browser


def agreed(person: Browser, url: str) -> str:
    """Open the address as the person's browser, agree where one is asked, and return where it is sent."""
    page = person.session.get(url, allow_redirects=False, timeout=30)
    if page.status_code == 200:
        assert "狛江市" in page.text
        form = {**hidden(page), "decision": "allow"}
        page = person.session.post(person.origin + entity.AUTHORIZE, data=form, allow_redirects=False, timeout=30)
    assert page.status_code == 303, page.text
    return page.headers["Location"]


def signed_in(foreign: Foreign, person: Browser, scope: str = "openid") -> dict[str, Any]:
    asked = foreign("authorize", redirectUri=foreign.callback, scope=scope)
    assert set(parse_qs(urlsplit(asked["url"]).query)) == {"client_id", "request_uri"}, asked
    return foreign("callback", url=agreed(person, asked["url"]))


def test_openid_client_reads_our_metadata(day: Day, foreign: Foreign) -> None:
    assert foreign.metadata["pushed_authorization_request_endpoint"] == foreign.provider + entity.PUSHED
    assert foreign.metadata["authorization_response_iss_parameter_supported"] is True


def test_openid_client_signs_somebody_in(day: Day, foreign: Foreign, person: Browser) -> None:
    given = signed_in(foreign, person, "openid profile affiliation")
    assert (given["type"], given["scope"]) == ("dpop", "openid profile affiliation")
    assert (given["claims"]["iss"], given["claims"]["aud"]) == (foreign.provider, foreign.entity_id)
    assert given["claims"]["acr"] == assurance.ONE_FACTOR
    told = foreign("userinfo")
    assert told["sub"] == given["claims"]["sub"]
    assert told["name"]
    assert "number" not in told


def test_openid_client_checks_who_answers(day: Day, foreign: Foreign, person: Browser) -> None:
    url = foreign("authorize", redirectUri=foreign.callback, scope="openid")["url"]
    back = agreed(person, url)
    assert "error" in foreign("callback", url=back.replace("iss=http", "iss=https"))
    assert "error" not in foreign("callback", url=back)
    assert foreign("callback", url=back)["error"] == "invalid_grant"


def test_a_revoked_token_reads_nothing(day: Day, foreign: Foreign, person: Browser) -> None:
    signed_in(foreign, person)
    assert foreign("userinfo")["sub"]
    assert foreign("revoke") == {}
    assert "error" in foreign("userinfo")


def test_the_person_signs_out_by_its_link(day: Day, foreign: Foreign, person: Browser) -> None:
    signed_in(foreign, person)
    goodbye = foreign.entity_id + node_entity.SIGNED_OUT
    page = person.session.get(foreign("logout", redirectUri=goodbye)["url"], timeout=30)
    answer = person.session.post(person.origin + entity.LOGOUT, data=hidden(page), allow_redirects=False, timeout=30)
    assert answer.headers["Location"] == goodbye + "?state=bye"
    assert "/signin" in person.get("/me").url


def test_what_is_not_registered_is_refused_to_it(day: Day, foreign: Foreign) -> None:
    assert (
        foreign("authorize", redirectUri=foreign.entity_id + "/elsewhere", scope="openid")["error"] == "invalid_request"
    )
    assert foreign("authorize", redirectUri=foreign.callback, scope="openid manage")["error"] == "invalid_scope"


def test_openid_client_presents_what_programs_present(day: Day, foreign: Foreign) -> None:
    assert foreign("node", scope="manage") == {"scope": "manage", "type": "dpop"}
    assert foreign("visit", sub="somebody-of-theirs", acr=assurance.ONE_FACTOR) == {"type": "dpop", "seconds": 300}
    assert foreign("visit", sub="somebody-of-theirs", acr="https://refeds.org/profile/mfa")["error"] == "invalid_grant"
