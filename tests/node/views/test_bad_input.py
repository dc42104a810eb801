"""Whatever is typed or sent, a page answers with clear words, and nothing is half done."""

import pytest

from federation.errors import DeskTaken, PersonElsewhere
from federation.messages.booking import Alternative
from tests.node.fakehost import DESK, DESK_ID, HOST, FakeHost
from tests.node.home.conftest import NOW, Clock
from tests.node.views.conftest import FakeRegistry, Person, plain


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("day=2026-02-30&slot=day", "日付は「2026-11-24」のように"),
        ("day=2026-11-23&slot=day", "過ぎた日付は選べません"),
        ("day=2026-11-25&slot=hours&from=25:00&to=26:00", "時刻は00:00から24:00まで"),
        ("day=2026-11-25&slot=hours&from=15:00&to=13:00", "終了は開始より後"),
        ("day=2026-11-25&slot=night", "時間帯を選んでください"),
        ("day=2026-11-25&slot=day&near=112080", "検査数字が合いません"),
        ("day=2026-11-25&slot=day&near=99", "団体コードではありません"),
        ("day=2026-11-25&slot=day&near=91,181", "緯度、経度の順に"),
        ("day=%00%ff&slot=%27", "日付は"),
    ],
)
def test_a_wish_nobody_can_read_is_named_at_its_field(person: Person, query: str, words: str) -> None:
    answer = person.opens(f"/search?{query}")
    assert answer.status_code == 400
    assert words in plain(answer)
    assert 'aria-invalid="true"' in answer.text


def test_a_place_the_registry_does_not_know_is_said_so(person: Person, registry: FakeRegistry) -> None:
    registry.status = 400
    answer = person.opens("/search?near=どこか&day=2026-11-25&slot=day")
    assert (answer.status_code, "「どこか」という場所が見つかりません" in plain(answer)) == (400, True)


def test_without_the_registry_the_desks_seen_before_are_asked_for_themselves(
    person: Person, registry: FakeRegistry
) -> None:
    person.opens("/search?day=2026-11-25&slot=day")
    registry.down = True
    page = person.reads("/search?day=2026-11-25&slot=day")
    assert all(words in page for words in ("受入団体に直接確認しました", "09:00現在", "千代田合同庁舎", "予約へ進む"))


def test_without_anybody_the_page_says_who_is_silent(person: Person, registry: FakeRegistry, host: FakeHost) -> None:
    person.opens("/search?day=2026-11-25&slot=day")
    registry.down = host.down = True
    assert "応答のない団体：千代田区" in person.reads("/search?day=2026-11-25&slot=day")


@pytest.mark.parametrize(
    ("desk", "status"),
    [
        ("", 404),
        ("x", 404),
        (HOST, 404),
        (f"{HOST}/desks/", 404),
        (f"{HOST}/desks/{DESK_ID}/../..", 404),
        (f"{HOST}/desks/5a3c9f58-7c1e-4c58-9d0e-0a5a7a1cffff", 404),
        (f"https://evil.example/desks/{DESK_ID}", 403),
        (f"http://169.254.169.254/desks/{DESK_ID}", 403),
        (f"javascript:alert(1)//desks/{DESK_ID}", 404),
    ],
)
def test_a_desk_nobody_has_is_an_error_page(person: Person, desk: str, status: int) -> None:
    answer = person.client.get("/book", query_string={"desk": desk, "day": "2026-11-25", "slot": "day"})
    assert answer.status_code == status
    assert "<h1" in answer.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"consent": ""}, "「確認しました」を選択してください"),
        ({"work_kind": "holiday"}, "選択してください"),
        ({"confidentiality": "my_number"}, "マイナンバー利用事務は、他団体の施設では行えません"),
        ({"confidentiality": "4"}, "選択してください"),
        ({"day": "2026-11-31"}, "日付は"),
        ({"from": "25:00"}, "時刻は"),
    ],
)
def test_an_incomplete_form_comes_back_filled_in(
    person: Person, host: FakeHost, changes: dict[str, str], words: str
) -> None:
    answer = person.books(**changes)
    assert (answer.status_code, words in plain(answer)) == (400, True)
    assert host.bookings == {}


def test_a_taken_desk_brings_alternatives_along(person: Person, host: FakeHost) -> None:
    host.no = DeskTaken("taken")
    other = Alternative(desk=DESK_ID, desk_name="A-2", start=NOW.replace(hour=6), end=NOW.replace(hour=8))
    host.no.__dict__["alternatives"] = (other,)
    answer = person.books()
    assert answer.status_code == 409
    assert all(words in plain(answer) for words in ("予約済みです", "代わりに使える座席", "A-2"))


def test_a_second_place_at_the_same_time_names_the_first(person: Person) -> None:
    person.books()
    answer = person.books(**{"from": "14:00", "to": "16:00"})
    assert (answer.status_code, "千代田合同庁舎" in plain(answer)) == (PersonElsewhere.status, True)


def test_while_the_host_is_away_the_booking_says_that_it_is_asked_for(person: Person, host: FakeHost) -> None:
    person.opens("/search?day=2026-11-24&slot=day")
    host.down = True
    page = person.reads(person.books(consent="", consent_version="").headers["Location"])
    assert all(words in page for words in ("受入団体に問い合わせています", "問合せ中", "09:30まで"))


@pytest.mark.parametrize("typed", ["", "ABC", "<script>", "9" * 100_000])
def test_a_code_that_is_none_is_said_at_its_field(person: Person, clock: Clock, typed: str) -> None:
    booking = person.books().headers["Location"]
    clock.pass_by(hours=4)
    answer = person.sends(f"{booking}/arrive", {"code": typed}, shown_on=booking)
    assert answer.status_code in {400, 413}
    assert "<script>" not in answer.text


def test_checking_in_and_out_by_the_code_of_the_desk(person: Person, clock: Clock) -> None:
    booking = person.books().headers["Location"]
    assert "から、この画面で入室できます" in person.reads(booking)
    clock.pass_by(hours=4)
    assert person.sends(f"{booking}/arrive", {"code": "7km2qx"}, shown_on=booking).status_code == 303
    assert "退室する" in person.reads(booking)
    assert person.sends(f"{booking}/leave", shown_on=booking).status_code == 303
    assert "利用済" in person.reads("/bookings")
    assert "1件" in person.reads("/manager/attendance")


@pytest.mark.parametrize("path", ["/bookings/{}", "/bookings/{}/qr.svg", "/bookings/{}/event.ics"])
def test_somebody_elses_booking_is_not_there(person: Person, path: str) -> None:
    assert person.opens(path.format("5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0002")).status_code == 404
    assert person.opens(path.format("../../etc/passwd")).status_code == 404


def test_a_form_without_its_token_changes_nothing(person: Person, host: FakeHost) -> None:
    assert person.client.post("/book", data={"desk": DESK.url}).status_code == 403
    assert host.bookings == {}


def test_ten_megabytes_are_refused(person: Person) -> None:
    assert person.client.post("/book", data={"desk": "x" * 10_000_000}).status_code == 413


@pytest.mark.parametrize(
    "wished", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nb"]
)
def test_signing_in_leads_nowhere_else(stranger: Person, wished: str) -> None:
    assert stranger.signs_in(next_=wished).headers["Location"] == "/"


@pytest.mark.parametrize("month", ["2026-13", "x", "0000-00", "9999-99"])
def test_a_month_that_is_none_shows_this_one_and_says_so(person: Person, month: str) -> None:
    answer = person.opens(f"/manager/attendance?month={month}")
    assert (answer.status_code, "月の指定を確認してください" in plain(answer)) == (400, True)


def test_a_wrong_password_is_said_without_saying_what_is_wrong(stranger: Person) -> None:
    wrong, unknown = stranger.signs_in(password="wrong"), stranger.signs_in(number="999999")
    assert wrong.status_code == unknown.status_code
    assert "職員番号またはパスワードが違います" in plain(wrong)
    assert "職員番号またはパスワードが違います" in plain(unknown)


@pytest.mark.parametrize(
    "path",
    ["/personnel/log?who=%00", "/personnel/leaving?number=%00", "/personnel/accounts?number=%00", "/search?q=%00"],
)
def test_a_nul_is_never_an_error_of_ours(person: Person, path: str) -> None:
    assert person.opens(path).status_code < 500


def test_a_nul_in_a_form_is_never_an_error_of_ours(person: Person) -> None:
    typed = {"number": "\0", "code": "\0", "session": "\0", "new": "\0", "client_id": "\0"}
    shown = {"/signin/reset": "/signin/reset", "/me/sessions/end": "/me/account", "/me/towns": "/me/account"}
    assert max(person.sends(path, typed, shown_on=on).status_code for path, on in shown.items()) < 500
    stranger = Person(person.client.application.test_client())
    assert stranger.signs_in(number="\0").status_code < 500


def test_a_number_that_no_column_holds_is_not_found(person: Person) -> None:
    assert person.sends(f"/me/factors/passkeys/{'9' * 30}/remove", shown_on="/me/account").status_code == 404


def test_a_button_pressed_after_the_sign_in_ended_leads_back_to_its_page(stranger: Person) -> None:
    answer = stranger.client.post("/book", headers={"Referer": "http://localhost/book?desk=1&day=2026-11-24"})
    assert answer.status_code == 401
    assert 'href="/signin?next=/book?desk%3D1%26day%3D2026-11-24"' in answer.text
    assert "操作は行われていません" in answer.text
    elsewhere = stranger.client.post("/book", headers={"Referer": "https://evil.example/book"})
    assert 'href="/signin?next=/"' in elsewhere.text
