"""A01 to A12 over HTTP: who speaks, for whom, and about whom."""

import time
from typing import Any

import pytest

from federation.tokens import peek
from tests.corpus.attacks import STRANGER, claiming, saying
from tests.corpus.cases import case
from tests.corpus.doors import DOORS, ClientAssertion, Configuration, Door, PersonToken, VisitGrant
from tests.corpus.draft import Attack, Draft
from tests.corpus.siege import Siege
from tests.corpus.target import REFETCHED, worded

pytestmark = pytest.mark.peer
CLIENTS = [name for name, door in DOORS.items() if door.kind == "CLIENT_ASSERTION"]
ADDRESSED = [name for name, door in DOORS.items() if door.kind not in {"PROOF", "TRUST_MARK", "ENTITY_STATEMENT"}]


def variants(origin: str) -> list[Any]:
    """Return what looks like an entity id and is another, or none (OpenID Federation 1.1, 16)."""
    host = origin.partition("://")[2]
    return [
        origin + "/", origin.upper(), f"https://{host}", f"http://user@{host}", origin.replace("localhost", "localhost."),
        origin.replace("localhost", "127.0.0.1"), origin.replace("o", "ο"), origin.replace("localhost", "xn--lcalhost-9nf"),
        f"{origin}?", f"{origin}#", f" {origin}", f"{origin}\0", "", None, 1, [origin], {"iss": origin},
    ]  # fmt: skip


@case("A01")
@pytest.mark.parametrize("name", CLIENTS)
def test_who_is_not_in_the_federation_is_nobody_and_is_not_called(siege: Siege, name: str) -> None:
    issuers = [siege.bait.origin, "https://stranger.example", *variants(siege.home.config.entity_id), ...]
    attacks: dict[str, Attack] = {repr(iss): claiming(iss=iss, sub=iss) for iss in issuers}
    attacks["a stranger by a key of its own"] = lambda draft: (
        draft.claiming(iss=siege.bait.origin, sub=siege.bait.origin).headed(kid=STRANGER.kid).by(STRANGER).text()
    )
    DOORS[name](siege).withstands(attacks)


@case("A01", "A02")
def test_nobody_vouches_but_the_visitors_own_home(siege: Siege) -> None:
    others = [siege.registry.origin, siege.host.origin, siege.thief.config.entity_id, siege.bait.origin]
    issuers = [*others, *variants(siege.home.config.entity_id)]
    VisitGrant(siege).withstands({repr(iss): claiming(iss=iss, client_id=iss) for iss in issuers})


@case("A02")
def test_the_registry_has_no_people_and_the_host_is_no_client_of_its_own(siege: Siege) -> None:
    seal, host = siege.bureau.seal, siege.host
    registry = siege.assertion(host).claiming(iss=seal.entity_id, sub=seal.entity_id)
    by_registry = registry.headed(kid=seal.protocol.current.kid).by(seal.protocol.current)
    itself = siege.assertion(host).claiming(iss=host.origin, sub=host.origin).headed(kid=host.protocol.current.kid)
    with host.unmoved():
        assert worded(siege.redeem(assertion=by_registry.text())) == "invalid_grant"
        assert worded(siege.ask_for_itself(host, assertion=itself.by(host.protocol.current).text())) == "invalid_client"
    again = by_registry.claiming(jti="the-registry-reads-feeds")
    assert siege.ask_for_itself(host, assertion=again.text()).status_code == 200


@case("A03")
@pytest.mark.parametrize("name", ADDRESSED)
def test_an_audience_is_one_string_and_it_is_ours(siege: Siege, name: str) -> None:
    door = DOORS[name](siege)
    own, other = door.target.origin, siege.thief.config.entity_id
    audiences = [..., other, [own], [own, other], [], {own: 1}, f"{own}/oauth/token", *variants(own)]
    door.withstands({repr(aud): claiming(aud=aud) for aud in audiences})


@case("A04")
def test_a_town_cannot_speak_for_the_code_of_another(siege: Siege) -> None:
    """It may write what it likes; what everybody reads is the registry's own statement."""
    door, thief = Configuration(siege), siege.thief.config
    draft = door.draft()
    metadata = {**draft.claims["metadata"]}
    metadata["federation_entity"] = {**metadata["federation_entity"], "municipality_code": siege.home.config.code}
    door.welcomes(draft.claiming(metadata=metadata).text())
    said = siege.get(siege.registry, f"/federation/fetch?sub={thief.entity_id}").text
    assert peek(said).claims["metadata"]["federation_entity"]["municipality_code"] == thief.code
    grant = siege.grant(siege.thief).claiming(municipality_code=siege.home.config.code)
    answer = siege.redeem(grant.text(), assertion=siege.assertion(siege.host, siege.thief).text())
    assert peek(answer.json()["access_token"]).claims["client_id"] == thief.entity_id
    assert "municipality_code" not in peek(answer.json()["access_token"]).claims


@case("A05")
@pytest.mark.parametrize("door", [VisitGrant, PersonToken])
def test_a_visitor_is_a_short_text_and_never_a_client(siege: Siege, door: type[Door]) -> None:
    own = siege.home.config.entity_id
    subjects: list[Any] = [
        ...,
        None,
        "",
        1,
        True,
        ["8c0e"],
        {"id": "8c0e"},
        own,
        f"{own}/people/1",
        "a\r\nb",
        "山田",
        "x" * 256,
    ]
    door(siege).withstands({repr(sub): claiming(sub=sub) for sub in subjects})


@case("A06")
def test_one_party_is_issuer_client_and_caller(siege: Siege) -> None:
    own, other = siege.home.config.entity_id, siege.thief.config.entity_id
    VisitGrant(siege).withstands({"another": claiming(client_id=other), "none": claiming(client_id=...)})
    about = {"about another": claiming(sub=other), "by another": claiming(iss=other)}
    ClientAssertion(siege).withstands(about, but=REFETCHED)
    with siege.host.unmoved(lines=0):
        assert worded(siege.redeem(form={"client_id": other})) == "invalid_client"
    assert siege.redeem(form={"client_id": own}).status_code == 200


@case("A07")
def test_a_stolen_grant_is_worth_nothing_to_the_thief(siege: Siege) -> None:
    grant = siege.grant().text()
    with siege.host.unmoved(lines=1) as lines:
        refused = siege.redeem(grant, assertion=siege.assertion(siege.host, siege.thief).text())
        assert (refused.status_code, worded(refused)) == (400, "invalid_grant")
    assert lines[-1][1:3] == (siege.thief.config.entity_id, "refused")
    assert siege.redeem(grant).status_code == 200


@case("A08")
def test_how_and_when_a_person_signed_in_is_said_in_our_words(siege: Siege) -> None:
    now = int(time.time())
    levels = [..., None, "", 1, ["x"], "urn:mace:incommon:iap:silver", "phr", "0"]
    times = [..., now - 13 * 3600, now + 3600, "1", -1, True]
    attacks = {f"acr {acr!r}": claiming(acr=acr) for acr in levels}
    VisitGrant(siege).withstands(attacks | {f"auth_time {at!r}": claiming(auth_time=at) for at in times})


@case("A09")
@pytest.mark.parametrize("scope", ["search", "feed search", "feed feed", "FEED", "*", "", " "])
def test_a_scope_is_one_that_is_offered(siege: Siege, scope: str) -> None:
    with siege.host.unmoved(lines=1):
        refused = siege.ask_for_itself(siege.host, scope)
        assert (refused.status_code, worded(refused)) == (400, "invalid_scope")
    assert siege.ask_for_itself(siege.host, "feed manage").json()["scope"] == "feed manage"


@case("A09")
def test_a_visitor_gets_no_scope_at_all(siege: Siege) -> None:
    with siege.host.unmoved(lines=1):
        assert worded(siege.redeem(form={"scope": "manage"})) == "invalid_scope"
    token = siege.redeem(siege.grant().claiming(scope="manage").text()).json()["access_token"]
    assert "scope" not in peek(token).claims
    VisitGrant(siege).withstands({repr(scope): saying(scope=scope) for scope in (["manage"], "", 1)})


@case("A10")
def test_nobody_acts_for_somebody_else(siege: Siege) -> None:
    VisitGrant(siege).withstands({name: saying(**{name: {"sub": "somebody"}}) for name in ("act", "may_act")})


@case("A12")
def test_a_name_or_an_address_is_not_who_somebody_is(siege: Siege) -> None:
    def token(draft: Draft) -> dict[str, Any]:
        said = siege.redeem(draft.claiming(email="mayor@city.example", name="市長").text())
        return dict(peek(said.json()["access_token"]).claims)

    first, second = siege.grant(), siege.grant()
    assert [token(draft)["sub"] for draft in (first, second)] == [first.claims["sub"], second.claims["sub"]]
    assert not {"email", "name"} & token(siege.grant()).keys()
