"""The feeds and pings as the registry and other towns meet them."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from federation.messages.feed import FeedPage
from federation.outbox import Promise
from federation.web.clients import Clients
from node.town import Town
from tests.node.host.conftest import CHIBA, SAITAMA, Desks, wish
from tests.node.views.partner.conftest import Api, node, problem, registry


def test_the_listings_end_as_rpde_ends(api: Api, offered: Desks) -> None:
    api.calls(None)
    first = api.feed("listings")
    page = FeedPage.read(first.data)
    assert {(item.kind, item.id) for item in page.items} >= {("site", offered.site), ("desk", offered.booth)}
    assert page.next.startswith("https://node.tokyo.example/feeds/listings?")
    last = api.client.get(page.next.removeprefix("https://node.tokyo.example"))
    assert (last.json["items"], last.json["next"]) == ([], page.next)  # type: ignore[index]
    assert [one.headers["Cache-Control"] for one in (first, last)] == ["public, max-age=3600", "public, max-age=8"]


def test_a_page_that_did_not_change_is_304(api: Api) -> None:
    etag = api.feed("listings").headers["ETag"]
    answer = api.client.get("/feeds/listings", headers={"If-None-Match": etag})
    assert (answer.status_code, answer.data) == (304, b"")


@pytest.mark.parametrize(
    "query", [{"epoch": "x"}, {"afterChangeNumber": "１"}, {"epoch": "x", "afterChangeNumber": "-1"}]
)
def test_half_a_position_is_400(api: Api, query: dict[str, str]) -> None:
    assert api.feed("listings", **query).status_code == 400


def test_another_epoch_is_410(api: Api) -> None:
    refused = api.feed("listings", epoch="gone", afterChangeNumber=1)
    assert (refused.status_code, problem(refused).code) == (410, "feed-epoch-gone")


def test_offers_are_for_the_registry_alone(api: Api, offered: Desks) -> None:
    assert api.feed("offers").status_code == 403
    api.calls(registry())
    answer = api.feed("offers")
    kinds = {item["kind"] for item in answer.json["items"]}  # type: ignore[index]
    assert (kinds, answer.headers["Cache-Control"]) == ({"free", "agreement"}, "private, no-cache")


def test_a_home_reads_its_own_visits_and_no_others(api: Api, offered: Desks) -> None:
    api.put(str(uuid4()), wish(offered.first))
    assert len(api.feed("visits").json["items"]) == 1  # type: ignore[index]
    api.calls(node(CHIBA.entity_id, CHIBA.code, "feed"))
    assert api.feed("visits").json["items"] == []  # type: ignore[index]
    api.calls(registry())
    assert api.feed("visits").status_code == 403


def test_a_ping_becomes_a_promise(api: Api, here: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    party = node(SAITAMA.entity_id, SAITAMA.code).party
    monkeypatch.setattr(Clients, "authenticate", lambda _self, _form: party)
    assert api.client.post("/api/v1/pings", data={"feed": "visits"}).status_code == 202
    with here.storage.transaction() as db:
        promise = db.scalars(select(Promise)).one()
    assert (promise.kind, promise.target, promise.payload) == ("follow", SAITAMA.entity_id, {"feed": "visits"})


def test_a_ping_proves_who_it_is_from(api: Api) -> None:
    assert api.client.post("/api/v1/pings", data={"feed": "visits"}).status_code == 401
    assert api.client.post("/api/v1/pings", data={"feed": "weather"}).status_code == 400


def test_a_wrong_method_is_405(api: Api) -> None:
    refused = api.client.post(f"/api/v1/bookings/{uuid4()}")
    assert (refused.status_code, problem(refused).code) == (405, "method-not-allowed")
