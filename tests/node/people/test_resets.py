"""The code on paper with which somebody sets a password of their own."""

from datetime import date, timedelta

import pytest

from federation.errors import BadPassword, CommonPassword, ResetRefused, SignInLocked, SignInRefused
from federation.storage import Storage
from node.models.staff import Staff
from node.people import attempts, codesheet, passwords, resets, signin
from node.people import staff as directory
from tests.node.people.conftest import NOW, PASSWORD

CODE = "ABCD-EFGH-JKLM"
OWN = "quartz lantern umbrella"


@pytest.fixture
def person(storage: Storage) -> Staff:
    with storage.transaction(write=True) as db:
        staff = directory.add(db, number="012345", name="立寄 太郎", password=PASSWORD, now=NOW)
        resets.issue(db, staff, passwords.digest(codesheet.plain(CODE)), by="staff:9", now=NOW)
        return staff


def redeem(storage: Storage, code: str = CODE, password: str = OWN, number: str = "012345", **later: float) -> int:
    later_on = NOW + timedelta(**later)
    return resets.redeem(storage, number, code, password, secret="s", now=later_on).staff_id


def test_a_code_sets_an_own_password_once(storage: Storage, person: Staff) -> None:
    assert redeem(storage, "abcd efgh jklm") == person.id
    assert signin.sign_in(storage, "012345", OWN, secret="s", now=NOW).staff_id == person.id
    with pytest.raises(ResetRefused):
        redeem(storage)


@pytest.mark.usefixtures("person")
def test_the_old_password_is_worth_nothing_from_the_moment_the_code_is_printed(storage: Storage) -> None:
    with pytest.raises(SignInRefused):
        signin.sign_in(storage, "012345", PASSWORD, secret="s", now=NOW)


@pytest.mark.usefixtures("person")
def test_a_code_is_good_for_a_week(storage: Storage) -> None:
    with pytest.raises(ResetRefused):
        redeem(storage, days=7)
    assert redeem(storage, days=6.99)


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize(("code", "number"), [("", "012345"), ("ABCD", "012345"), (CODE, "999999"), (CODE, "")])
def test_everything_else_is_refused(storage: Storage, code: str, number: str) -> None:
    with pytest.raises(ResetRefused):
        redeem(storage, code, number=number)


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize("number", ["012345", "999999"])
def test_codes_are_guessed_a_few_times_only(storage: Storage, number: str) -> None:
    for _ in range(attempts.FREE):
        with pytest.raises(ResetRefused):
            redeem(storage, "AAAA-AAAA-AAAA", number=number)
    with pytest.raises(SignInLocked):
        redeem(storage, number=number)


@pytest.mark.parametrize("password", ["short", "contains-012345-my-number", "passwordpassword", "123456789012345"])
def test_a_password_that_will_not_do_leaves_the_code(storage: Storage, person: Staff, password: str) -> None:
    with pytest.raises(BadPassword):
        redeem(storage, password=password)
    assert redeem(storage) == person.id


@pytest.mark.usefixtures("person")
def test_a_leaver_comes_back_by_no_code(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        (directory.find(db, "012345") or Staff()).left_on = date(2026, 11, 24)
    with pytest.raises(ResetRefused):
        redeem(storage)


@pytest.mark.parametrize(
    "password", ["passwordpassword", "qwertyuiopasdfgh", "aaaaaaaaaaaaaaa", "abcdefghijklmno", "1qaz2wsx3edc4rfv"]
)
def test_a_password_that_is_tried_first_is_refused(password: str) -> None:
    with pytest.raises(CommonPassword):
        passwords.hashed(password)
