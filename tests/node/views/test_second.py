"""Signing in with two factors: what is asked, what is enough, and what is tried."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from federation.audit import AuditEntry
from federation.storage import Storage
from node.models.factors import Passkey
from node.models.notices import Notice
from node.people import assurance
from node.people import staff as people
from tests.node.home.conftest import NOW, Clock
from tests.node.softkey import PRESENT, SoftKey
from tests.node.views.conftest import OWN, PASSWORD, Person
from tests.node.views.factors import demand_of, gets_a_passkey, gets_a_sheet, gets_an_app, options_on


def acr_of(person: Person) -> str | None:
    with person.client.session_transaction(base_url=OWN) as kept:
        return kept["who"]["acr"] if "who" in kept else None


def cookie_of(person: Person) -> tuple[str, str]:
    name: str = person.client.application.config["SESSION_COOKIE_NAME"]
    cookie = person.client.get_cookie(name, domain="localhost")
    assert cookie is not None
    return name, cookie.value


def other(person: Person) -> Person:
    return Person(person.client.application.test_client())


# --- After a password -------------------------------------------------------------------------------------------------


def test_who_has_no_second_factor_signs_in_with_one(person: Person) -> None:
    assert acr_of(person) == assurance.ONE_FACTOR


def test_who_has_an_app_is_asked_for_its_code_and_goes_on(person: Person, clock: Clock) -> None:
    totp, again = gets_an_app(person, NOW), other(person)
    assert acr_of(person) == assurance.TWO_FACTORS
    clock.pass_by(minutes=5)
    asked = again.signs_in(next_="/bookings")
    assert asked.headers["Location"] == "/signin/second?next=/bookings"
    assert again.opens("/bookings").status_code == 303
    form = {"code": totp.at(clock()), "next": "/bookings"}
    assert again.sends("/signin/second", form, shown_on="/signin/second").headers["Location"] == "/bookings"
    assert (acr_of(again), again.opens("/bookings").status_code) == (assurance.TWO_FACTORS, 200)


def test_the_password_alone_opens_nothing_and_is_forgotten(person: Person, clock: Clock) -> None:
    totp, again = gets_an_app(person, NOW), other(person)
    again.signs_in()
    for path in ("/", "/me", "/me/factors", "/personnel/staff"):
        assert again.opens(path).headers["Location"].startswith("/signin?next=")
    clock.pass_by(minutes=11)
    late = again.sends("/signin/second", {"code": totp.at(clock())}, shown_on="/signin")
    assert late.headers["Location"].startswith("/signin?next=")
    assert acr_of(again) is None


def test_a_sheet_is_enough_and_says_which_code(person: Person) -> None:
    codes, again = gets_a_sheet(person), other(person)
    assert len(codes) == 10
    again.signs_in()
    assert "1番のコード" in again.reads("/signin/second")
    wrong = again.sends("/signin/second", {"code": codes[5]}, shown_on="/signin/second")
    assert (wrong.status_code, acr_of(again)) == (401, None)
    assert again.sends("/signin/second", {"code": codes[0]}, shown_on="/signin/second").status_code == 303
    assert acr_of(again) == assurance.TWO_FACTORS


def test_the_wish_leads_nowhere_else(person: Person, clock: Clock) -> None:
    totp, again = gets_an_app(person, NOW), other(person)
    clock.pass_by(minutes=1)
    assert again.signs_in(next_="https://evil.example/").headers["Location"] == "/signin/second?next=/"
    form = {"code": totp.at(clock()), "next": "//evil.example/"}
    assert again.sends("/signin/second", form, shown_on="/signin/second").headers["Location"] == "/"


def test_a_cookie_from_before_the_second_factor_gains_nothing(person: Person, clock: Clock) -> None:
    totp, again = gets_an_app(person, NOW), other(person)
    clock.pass_by(minutes=1)
    again.signs_in()
    name, before = cookie_of(again)
    again.sends("/signin/second", {"code": totp.at(clock())}, shown_on="/signin/second")
    thief = other(person)
    thief.client.set_cookie(name, before, domain="localhost")
    assert thief.opens("/me").status_code == 303


def test_guessing_codes_is_locked_like_guessing_passwords(person: Person) -> None:
    gets_an_app(person, NOW)
    again = other(person)
    again.signs_in()
    answers = [again.sends("/signin/second", {"code": "000000"}, shown_on="/signin/second") for _ in range(6)]
    assert [each.status_code for each in answers] == [401, 401, 401, 401, 401, 429]


# --- What the town demands --------------------------------------------------------------------------------------------


def test_a_role_that_needs_two_factors_opens_nothing_with_one(person: Person, app: Flask, clock: Clock) -> None:
    demand_of(app, "personnel")
    asked = person.opens("/personnel/staff")
    assert asked.headers["Location"] == "/signin/second?next=/personnel/staff"
    assert "先に登録してください" in person.reads(asked.headers["Location"])
    assert person.sends("/me", {"home_station": "渋谷"}, shown_on="/me/factors").status_code == 401
    gets_an_app(person, clock())
    assert person.opens("/personnel/staff").status_code == 200


def test_who_has_another_role_is_not_asked(person: Person, app: Flask) -> None:
    demand_of(app, "site_admin")
    assert person.opens("/personnel/staff").status_code == 200


def test_who_signed_in_with_one_factor_shows_the_second_on_the_way(person: Person, app: Flask, clock: Clock) -> None:
    codes = gets_a_sheet(person)
    demand_of(app, "manager")
    asked = person.opens("/manager/attendance?month=2026-11")
    assert asked.headers["Location"] == "/signin/second?next=/manager/attendance?month%3D2026-11"
    name, before = cookie_of(person)
    form = {"code": codes[0], "next": "/manager/attendance?month=2026-11"}
    went = person.sends("/signin/second", form, shown_on="/signin/second")
    assert went.headers["Location"] == "/manager/attendance?month=2026-11"
    assert person.opens("/manager/attendance").status_code == 200
    thief = other(person)
    thief.client.set_cookie(name, before, domain="localhost")
    assert thief.opens("/me").headers["Location"].startswith("/signin?")


# --- What changes factors ---------------------------------------------------------------------------------------------


def test_factors_are_changed_after_a_fresh_sign_in_only(person: Person, clock: Clock) -> None:
    clock.pass_by(minutes=16)
    stale = person.sends("/me/factors/sheet")
    assert (
        stale.headers["Location"] == person.opens("/me/factors/app").headers["Location"] == "/signin?next=/me/factors"
    )
    person.signs_in()
    assert person.sends("/me/factors/sheet").status_code == 200


def test_who_shows_one_factor_changes_none_of_those_there(person: Person, clock: Clock) -> None:
    gets_a_sheet(person)
    assert acr_of(person) == assurance.ONE_FACTOR
    for path in ("/me/factors/sheet", "/me/factors/sheet/remove", "/me/factors/app", "/me/factors/app/remove"):
        assert person.sends(path).status_code == 401


def test_a_new_password_makes_no_old_second_factor_fresh(person: Person, clock: Clock) -> None:
    gets_an_app(person, NOW)
    clock.pass_by(minutes=16)
    form = {"current": PASSWORD, "new": "a-password-of-my-own"}
    assert person.sends("/me/password", form, shown_on="/me/account").status_code == 303
    assert person.sends("/me/factors/app/remove").status_code == 401


def test_each_change_is_told_and_written_down(person: Person, storage: Storage) -> None:
    gets_an_app(person, NOW)
    assert person.sends("/me/factors/app/remove").status_code == 303
    with storage.transaction() as db:
        told = db.scalars(select(Notice.words)).all()
        lines = db.scalars(select(AuditEntry.reason).where(AuditEntry.event == "factor")).all()
    assert (len(told), lines) == (2, ["create app", "delete app"])


def test_the_secret_is_shown_until_it_is_confirmed_and_never_after(person: Person) -> None:
    assert person.opens("/me/factors/app.svg").mimetype == "image/svg+xml"
    gets_an_app(person, NOW)
    assert person.opens("/me/factors/app.svg").status_code == 409
    assert person.opens("/me/factors/app").status_code == 303


# --- Passkeys ---------------------------------------------------------------------------------------------------------


def test_a_passkey_signs_in_by_itself_with_two_factors(person: Person) -> None:
    key, again = gets_a_passkey(person), other(person)
    answer = key.get(options_on(again.opens("/signin").text))
    form = {"credential": answer, "next": "/bookings"}
    assert again.client.post("/signin/passkey", data=form).status_code == 403
    answer = key.get(options_on(page := again.opens("/signin").text))
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token
    went = again.client.post("/signin/passkey", data={**form, "credential": answer, "form_token": token[1]})
    assert (went.headers["Location"], acr_of(again)) == ("/bookings", assurance.TWO_FACTORS)


def enters(who: Person, key: SoftKey, **lies: Any) -> int:
    """Sign in with a passkey alone; returns the status."""
    page = who.opens("/signin?next=/").text
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token
    form = {"credential": key.get(options_on(page), **lies), "form_token": token[1], "next": "/"}
    return who.client.post("/signin/passkey", data=form).status_code


LIES: list[dict[str, Any]] = [
    {"signature": b"\x30\x06\x02\x01\x01\x02\x01\x01"},
    {"signature": b"\x00"},
    {"flags": PRESENT},
    {"flags": 0},
    {"host": "evil.example"},
    {"handle": "AAAA"},
    {"handle": ""},
    {"kind": "password"},
    {"credential_id": b"unknown"},
    {"client": {"origin": "https://evil.example"}},
    {"client": {"origin": "http://localhost:8002"}},
    {"client": {"type": "webauthn.create"}},
    {"client": {"challenge": "AAAA"}},
    {"client": {"challenge": 5}},
    {"count": 0},
]


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: json.dumps(lie, default=repr))
def test_a_passkey_that_lies_in_one_field_is_refused(person: Person, lie: dict[str, Any]) -> None:
    key = gets_a_passkey(person)
    assert enters(other(person), key) == 303
    assert enters(other(person), key, **lie) == 401


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{}",
        "[]",
        "5",
        '"x"',
        "null",
        '{"id": 5, "response": {}}',
        '{"id":"\\u0000","response":{}}',
        "[" * 9000,
        "x" * 60000,
        '{"id":"AAAA","response":[]}',
    ],
)
def test_what_is_no_answer_at_all_is_refused(person: Person, answer: str) -> None:
    gets_a_passkey(person)
    again = other(person)
    assert again.sends("/signin/passkey", {"credential": answer}, shown_on="/signin").status_code == 401


def test_an_answer_is_good_once_and_in_its_own_browser(person: Person) -> None:
    key, again, thief = gets_a_passkey(person), other(person), other(person)
    page = again.opens("/signin").text
    name, before = cookie_of(again)
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token
    form = {"credential": key.get(options_on(page)), "form_token": token[1]}
    assert thief.sends("/signin/passkey", form, shown_on="/signin").status_code == 401
    key.count += 1
    form["credential"] = key.get(options_on(page))
    assert again.client.post("/signin/passkey", data=form).status_code == 303
    thief.client.set_cookie(name, before, domain="localhost")
    form["credential"] = key.get(options_on(page))
    assert thief.client.post("/signin/passkey", data=form).status_code == 401


def test_a_question_is_forgotten_after_some_minutes(person: Person, clock: Clock) -> None:
    key, again = gets_a_passkey(person), other(person)
    options = options_on(again.opens("/signin").text)
    clock.pass_by(minutes=10)
    token = {"credential": key.get(options)}
    with again.client.session_transaction(base_url=OWN) as kept:
        token["form_token"] = kept["form_token"]
    assert again.client.post("/signin/passkey", data=token).status_code == 401


def test_a_passkey_is_the_second_factor_of_its_own_person_only(person: Person, storage: Storage) -> None:
    key = gets_a_passkey(person)
    with storage.transaction(write=True) as db:
        people.add(db, number="2", name="別人", password=PASSWORD, now=NOW)
    someone = other(person)
    someone.signs_in("2")
    theirs = gets_a_passkey(someone)
    again = other(person)
    again.signs_in("2")
    page = again.opens("/signin/second").text
    with again.client.session_transaction(base_url=OWN) as kept:
        token = kept["form_token"]
    form = {"credential": key.get(options_on(page)), "form_token": token}
    refused = again.client.post("/signin/second/passkey", data=form)
    assert refused.status_code == 401
    form["credential"] = theirs.get(options_on(refused.text))
    assert again.client.post("/signin/second/passkey", data=form).status_code == 303
    assert acr_of(again) == assurance.TWO_FACTORS


def test_a_leavers_passkey_opens_nothing(person: Person, storage: Storage) -> None:
    key = gets_a_passkey(person)
    with storage.transaction(write=True) as db:
        staff = people.find(db, "012345")
        assert staff is not None
        staff.left_on = NOW.date()
    assert enters(other(person), key) == 401


def test_a_counter_that_goes_back_shows_a_copy(person: Person, storage: Storage) -> None:
    key = gets_a_passkey(person)
    with storage.transaction(write=True) as db:
        db.execute(update(Passkey).values(sign_count=9))
    assert enters(other(person), key) == 401
    with storage.transaction() as db:
        line = db.scalars(select(AuditEntry).where(AuditEntry.event == "passkey")).one()
    assert (line.verdict, "sign count" in line.reason) == ("refused", True)


@pytest.mark.parametrize("lie", [{"flags": PRESENT}, {"host": "evil.example"}, {"client": {"challenge": "AAAA"}}])
def test_a_passkey_that_lies_is_not_registered(person: Person, lie: dict[str, Any]) -> None:
    key = SoftKey(OWN)
    form = {"credential": key.create(options_on(person.opens("/me/factors").text), **lie), "name": "x"}
    assert person.sends("/me/factors/passkeys", form).status_code == 401
    assert enters(other(person), key) == 401


def test_passkeys_have_names_and_are_removed_one_by_one(person: Person, storage: Storage) -> None:
    first, second = gets_a_passkey(person), gets_a_passkey(person)
    assert person.reads("/me/factors").count("机のパソコン") == 2
    with storage.transaction() as db:
        removed = db.scalars(select(Passkey.id).order_by(Passkey.id)).first()
    assert person.sends(f"/me/factors/passkeys/{removed}/remove").status_code == 303
    assert person.sends(f"/me/factors/passkeys/{removed}/remove").status_code == 404
    assert (enters(other(person), first), enters(other(person), second)) == (401, 303)
