"""What somebody tries at a town's own pages, and what they get."""

import base64
import zlib

import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from federation.storage import Storage
from node.people import staff as people
from tests.corpus.cases import case
from tests.node.home.conftest import Clock
from tests.node.views.conftest import OWN, Person


def test_a_copied_cookie_is_worth_nothing_after_signing_out(person: Person) -> None:
    cookie = person.client.get_cookie("tachiyori-" + _distinct(person), domain="localhost")
    assert cookie is not None
    assert person.sends("/signout").status_code == 303
    person.client.set_cookie(cookie.key, cookie.value, domain="localhost")
    assert person.opens("/me").status_code == 303


def test_signing_out_has_the_browser_drop_what_it_keeps_of_us_alone(person: Person) -> None:
    dropped = person.sends("/signout").headers["Clear-Site-Data"]
    assert dropped == '"cache", "storage"'  # Cookies would go for the whole domain, the town's other services included.


def test_a_session_that_never_rests_ends_all_the_same(person: Person, clock: Clock) -> None:
    for _ in range(10):
        assert person.opens("/me").status_code == 200
        clock.pass_by(hours=1)
    assert person.opens("/me").headers["Location"].startswith("/signin")


def test_who_found_a_session_open_cannot_go_on_guessing(person: Person) -> None:
    form = {"current": "wrong", "new": "another-long-password"}
    answers = [person.sends("/me/password", form).status_code for _ in range(6)]
    assert answers == [303, 303, 303, 303, 303, 429]


@case("X07")
def test_a_number_nobody_has_is_locked_like_any_other(stranger: Person) -> None:
    known, unknown = (
        [stranger.signs_in(number, "wrong").status_code for _ in range(6)] for number in ("012345", "999999")
    )
    assert known == unknown == [401, 401, 401, 401, 401, 429]


@pytest.mark.parametrize("desk", ["http://[/desks/x", "http://a%E2%84%80b/desks/x", "//", "%00", "javascript:alert(1)"])
def test_what_is_no_desks_address_is_not_found(person: Person, desk: str) -> None:
    assert person.opens(f"/book?desk={desk}").status_code == 404


def test_who_took_a_staff_list_over_is_written_down(person: Person, storage: Storage) -> None:
    packed = base64.b64encode(zlib.compress("職員番号,氏名\n012345,立寄 太郎\n000777,新人\n".encode())).decode()
    form = {"content": packed, "effective": "2026-11-24"}
    assert person.sends("/personnel/staff/take-over", form).status_code == 303
    with storage.transaction() as db:
        line = db.scalars(select(AuditEntry).where(AuditEntry.event == "staff-list")).one()
        own = people.find(db, "012345")
    assert own is not None
    assert (line.actor, line.reason) == (f"staff:{own.id}", "joining 1, changing 0, leaving 0")


@pytest.mark.parametrize("path", ["attendance", "attendance.csv"])
@pytest.mark.parametrize("month", ["9999-12", "0001-01", "1999-12", "2026-13", "%00"])
def test_a_month_outside_every_calendar_is_refused(person: Person, path: str, month: str) -> None:
    assert person.opens(f"/manager/{path}?month={month}&year=1").status_code == 400


def _distinct(person: Person) -> str:
    name: str = person.client.application.config["SESSION_COOKIE_NAME"]
    assert OWN not in name
    return name.removeprefix("tachiyori-")
