"""Letting somebody back in, and looking after one's own account."""

import re

from sqlalchemy import select

from federation.audit import AuditEntry
from federation.storage import Storage
from node.models.notices import Notice
from node.people import staff as people
from tests.node.home.conftest import NOW, Clock
from tests.node.views.conftest import PASSWORD, Person
from tests.node.views.factors import gets_a_sheet

OWN = "quartz lantern umbrella"


def colleague(storage: Storage, person: Person) -> Person:
    with storage.transaction(write=True) as db:
        people.add(db, number="000007", name="同僚 花子", password=PASSWORD, now=NOW)
    return Person(person.client.application.test_client())


def test_a_printed_code_lets_a_colleague_back_in(person: Person, storage: Storage) -> None:
    other = colleague(storage, person)
    other.signs_in("000007")
    printed = person.sends("/personnel/accounts/reset", {"number": "000007"})
    code = re.search(r"[A-Z2-9]{4}(-[A-Z2-9]{4}){2}", printed.text)
    assert code
    assert other.opens("/me").status_code == 303
    assert other.signs_in("000007").status_code == 401
    form = {"number": "000007", "code": code[0], "new": OWN}
    assert other.sends("/signin/reset", {**form, "new": "password"}, shown_on="/signin/reset").status_code == 400
    assert other.sends("/signin/reset", form, shown_on="/signin/reset").status_code == 303
    assert "再設定するコードを発行しました" in other.reads("/notices")
    assert other.sends("/signin/reset", form, shown_on="/signin/reset").status_code == 401


def test_lost_factors_are_removed_and_all_of_it_written_down(person: Person, storage: Storage) -> None:
    other = colleague(storage, person)
    other.signs_in("000007")
    gets_a_sheet(other)
    assert "残り10個" in person.reads("/personnel/accounts?number=000007")
    assert person.sends("/personnel/accounts/factors", {"number": "000007"}).status_code == 303
    assert other.opens("/me").status_code == 303
    assert other.signs_in("000007").headers["Location"] == "/"
    with storage.transaction() as db:
        mine = people.find(db, "012345")
        assert mine is not None
        by_me = select(AuditEntry.event).where(AuditEntry.actor == f"staff:{mine.id}", AuditEntry.event != "sign-in")
        assert set(db.scalars(by_me)) == {"factors-removed", "sessions-ended"}
        assert db.scalars(select(Notice.staff_id).where(Notice.staff_id != mine.id)).all()


def test_a_session_found_open_opens_no_other_account(person: Person, storage: Storage, clock: Clock) -> None:
    other = colleague(storage, person)
    clock.pass_by(minutes=16)
    for path in ("reset", "factors"):
        sent = person.sends(f"/personnel/accounts/{path}", {"number": "000007"})
        assert sent.headers["Location"] == "/signin?next=/personnel/accounts"
    assert other.signs_in("000007").headers["Location"] == "/"


def test_nobody_lets_themselves_back_in(person: Person) -> None:
    for path in ("reset", "factors"):
        assert person.sends(f"/personnel/accounts/{path}", {"number": "012345"}).status_code == 400
    assert person.opens("/me").status_code == 200


def test_only_personnel_opens_accounts(person: Person, storage: Storage) -> None:
    other = colleague(storage, person)
    other.signs_in("000007")
    assert other.opens("/personnel/accounts").status_code == 403
    assert other.sends("/personnel/accounts/reset", {"number": "012345"}).status_code == 403


def test_a_number_nobody_has_is_said_to_be_none(person: Person) -> None:
    assert person.opens("/personnel/accounts?number=999999").status_code == 400


def test_a_new_password_ends_other_sessions_and_this_one_goes_on(person: Person, clock: Clock) -> None:
    elsewhere = Person(person.client.application.test_client())
    elsewhere.signs_in()
    changed = person.sends("/me/password", {"current": PASSWORD, "new": OWN}, shown_on="/me/account")
    assert changed.headers["Location"] == "/me/account"
    assert (person.opens("/me").status_code, elsewhere.opens("/me").status_code) == (200, 303)
    assert (elsewhere.signs_in().status_code, elsewhere.signs_in(password=OWN).status_code) == (401, 303)


def test_a_person_sees_and_ends_their_other_sessions(person: Person) -> None:
    others = [Person(person.client.application.test_client()) for _ in range(2)]
    for other in others:
        other.signs_in()
    page = person.opens("/me/account").text
    one = re.search(r'name="session" value="([^"]+)"', page)
    assert one
    assert page.count("この端末<") == 1
    person.sends("/me/sessions/end", {"session": one[1]})
    assert [other.opens("/me").status_code for other in others].count(303) == 1
    person.sends("/me/sessions/end")
    assert [other.opens("/me").status_code for other in (person, *others)] == [200, 303, 303]
