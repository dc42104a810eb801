"""日時・座席の変更: what is shown before anything changes, and what stands in the way."""

import re
from uuid import UUID, uuid4

import pytest

from federation.errors import BookingRefused, DeskTaken, TachiyoriError
from federation.messages.booking import Alternative, HouseRules, Quote, Reason
from tests.node.fakehost import DESK, DESK_ID, HOST, FakeHost
from tests.node.home.conftest import Clock
from tests.node.views.conftest import Person, plain

ANOTHER = {"desk": DESK.url, "day": "2026-11-25", "slot": "hours", "from": "10:00", "to": "12:00"}


@pytest.fixture
def page(person: Person) -> str:
    """The address of the page that moves the one booking."""
    return f"{person.books().headers['Location']}/move"


def asked(page: str, **changes: str) -> str:
    return f"{page}?" + "&".join(f"{name}={value}" for name, value in {**ANOTHER, **changes}.items())


def test_the_booking_leads_there_and_says_what_is_booked_now(person: Person, page: str) -> None:
    assert "日時・座席を変える" in person.reads(page.removesuffix("/move"))
    text = person.reads(page)
    assert "今の予約" in text
    assert "この内容に変更する" not in text


def test_what_would_come_of_it_is_shown_before_it_is_taken(person: Person, page: str, host: FakeHost) -> None:
    host.quoted = Quote(allowed=True, outcome="confirmed", price_yen=300)
    text = person.reads(asked(page))
    assert "2026年11月25日(水) 10:00〜12:00" in text
    assert all(words in text for words in ("300円", "今の利用料", "この内容に変更する"))
    assert host.bookings[page.split("/")[-2]].version == 1


def test_it_is_taken_by_one_press_and_twice_is_once(person: Person, page: str, host: FakeHost) -> None:
    command = re.search(r'name="command" value="([^"]+)"', person.opens(asked(page)).text)
    assert command
    assert UUID(command[1])
    for _ in range(2):
        answer = person.sends(page, {**ANOTHER, "command": command[1]})
        assert answer.headers["Location"] == page.removesuffix("/move")
    assert host.bookings[page.split("/")[-2]].version == 2
    text = person.reads(page.removesuffix("/move"))
    assert "2026年11月25日(水) 10:00〜12:00" in text
    assert "予約を変更しました" in text


def test_the_same_time_and_desk_is_no_change(person: Person, page: str, host: FakeHost) -> None:
    present = {"day": "2026-11-24", "from": "13:00", "to": "15:00"}
    answer = person.client.get(asked(page, **present))
    assert answer.status_code == 400
    assert "今の予約と同じ日時・座席です" in plain(answer)
    assert person.sends(page, {**ANOTHER, **present}).status_code == 303
    assert host.bookings[page.split("/")[-2]].version == 1


@pytest.mark.parametrize("bad", [{"day": "2026-13-01"}, {"from": "x"}, {"to": "09:00"}, {"day": "2020-01-01"}])
def test_a_time_that_is_none_is_said_at_its_field(
    person: Person, page: str, bad: dict[str, str], host: FakeHost
) -> None:
    for answer in (person.client.get(asked(page, **bad)), person.sends(page, {**ANOTHER, **bad})):
        assert answer.status_code == 400
        assert "入力内容を確認してください" in plain(answer)
    assert host.bookings[page.split("/")[-2]].version == 1


def test_what_the_host_says_against_it_is_said_with_what_would_do(person: Person, page: str, host: FakeHost) -> None:
    reason = Reason(code="desk-taken", side="host", ja="予約済みです。", en="Taken.")
    start, end = "2026-11-25T02:00:00Z", "2026-11-25T04:00:00Z"
    instead = Alternative.model_validate(
        {"desk": DESK_ID, "desk_name": "A-1", "site_name": "千代田合同庁舎", "start": start, "end": end}, strict=False
    )
    host.quoted = Quote(allowed=False, outcome="refused", reasons=(reason,), alternatives=(instead,))
    text = person.opens(asked(page)).text
    assert "予約済みです。" in text
    assert f"{page}?desk=" in text
    assert "この内容に変更する" not in text


@pytest.mark.parametrize("no", [DeskTaken("taken"), BookingRefused("rules")])
def test_a_no_at_the_last_moment_leaves_the_booking(
    person: Person, page: str, host: FakeHost, no: TachiyoriError
) -> None:
    host.no = no
    answer = person.sends(page, ANOTHER)
    assert answer.status_code == 409
    assert "変更できませんでした" in plain(answer)
    assert "13:00" in person.reads(page.removesuffix("/move"))


def test_a_silent_host_leaves_a_doubt_that_is_said(person: Person, page: str, host: FakeHost) -> None:
    host.quoted = Quote(allowed=True, outcome="confirmed")
    host.deaf = True
    answer = person.sends(page, ANOTHER)
    assert answer.status_code == 502
    assert "変更できたか、まだ分かりません" in plain(answer)


def test_new_rules_of_the_house_are_confirmed_first(person: Person, page: str, host: FakeHost) -> None:
    host.quoted = Quote(
        allowed=True, outcome="confirmed", house_rules=HouseRules(version="9", ja="静かに。", en="Be quiet.")
    )
    assert "静かに。" in person.reads(asked(page))
    assert person.sends(page, ANOTHER).status_code == 400
    assert host.bookings[page.split("/")[-2]].version == 1
    assert person.sends(page, {**ANOTHER, "consent": "1", "consent_version": "9"}).status_code == 303


def test_another_hosts_desk_is_not_taken_for_one(person: Person, page: str, host: FakeHost) -> None:
    elsewhere = f"https://node.evil.example/desks/{DESK_ID}"
    assert "千代田合同庁舎" in person.reads(asked(page, desk=elsewhere))
    person.sends(page, {**ANOTHER, "desk": elsewhere})
    assert host.bookings[page.split("/")[-2]].places[0].desk == DESK_ID
    assert person.client.get(asked(page, desk=f"{HOST}/desks/{uuid4()}")).status_code == 404


def test_what_cannot_be_moved_leads_back(person: Person, page: str, clock: Clock) -> None:
    person.sends(page.replace("/move", "/cancel"))
    assert person.opens(page).headers["Location"] == page.removesuffix("/move")
    assert person.sends(page, ANOTHER).status_code == 409


def test_a_strangers_booking_is_none(person: Person) -> None:
    assert person.opens(f"/bookings/{uuid4()}/move").status_code == 404
    assert person.sends(f"/bookings/{uuid4()}/move", ANOTHER).status_code == 404
