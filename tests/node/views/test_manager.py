"""所属長 and personnel: conditions, the staff list, attendance."""

import base64
import io
import re
import zlib

import pytest
from werkzeug.test import TestResponse

from federation.storage import Storage
from node.people import staff as people
from tests.node.fakehost import FakeHost
from tests.node.home.conftest import NOW, Clock
from tests.node.views.conftest import PASSWORD, Person, plain

LIST = "職員番号,氏名,所属\n012345,立寄 太郎,政策課\n000777,新人 花子,財政課\n"


def uploads(person: Person, content: bytes, path: str = "/personnel/staff") -> TestResponse:
    token = re.search(r'name="form_token" value="([^"]+)"', person.opens("/me").text)
    form = {"form_token": token[1] if token else "", "file": (io.BytesIO(content), "名簿.csv")}
    return person.client.post(path, data=form)


def test_a_condition_is_said_as_a_sentence_and_judged_in_the_search(person: Person) -> None:
    person.sends("/personnel/conditions", {"privacy": "private", "days_a_week": "２", "host_codes": "131016"})
    page = person.reads("/personnel/conditions")
    assert all(words in page for words in ("利用できる部屋：個室", "利用は週2日まで", "利用できる団体：131016"))
    found = person.reads("/search?day=2026-11-25&slot=day")
    assert "予約できません：所属団体の利用条件により、この種類の部屋は利用できません。" in found
    assert "予約へ進む" not in found


def test_a_condition_refuses_the_booking_before_the_host_is_asked(person: Person, host: FakeHost) -> None:
    person.sends("/personnel/conditions", {"work_kinds": "between_trips"})
    answer = person.books()
    assert (answer.status_code, "この勤務区分では利用できません" in plain(answer)) == (409, True)
    assert host.bookings == {}


@pytest.mark.parametrize(
    ("field", "typed"),
    [("days_a_week", "8"), ("days_a_week", "二日"), ("limit_yen", "-1"), ("host_codes", "112080"), ("privacy", "roof")],
)
def test_a_condition_nobody_can_read_changes_nothing(person: Person, field: str, typed: str) -> None:
    answer = person.sends("/personnel/conditions", {field: typed})
    assert answer.status_code == 400
    assert "条件は設定されていません" in plain(answer)


def test_a_list_is_shown_as_a_difference_and_then_taken_over(person: Person, storage: Storage) -> None:
    preview = uploads(person, LIST.encode("cp932"))
    assert all(words in plain(preview) for words in ("追加", "新人 花子", "まだ何も変更していません"))
    content = re.search(r'name="content" value="([^"]+)"', preview.text)
    assert content
    answer = person.sends("/personnel/staff/take-over", {"content": content[1], "effective": "2026-11-24"})
    assert answer.status_code == 303
    with storage.transaction() as db:
        joined = people.find(db, "000777")
        assert joined is not None
        assert joined.section == "財政課"


def test_a_wrong_line_is_shown_and_nothing_can_be_taken_over(person: Person) -> None:
    page = plain(uploads(person, (LIST + ",名無し,\n").encode()))
    assert all(words in page for words in ("1行に誤りがあるため、取り込めません", "4行目", "空欄です"))
    assert "取り込む退職" not in page


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe", b"a,b\n1,2\n", "職員番号,氏名\n".encode()])
def test_a_file_that_is_no_list_is_said_to_be_none(person: Person, content: bytes) -> None:
    answer = uploads(person, content)
    assert (answer.status_code, "取り込めませんでした" in plain(answer)) == (400, True)


def test_ten_megabytes_are_refused_with_the_limit(person: Person) -> None:
    answer = person.client.post(
        "/personnel/staff", data=b"x" * 10_000_000, content_type="multipart/form-data; boundary=x"
    )
    assert (answer.status_code, "8 MB" in plain(answer)) == (413, True)


@pytest.mark.parametrize("content", ["", "!!!", "AAAA", "eJzT0yMAAGTvBe8="])
def test_a_preview_that_was_tampered_with_is_not_taken_over(person: Person, content: str) -> None:
    answer = person.sends("/personnel/staff/take-over", {"content": content, "effective": "2026-11-24"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "path", ["/personnel/staff", "/personnel/conditions", "/manager/attendance", "/manager/attendance.csv"]
)
def test_these_pages_are_not_for_everybody(app: object, stranger: Person, storage: Storage, path: str) -> None:
    with storage.transaction(write=True) as db:
        people.add(db, number="1", name="一般 職員", password=PASSWORD, now=NOW)
    stranger.signs_in("1")
    assert stranger.opens(path).status_code == 403


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("manager", "/personnel/staff", 403),
        ("manager", "/personnel/conditions", 403),
        ("manager", "/manager/attendance", 200),
        ("personnel", "/personnel/staff", 200),
        ("personnel", "/personnel/conditions", 200),
        ("personnel", "/manager/attendance", 403),
    ],
)
def test_approving_and_keeping_the_list_are_two_offices(
    stranger: Person, storage: Storage, role: str, path: str, status: int
) -> None:
    with storage.transaction(write=True) as db:
        people.add(db, number="1", name="一人 一役", password=PASSWORD, roles=("staff", role), now=NOW)
    stranger.signs_in("1")
    assert (stranger.opens(path).status_code, path in stranger.opens("/me").text) == (status, status == 200)


def test_a_list_with_other_roles_for_oneself_is_refused_in_words(person: Person, storage: Storage) -> None:
    content = "職員番号,氏名,権限\n012345,立寄 太郎,施設担当者・人事担当\n".encode()
    preview = plain(uploads(person, content))
    assert all(words in preview for words in ("1行に誤りがあるため", "2行目", "取り込む本人の権限は変えられません"))
    form = {"content": base64.b64encode(zlib.compress(content)).decode(), "effective": "2026-11-24"}
    answer = person.sends("/personnel/staff/take-over", form)
    assert (answer.status_code, "取り込む本人の権限は変えられません" in plain(answer)) == (400, True)
    with storage.transaction() as db:
        kept = people.find(db, "012345")
        assert kept is not None
        assert kept.role_names == frozenset({"staff", "manager", "personnel"})


def test_attendance_comes_as_a_spreadsheet_opens_it(person: Person, clock: Clock) -> None:
    booking = person.books().headers["Location"]
    clock.pass_by(hours=4)
    person.sends(f"{booking}/arrive", {"code": "7km2qx"}, shown_on=booking)
    clock.pass_by(minutes=75)
    person.sends(f"{booking}/leave", shown_on=booking)
    answer = person.opens("/manager/attendance.csv?month=2026-11")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert "千代田合同庁舎,A-1,13:00,15:00,13:00,14:15,75,利用済" in answer.data.decode("utf-8-sig")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="attendance-2026-11.csv"'
