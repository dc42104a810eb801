"""名簿の印刷用端末: the day's list on paper by itself, and nothing else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from node.host import approvals, listprinters, visits
from node.models.printers import ListPrinter
from node.town import Town
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import NOW, Came, Offered, books, offer

Printer = Callable[..., Person]


@pytest.fixture
def offered(host_town: Town) -> Offered:
    return offer(host_town, desks=6)


@pytest.fixture
def came(host_town: Town, offered: Offered) -> Came:
    return books(host_town, offered, name="井上 彩")


@pytest.fixture
def printer(site_admin: Person, came: Came) -> Person:
    """The browser in which a site admin let a computer in."""
    assert came
    answer = site_admin.sends("/admin/printers", {"name": "守衛室", "site": "all"})
    assert answer.headers["Location"] == "/printing"
    return site_admin


def at(town: Town, **later: float) -> None:
    town.clock.now = NOW + timedelta(**later)  # type: ignore[attr-defined]


def is_due(printer: Person) -> bool:
    answer = printer.opens("/printing/state").json
    assert answer is not None
    return bool(answer["due"])


def prints(printer: Person) -> str:
    page = plain(printer.opens("/printing/list"))
    assert printer.sends("/printing/list", shown_on="/printing/list").status_code == 204
    return page


def test_who_let_it_in_is_signed_out_there(printer: Person) -> None:
    assert printer.opens("/printing").status_code == 200
    assert printer.opens("/admin").status_code == 303
    assert printer.opens("/reception").status_code == 303


def test_its_secret_goes_to_its_own_pages_alone(site_admin: Person, came: Came) -> None:
    assert came
    answer = site_admin.sends("/admin/printers", {"name": "守衛室", "site": "all"})
    (kept,) = [one for one in answer.headers.getlist("Set-Cookie") if "-printer=" in one]
    assert all(words in kept for words in ("HttpOnly", "Path=/printing", "SameSite=Strict"))


def test_who_is_no_printer_prints_nothing(site_admin: Person, came: Came) -> None:
    assert came
    for path in ("/printing", "/printing/state", "/printing/list"):
        assert site_admin.opens(path).status_code == 403


def test_the_screen_names_nobody(printer: Person) -> None:
    assert "井上" not in printer.reads("/printing")
    assert "井上" not in printer.opens("/printing/state").text


def test_the_first_list_is_due_at_eight(printer: Person, host_town: Town) -> None:
    at(host_town, hours=-1, minutes=-1)
    assert not is_due(printer)
    at(host_town, hours=-1)
    assert is_due(printer)


def test_nothing_is_printed_of_a_day_without_visitors(printer: Person, host_town: Town, came: Came) -> None:
    with host_town.storage.transaction(write=True) as db:
        approvals.call_off(db, came.id, NOW)
    assert not is_due(printer)


def test_what_was_printed_is_not_printed_again(printer: Person, host_town: Town) -> None:
    page = prints(printer)
    assert all(words in page for words in ("井上 彩", "本日1回目の印刷"))
    at(host_town, hours=4)
    assert not is_due(printer)


def test_untold_it_is_printed_once_more(printer: Person) -> None:
    printer.opens("/printing/list")
    assert is_due(printer)


def test_changes_are_gathered_and_marked(printer: Person, host_town: Town, came: Came, offered: Offered) -> None:
    prints(printer)
    books(host_town, offered, 1, name="斎藤 学")
    with host_town.storage.transaction(write=True) as db:
        approvals.call_off(db, came.id, NOW)
    assert not is_due(printer)
    at(host_town, minutes=3)
    assert is_due(printer)
    page = prints(printer)
    assert all(words in page for words in ("本日2回目の印刷", "斎藤 学新規", "新規1件、変更0件、取消し1件", came.code))
    assert "井上" not in page


def test_what_changes_while_it_prints_is_printed_next(printer: Person, host_town: Town, offered: Offered) -> None:
    printer.opens("/printing/list")
    books(host_town, offered, 1, name="斎藤 学")
    printer.sends("/printing/list", shown_on="/printing/list")
    at(host_town, minutes=3)
    assert is_due(printer)


def test_an_arrival_changes_no_list(printer: Person, host_town: Town, came: Came) -> None:
    prints(printer)
    at(host_town, hours=1)
    with host_town.storage.transaction(write=True) as db:
        visits.arrive(db, visits.get_place(db, came.place), host_town.clock())
    assert not is_due(printer)


def test_each_morning_begins_anew(printer: Person, host_town: Town, offered: Offered) -> None:
    prints(printer)
    books(
        host_town,
        offered,
        1,
        start=NOW + timedelta(days=1, hours=1),
        end=NOW + timedelta(days=1, hours=2),
        name="斎藤 学",
    )
    at(host_town, days=1)
    page = prints(printer)
    assert "本日1回目の印刷" in page
    assert "新規" not in page


def test_the_look_at_the_names_is_logged_as_the_printers(printer: Person, host_town: Town, came: Came) -> None:
    prints(printer)
    with host_town.storage.transaction() as db:
        mine = f"printer:{db.scalars(select(ListPrinter.id)).one()}"
        lines = db.scalars(select(AuditEntry).where(AuditEntry.actor == mine)).all()
    assert {(one.event, one.subject) for one in lines} >= {("manifest.viewed", came.id), ("list-printed", mine[8:])}


def test_one_that_was_ended_prints_no_more(printer: Person, host_town: Town) -> None:
    with host_town.storage.transaction(write=True) as db:
        listprinters.end(db, db.scalars(select(ListPrinter.id)).one(), by="staff:1", now=NOW)
    assert printer.opens("/printing/state").status_code == 403


def test_one_whose_time_is_over_prints_no_more(printer: Person, host_town: Town) -> None:
    at(host_town, days=180)
    assert printer.opens("/printing").status_code == 403


@pytest.mark.parametrize(
    "form", [{"name": "", "site": "all"}, {"name": "守衛室", "site": "else"}, {"name": "あ" * 41, "site": "all"}]
)
def test_bad_input_lets_nobody_in(site_admin: Person, host_town: Town, form: dict[str, str]) -> None:
    assert site_admin.sends("/admin/printers", form).status_code == 400
    with host_town.storage.transaction() as db:
        assert db.scalars(select(ListPrinter)).all() == []


def test_who_let_it_in_sees_it_and_ends_it(site_admin: Person, host_town: Town, came: Came) -> None:
    assert came
    with host_town.storage.transaction(write=True) as db:
        listprinters.let_in(db, "東の守衛室", None, by="staff:1", now=NOW)
        mine = db.scalars(select(ListPrinter.id)).one()
    assert "東の守衛室" in site_admin.reads("/admin/printers")
    site_admin.sends(f"/admin/printers/{mine}/end")
    assert "東の守衛室" not in site_admin.reads("/admin/printers")
    assert site_admin.sends(f"/admin/printers/{mine}/end").status_code == 404
