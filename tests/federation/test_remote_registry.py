"""What a member sends to the registry, request by request."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from federation.errors import PeerAnsweredBadly, PeerRefused
from federation.messages.enrolment import EnrolmentRequest
from federation.messages.search import SearchQuery
from federation.remote_registry import RemoteRegistry
from tests.federation.test_peer import Handler, Server, granting, peer_of, serving

THUMBPRINT = "a" * 43


def registry_at(server: Server) -> RemoteRegistry:
    return RemoteRegistry(peer_of(server), server.origin)


def answering(**answers: Any) -> Any:
    def handle(request: Handler) -> None:
        name = urlsplit(request.path).path.rpartition("/")[2].replace("-", "_")
        if name in answers:
            status, body, media = answers[name]
            request.answer(status, body if isinstance(body, bytes) else json.dumps(body).encode(), media)
        else:
            granting(request)

    return handle


def test_an_enrolment_is_answered_with_the_thumbprints_to_compare() -> None:
    told = {"state": "pending", "registry": "https://registry.example", "code": "131130", "name": "帰宅市"}
    told |= dict.fromkeys(("thumbprint", "anchor_thumbprint", "recovery_thumbprint"), THUMBPRINT)
    wish = EnrolmentRequest(invitation="secret", configuration="a.b.c", proof="d.e.f")
    with serving(answering(enrolment=(202, told, "application/json"))) as server:
        answer = registry_at(server).enrol(wish)
    assert (answer.state, answer.thumbprint) == ("pending", THUMBPRINT)
    assert json.loads(server.seen[0].body) == wish.wire()
    assert server.seen[0].headers["Authorization"] is None


def test_an_enrolment_that_is_refused_says_so() -> None:
    wish = EnrolmentRequest(invitation="secret", configuration="a.b.c", proof="d.e.f")
    with serving(answering(enrolment=(403, {}, "application/problem+json"))) as server, pytest.raises(PeerRefused):
        registry_at(server).enrol(wish)


def test_an_answer_of_another_shape_is_none() -> None:
    wish = EnrolmentRequest(invitation="secret", configuration="a.b.c", proof="d.e.f")
    with serving(answering(enrolment=(202, {}, "application/json"))) as server, pytest.raises(PeerAnsweredBadly):
        registry_at(server).enrol(wish)


def test_a_search_goes_as_parameters_with_the_scope_for_it() -> None:
    query = SearchQuery.read(
        '{"start": "2026-11-24T00:00:00Z", "end": "2026-11-24T03:00:00Z", "features": ["wifi", "monitor"]}'
    )
    found = {"place": {"label": "", "kind": "anywhere"}, "as_of": "2026-11-23T03:00:00Z"}
    with serving(answering(search=(200, found, "application/json"))) as server:
        assert registry_at(server).search(query).desks == ()
    token, search = server.seen
    assert parse_qs(token.body)["scope"] == ["search"]
    assert parse_qs(urlsplit(search.path).query)["features"] == ["wifi", "monitor"]


def test_a_week_is_asked_for_with_the_same_words_as_a_search() -> None:
    query = SearchQuery.read('{"start": "2026-11-23T15:00:00Z", "end": "2026-11-30T15:00:00Z", "privacy": ["private"]}')
    found = {"place": {"label": "", "kind": "anywhere"}, "as_of": "2026-11-23T03:00:00Z"}
    with serving(answering(week=(200, found, "application/json"))) as server:
        assert registry_at(server).week(query).sites == ()
    asked = urlsplit(server.seen[1].path)
    assert asked.path == "/api/v1/search/week"
    assert parse_qs(asked.query)["privacy"] == ["private"]


def test_a_mark_is_asked_for_by_type_and_subject() -> None:
    with serving(answering(trust_mark=(200, b"a.b.c", "application/trust-mark+jwt"))) as server:
        assert registry_at(server).trust_mark("https://a.example") == "a.b.c"
    asked = parse_qs(urlsplit(server.seen[0].path).query)
    assert asked == {"trust_mark_type": [f"{server.origin}/trust-marks/municipality"], "sub": ["https://a.example"]}


def test_a_new_configuration_is_handed_in_as_it_is() -> None:
    with serving(answering(configurations=(204, b"", "text/plain"))) as server:
        registry_at(server).publish_configuration("a.b.c")
    assert (server.seen[0].body, server.seen[0].path) == ("a.b.c", "/api/v1/configurations")


def test_the_words_for_members_come_from_their_addresses() -> None:
    statement = (200, b"a.b.c", "application/entity-statement+jwt")
    statuses = (200, b"d.e.f", "application/statuslist+jwt")
    with serving(answering(fetch=statement, openid_federation=statement, status_list=statuses)) as server:
        registry = registry_at(server)
        assert (registry.statement("https://a.example"), registry.configuration(server.origin)) == ("a.b.c", "a.b.c")
        assert registry.status_list("") == ("d.e.f", "")
