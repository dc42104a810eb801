"""PUT, GET and DELETE as other towns meet them: statuses, problems with their fields, and who may ask for what."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from federation.messages.booking import Booking
from node.town import Town
from tests.contention import at_once
from tests.node.host.conftest import CHIBA, NOON, SAITAMA, TEN, Desks, wish
from tests.node.views.partner.conftest import Api, node, problem, visitor


def test_a_put_answers_with_the_booking_and_its_version(api: Api, offered: Desks) -> None:
    answer = api.put(str(uuid4()), wish(offered.first))
    assert (answer.status_code, answer.headers["ETag"], answer.headers["Cache-Control"]) == (200, '"1"', "no-store")
    assert Booking.read(answer.data).state == "confirmed"


def test_a_visitor_may_book_for_herself_and_nobody_else(api: Api, offered: Desks) -> None:
    api.calls(visitor(0))
    assert api.put(str(uuid4()), wish(offered.first)).status_code == 200
    refused = api.put(str(uuid4()), wish(offered.second, first=1))
    assert (refused.status_code, problem(refused).code) == (403, "forbidden")


def test_a_visitor_may_only_create(api: Api, offered: Desks) -> None:
    uuid = str(uuid4())
    api.put(uuid, wish(offered.first))
    api.calls(visitor(0))
    statuses = [call(f"/api/v1/bookings/{uuid}").status_code for call in (api.client.get, api.client.delete)]
    assert statuses == [403, 403]


def test_without_the_scope_nothing_is_managed(api: Api, offered: Desks) -> None:
    api.calls(node(SAITAMA.entity_id, SAITAMA.code, "feed"))
    assert api.put(str(uuid4()), wish(offered.first)).status_code == 403
    assert api.client.get(f"/api/v1/bookings/{uuid4()}").status_code == 403


def test_nobody_is_let_in_without_a_token(api: Api, offered: Desks) -> None:
    api.calls(None)
    assert api.put(str(uuid4()), wish(offered.first)).status_code == 401
    assert api.feed("visits").status_code == 401


def test_a_taken_desk_is_409_with_reasons_and_alternatives(api: Api, offered: Desks) -> None:
    api.put(str(uuid4()), wish(offered.first))
    refused = api.put(str(uuid4()), wish(offered.first, first=1))
    told = problem(refused)
    assert (refused.status_code, told.code, told.field) == (409, "desk-taken", "places.0.desk")
    assert told.alternatives[0].desk == offered.second
    assert (told.reasons[0].side, bool(told.ja), bool(told.en)) == ("host", True, True)


def test_another_towns_booking_is_not_found(api: Api, offered: Desks) -> None:
    uuid = str(uuid4())
    api.put(uuid, wish(offered.first))
    api.calls(node(CHIBA.entity_id, CHIBA.code, "manage"))
    assert api.client.get(f"/api/v1/bookings/{uuid}").status_code == 404
    assert api.client.delete(f"/api/v1/bookings/{uuid}").status_code == 204
    assert api.patch(uuid, {"command": str(uuid4()), "action": "confirm"}, '"1"').status_code == 404


def test_a_booking_survives_ten_puts_at_once(api: Api, offered: Desks) -> None:
    uuid, seen = str(uuid4()), []
    at_once(10, lambda _number: seen.append(api.put(uuid, wish(offered.first)).status_code))
    assert seen == [200] * 10


def test_a_put_after_a_delete_is_410(api: Api, offered: Desks) -> None:
    uuid = str(uuid4())
    api.put(uuid, wish(offered.first))
    deleted = api.client.delete(f"/api/v1/bookings/{uuid}")
    assert (deleted.status_code, deleted.json["state"]) == (200, "cancelled")  # type: ignore[index]
    refused = api.put(uuid, wish(offered.first))
    assert (refused.status_code, problem(refused).code) == (410, "booking-gone")


def test_a_delete_before_its_put_is_remembered(api: Api, offered: Desks) -> None:
    uuid = str(uuid4())
    answer = api.client.delete(f"/api/v1/bookings/{uuid}")
    assert (answer.status_code, answer.data) == (204, b"")
    assert api.put(uuid, wish(offered.first)).status_code == 410
    assert api.client.get(f"/api/v1/bookings/{uuid}").status_code == 410


Spoil = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("spoil", "field_path"),
    [
        (lambda body: body.update(places=[]), "places"),
        (lambda body: body.update(places="all"), "places"),
        (lambda body: body.pop("not_after"), "not_after"),
        (lambda body: body.update(consent_version=None), "consent_version"),
        (lambda body: body["places"][0].update(desk=None), "places.0.desk"),
        (lambda body: body["places"][0].update(desk="first"), "places.0.desk"),
        (lambda body: body["places"][0].update(desk=str(uuid4())), "places.0.desk"),
        (lambda body: body["places"][0].update(start="2026-11-24T10:00:00"), "places.0.start"),
        (lambda body: body["places"][0].update(start=1), "places.0.start"),
        (lambda body: body["places"][0].update(end=body["places"][0]["start"]), "places.0"),
        (lambda body: body["places"][0].update(sub="me"), "places.0.sub"),
        (lambda body: body.update(work_kind="leisure"), "work_kind"),
        (lambda body: body.update(confidentiality="my_number"), "confidentiality"),
        (lambda body: body.update(hold="yes"), "hold"),
        (lambda body: body["places"].append(dict(body["places"][0])), "places.1"),
    ],
)
def test_a_bad_body_is_400_with_the_path_of_the_field(api: Api, offered: Desks, spoil: Spoil, field_path: str) -> None:
    body = wish(offered.first).wire()
    spoil(body)
    refused = api.put(str(uuid4()), json.dumps(body))
    assert (refused.status_code, problem(refused).field) == (400, field_path)


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '{"places":1,"places":2}', "[" * 5000, '"\\ud800"', "NaN"])
def test_what_is_no_booking_is_400(api: Api, body: str) -> None:
    refused = api.put(str(uuid4()), body)
    assert refused.status_code == 400
    problem(refused)


def test_a_large_body_is_413(api: Api, offered: Desks) -> None:
    body = wish(offered.first).wire() | {"more": "x" * 65536}
    refused = api.put(str(uuid4()), json.dumps(body))
    assert (refused.status_code, problem(refused).code) == (413, "too-large")


def test_an_unknown_member_of_a_newer_version_is_ignored(api: Api, offered: Desks) -> None:
    assert api.put(str(uuid4()), json.dumps(wish(offered.first).wire() | {"cushion": True})).status_code == 200


@pytest.mark.parametrize("uuid", ["1", "x" * 36, "00000000-0000-0000-0000-00000000000g", "../../bookings"])
def test_what_is_no_uuid_is_404(api: Api, offered: Desks, uuid: str) -> None:
    assert api.put(uuid, wish(offered.first)).status_code == 404


def test_past_times_are_refused_with_the_reason(api: Api, offered: Desks) -> None:
    yesterday = wish(offered.first, start=TEN - timedelta(days=1), end=NOON - timedelta(days=1))
    refused = api.put(str(uuid4()), yesterday)
    assert (refused.status_code, [one.code for one in problem(refused).reasons]) == (409, ["past", "closed"])


def test_what_was_decided_is_logged_under_the_homes_uuid(api: Api, offered: Desks, here: Town) -> None:
    uuid, other = str(uuid4()), str(uuid4())
    api.put(uuid, wish(offered.first))
    api.put(other, wish(offered.first, first=1))
    with here.storage.transaction() as db:
        lines = [(one.event, one.subject, one.verdict, one.reason) for one in db.scalars(select(AuditEntry))]
    assert lines == [("booking.put", uuid, "allowed", ""), ("booking.put", other, "refused", "desk-taken")]
