"""Signing in at a host with one's home, in a real browser: what it asks of the person, and what the browser holds us to."""

import pytest
from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.actors import Person
from tests.browser.conftest import Opener
from tests.browser.demo import SAITAMA, TOKYO, Demo

pytestmark = pytest.mark.browser
HOME = "埼玉県"


def is_for_everybody(person: Person, *, scripts: bool) -> None:
    """Fail where the page is wider than the window, or where axe, which is a script, finds something."""
    for width in (1280, 320):
        person.page.set_viewport_size({"width": width, "height": 800})
        assert not axe.overflow(person.page)
        assert not scripts or not axe.violations(person.page)


def goes_home(person: Person, demo: Demo) -> None:
    """Choose one's home at the host and follow to where home has something to ask."""
    person.goes_to(f"/visit/signin?town={SAITAMA}")
    person.presses("サインイン画面へ進む")
    person.page.wait_for_url(f"{demo.towns[SAITAMA]}/**")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_one_signs_in_at_the_host_and_is_asked_once(demo: Demo, arrives: Opener, scripts: bool) -> None:
    person = arrives(demo.towns[TOKYO], scripts=scripts, narrow=True)
    # Two who sign in at this host in no other test: home asks each person once.
    account = demo.account(SAITAMA, "reception" if scripts else "personnel")
    goes_home(person, demo)
    person.signs_in(account)
    person.is_at("東京都へのサインイン")
    person.reads("東京都に伝わること")
    is_for_everybody(person, scripts=scripts)
    person.presses("同意してサインインする")
    person.page.wait_for_url(f"{demo.towns[TOKYO]}/visit")
    is_for_everybody(person, scripts=scripts)

    person.page.get_by_role("button", name="サインアウト").first.click()
    person.goes_to(f"/visit/signin?town={SAITAMA}")
    person.presses("サインイン画面へ進む")
    person.page.wait_for_url(f"{demo.towns[TOKYO]}/visit")


def test_what_was_agreed_is_taken_back_and_signing_out_is_asked(demo: Demo, arrives: Opener) -> None:
    person = arrives(demo.towns[TOKYO])
    goes_home(person, demo)
    person.signs_in(demo.account(SAITAMA, "staff"))
    person.page.get_by_role("main").get_by_role("button").first.click()
    person.page.wait_for_url(f"{demo.towns[TOKYO]}/visit")

    at_home = Person(person.page, demo.towns[SAITAMA])
    at_home.goes_to("/me/towns")
    is_for_everybody(at_home, scripts=True)
    at_home.reads("東京都")
    at_home.presses("東京都への同意を取り消す")
    at_home.reads("同意を取り消しました")

    at_home.goes_to("/oauth/logout")
    at_home.is_at("サインアウトの確認")
    is_for_everybody(at_home, scripts=True)
    at_home.presses("サインアウト")
    expect(at_home.page.get_by_role("heading", level=1)).to_have_text("サインイン")


def test_who_refuses_is_told_so_at_the_host(demo: Demo, arrives: Opener) -> None:
    person = arrives(demo.towns[TOKYO])
    goes_home(person, demo)
    person.signs_in(demo.account(SAITAMA, "manager"))
    person.presses("やめる")
    person.page.wait_for_url(f"{demo.towns[TOKYO]}/visit/callback**")
    is_for_everybody(person, scripts=True)


def test_a_request_nobody_pushed_is_a_page_for_everybody(demo: Demo, arrives: Opener) -> None:
    person = arrives(demo.towns[SAITAMA])
    answer = person.page.goto(f"{person.origin}/oauth/authorize?client_id={demo.towns[TOKYO]}&request_uri=urn:x")
    assert answer is not None
    assert answer.status == 400
    is_for_everybody(person, scripts=True)
