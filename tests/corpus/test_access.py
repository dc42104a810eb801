"""T01 to T07 over HTTP: a token at the host's and the registry's API (RFC 9068, 4)."""

import pytest
import requests

from federation import entity
from federation.keys import KeyRing
from tests.corpus.attacks import claiming, headed
from tests.corpus.cases import case
from tests.corpus.doors import DOORS, Door, NodeToken
from tests.corpus.draft import Attack
from tests.corpus.siege import MEMBERS, VISITS, Siege
from tests.corpus.target import worded

pytestmark = pytest.mark.peer
DOORS_OF_TOKENS = [name for name, door in DOORS.items() if door.kind in {"NODE_TOKEN", "PERSON_TOKEN"}]


@pytest.fixture(params=DOORS_OF_TOKENS)
def door(request: pytest.FixtureRequest, siege: Siege) -> Door:
    return DOORS[request.param](siege)


@case("T01")
def test_an_access_token_says_that_it_is_one(door: Door) -> None:
    types = [..., None, "", "JWT", "at", "jwt", "id_token", "oauth-id-jag+jwt", "dpop+jwt", "at+jwt;v=1"]
    door.withstands({repr(typ): headed(typ=typ) for typ in types})
    for typ in ("AT+JWT", "application/at+jwt"):
        door.welcomes(door.draft().headed(typ=typ).text())


@case("T02")
def test_only_our_own_tokens_open_our_api(door: Door, siege: Siege) -> None:
    """Whoever else signs it, under its own name or under ours; our own keys of other purposes included."""
    others = {
        "the caller": (siege.home.keys.protocol, siege.home.config.entity_id),
        "another member": (siege.thief.keys.protocol, siege.thief.config.entity_id),
        "the registry": (siege.registry.protocol, siege.registry.origin),
        "the host": (siege.host.protocol, siege.host.origin),
        "the host's federation key": (siege.host.federation, siege.host.origin),
        "the registry's federation key": (siege.registry.federation, siege.registry.origin),
    }
    attacks: dict[str, Attack] = {}
    for name, (ring, issuer) in others.items():
        if ring.current.kid != door.draft().key.kid:
            attacks |= {f"{name} as itself": _by(ring, issuer), f"{name} as us": _by(ring, door.target.origin)}
    door.withstands(attacks)


def _by(ring: KeyRing, issuer: str) -> Attack:
    return lambda draft: draft.claiming(iss=issuer).headed(kid=ring.current.kid).by(ring.current).text()


@case("T03")
def test_a_token_is_for_us_alone(door: Door, siege: Siege) -> None:
    own = door.target.origin
    audiences = [..., siege.home.config.entity_id, [own], [own, siege.bait.origin], own + "/", own + VISITS, None]
    door.withstands({repr(aud): claiming(aud=aud) for aud in audiences})


@case("T04")
@pytest.mark.parametrize("claim", ["client_id", "sub", "jti", "iat", "exp", "cnf"])
def test_a_token_lacks_nothing(door: Door, claim: str) -> None:
    door.withstands(
        {"missing": claiming(**{claim: ...}), "null": claiming(**{claim: None}), "a list": claiming(**{claim: []})}
    )


@case("T05")
def test_a_scope_that_is_missing_is_named(siege: Siege) -> None:
    url = siege.host.origin + VISITS
    with siege.host.unmoved():
        refused = siege.call("GET", url, siege.node_token(siege.host, "manage").text())
        assert (refused.status_code, worded(refused)) == (403, "insufficient-scope")
        assert 'error="insufficient_scope"' in refused.headers["WWW-Authenticate"]
    assert siege.call("GET", url, siege.node_token(siege.host, "feed manage").text()).status_code == 200


@case("T06")
def test_a_token_that_was_revoked_opens_nothing(siege: Siege) -> None:
    door = NodeToken(siege)
    token = siege.ask_for_itself(siege.host).json()["access_token"]
    door.welcomes(token)
    assert siege.ask(siege.host, {"token": token}, path=entity.REVOKE).status_code == 200
    with siege.host.unmoved(lines=1):
        door.refuses(token)


@case("O14", "T06")
def test_nobody_revokes_the_token_of_another(siege: Siege) -> None:
    door = NodeToken(siege)
    token, thief = door.draft().text(), siege.assertion(siege.host, siege.thief).text()
    with siege.host.unmoved(lines=1):
        refused = siege.ask(siege.host, {"token": token}, path=entity.REVOKE, assertion=thief)
        assert (refused.status_code, worded(refused)) == (400, "unauthorized_client")
    door.welcomes(token)


@case("T06", "A11", "S01")
def test_an_event_of_its_home_ends_a_visitors_tokens(siege: Siege) -> None:
    door = DOORS["person token at the host"](siege)
    token = door.draft()
    door.welcomes(token.text())
    sub_id = {"format": "iss_sub", "iss": siege.home.config.entity_id, "sub": token.claims["sub"]}
    DOORS["security event at the host"](siege).welcomes(siege.event().claiming(sub_id=sub_id).text())
    with siege.host.unmoved(lines=1):
        door.refuses(token.claiming(jti="another-token-of-the-same-person").text())
        gone = siege.grant().claiming(sub=token.claims["sub"])
    with siege.host.unmoved(lines=1):
        assert worded(siege.redeem(gone.text())) == "invalid_grant"
    DOORS["person token at the host"](siege).welcomes()


@case("T07")
def test_a_token_stands_in_its_header_and_nowhere_else(siege: Siege) -> None:
    for target, path in ((siege.host, VISITS), (siege.registry, MEMBERS)):
        token, url = siege.node_token(target, "feed").text(), target.origin + path

        def proof(token: str = token, url: str = url) -> dict[str, str]:
            return {"DPoP": siege.proof("GET", url, token).text()}

        with target.unmoved():
            ways = [
                requests.get(url, params={"access_token": token}, headers=proof(), timeout=30),
                requests.get(url, data={"access_token": token}, headers=proof(), timeout=30),
                requests.get(url, cookies={"access_token": token}, headers=proof(), timeout=30),
                siege.call("GET", url, token, params={"access_token": token}),
            ]
            assert [answer.status_code for answer in ways] == [401] * 4
        assert siege.call("GET", url, token).status_code == 200
