"""Signing in by the town's own provider: who comes in, as whom, and how surely."""

import re
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from federation.outbox import Promise
from node.app import app_of
from node.people import assurance, subjects
from node.people import staff as directory
from node.town import Town
from tests.federation.forgery import IAT, NOW
from tests.node.people.upstream.conftest import Clock, Visit, audited, entered
from tests.node.people.upstream.lyingidp import LyingIdp


def test_who_signs_in_there_is_signed_in_here_and_goes_on(visit: Visit, town: Town) -> None:
    answer = visit.signs_in_there()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me")
    staff = entered(town)
    assert staff is not None
    assert (staff.name, staff.section) == ("立寄 太郎", "企画課")
    assert staff.role_names == {"staff", "manager"}
    assert "立寄 太郎" in visit.reads("/me")


def test_the_provider_is_asked_for_a_code_bound_to_this_attempt(visit: Visit, idp: LyingIdp) -> None:
    asked = visit.goes()
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://localhost:8001/upstream/callback"
    assert asked["max_age"] == "36000"
    visit.comes_back(asked)
    form = next(form for _method, path, form, _headers in idp.requests if path == "/token")
    assert form["redirect_uri"] == [asked["redirect_uri"]]
    assert form["client_assertion"][0].count(".") == 2
    assert len(form["code_verifier"][0]) == 43


def test_a_sign_in_leaves_one_line(visit: Visit, town: Town, idp: LyingIdp) -> None:
    visit.signs_in_there()
    assert ("sign-in", "allowed", f"by {idp.origin}") in audited(town)


def test_several_tabs_do_not_meet(visit: Visit, idp: LyingIdp) -> None:
    first, second = visit.goes("/notices"), visit.goes("/me")
    assert visit.comes_back(second).headers["Location"] == "/me"
    idp.nonce = first["nonce"]
    assert visit.comes_back(first).headers["Location"] == "/notices"


def test_a_wished_page_elsewhere_is_not_gone_to(visit: Visit) -> None:
    assert visit.comes_back(visit.goes("//evil.example")).headers["Location"] == "/"


def test_what_the_token_lacks_userinfo_tells(visit: Visit, idp: LyingIdp, town: Town) -> None:
    idp.claims = {"department": None}
    idp.userinfo = {"department": "財政課", "name": "別 人"}
    visit.signs_in_there()
    staff = entered(town)
    assert staff is not None
    assert (staff.section, staff.name) == ("財政課", "立寄 太郎")


def test_userinfo_is_not_asked_without_need(visit: Visit, idp: LyingIdp) -> None:
    visit.signs_in_there()
    assert idp.asked("/userinfo") == 0


@pytest.mark.parametrize("groups", [["desk-users"], None, {"odd": 1}, [f"g{n}" for n in range(1001)]])
@pytest.mark.parametrize("changes", [{"NODE_OIDC_ROLES": "desk-managers=所属長"}])
def test_a_role_disappears_with_its_group_or_with_all_groups(
    visit: Visit, idp: LyingIdp, town: Town, groups: object
) -> None:
    visit.signs_in_there()
    idp.claims = {"groups": groups}
    visit.signs_in_there()
    staff = entered(town)
    assert staff is not None
    assert staff.role_names == {"staff"}
    assert visit.opens("/manager/attendance").status_code == 403


@pytest.mark.parametrize(
    ("claims", "level"),
    [
        ({}, assurance.ONE_FACTOR),
        ({"acr": "urn:mfa"}, assurance.TWO_FACTORS),
        ({"acr": "urn:unknown", "amr": ["pwd", "otp", "x"]}, assurance.TWO_FACTORS),
        ({"amr": ["otp"]}, assurance.ONE_FACTOR),
        ({"amr": ["hwk", "pin"], "acr": "urn:mfa"}, assurance.HARDWARE_FACTORS),
        ({"acr": assurance.HARDWARE_FACTORS}, assurance.ONE_FACTOR),
    ],
)
def test_only_what_is_mapped_shows_a_level(visit: Visit, idp: LyingIdp, claims: dict[str, object], level: str) -> None:
    idp.claims = claims
    visit.signs_in_there()
    with visit.client.session_transaction(base_url="http://localhost:8001") as kept:
        assert kept["who"]["acr"] == level
        assert kept["who"]["since"] == IAT - 60


@pytest.mark.parametrize("changes", [{"NODE_OIDC_LINK_NUMBERS": "yes"}])
def test_a_leaver_stays_outside_though_the_provider_lets_them_in(visit: Visit, town: Town) -> None:
    with town.storage.transaction(write=True) as db:
        directory.add(db, number="012345", name="立寄 太郎", now=NOW).left_on = date(2026, 11, 1)
    answer = visit.signs_in_there()
    assert answer.status_code == 403
    assert "職員名簿と一致しない" in answer.text
    assert audited(town) == [("sign-in", "refused", "entry-refused")]


@pytest.mark.parametrize("changes", [{}, {"NODE_OIDC_LINK_NUMBERS": "yes"}])
def test_a_row_that_is_there_is_taken_over_only_where_that_is_allowed(
    visit: Visit, town: Town, changes: dict[str, str]
) -> None:
    with town.storage.transaction(write=True) as db:
        directory.add(db, number="012345", name="立寄 太郎", now=NOW)
    assert visit.signs_in_there().status_code == (303 if changes else 403)


def test_who_is_in_no_group_that_may_use_this_reads_so(visit: Visit, idp: LyingIdp, town: Town) -> None:
    idp.claims = {"groups": ["others"]}
    answer = visit.signs_in_there()
    assert answer.status_code == 403
    assert "利用できるグループに入っていません" in answer.text
    assert entered(town) is None


def test_who_loses_the_last_group_loses_roles_and_sessions_too(visit: Visit, idp: LyingIdp, town: Town) -> None:
    visit.signs_in_there()
    staff = entered(town)
    assert staff is not None
    with town.storage.transaction(write=True) as db:
        subjects.subject_for(db, staff.id, "https://host.example", now=NOW)
    elsewhere = Visit(visit.client.application.test_client(), idp)
    idp.claims = {"groups": []}
    assert elsewhere.signs_in_there().status_code == 403
    staff = entered(town)
    assert staff is not None
    assert staff.role_names == {"staff"}
    with town.storage.transaction() as db:
        assert db.scalars(select(Promise.target)).all() == ["https://host.example"]
    assert visit.opens("/me").status_code == 303
    assert audited(town)[-2:] == [("roles", "refused", "no group"), ("sign-in", "refused", "not-entitled")]


def test_a_provider_without_its_documents_still_signs_in_for_a_day(visit: Visit, idp: LyingIdp, clock: Clock) -> None:
    visit.signs_in_there()
    idp.statuses = {"/.well-known/openid-configuration": 503, "/jwks": 503}
    clock.pass_by(hours=2)
    later = {"iat": IAT + 7200, "exp": IAT + 7500, "auth_time": IAT + 7200}
    idp.claims = later
    assert visit.signs_in_there().status_code == 303
    clock.pass_by(hours=23)
    assert visit.sends("/upstream/signin", shown_on="/signin?next=/").status_code == 502


def test_under_another_name_of_ours_the_provider_leads_back_to_that_name(visit: Visit, town: Town) -> None:
    further = replace(town.config, further_origins=frozenset({"https://desks.lgwan.example"}))
    app = app_of(replace(town, config=further))
    client = app.test_client()
    page = client.get("/signin", base_url="https://desks.lgwan.example").text
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found
    answer = client.post("/upstream/signin", data={"form_token": found[1]}, base_url="https://desks.lgwan.example")
    assert "redirect_uri=https%3A%2F%2Fdesks.lgwan.example%2Fupstream%2Fcallback" in answer.headers["Location"]


@pytest.mark.parametrize("fact", ["employee", "name"])
def test_nobody_comes_in_without_a_number_and_a_name(visit: Visit, idp: LyingIdp, fact: str) -> None:
    idp.claims = {fact: None}
    assert visit.signs_in_there().status_code == 403


def test_a_sign_in_there_too_long_ago_is_asked_for_anew(visit: Visit, idp: LyingIdp) -> None:
    idp.claims = {"auth_time": IAT - 36_000}
    answer = visit.signs_in_there()
    assert answer.status_code == 403
    assert 'name="anew"' in answer.text
    asked = visit.goes(anew="1")
    assert asked["prompt"] == "login"
    idp.claims = {"auth_time": IAT - 60}
    assert visit.comes_back(asked).status_code == 403
    asked = visit.goes(anew="1")
    idp.claims = {"auth_time": IAT}
    assert visit.comes_back(asked).status_code == 303


def test_who_is_signed_in_and_signs_in_again_is_asked_anew(visit: Visit) -> None:
    assert 'name="anew"' not in visit.opens("/signin?next=/me").text
    visit.signs_in_there()
    assert 'name="anew"' in visit.opens("/signin?next=/me").text


def test_an_attempt_is_over_after_ten_minutes(visit: Visit, clock: Clock) -> None:
    asked = visit.goes()
    clock.pass_by(minutes=10)
    assert visit.comes_back(asked).status_code == 400


@pytest.mark.parametrize("auth_time", [None, 0])
@pytest.mark.parametrize("changes", [{}, {"NODE_OIDC_ALWAYS_ANEW": "yes"}])
def test_without_an_auth_time_iat_stands_for_it_where_each_sign_in_is_anew(
    visit: Visit, idp: LyingIdp, auth_time: int | None, changes: dict[str, str]
) -> None:
    idp.claims = {"auth_time": auth_time}
    asked = visit.goes()
    assert asked.get("prompt") == ("login" if changes else None)
    assert visit.comes_back(asked).status_code == (303 if changes else 502)


@pytest.mark.parametrize("changes", [{"NODE_SECOND_FACTOR": "everyone"}])
@pytest.mark.parametrize(("acr", "status"), [("urn:mfa", 303), ("urn:unknown", 403), (None, 403)])
def test_a_surer_sign_in_is_asked_for_by_name_and_nothing_less_will_do(
    visit: Visit, idp: LyingIdp, acr: str | None, status: int
) -> None:
    visit.signs_in_there()
    asked = visit.led_there(visit.opens(visit.opens("/me").headers["Location"]))
    assert (asked["acr_values"], asked["prompt"]) == ("urn:mfa", "login")
    idp.claims = {"acr": acr, "auth_time": IAT}
    assert visit.comes_back(asked).status_code == status
    assert (visit.opens("/me").status_code == 200) is (status == 303)


@pytest.mark.parametrize("changes", [{"NODE_SIGN_IN": "oidc"}])
def test_the_built_in_ways_may_be_turned_off(visit: Visit, town: Town) -> None:
    page = visit.opens("/signin").text
    assert ("/upstream/signin" in page, 'name="password"' in page, "passkey" in page) == (True, False, False)
    for path in ("/signin", "/signin/passkey", "/signin/whatever-comes"):
        assert visit.sends(path, {"number": "1", "password": "x"}, shown_on="/signin").status_code == 404
    assert visit.signs_in_there().status_code == 303


def test_a_new_sign_in_ends_the_one_before(visit: Visit) -> None:
    visit.signs_in_there()
    name = visit.client.application.config["SESSION_COOKIE_NAME"]
    before = visit.client.get_cookie(name, domain="localhost")
    assert before is not None
    visit.signs_in_there()
    visit.client.set_cookie(name, before.value, domain="localhost")
    assert visit.opens("/me").status_code == 303
