"""Signing in with the built-in directory."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from federation.errors import BadPassword, NotSignedIn, SignInLocked, SignInRefused
from federation.storage import Storage
from node.models.staff import SignInAttempts, Staff
from node.people import assurance, attempts, passwords, sessions, signin
from node.people import staff as directory
from tests.node.people.conftest import NOW, PASSWORD


@pytest.fixture
def person(storage: Storage) -> Staff:
    with storage.transaction(write=True) as db:
        directory.add(db, number="000001", name="同僚 花子", password="another-long-one", now=NOW)
        return directory.add(db, number="012345", name="立寄 太郎", password=PASSWORD, now=NOW)


def enter(storage: Storage, password: str = PASSWORD, number: str = "012345", **later: float) -> signin.SignedIn:
    return signin.sign_in(storage, number, password, secret="s", now=NOW + timedelta(**later))


def kept(storage: Storage) -> signin.SignedIn:
    """Sign in and begin a session."""
    signed_in = enter(storage)
    with storage.transaction(write=True) as db:
        sessions.begin(db, signed_in)
        assert sessions.still(db, signed_in, now=NOW)
    return signed_in


def test_number_and_password_sign_in_with_one_factor(storage: Storage, person: Staff) -> None:
    assert enter(storage) == signin.SignedIn(person.id, 1, assurance.ONE_FACTOR, NOW)


def test_full_width_letters_are_the_same_password(storage: Storage, person: Staff) -> None:
    assert enter(storage, "ｔａｃｈｉｙｏｒｉ－ｄｅｓｕ－ｙｏ").staff_id == person.id


@pytest.mark.parametrize(
    ("number", "password"),
    [
        ("012345", "wrong"),
        ("012345", ""),
        ("999999", PASSWORD),
        ("", ""),
        ("' OR 1=1 --", PASSWORD),
        ("012345", "あ" * 9999),
    ],
)
@pytest.mark.usefixtures("person")
def test_everything_else_is_refused_in_one_way(storage: Storage, number: str, password: str) -> None:
    with pytest.raises(SignInRefused):
        enter(storage, password, number)


def told(storage: Storage, number: str, *, times: int) -> list[tuple[str, int | None]]:
    """Return what is answered to wrong passwords, one after the other."""
    answers = []
    for _ in range(times):
        with pytest.raises((SignInRefused, SignInLocked)) as refused:
            enter(storage, "wrong", number)
        answers.append((refused.value.code, refused.value.retry_after))
    return answers


@pytest.mark.usefixtures("person")
def test_a_lock_does_not_say_who_serves_here(storage: Storage) -> None:
    known = told(storage, "012345", times=attempts.FREE + 2)
    assert known == told(storage, "999999", times=attempts.FREE + 2)
    assert [code for code, _ in known[-3:]] == ["sign-in-refused", "sign-in-locked", "sign-in-locked"]


@pytest.mark.usefixtures("person")
def test_blanks_around_a_number_are_no_other_number(storage: Storage) -> None:
    told(storage, " 012345", times=attempts.FREE)
    with pytest.raises(SignInLocked):
        enter(storage)


@pytest.mark.usefixtures("person")
def test_what_was_typed_is_not_kept_and_forgotten_after_a_day(storage: Storage) -> None:
    told(storage, "a password in the wrong field", times=1)
    with storage.transaction(write=True) as db:
        (counted,) = db.scalars(select(SignInAttempts)).all()
        assert (counted.mark, counted.failures) == (attempts.mark_of("s", "a password in the wrong field"), 1)
        assert counted.mark != attempts.mark_of("another town's", "a password in the wrong field")
        attempts.forget(db, now=NOW + timedelta(days=1))
        assert db.scalars(select(SignInAttempts)).all() == []


def test_the_own_password_is_asked_for_under_the_same_lock(storage: Storage, person: Staff) -> None:
    signin.confirm(storage, person, PASSWORD, secret="s", now=NOW)
    for _ in range(attempts.FREE):
        with pytest.raises(SignInRefused):
            signin.confirm(storage, person, "wrong", secret="s", now=NOW)
    with pytest.raises(SignInLocked):
        signin.confirm(storage, person, PASSWORD, secret="s", now=NOW)
    with pytest.raises(SignInLocked):
        enter(storage)


@pytest.mark.usefixtures("person")
def test_too_many_wrong_ones_lock_for_a_while_even_with_the_right_one(storage: Storage) -> None:
    for _ in range(attempts.FREE):
        with pytest.raises(SignInRefused):
            enter(storage, "wrong")
    with pytest.raises(SignInLocked) as locked:
        enter(storage)
    assert 0 < (locked.value.retry_after or 0) <= 61
    assert enter(storage, minutes=2)


@pytest.mark.usefixtures("person")
def test_guesses_sent_at_once_are_no_more_than_the_free_ones(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    def meanwhile(stored: str, password: str) -> bool:
        monkeypatch.undo()
        for _ in range(attempts.FREE):
            with pytest.raises(SignInRefused):
                enter(storage, "wrong")
        return passwords.matches(stored, password)

    monkeypatch.setattr(passwords, "matches", meanwhile)
    with pytest.raises(SignInLocked):
        enter(storage)


@pytest.mark.usefixtures("person")
def test_each_sign_in_of_somebody_known_leaves_one_line(storage: Storage) -> None:
    enter(storage)
    for number in ("012345", "999999"):
        with pytest.raises(SignInRefused):
            enter(storage, "wrong", number)
    with storage.transaction() as db:
        lines = [(line.event, line.verdict) for line in db.scalars(select(AuditEntry).order_by(AuditEntry.number))]
    assert lines == [("sign-in", "allowed"), ("sign-in", "refused")]


def test_a_leaver_is_out_at_once_and_so_are_their_sessions(storage: Storage, person: Staff) -> None:
    session = kept(storage)
    with storage.transaction(write=True) as db:
        directory.get(db, person.id).left_on = date(2026, 11, 24)
    with pytest.raises(SignInRefused):
        enter(storage)
    with storage.transaction() as db, pytest.raises(NotSignedIn):
        sessions.still(db, session, now=NOW)


def test_who_leaves_at_the_end_of_march_still_works_today(storage: Storage, person: Staff) -> None:
    with storage.transaction(write=True) as db:
        directory.get(db, person.id).left_on = date(2027, 4, 1)
    assert enter(storage)


def test_a_new_password_ends_every_session(storage: Storage, person: Staff) -> None:
    session = kept(storage)
    with storage.transaction(write=True) as db:
        directory.set_password(db, directory.get(db, person.id), "a-new-long-password")
    with storage.transaction() as db, pytest.raises(NotSignedIn):
        sessions.still(db, session, now=NOW)
    assert enter(storage, "a-new-long-password").epoch == 2


@pytest.mark.parametrize("password", ["short", "x" * 129, "prefix-012345-suffix"])
def test_a_password_that_is_too_easy_is_refused(password: str) -> None:
    with pytest.raises(BadPassword):
        passwords.hashed(password, number="012345")


def test_nobody_without_a_password_signs_in(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        directory.add(db, number="777777", name="窓口のみ", now=NOW)
    with pytest.raises(SignInRefused):
        enter(storage, "", "777777")


def test_an_unknown_level_of_assurance_reaches_nothing() -> None:
    assert assurance.reaches(assurance.TWO_FACTORS, assurance.ONE_FACTOR)
    assert not assurance.reaches("urn:tachiyori:aal:9", assurance.ONE_FACTOR)
    assert not assurance.reaches(assurance.ONE_FACTOR, assurance.TWO_FACTORS)
