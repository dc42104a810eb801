"""Which desk bears a printed code: told to the home whose visitor stands there, and no catalogue of codes."""

import json
from datetime import timedelta
from typing import cast

import pytest
from werkzeug.test import TestResponse

from federation.errors import NotFound
from node.host import codes, sites
from node.host.homes import Home
from node.models.sites import Desk
from node.town import Town
from node.views.partner import CODES_A_MINUTE
from tests.node.host.conftest import CHIBA, SAITAMA, Clock, Desks
from tests.node.views.partner.conftest import Api, node, problem, registry, visitor
from tests.node.views.partner.test_partner_attacks import lines


@pytest.fixture
def code(here: Town, offered: Desks) -> str:
    with here.storage.transaction() as db:
        return db.get_one(Desk, offered.first).code


def asked(api: Api, code: str) -> TestResponse:
    return api.client.get("/api/v1/desks", query_string={"code": code})


def test_the_desk_of_a_code_is_told_as_it_is_published(api: Api, offered: Desks, code: str) -> None:
    for typed in (code, codes.shown(code), codes.shown(code).lower()):
        answer = asked(api, typed)
        members = json.loads(answer.data)
        assert (answer.status_code, members["desk"]["id"]) == (200, offered.first)
    assert set(members) == {"site", "desk"}
    assert code not in answer.text


@pytest.mark.parametrize("typed", ["000000", "", "x" * 500, "\0", "%", "' OR 1=1 --"])
def test_no_code_of_ours_is_not_found_whatever_it_is(api: Api, code: str, typed: str) -> None:
    assert problem(asked(api, typed)).status == 404


def test_whom_no_agreement_brings_here_learns_no_more_than_by_a_wrong_code(api: Api, code: str) -> None:
    api.calls(node(CHIBA.entity_id, CHIBA.code, "manage"))
    right, wrong = asked(api, code), asked(api, "000000")
    assert (right.status_code, right.data) == (wrong.status_code, wrong.data) == (404, wrong.data)


def test_a_withdrawn_desk_has_no_code(api: Api, here: Town, offered: Desks, code: str) -> None:
    with here.storage.transaction(write=True) as db:
        sites.withdraw(db, sites.get_place(db, offered.first))
    assert asked(api, code).status_code == 404


def test_neither_a_visitor_nor_the_registry_nor_another_scope_asks(api: Api, here: Town, code: str) -> None:
    for caller in (visitor(), registry(), node(SAITAMA.entity_id, SAITAMA.code, "feed")):
        api.calls(caller)
        assert asked(api, code).status_code == 403
    api.calls(None)
    assert asked(api, code).status_code == 401


def test_a_home_tries_so_many_codes_a_minute_right_or_wrong(api: Api, here: Town, code: str) -> None:
    statuses = [asked(api, "000000").status_code for _ in range(CODES_A_MINUTE)]
    assert set(statuses) == {404}
    answer = asked(api, code)
    assert (answer.status_code, problem(answer).code, answer.headers["Retry-After"]) == (429, "too-many", "61")
    assert lines(here)[-1] == ("desk.code", SAITAMA.entity_id, "refused", "too-many")
    api.calls(node(CHIBA.entity_id, CHIBA.code, "manage"))
    assert asked(api, code).status_code == 404
    api.calls(node(SAITAMA.entity_id, SAITAMA.code, "manage"))
    cast(Clock, here.clock).now += timedelta(minutes=1)
    assert asked(api, code).status_code == 200


def test_our_own_people_find_our_own_desks(here: Town, offered: Desks, code: str) -> None:
    with here.storage.transaction() as db:
        own = Home(None, here.config.entity_id, here.config.code)
        assert sites.listing_by_code(db, own, code, here.config, here.clock())[1].id == offered.first
        with pytest.raises(NotFound):
            sites.listing_by_code(db, own, "000000", here.config, here.clock())
