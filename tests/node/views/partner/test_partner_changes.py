"""PATCH, quotes and the word on a single desk as other towns meet them."""

import json
from typing import Any, cast
from uuid import uuid4

import pytest

from federation.messages.booking import BookingChange, Quote, QuoteRequest
from federation.messages.listing import DeskListing, SiteListing
from node.host import codes, sites
from node.models.sites import Desk
from node.town import Town
from tests.node.host.conftest import TEN, Clock, Desks, wish
from tests.node.views.partner.conftest import Api, problem


def test_a_change_names_its_version(api: Api, offered: Desks) -> None:
    uuid, command = str(uuid4()), {"command": str(uuid4()), "action": "confirm"}
    api.put(uuid, wish(offered.first, hold=True))
    statuses = [api.patch(uuid, command, version).status_code for version in (None, '"2"', "1", 'W/"1"', "*", '"1"')]
    assert statuses == [428, 412, 412, 412, 412, 200]


def test_the_same_command_again_is_answered_whatever_the_version(api: Api, offered: Desks) -> None:
    uuid, command = str(uuid4()), {"command": str(uuid4()), "action": "confirm"}
    api.put(uuid, wish(offered.first, hold=True))
    first, again = (api.patch(uuid, command, '"1"') for _ in range(2))
    assert (first.headers["ETag"], again.headers["ETag"], again.json["state"]) == ('"2"', '"2"', "confirmed")  # type: ignore[index]


def test_checking_in_by_the_desks_code(api: Api, offered: Desks, here: Town) -> None:
    uuid = str(uuid4())
    api.put(uuid, wish(offered.first))
    with here.storage.transaction() as db:
        code = codes.shown(db.get_one(Desk, offered.first).code)
    cast(Clock, here.clock).now = TEN
    change = BookingChange(command=str(uuid4()), action="arrive", desk_code=code)
    assert api.patch(uuid, change.wire(), '"1"').json["state"] == "checked_in"  # type: ignore[index]


@pytest.mark.parametrize("change", [{}, {"command": "1", "action": "confirm"}, {"action": "dance"}])
def test_an_ill_formed_change_is_400(api: Api, offered: Desks, change: dict[str, Any]) -> None:
    uuid = str(uuid4())
    api.put(uuid, wish(offered.first))
    assert api.patch(uuid, change, '"1"').status_code == 400


def test_a_quote_says_yes_or_why_not(api: Api, offered: Desks) -> None:
    asked = QuoteRequest(places=wish(offered.first).places).text()
    yes = Quote.read(api.client.post("/api/v1/quotes", data=asked).data)
    api.put(str(uuid4()), wish(offered.first))
    no = Quote.read(api.client.post("/api/v1/quotes", data=asked).data)
    assert (yes.allowed, yes.outcome) == (True, "confirmed")
    assert (no.allowed, no.outcome, no.reasons[0].code) == (False, "refused", "desk-taken")
    assert no.alternatives


def test_a_desk_is_described_to_anyone(api: Api, offered: Desks) -> None:
    api.calls(None)
    told = api.client.get(f"/api/v1/desks/{offered.first}").json
    assert told is not None
    assert SiteListing.read(json.dumps(told["site"])).id == offered.site
    assert DeskListing.read(json.dumps(told["desk"])).id == offered.first


def test_a_withdrawn_desk_is_not_described(api: Api, offered: Desks, here: Town) -> None:
    with here.storage.transaction(write=True) as db:
        sites.withdraw(db, db.get_one(Desk, offered.first))
    assert api.client.get(f"/api/v1/desks/{offered.first}").status_code == 404


@pytest.mark.parametrize(
    ("query", "field_path"),
    [
        ({}, "start"),
        ({"start": "today", "end": "2026-11-24T03:00:00Z"}, "start"),
        ({"start": "2026-11-24T03:00:00", "end": "2026-11-24T03:00:00Z"}, "start"),
        ({"start": "2026-11-24T03:00:00Z", "end": "2026-11-24T03:00:00Z"}, "end"),
    ],
)
def test_availability_asks_for_two_times(api: Api, offered: Desks, query: dict[str, str], field_path: str) -> None:
    refused = api.client.get(f"/api/v1/desks/{offered.first}/availability", query_string=query)
    assert (refused.status_code, problem(refused).field) == (400, field_path)


def test_availability_is_our_own_word(api: Api, offered: Desks) -> None:
    query = {"start": "2026-11-24T09:00:00+09:00", "end": "2026-11-24T12:00:00+09:00"}
    told = api.client.get(f"/api/v1/desks/{offered.first}/availability", query_string=query).json
    assert told is not None
    assert told["free"] == [{"start": "2026-11-24T00:00:00Z", "end": "2026-11-24T03:00:00Z"}]
