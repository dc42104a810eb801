"""Yearly staff lists: read as they come, compared, and taken over whole or not at all."""

from datetime import date

import pytest

from federation.errors import BadInput, OwnRoles, TooLarge, UnreadableFile
from federation.storage import Storage
from node.models.staff import Staff
from node.people import staff as directory
from node.people import stafflist
from node.people.subjects import find_person, subject_for
from tests.node.people.conftest import NOW

HEADING = "職員番号,氏名,氏名カナ,所属,任命権者,任用区分,権限"
LIST = f"""{HEADING}
000001,髙橋 花子,タカハシ ハナコ,財政課,市長部局,常勤,
012345,立寄 太郎,タチヨリ タロウ,企画課,市長部局,常勤,所属長・施設担当者
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_list_is_read_in_every_usual_encoding(encoding: str) -> None:
    listed = stafflist.read(LIST.encode(encoding))
    assert [line.name for line in listed.lines] == ["髙橋 花子", "立寄 太郎"]
    assert listed.lines[1].roles == frozenset({"staff", "manager", "site_admin"})
    assert listed.bad == ()


def test_a_leading_zero_stays() -> None:
    assert stafflist.read(LIST.encode()).lines[0].number == "000001"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (",名無し,,,,,", "職員番号"),
        ("5,,,,,,", "氏名"),
        ("5,あ,,,,,村長", "権限"),
        ("012345,別人,,,,,", "職員番号"),
        (f"5,{'長' * 101},,,,,", "氏名"),
        ("5,見え\u202eない,,,,,", "氏名"),
    ],
)
def test_a_wrong_line_is_named_with_its_number_and_column(row: str, column: str) -> None:
    (bad,) = stafflist.read(f"{LIST}{row}\n".encode()).bad
    assert (bad.line, bad.column) == (4, column)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01\x02",
        b"PK\x03\x04\x00\x00",
        "氏名\n太郎\n".encode(),
        f"{HEADING}\n".encode(),
        b"\xff\xfe" * 50,
        b'a,"b\nc',
    ],
)
def test_what_is_no_list_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        stafflist.read(content)


def test_ten_megabytes_are_too_many() -> None:
    with pytest.raises(TooLarge):
        stafflist.read(b"x" * 10 * 1024 * 1024)


def test_taking_over_adds_changes_and_lets_go(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        directory.add(db, number="012345", name="旧姓 太郎", now=NOW)
        directory.add(db, number="099999", name="退職 次郎", now=NOW)
    listed = stafflist.read(LIST.encode())
    with storage.transaction(write=True) as db:
        difference = directory.take_over(db, listed, effective=date(2027, 4, 1), by=None, now=NOW)
    assert difference == directory.Difference(("000001",), ("012345",), (), ("099999",), ("012345",))
    with storage.transaction() as db:
        assert (directory.find(db, "012345") or Staff()).name == "立寄 太郎"
        assert (directory.find(db, "099999") or Staff()).left_on == date(2027, 4, 1)


def test_taking_the_same_list_over_again_changes_nothing(storage: Storage) -> None:
    listed = stafflist.read(LIST.encode())
    with storage.transaction(write=True) as db:
        directory.take_over(db, listed, effective=date(2027, 4, 1), by=None, now=NOW)
    with storage.transaction() as db:
        again = directory.compare(db, listed)
    assert (again.joining, again.changing, again.leaving) == ((), (), ())


def test_a_column_that_is_not_there_takes_nothing_away(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        directory.add(db, number="1", name="旧姓", section="税務課", roles=("staff", "manager"), now=NOW)
        listed = stafflist.read("職員番号,氏名\n1,新姓\n".encode())
        directory.take_over(db, listed, effective=date(2027, 4, 1), by=None, now=NOW)
    with storage.transaction() as db:
        person = directory.find(db, "1") or Staff()
        assert (person.name, person.section, person.role_names) == ("新姓", "税務課", frozenset({"staff", "manager"}))


def test_one_wrong_line_and_nothing_is_taken_over(storage: Storage) -> None:
    listed = stafflist.read(f"{LIST}5,,,,,,\n".encode())
    with pytest.raises(BadInput), storage.transaction(write=True) as db:
        directory.take_over(db, listed, effective=date(2027, 4, 1), by=None, now=NOW)
    with storage.transaction() as db:
        assert directory.find(db, "000001") is None


@pytest.mark.parametrize("roles", ["人事担当・施設担当者", "", "所属長"])
@pytest.mark.parametrize("left_on", [None, date(2027, 4, 1)])
def test_nobody_changes_their_own_roles_by_a_list(storage: Storage, roles: str, left_on: date | None) -> None:
    with storage.transaction(write=True) as db:
        own = directory.add(db, number="7", name="人事 花子", roles=("staff", "personnel"), now=NOW)
        own.left_on, by = left_on, own.id
    listed = stafflist.read(f"職員番号,氏名,権限\n1,新人,\n7,人事 花子,{roles}\n".encode())
    with storage.transaction() as db:
        (bad,) = directory.refusing_own_roles(db, listed, by).bad
    assert (bad.line, bad.column, bad.given) == (3, "権限", "7")
    with pytest.raises(OwnRoles), storage.transaction(write=True) as db:
        directory.take_over(db, listed, effective=date(2027, 4, 1), by=by, now=NOW)
    with storage.transaction() as db:
        assert directory.find(db, "1") is None


def test_whose_roles_stay_takes_over_those_of_others(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        by = directory.add(db, number="7", name="人事 花子", roles=("staff", "personnel"), now=NOW).id
    listed = stafflist.read("職員番号,氏名,権限\n1,新人,人事担当\n7,人事 華子,人事担当\n".encode())
    with storage.transaction(write=True) as db:
        directory.take_over(db, listed, effective=date(2027, 4, 1), by=by, now=NOW)
    with storage.transaction() as db:
        assert (directory.find(db, "1") or Staff()).role_names == frozenset({"staff", "personnel"})


def test_each_host_knows_a_person_by_another_name(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        person = directory.add(db, number="1", name="一", now=NOW)
        here, there = (subject_for(db, person.id, host, now=NOW) for host in ("https://a.example", "https://b.example"))
        assert here != there
        assert subject_for(db, person.id, "https://a.example", now=NOW) == here
        assert find_person(db, "https://a.example", here) == person.id
        assert find_person(db, "https://b.example", here) is None


def test_a_role_that_does_not_exist_is_refused(storage: Storage) -> None:
    with pytest.raises(BadInput), storage.transaction(write=True) as db:
        directory.add(db, number="1", name="一", roles=("mayor",), now=NOW)


def test_a_list_names_who_approves_for_somebody(storage: Storage) -> None:
    listed = stafflist.read("職員番号,氏名,承認者\n012345,立寄 太郎,000001\n".encode())
    with storage.transaction(write=True) as db:
        directory.take_over(db, listed, effective=date(2027, 4, 1), by=None, now=NOW)
        who = directory.find(db, "012345")
        assert who is not None
        assert who.approver == "000001"
