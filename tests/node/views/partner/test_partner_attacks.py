"""What another town tries on bookings that are not its own; each attempt leaves one line and nothing else."""

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from federation.audit import AuditEntry
from federation.messages.booking import Quote, QuoteRequest
from federation.messages.problem import Problem
from node.host import bookings
from node.host.homes import Home
from node.models.bookings import Booking
from node.town import Town
from tests.node import agreed
from tests.node.host.conftest import CHIBA, NOW, SAITAMA, Desks, wish
from tests.node.views.partner.conftest import Api, node, registry, visitor

COMMAND = {"command": "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0009", "action": "leave"}


def lines(here: Town) -> list[tuple[str, str, str, str]]:
    with here.storage.transaction() as db:
        found = db.scalars(select(AuditEntry).order_by(AuditEntry.number))
        return [(one.event, one.actor, one.verdict, one.reason) for one in found]


@pytest.fixture
def theirs(api: Api, offered: Desks) -> str:
    """A booking of Saitama's."""
    uuid = str(uuid4())
    api.calls(node(SAITAMA.entity_id, SAITAMA.code, "manage"))
    assert api.put(uuid, wish(offered.first)).status_code == 200
    return uuid


def get(api: Api, uuid: str, offered: Desks) -> TestResponse:
    return api.client.get(f"/api/v1/bookings/{uuid}")


def put(api: Api, uuid: str, offered: Desks) -> TestResponse:
    return api.put(uuid, wish(offered.first))


def patch(api: Api, uuid: str, offered: Desks) -> TestResponse:
    return api.patch(uuid, COMMAND, '"1"')


@pytest.mark.parametrize(
    ("attack", "event"),
    [(get, "booking.get"), (put, "booking.put"), (patch, "booking.leave")],
    ids=["get", "put", "patch"],
)
def test_another_home_does_not_reach_a_booking(
    api: Api, here: Town, offered: Desks, theirs: str, attack: object, event: str
) -> None:
    api.calls(node(CHIBA.entity_id, CHIBA.code, "manage"))
    refused = attack(api, theirs, offered)  # type: ignore[operator]
    assert refused.status_code in {404, 409}
    assert [line[:3] for line in lines(here)[1:]] == [(event, CHIBA.entity_id, "refused")]


def test_another_home_cannot_cancel_a_booking(api: Api, here: Town, theirs: str) -> None:
    api.calls(node(CHIBA.entity_id, CHIBA.code, "manage"))
    assert api.client.delete(f"/api/v1/bookings/{theirs}").status_code == 204
    with here.storage.transaction() as db:
        assert db.get_one(Booking, theirs).state == "confirmed"


ASKED = {"start": "2026-11-24T09:00:00+09:00", "end": "2026-11-24T12:00:00+09:00"}


def test_when_a_desk_is_free_is_for_whom_an_agreement_brings_there(api: Api, here: Town, offered: Desks) -> None:
    def asked_by(home: Home, *scopes: str) -> int:
        api.calls(node(home.entity_id, home.code, *scopes))
        return api.client.get(f"/api/v1/desks/{offered.first}/availability", query_string=ASKED).status_code

    assert (asked_by(SAITAMA, "manage"), asked_by(CHIBA, "manage")) == (200, 404)
    assert (asked_by(SAITAMA), asked_by(SAITAMA, "feed")) == (403, 403)
    with here.storage.transaction(write=True) as db:
        agreed.conclude(db, {"name": "別の施設", "home_code": CHIBA.code, "site_ids": [str(uuid4())]})
    assert asked_by(CHIBA, "manage") == 404
    with here.storage.transaction(write=True) as db:
        agreed.conclude(db, {"name": "この施設", "home_code": CHIBA.code, "site_ids": [offered.site]})
    assert asked_by(CHIBA, "manage") == 200


def test_an_agreement_that_is_over_says_no_more_when_a_desk_is_free(api: Api, here: Town, offered: Desks) -> None:
    with here.storage.transaction(write=True) as db:
        agreed.conclude(db, {"name": "終了", "home_code": CHIBA.code, "ends_on": date(2026, 11, 23)})
    api.calls(node(CHIBA.entity_id, CHIBA.code, "manage"))
    assert api.client.get(f"/api/v1/desks/{offered.first}/availability", query_string=ASKED).status_code == 404


def test_a_quote_tells_a_stranger_neither_what_is_taken_nor_what_is_free(api: Api, offered: Desks, theirs: str) -> None:
    def quoted(home: Home) -> Quote:
        api.calls(node(home.entity_id, home.code, "manage"))
        asked = QuoteRequest(places=wish(offered.first, first=5).places)
        return Quote.read(api.client.post("/api/v1/quotes", data=asked.text()).data)

    known, stranger = quoted(SAITAMA), quoted(CHIBA)
    assert [reason.code for reason in known.reasons] == ["desk-taken"]
    assert known.alternatives
    assert ([reason.code for reason in stranger.reasons], stranger.alternatives) == (["no-agreement"], ())


def test_a_refusal_names_no_desks_to_a_stranger(api: Api, offered: Desks) -> None:
    api.calls(node(CHIBA.entity_id, CHIBA.code, "manage"))
    refused = Problem.read(api.put(str(uuid4()), wish(offered.first)).data)
    assert [reason.code for reason in refused.reasons] == ["no-agreement"]
    assert refused.alternatives == ()


def test_a_home_cannot_take_back_what_never_came_without_end(
    api: Api, here: Town, offered: Desks, theirs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deletes(home: Home, uuid: str = "") -> int:
        api.calls(node(home.entity_id, home.code, "manage"))
        return api.client.delete(f"/api/v1/bookings/{uuid or uuid4()}").status_code

    monkeypatch.setattr(bookings, "MOST_TOMBSTONES", 2)
    assert [deletes(CHIBA) for _ in range(4)] == [204, 204, 429, 429]
    assert (deletes(SAITAMA), deletes(SAITAMA, theirs)) == (204, 200)
    for days, left in ((7, 4), (9, 1)):
        with here.storage.transaction(write=True) as db:
            bookings.purge_tombstones(db, NOW + timedelta(days=days))
            assert db.scalar(select(func.count()).select_from(Booking)) == left
    assert deletes(CHIBA) == 204


def test_a_visitor_cannot_book_for_somebody_else(api: Api, here: Town, offered: Desks) -> None:
    api.calls(visitor(0))
    assert api.put(str(uuid4()), wish(offered.first, first=1)).status_code == 403
    assert lines(here) == [("booking.put", SAITAMA.entity_id, "refused", "forbidden")]
    with here.storage.transaction() as db:
        assert db.scalar(select(func.count()).select_from(Booking)) == 0


def test_what_cannot_be_read_leaves_a_line_too(api: Api, here: Town, theirs: str) -> None:
    assert api.put(str(uuid4()), "{").status_code == 400
    assert api.patch(theirs, {"command": "x"}, '"1"').status_code == 400
    assert api.client.patch(f"/api/v1/bookings/{theirs}", data=json.dumps(COMMAND)).status_code == 428
    assert [(event, verdict) for event, _, verdict, _ in lines(here)[1:]] == [
        ("booking.put", "refused"),
        ("booking.patch", "refused"),
        ("booking.patch", "refused"),
    ]


def test_the_registry_touches_no_booking(api: Api, theirs: str) -> None:
    api.calls(registry())
    assert api.client.get(f"/api/v1/bookings/{theirs}").status_code == 403
    assert api.client.delete(f"/api/v1/bookings/{theirs}").status_code == 403
