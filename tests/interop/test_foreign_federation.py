"""Federation software that we did not write resolves our chains, from statements that running programs serve.

They prove that good is accepted, and are no oracles: each takes chains that we refuse. The other way round we take a chain
that one of them makes. What our own resolvers answer over HTTP is read by the rules of OpenID Federation 1.1, 8.3.
"""

import json
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from federation import entity
from federation.chain import Anchor, verify_chain
from federation.errors import TrustBroken
from federation.jwk import parse_jwks
from federation.keys import make
from federation.resolution import Resolved, verify_response
from federation.statement import verify_statement
from federation.tokens import TRUST_MARK_STATUS, peek
from tests.interop.conftest import SQLITE
from tests.interop.peers import environments
from tests.story.acts import Day, soon

pytestmark = pytest.mark.peer
on_real_processes = pytest.mark.parametrize("day", [SQLITE], indirect=True)


def origin(day: Day) -> str:
    return day.stage.registry.urls[0]


def mark_type(day: Day) -> str:
    return origin(day) + entity.MUNICIPALITY_MARK


def thumbprint(day: Day) -> str:
    """Return the key the towns have pinned, as they would tell it to a foreign party."""
    return str(day.stage.home.open().members.anchor().keys.jwks()["keys"][0]["kid"])


def said_of_itself(entity_id: str) -> Any:
    return peek(requests.get(entity_id + entity.CONFIGURATION, timeout=10).text).claims


@pytest.fixture
def marked(day: Day) -> Day:
    """Wait until home carries its mark: fetched within a minute, and published within another."""
    soon(lambda: said_of_itself(day.stage.home.origin).get("trust_marks"), "home carries its mark", seconds=150)
    return day


def run(program: Sequence[str | Path], folder: Path) -> Any:
    """Run a foreign party; return what it says, or None when it ends in refusal, which is then printed."""
    done = subprocess.run(list(program), check=False, cwd=folder, capture_output=True, text=True, timeout=120)
    print(done.stderr)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None


def openid_federation(name: str, *arguments: str) -> Any:
    """Run a script of ours where it finds @openid-federation/core."""
    folder = environments.node_peer("openid_federation")
    script = folder / name
    script.write_bytes((environments.HERE / "openid_federation" / name).read_bytes())
    return run([environments.node(), script, *arguments], folder)


def by_python(name: str) -> Callable[..., Any]:
    def judge(*arguments: str) -> Any:
        return run(
            [environments.python_peer(name), environments.HERE / name / "resolve.py", *arguments], environments.HERE
        )

    return judge


@on_real_processes
def test_openid_federation_resolves_a_town(marked: Day) -> None:
    home, registry = marked.stage.home.origin, origin(marked)
    seen = openid_federation("resolve.mjs", home, registry, thumbprint(marked))
    assert (seen["chains"], seen["issuers"]) == (1, [registry, registry])
    assert seen["metadata"]["federation_entity"]["organization_name"] == "埼玉県"
    assert seen["metadata"]["oauth_authorization_server"]["token_endpoint_auth_methods_supported"] == [
        "private_key_jwt"
    ]
    assert openid_federation("resolve.mjs", home, registry, "x" * 43)["chains"] == 0


@on_real_processes
def test_spid_cie_oidc_resolves_a_town_and_knows_its_mark(marked: Day) -> None:
    home, registry = marked.stage.home.origin, origin(marked)
    seen = by_python("spid_cie_oidc")(home, registry, thumbprint(marked), mark_type(marked))
    assert (seen["valid"], seen["path"], seen["marks"]) == (True, [home, registry], [mark_type(marked)])
    assert seen["metadata"]["oauth_authorization_server"]["token_endpoint"] == home + entity.TOKEN
    assert by_python("spid_cie_oidc")(home, registry, "x" * 43, "") is None


@on_real_processes
def test_pyeudiw_takes_a_towns_chain(marked: Day) -> None:
    home, registry = marked.stage.home.origin, origin(marked)
    seen = by_python("pyeudiw")(home, registry, thumbprint(marked))
    assert (seen["valid"], seen["entity_id"]) == (True, home)
    assert seen["metadata"]["oauth_authorization_server"]["dpop_signing_alg_values_supported"] == ["ES256"]
    assert by_python("pyeudiw")(home, registry, "x" * 43) is None


def resolved_by(day: Day, resolver: str) -> Resolved:
    """Ask a running resolver about home and believe it as far as its chain goes."""
    query = {"sub": day.stage.home.origin, "trust_anchor": origin(day)}
    answer = requests.get(resolver + entity.RESOLVE, params=query, timeout=10)
    assert answer.headers["Content-Type"] == "application/resolve-response+jwt", answer.text
    town = day.stage.home.open().members
    now = datetime.now(UTC)
    anchor = town.anchor()
    keys = anchor.keys if resolver == origin(day) else town.verified(resolver, now).federation_keys
    return verify_response(
        answer.text, resolver=resolver, keys=keys, subject=day.stage.home.origin, anchor=anchor, now=now
    )


@on_real_processes
def test_registry_and_host_resolve_home_alike(marked: Day) -> None:
    by_registry, by_host = (resolved_by(marked, who) for who in (origin(marked), marked.stage.host.origin))
    assert by_registry.metadata == by_host.metadata
    assert by_registry.metadata["federation_entity"]["municipality_code"] == "110001"


@on_real_processes
def test_the_registry_says_how_the_mark_that_home_carries_stands(marked: Day) -> None:
    home, keys, now = marked.stage.home, marked.stage.home.open().members.anchor().keys, datetime.now(UTC)
    (carried,) = verify_statement(
        requests.get(home.origin + entity.CONFIGURATION, timeout=10).text,
        home.open().keys.federation.public(),
        issuer=home.origin,
        now=now,
    ).trust_marks
    url = said_of_itself(origin(marked))["metadata"]["federation_entity"]["federation_trust_mark_status_endpoint"]
    answer = requests.post(url, data={"trust_mark": carried[1]}, timeout=10)
    said = TRUST_MARK_STATUS.verify(answer.text, keys, now=now, issuer=origin(marked))
    assert (said["status"], said["trust_mark"]) == ("active", carried[1])


def test_a_foreign_federations_chain_holds_here_and_its_policies_merge() -> None:
    made = openid_federation("issue.mjs")
    anchor, now = Anchor(made["anchor"], parse_jwks(made["jwks"])), datetime.now(UTC)
    chain = verify_chain(made["chain"], anchor, now=now)
    assert chain.metadata["openid_relying_party"]["contacts"] == ["party", "anchor", "middle"]
    with pytest.raises(TrustBroken):
        verify_chain(made["chain"], Anchor(anchor.entity_id, parse_jwks({"keys": [make().public_jwk()]})), now=now)
