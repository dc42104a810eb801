"""Sign in, search, book, hold the pass: the way every visit begins."""

from tests.node.fakehost import DESK, FakeHost
from tests.node.views.conftest import FakeRegistry, Person


def test_a_page_sends_who_is_not_signed_in_to_the_form_and_back(stranger: Person) -> None:
    answer = stranger.opens("/bookings")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/signin?next=/bookings")
    assert stranger.signs_in(next_="/bookings").headers["Location"] == "/bookings"


def test_the_start_page_asks_where_and_when(person: Person) -> None:
    page = person.opens("/").text
    assert all(words in page for words in ("利用場所", "利用日時", "立寄 太郎さん", 'value="2026-11-24"'))


def test_a_search_shows_desks_with_a_way_to_book_them(person: Person) -> None:
    page = person.reads("/search?near=九段下駅&day=2026-11-24&slot=afternoon")
    assert all(words in page for words in ("千代田合同庁舎", "予約へ進む", "徒歩5分", "1席見つかりました"))


def test_the_registry_is_asked_for_the_place_and_the_time(person: Person, registry: FakeRegistry) -> None:
    person.opens("/search?near=九段下駅&day=2026-11-24&slot=afternoon&privacy=open")
    assert "start=2026-11-24T04%3A00%3A00Z&end=2026-11-24T08%3A15%3A00Z" in registry.asked[0]
    assert "privacy=open" in registry.asked[0]


def test_what_is_taken_and_on_which_conditions_is_shown_before_booking(person: Person) -> None:
    page = person.reads(f"/book?desk={DESK.url}&day=2026-11-24&slot=afternoon")
    assert all(
        words in page for words in ("2026年11月24日(火) 13:00〜17:15", "無料", "第3版", "確認しました", "予約する")
    )


def test_booking_leads_to_the_pass(person: Person, host: FakeHost) -> None:
    answer = person.books()
    assert answer.status_code == 303
    page = person.opens(answer.headers["Location"]).text
    assert all(words in page for words in ("7KM-2QX", "北側の通用口", "qr.svg"))


def test_the_pass_is_drawn_as_a_picture_of_our_own_origin(person: Person) -> None:
    answer = person.opens(person.books().headers["Location"] + "/qr.svg")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert b"style=" not in answer.data


def test_the_booking_stands_in_the_list(person: Person) -> None:
    person.books()
    assert "予約確定" in person.opens("/bookings").text
