"""空いたら知らせる, as its pages show it."""

import re

import pytest

from federation.errors import DeskTaken
from federation.messages.booking import HouseRules, Quote, Reason
from node.home import waiting
from node.town import Town
from tests.node.fakehost import DESK, FakeHost
from tests.node.home.conftest import Clock
from tests.node.views.conftest import WISH, Person

PAGE = f"/book?desk={DESK.url}&day=2026-11-24&slot=hours&from=13:00&to=15:00"
RULES = HouseRules(version="3", ja="通話は電話ブースでお願いします。")
TAKEN = Quote(
    allowed=False,
    outcome="refused",
    reasons=(Reason(code=DeskTaken.code, side="host", ja="予約済みです", en="Taken"),),
    house_rules=RULES,
)


@pytest.fixture
def queued(person: Person, host: FakeHost) -> Person:
    host.quoted = TAKEN
    person.sends("/waiting", WISH)
    return person


def test_a_taken_desk_offers_to_wait_and_a_closed_one_does_not(person: Person, host: FakeHost) -> None:
    host.quoted = TAKEN
    assert "空いたら知らせる" in person.reads(PAGE)
    closed = Reason(code="closed", side="host", ja="休館です", en="Closed")
    host.quoted = Quote(allowed=False, outcome="refused", reasons=(closed,))
    assert "空いたら知らせる" not in person.reads(PAGE)


def test_the_list_shows_the_place_in_the_queue(queued: Person) -> None:
    page = queued.reads("/bookings")
    assert all(words in page for words in ("空き待ち", "あなたは1番目です", "待つのをやめる"))


def test_an_offer_is_taken_on_its_page(queued: Person, host: FakeHost, town: Town, clock: Clock) -> None:
    host.quoted = Quote(allowed=True, outcome="confirmed", house_rules=RULES)
    waiting.go_on(town, now=clock.pass_by(minutes=1))
    listed = queued.opens("/bookings").text
    assert "空きました" in listed
    link = re.search(r'href="(/bookings/[0-9a-f-]{36})"', listed)
    assert link is not None
    page = queued.opens(link[1]).text
    form = re.search(r'action="(/waiting/[0-9a-f-]{36}/take)"', page)
    assert form is not None
    answer = queued.sends(form[1])
    assert answer.headers["Location"] == link[1]
    assert "7KM-2QX" in queued.reads(link[1])


def test_what_is_gone_is_said_in_words(queued: Person) -> None:
    form = re.search(r'action="(/waiting/[0-9a-f-]{36})/withdraw"', queued.opens("/bookings").text)
    assert form is not None
    assert "ほかの方に譲られたため" in queued.reads(queued.sends(f"{form[1]}/take").headers["Location"])
    assert "空き待ちを取りやめました。" in queued.reads(queued.sends(f"{form[1]}/withdraw").headers["Location"])
    assert "番目です" not in queued.reads("/bookings")


@pytest.mark.parametrize("wrong", [{"day": "?"}, {"confidentiality": "9"}, {"consent": ""}])
def test_what_is_missing_is_said_on_the_page_that_books(person: Person, host: FakeHost, wrong: dict[str, str]) -> None:
    host.quoted = TAKEN
    answer = person.sends("/waiting", {**WISH, **wrong})
    assert answer.status_code == 400
    assert "dads-error-text" in answer.text
    assert "空き待ち" not in person.reads("/bookings")
