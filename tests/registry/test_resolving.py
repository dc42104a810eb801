"""The registry resolves what it has in its table (OpenID Federation 1.1, 8.3), under what it lays down for members (6)."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from federation import entity
from federation.resolution import Resolved, verify_response
from registry.bureau import Bureau
from registry.jobs import sign_statements
from registry.membership import statements
from tests.registry.test_standing import member_id, suspend
from tests.registry.towns import REGISTRY, Clock, Network, Town, json_of

Join = Callable[[str], Town]


@pytest.fixture
def komae(join: Join) -> Town:
    return join("狛江市")


def ask(client: FlaskClient, sub: str, anchor: str = REGISTRY, *types: str) -> TestResponse:
    return client.get(entity.RESOLVE, query_string={"sub": sub, "trust_anchor": [anchor], "entity_type": list(types)})


def read(bureau: Bureau, town: Town, answer: TestResponse, *types: str) -> Resolved:
    assert answer.content_type == "application/resolve-response+jwt", answer.text
    keys, anchor, now = bureau.seal.federation.public(), bureau.seal.anchor, bureau.clock()
    return verify_response(
        answer.text, resolver=REGISTRY, keys=keys, subject=town.entity_id, anchor=anchor, types=types, now=now
    )


def carry_mark(town: Town, bureau: Bureau, client: FlaskClient, **changed: object) -> None:
    """Let a town publish a configuration with the mark the registry gives it."""
    query = {"trust_mark_type": bureau.seal.mark_type, "sub": town.entity_id}
    mark = client.get("/federation/trust-mark", query_string=query).text
    said = town.configuration(trust_marks=[{"trust_mark_type": bureau.seal.mark_type, "trust_mark": mark}], **changed)
    number = member_id(bureau, town)
    with bureau.storage.transaction(write=True) as db:
        assert statements.take_configuration(db, bureau.seal, number, said, bureau.clock())


def test_a_member_is_resolved_with_the_mark_it_carries(
    komae: Town, bureau: Bureau, client: FlaskClient, clock: Clock
) -> None:
    clock.advance(minutes=1)
    carry_mark(komae, bureau, client)
    resolved = read(bureau, komae, ask(client, komae.entity_id))
    assert resolved.metadata["federation_entity"]["municipality_code"] == "132195"
    assert [kind for kind, _token in resolved.marks] == [bureau.seal.mark_type]
    assert len(resolved.chain.superiors) == 1


def test_only_the_types_that_are_asked_for_are_told(komae: Town, bureau: Bureau, client: FlaskClient) -> None:
    answer = ask(client, komae.entity_id, REGISTRY, "desk_exchange", "openid_provider")
    assert set(read(bureau, komae, answer, "desk_exchange", "openid_provider").metadata) == {"desk_exchange"}


def test_asking_twice_costs_one_signature_and_calls_nobody(komae: Town, client: FlaskClient, network: Network) -> None:
    network.towns.clear()
    assert ask(client, komae.entity_id).text == ask(client, komae.entity_id).text


@pytest.mark.parametrize(("query", "status", "error"), [
    ({}, 400, "invalid_request"), ({"sub": "x"}, 400, "invalid_request"), ({"trust_anchor": REGISTRY}, 400, "invalid_request"),
    ({"sub": "http://localhost:8001", "trust_anchor": "https://other.example"}, 404, "invalid_trust_anchor"),
    ({"sub": "https://stranger.example", "trust_anchor": REGISTRY}, 404, "invalid_subject"),
    ({"sub": "http://localhost:8001\r\n", "trust_anchor": REGISTRY}, 404, "invalid_subject"),
    ({"sub": REGISTRY, "trust_anchor": REGISTRY}, 404, "invalid_subject"),
])  # fmt: skip
def test_what_cannot_be_resolved_is_refused_in_the_words_of_the_standard(
    komae: Town, client: FlaskClient, query: dict[str, str], status: int, error: str
) -> None:
    answer = client.get(entity.RESOLVE, query_string=query)
    assert (answer.status_code, json_of(answer)["error"]) == (status, error)
    assert json_of(answer)["error_description"]


def test_a_suspended_member_and_one_that_has_fallen_silent_are_not_resolved(
    join: Join, komae: Town, bureau: Bureau, client: FlaskClient, clock: Clock
) -> None:
    saitama = join("埼玉県")
    suspend(bureau, komae)
    assert json_of(ask(client, komae.entity_id))["error"] == "invalid_subject"
    clock.advance(hours=25)
    sign_statements(bureau)
    assert json_of(ask(client, saitama.entity_id))["error"] == "invalid_trust_chain"


def test_no_town_makes_itself_a_registry_or_takes_other_tokens_than_the_profiles(
    komae: Town, bureau: Bureau, client: FlaskClient, clock: Clock
) -> None:
    clock.advance(minutes=1)
    metadata = komae.metadata()
    metadata["desk_registry"] = {"members_feed": f"{komae.entity_id}/feeds/members"}
    metadata["oauth_authorization_server"]["token_endpoint_auth_methods_supported"] = ["none", "client_secret_post"]
    carry_mark(komae, bureau, client, metadata=metadata)
    resolved = read(bureau, komae, ask(client, komae.entity_id)).metadata
    assert "desk_registry" not in resolved
    assert resolved["oauth_authorization_server"]["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]


def test_members_of_a_type_nobody_may_have_are_none(komae: Town, client: FlaskClient) -> None:
    of = "/federation/list?entity_type="
    assert client.get(f"{of}openid_provider").json == client.get(f"{of}x&entity_type=desk_exchange").json
    assert client.get(f"{of}openid_credential_issuer").json == []


TEXT = st.text(max_size=20) | st.sampled_from(
    [REGISTRY, "http://localhost:8001", "\0", "\r\n", "https://[", "a.b.c", "true"]
)
QUERY = st.dictionaries(
    st.sampled_from(["sub", "trust_anchor", "entity_type", "trust_mark_type", "trust_mark", "iss", "intermediate"]),
    st.lists(TEXT, max_size=3),
)
PLACES = st.sampled_from(
    [entity.FETCH, entity.LIST, entity.RESOLVE, "/federation/trust-mark", "/federation/trust-marked"]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PLACES, QUERY)
def test_whatever_is_asked_the_answer_is_one_of_the_standards(client: FlaskClient, place: str, query: Any) -> None:
    asked = client.get(place, query_string=query)
    told = client.post("/federation/trust-mark-status", data=query)
    for answer in (asked, told):
        assert answer.status_code in {200, 400, 404}
        assert answer.status_code == 200 or json_of(answer)["error_description"]
