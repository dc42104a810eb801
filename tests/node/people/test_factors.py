"""Second factors: the app's codes, the printed sheet, and the lock over both."""

from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from federation.errors import CodeRefused, Conflict, SignInLocked, Unavailable
from federation.storage import Storage
from node.models.factors import AuthenticatorApp, SheetCode
from node.models.staff import Staff
from node.people import attempts, authenticator, codesheet, factors
from node.people import staff as directory
from node.people.sealing import Seal
from tests.node.people.conftest import NOW


@pytest.fixture
def seal(tmp_path: Path) -> Seal:
    return Seal(tmp_path)


@pytest.fixture
def person(storage: Storage) -> Staff:
    with storage.transaction(write=True) as db:
        return directory.add(db, number="012345", name="立寄 太郎", now=NOW)


@pytest.fixture
def app(storage: Storage, person: Staff, seal: Seal) -> pyotp.TOTP:
    """The person's confirmed app; the code of a minute ago is used."""
    with storage.transaction(write=True) as db:
        totp = pyotp.TOTP(authenticator.secret_for(db, person.id, seal, session="here"))
        before = NOW - timedelta(minutes=1)
        assert authenticator.confirm(db, person.id, totp.at(before), seal, session="here", now=before)
    return totp


@pytest.fixture
def sheet(storage: Storage, person: Staff) -> list[str]:
    codes = list(codesheet.fresh())
    with storage.transaction(write=True) as db:
        codesheet.replace(db, person.id, codesheet.digests(codes))
    return codes


def shown(storage: Storage, person: Staff, code: str, seal: Seal, **later: float) -> bool:
    try:
        factors.show_code(storage, person, code, seal, secret="s", now=NOW + timedelta(**later))
    except CodeRefused:
        return False
    return True


# --- The app ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("step", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_one_step(
    storage: Storage, person: Staff, app: pyotp.TOTP, seal: Seal, step: int, right: bool
) -> None:
    assert shown(storage, person, app.at(NOW + timedelta(seconds=30 * step)), seal) is right


def test_a_code_of_the_app_is_good_once(storage: Storage, person: Staff, app: pyotp.TOTP, seal: Seal) -> None:
    assert shown(storage, person, app.at(NOW), seal)
    assert not shown(storage, person, app.at(NOW), seal)
    assert not shown(storage, person, app.at(NOW - timedelta(seconds=30)), seal, seconds=5)
    assert shown(storage, person, app.at(NOW + timedelta(seconds=30)), seal, seconds=30)


def test_the_code_that_confirmed_the_app_opens_nothing(storage: Storage, person: Staff, seal: Seal) -> None:
    with storage.transaction(write=True) as db:
        totp = pyotp.TOTP(authenticator.secret_for(db, person.id, seal, session="here"))
        assert authenticator.confirm(db, person.id, totp.at(NOW), seal, session="here", now=NOW)
    assert not shown(storage, person, totp.at(NOW), seal)


def test_an_app_that_never_showed_a_code_is_no_factor(storage: Storage, person: Staff, seal: Seal) -> None:
    with storage.transaction(write=True) as db:
        totp = pyotp.TOTP(authenticator.secret_for(db, person.id, seal, session="here"))
        assert authenticator.secret_for(db, person.id, seal, session="here") == totp.secret
        assert not authenticator.confirm(db, person.id, "000000", seal, session="here", now=NOW)
        assert not factors.held(db, person.id)
    assert not shown(storage, person, totp.at(NOW), seal)


def test_who_found_a_session_open_does_not_see_the_secret_its_owner_confirms(
    storage: Storage, person: Staff, seal: Seal
) -> None:
    with storage.transaction(write=True) as db:
        seen = pyotp.TOTP(authenticator.secret_for(db, person.id, seal, session="found open"))
        own = pyotp.TOTP(authenticator.secret_for(db, person.id, seal, session="here"))
        assert seen.secret != own.secret
        assert not authenticator.confirm(db, person.id, own.at(NOW), seal, session="found open", now=NOW)
        assert authenticator.confirm(db, person.id, own.at(NOW), seal, session="here", now=NOW)


def test_a_confirmed_secret_is_never_shown_again(storage: Storage, person: Staff, app: pyotp.TOTP, seal: Seal) -> None:
    with pytest.raises(Conflict), storage.transaction(write=True) as db:
        authenticator.secret_for(db, person.id, seal, session="here")


def test_the_database_does_not_hold_the_secret(
    storage: Storage, person: Staff, app: pyotp.TOTP, tmp_path: Path, seal: Seal
) -> None:
    with storage.transaction() as db:
        sealed = db.get_one(AuthenticatorApp, person.id).sealed
    assert app.secret not in sealed
    assert seal.open(sealed, of=person.id) == app.secret
    assert (tmp_path / "keys" / "factors.secret").stat().st_mode & 0o777 == 0o600
    for wrong in (Seal(tmp_path / "another"), seal):
        with pytest.raises(Unavailable):
            wrong.open(sealed, of=person.id + (wrong is seal))


@pytest.mark.parametrize(
    "code", ["", "0", "12345", "1234567", "１２３４５６", "aaaaaa", "00000\0", "' or 1", "9" * 5000]
)
def test_what_is_no_code_is_refused(storage: Storage, person: Staff, app: pyotp.TOTP, seal: Seal, code: str) -> None:
    assert not shown(storage, person, code, seal)


# --- The sheet --------------------------------------------------------------------------------------------------------


def test_a_sheets_codes_are_good_once_each_in_their_order(
    storage: Storage, person: Staff, sheet: list[str], seal: Seal
) -> None:
    assert not shown(storage, person, sheet[1], seal)
    assert shown(storage, person, sheet[0].lower().replace("-", " "), seal)
    assert not shown(storage, person, sheet[0], seal)
    assert shown(storage, person, sheet[1], seal)
    with storage.transaction() as db:
        assert (factors.held(db, person.id).codes, factors.held(db, person.id).next_code) == (8, 3)


def test_a_new_sheet_kills_the_old_one(storage: Storage, person: Staff, sheet: list[str], seal: Seal) -> None:
    with storage.transaction(write=True) as db:
        codesheet.replace(db, person.id, codesheet.digests(["ZZZZ-ZZZZ"]))
    assert not shown(storage, person, sheet[0], seal)
    assert shown(storage, person, "ZZZZ-ZZZZ", seal)
    with storage.transaction() as db:
        assert not factors.held(db, person.id)


def test_a_sheet_is_kept_as_digests(storage: Storage, person: Staff, sheet: list[str]) -> None:
    with storage.transaction() as db:
        kept = db.scalars(select(SheetCode.digest).order_by(SheetCode.place)).all()
    assert [digest.startswith("$argon2id$") for digest in kept] == [True] * codesheet.LINES
    assert len(set(sheet)) == codesheet.LINES


# --- The lock ---------------------------------------------------------------------------------------------------------


def test_codes_are_guessed_no_more_often_than_passwords(
    storage: Storage, person: Staff, app: pyotp.TOTP, seal: Seal
) -> None:
    for _ in range(attempts.FREE):
        assert not shown(storage, person, "000000", seal)
    with pytest.raises(SignInLocked):
        shown(storage, person, app.at(NOW), seal)
    later = {"minutes": 2.0}
    assert shown(storage, person, app.at(NOW + timedelta(**later)), seal, **later)


def test_each_code_leaves_one_line_without_the_code(
    storage: Storage, person: Staff, app: pyotp.TOTP, seal: Seal
) -> None:
    shown(storage, person, "000000", seal)
    shown(storage, person, app.at(NOW), seal)
    with storage.transaction() as db:
        lines = db.scalars(select(AuditEntry).where(AuditEntry.event == "second-factor").order_by(AuditEntry.number))
        assert [(line.verdict, line.reason) for line in lines] == [("refused", "app"), ("allowed", "app")]


def test_who_lost_everything_has_nothing_left(
    storage: Storage, person: Staff, app: pyotp.TOTP, sheet: list[str], seal: Seal
) -> None:
    with storage.transaction(write=True) as db:
        assert factors.remove_all(db, person.id)
        assert not factors.remove_all(db, person.id)
        assert not factors.held(db, person.id)
    assert not shown(storage, person, sheet[0], seal)
