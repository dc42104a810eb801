"""毎週くり返して予約する: what would come of each week is shown first, and each answer is kept."""

import re

import pytest

from federation.messages.booking import Quote, Reason
from tests.node.fakehost import DESK, FakeHost
from tests.node.views.conftest import WISH, Person

PAGE = f"/book/weekly?desk={DESK.url}&day=2026-11-24&slot=hours&from=13:00&to=15:00"
WEEKLY = {**WISH, "weeks": "3", "series": "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0042"}


def test_every_week_is_foreseen_before_anything_is_booked(person: Person, host: FakeHost) -> None:
    page = person.reads(f"{PAGE}&weeks=3")
    days = ("2026年11月24日(火)", "2026年12月1日(火)", "2026年12月8日(火)", "3件をまとめて予約する", "第3版")
    assert all(words in page for words in days)
    assert not host.bookings


def test_the_page_that_books_one_leads_there(person: Person) -> None:
    page = person.opens(f"/book?desk={DESK.url}&day=2026-11-24&slot=afternoon").text
    link = re.search(r'href="(/book/weekly[^"]+)"', page)
    assert link is not None
    assert "各週の見込み" in person.reads(link[1].replace("&amp;", "&"))


def test_one_press_books_every_week_and_the_answers_are_kept(person: Person, host: FakeHost) -> None:
    where = person.sends("/book/weekly", WEEKLY).headers["Location"]
    page = person.reads(where)
    assert page.count("予約確定") == 3
    assert len(host.bookings) == 3
    assert where in person.opens("/bookings").text
    first = re.search(r'href="(/bookings/[0-9a-f-]{36})"', person.opens(where).text)
    assert first is not None
    assert where in person.opens(first[1]).text


def test_pressing_twice_books_once(person: Person, host: FakeHost) -> None:
    places = {person.sends("/book/weekly", WEEKLY).headers["Location"] for _ in range(2)}
    assert (len(places), len(host.bookings)) == (1, 3)


def test_a_holiday_is_called_by_its_name(person: Person, host: FakeHost) -> None:
    closed = Reason(code="closed", side="host", ja="利用時間ではありません", en="Not open")
    host.quoted = Quote(allowed=False, outcome="refused", reasons=(closed,))
    page = person.reads(f"{PAGE.replace('2026-11-24', '2027-01-04')}&weeks=2")
    assert page.count("利用時間ではありません") == 1
    assert "成人の日のため、休みです。" in page
    assert "どの週も予約できません" in page


def test_all_that_is_to_come_is_cancelled_by_one_press(person: Person, host: FakeHost) -> None:
    where = person.sends("/book/weekly", WEEKLY).headers["Location"]
    page = person.reads(person.sends(f"{where}/cancel").headers["Location"])
    assert "これからの予約3件の取消しを受け付けました。" in page
    assert len(host.gone) == 3


@pytest.mark.parametrize(
    "missing", [{"consent": ""}, {"weeks": "99"}, {"weeks": "x"}, {"day": "?"}, {"confidentiality": "4"}]
)
def test_what_is_missing_is_said_on_the_same_page(person: Person, host: FakeHost, missing: dict[str, str]) -> None:
    answer = person.sends("/book/weekly", {**WEEKLY, **missing})
    assert answer.status_code == 400
    assert "dads-error-text" in answer.text
    assert not host.bookings


def test_last_weeks_desks_are_booked_again_by_one_press(person: Person, host: FakeHost) -> None:
    person.books()
    person.books(day="2026-11-25")
    page = person.opens("/").text
    seats = re.findall(r'name="seat" value="([^"]+)"', page)
    assert "2件をまとめて予約する" in page
    answer = person.client.post(
        "/usual",
        data={
            "seat": seats,
            "series": WEEKLY["series"],
            "form_token": re.findall(r'name="form_token" value="([^"]+)', page)[0],
        },
    )
    assert person.reads(answer.headers["Location"]).count("予約確定") == 2
    assert len(host.bookings) == 4
