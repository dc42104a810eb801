"""同僚のために予約する, from both sides."""

import re

import pytest

from federation.errors import DeskTaken
from federation.messages.booking import HouseRules, Quote, Reason
from federation.storage import Storage
from node.people import staff as people
from tests.node.fakehost import DESK, FakeHost
from tests.node.home.conftest import NOW
from tests.node.views.conftest import PASSWORD, WISH, Person

FOR = {**WISH, "number": "777"}


@pytest.fixture
def colleague(person: Person, storage: Storage) -> Person:
    """Somebody of the same section, signed in at another browser."""
    with storage.transaction(write=True) as db:
        people.add(db, number="777", name="隣席 一郎", section="企画課", password=PASSWORD, now=NOW)
    other = Person(person.client.application.test_client())
    other.signs_in("777")
    return other


def test_the_page_that_books_leads_there(person: Person) -> None:
    link = re.search(
        r'href="(/book/colleague[^"]+)"', person.opens(f"/book?desk={DESK.url}&day=2026-11-24&slot=day").text
    )
    assert link is not None
    page = person.reads(link[1].replace("&amp;", "&"))
    assert all(words in page for words in ("予約する方の職員番号", "第3版", "勤務区分", "この方の予約をする"))


def test_a_colleague_finds_it_and_may_decline(person: Person, colleague: Person, host: FakeHost) -> None:
    answer = person.sends("/book/colleague", FOR)
    assert "隣席 一郎さんの予約を申し込みました。" in person.reads(answer.headers["Location"])
    listed = colleague.opens("/bookings").text
    link = re.search(r'href="(/bookings/[0-9a-f-]{36})"', listed)
    assert link is not None
    assert "立寄 太郎さんが、あなたのために申し込みました。" in colleague.reads(link[1])
    assert all(words in person.reads("/bookings") for words in ("同僚のために申し込んだ予約", "隣席 一郎さん"))
    colleague.sends(f"{link[1]}/cancel")
    assert len(host.gone) == 1
    assert "隣席 一郎さんが、あなたの申し込んだ予約を取り消しました" in person.reads("/notices")


def test_who_asked_takes_it_back(person: Person, colleague: Person, host: FakeHost) -> None:
    person.sends("/book/colleague", FOR)
    form = re.search(r'action="(/behalf/[0-9a-f-]{36}/cancel)"', person.opens("/bookings").text)
    assert form is not None
    assert colleague.sends(form[1]).status_code == 404
    person.sends(form[1])
    assert len(host.gone) == 1
    assert "申し込んだ予約を取り消しました" in colleague.reads("/notices")


def test_what_stands_in_the_way_is_said_and_nothing_typed_is_lost(
    person: Person, colleague: Person, host: FakeHost
) -> None:
    taken = Reason(code=DeskTaken.code, side="host", ja="予約済みです", en="Taken")
    rules = HouseRules(version="3", ja="通話は電話ブースで。")
    host.quoted = Quote(allowed=False, outcome="refused", reasons=(taken,), house_rules=rules)
    answer = person.sends("/book/colleague", {**FOR, "confidentiality": "3B"})
    assert answer.status_code == 409
    assert all(words in answer.text for words in ("予約済みです", 'value="777"', '<option value="3B" selected'))
    assert not host.bookings


@pytest.mark.parametrize(
    "wrong", [{"number": "000"}, {"number": ""}, {"number": "012345"}, {"day": "?"}, {"consent": ""}]
)
def test_what_is_missing_is_said_at_its_field(
    person: Person, colleague: Person, host: FakeHost, wrong: dict[str, str]
) -> None:
    answer = person.sends("/book/colleague", {**FOR, **wrong})
    assert answer.status_code == 400
    assert "dads-error-text" in answer.text
    assert not host.bookings
