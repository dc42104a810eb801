"""座席のコード typed at home, and the sticker's address opened there: the same desk, in as few presses."""

from datetime import UTC, datetime

import pytest

from federation.errors import NotNow
from federation.messages.booking import Alternative, Quote, Reason
from tests.node.fakehost import CODE, DESK, FakeHost
from tests.node.home.conftest import Clock
from tests.node.views.conftest import Person

NOW_THERE = {"day": "2026-11-24", "slot": "hours", "from": "09:00", "to": "17:15"}


def test_the_start_page_takes_the_code_of_a_desk(person: Person) -> None:
    page = person.opens("/").text
    assert 'action="/here"' in page
    assert "座席のコード" in page


def test_a_code_of_a_booked_desk_leads_to_the_pass_with_the_code_filled_in(person: Person, clock: Clock) -> None:
    trip = person.books(**{"from": "09:15"}).location
    answer = person.sends("/here", {"code": "7km-2qx"})
    assert answer.location == f"/book?desk={DESK.url}&code={CODE}"
    assert person.opens(answer.location).location == f"{trip}?code={CODE}"
    assert f'value="{CODE}"' in person.opens(f"{trip}?code={CODE}").text


def test_without_a_booking_there_the_host_is_asked_for(person: Person, host: FakeHost) -> None:
    page = person.sends("/here", {"code": CODE})
    assert (page.status_code, "この座席のある自治体を選んでください" in page.text) == (200, True)
    assert host.codes == []


def test_the_host_that_is_named_is_asked_and_the_desk_offered_from_now_on(person: Person) -> None:
    answer = person.sends("/here", {"code": CODE, "town": "131016"})
    assert answer.location.endswith(f"&code={CODE}")
    page = person.opens(answer.location).text
    assert 'name="from" value="09:00"' in page
    assert "予約して入室する" in page
    assert f'name="code" type="text" value="{CODE}"' in page


@pytest.mark.parametrize(
    ("form", "status"), [({"code": "12"}, 400), ({"code": ""}, 400), ({"code": "000000", "town": "131016"}, 400)]
)
def test_a_code_that_is_none_is_said_to_be(person: Person, form: dict[str, str], status: int) -> None:
    answer = person.sends("/here", form)
    assert answer.status_code == status
    assert "コード" in answer.text


@pytest.mark.parametrize("chosen", ["999999", "evil.example", "https://evil.example"])
def test_a_code_goes_to_members_alone(person: Person, host: FakeHost, chosen: str) -> None:
    assert person.sends("/here", {"code": CODE, "town": chosen}).status_code == 404
    assert host.codes == []


def test_a_host_that_is_away_is_said_to_be(person: Person, host: FakeHost) -> None:
    host.down = True
    assert person.sends("/here", {"code": CODE, "town": "131016"}).status_code == 502


def test_who_comes_from_the_sticker_is_offered_the_desk_from_now_on(person: Person, clock: Clock) -> None:
    clock.pass_by(minutes=7)
    page = person.opens(f"/book?desk={DESK.url}").text
    assert ('name="from" value="09:15"' in page, 'name="to" value="17:15"' in page) == (True, True)


def test_one_press_books_and_checks_in(person: Person, host: FakeHost) -> None:
    answer = person.books(**NOW_THERE, code=CODE)
    (booking,) = host.bookings.values()
    assert booking.state == "checked_in"
    assert "予約し、入室を記録しました" in person.reads(answer.location)


def test_a_code_that_cannot_be_one_is_said_before_anything_is_booked(person: Person, host: FakeHost) -> None:
    answer = person.books(**NOW_THERE, code="12")
    assert (answer.status_code, host.bookings) == (400, {})


def test_a_check_in_that_fails_leaves_the_booking(
    person: Person, host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_given: object) -> None:
        raise NotNow("too early", facts={"window": "10:00–12:00"})

    monkeypatch.setattr(host, "patch_booking", refuse)
    page = person.reads(person.books(**NOW_THERE, code=CODE).location)
    assert "予約しましたが、入室は記録していません" in page
    assert "10:00–12:00" in page
    assert [booking.state for booking in host.bookings.values()] == ["confirmed"]


def test_tomorrow_s_booking_asks_for_no_code(person: Person) -> None:
    page = person.opens(f"/book?desk={DESK.url}&day=2026-11-25&slot=day").text
    assert 'name="code"' not in page


def test_the_pages_speak_english_too(person: Person) -> None:
    assert "Desk code" in person.reads("/here?lang=en")


def test_a_wish_within_a_half_day_is_offered_as_the_half_day_that_holds_it(person: Person, host: FakeHost) -> None:
    morning = [datetime(2026, 11, 24, 23, 30, tzinfo=UTC), datetime(2026, 11, 25, 3, tzinfo=UTC)]
    allowed = host.quoted
    instead = Alternative(
        desk=DESK.id, desk_name=DESK.name, site_name="千代田合同庁舎", start=morning[0], end=morning[1]
    )
    why = Reason(code="not-whole-slots", side="host", ja="午前・午後の単位で予約します。", en="In half days.")
    refused = Quote(allowed=False, outcome="refused", reasons=(why,), alternatives=(instead,))
    host.quote = lambda asked: allowed if asked.places[0].start == morning[0] else refused  # type: ignore[method-assign,assignment]
    page = person.opens(f"/book?desk={DESK.url}&day=2026-11-25&slot=hours&from=10:00&to=11:00").text
    assert "08:30〜12:00</span>でご案内します" in page
    assert "午前・午後の単位で予約します。" in page
    assert ('name="from" value="08:30"' in page, 'name="to" value="12:00"' in page) == (True, True)
