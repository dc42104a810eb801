"""在館者確認: is everybody safe?"""

from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from federation.audit import AuditEntry
from node.models.rollcalls import Accounted
from node.town import Town
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import NOW, Came, begins, books, offer, statements


@pytest.fixture
def here(host_town: Town, site_admin: Person) -> Came:
    came = books(host_town, offer(host_town, desks=6), name="井上 彩")
    host_town.clock.now = NOW + timedelta(hours=1)  # type: ignore[attr-defined]
    site_admin.sends(f"/reception/places/{came.place}/arrive")
    return came


def marks(person: Person, call: str, came: Came, answer: str, last: str = "0") -> int:
    path = f"/reception/rollcall/{call}/people/{came.place}"
    return person.sends(path, {"answer": answer, "last": last}).status_code


def test_before_it_begins_the_page_shows_who_is_here(site_admin: Person, here: Came) -> None:
    page = site_admin.reads("/reception/rollcall")
    assert all(words in page for words in ("在館中 1名", "井上 彩", "点呼を始める"))
    assert "点呼を終了する" not in page


def test_it_counts_down_to_everybody(site_admin: Person, here: Came, host_town: Town) -> None:
    call = begins(site_admin, host_town)
    assert "未確認 1名" in site_admin.reads("/reception/rollcall")
    assert marks(site_admin, call, here, "seen") == 303
    assert "在館中の1名全員を確認しました" in site_admin.reads("/reception/rollcall")


def test_a_stale_page_does_not_undo_what_another_warden_said(site_admin: Person, here: Came, host_town: Town) -> None:
    call = begins(site_admin, host_town)
    marks(site_admin, call, here, "sheltering")
    answer = site_admin.sends(f"/reception/rollcall/{call}/people/{here.place}", {"answer": "seen"})
    assert answer.status_code == 409
    assert "ほかの職員が先に別の記録をしました" in plain(answer)
    assert "庁舎待機" in site_admin.reads("/reception/rollcall")


def test_the_end_shows_first_who_is_missing(site_admin: Person, here: Came, host_town: Town) -> None:
    call = begins(site_admin, host_town)
    answer = site_admin.sends(f"/reception/rollcall/{call}/end")
    page = site_admin.reads(answer.headers["Location"])
    assert all(words in page for words in ("未確認のまま終了した方が1名います", "井上 彩", "埼玉県"))
    assert site_admin.sends(f"/reception/rollcall/{call}/end").status_code == 303
    assert marks(site_admin, call, here, "seen") == 303
    assert "未確認のまま終了した方が1名います" in site_admin.reads(f"/reception/rollcall/{call}")


def test_a_drill_says_so(site_admin: Person, here: Came, host_town: Town) -> None:
    site_admin.sends("/reception/rollcall", {"drill": "1"})
    assert "在館者確認（訓練）" in site_admin.reads("/reception/rollcall")


def test_the_list_is_printed_before_and_during_it(site_admin: Person, here: Came, host_town: Town) -> None:
    assert "井上 彩" in site_admin.reads("/reception/rollcall/list")
    marks(site_admin, begins(site_admin, host_town), here, "sheltering")
    assert site_admin.reads("/reception/rollcall/list").count("庁舎待機") == 2


@pytest.mark.parametrize("answer", ["vanished", "", "seen\0"])
def test_an_answer_that_is_none_is_refused(site_admin: Person, here: Came, host_town: Town, answer: str) -> None:
    assert marks(site_admin, begins(site_admin, host_town), here, answer) == 400
    with host_town.storage.transaction() as db:
        assert db.scalars(select(Accounted)).all() == []


def test_who_is_not_in_the_building_is_not_accounted_for(site_admin: Person, here: Came, host_town: Town) -> None:
    coming = books(host_town, here.offered, 1, start=NOW + timedelta(hours=2))
    assert marks(site_admin, begins(site_admin, host_town), coming, "seen") == 404


def test_each_step_is_logged_without_a_name(site_admin: Person, here: Came, host_town: Town) -> None:
    call = begins(site_admin, host_town)
    marks(site_admin, call, here, "seen")
    site_admin.sends(f"/reception/rollcall/{call}/end")
    with host_town.storage.transaction() as db:
        entries = db.scalars(select(AuditEntry).where(AuditEntry.event.like("roll-call%"))).all()
    assert [one.event for one in entries] == ["roll-call-begun", "roll-call-answer", "roll-call-ended"]
    assert "井上" not in "".join(f"{one.subject}{one.reason}" for one in entries)


@pytest.mark.parametrize("path", ["/reception/rollcall", "/reception/rollcall/list"])
def test_more_people_need_no_more_statements(site_admin: Person, here: Came, host_town: Town, path: str) -> None:
    begins(site_admin, host_town)
    few = statements(site_admin, path)
    for number in range(1, 5):
        came = books(host_town, here.offered, number, start=NOW + timedelta(hours=1, minutes=15))
        site_admin.sends(f"/reception/places/{came.place}/arrive")
    assert statements(site_admin, path) == few


def found(person: Person, call: str, here: Came, **other: str) -> TestResponse:
    form = {"home": "埼玉県", "name": "迷子 次郎", "desk": here.offered.desks[0], **other}
    return person.sends(f"/reception/rollcall/{call}/found", form)


def test_who_was_expected_and_is_found_inside_is_checked_in_and_seen(
    site_admin: Person, here: Came, host_town: Town
) -> None:
    coming = books(host_town, here.offered, 1, start=NOW + timedelta(hours=1, minutes=15), name="川口 望")
    call = begins(site_admin, host_town)
    assert "川口 望" in site_admin.reads("/reception/rollcall").partition("名簿にない方を見つけたとき")[2]
    assert site_admin.sends(f"/reception/rollcall/{call}/expected/{coming.place}").status_code == 303
    page = site_admin.reads("/reception/rollcall")
    assert all(words in page for words in ("在館中2名", "確認済 1名", "来庁予定0名"))


def test_whose_time_is_later_is_refused_with_the_reason_and_not_counted(
    site_admin: Person, here: Came, host_town: Town
) -> None:
    coming = books(host_town, here.offered, 1, start=NOW + timedelta(hours=4), end=NOW + timedelta(hours=5))
    call = begins(site_admin, host_town)
    answer = site_admin.sends(f"/reception/rollcall/{call}/expected/{coming.place}")
    assert answer.status_code == 409
    assert "12:30–14:00" in plain(answer)
    assert "在館中1名" in site_admin.reads("/reception/rollcall")


def test_whom_nobody_expected_comes_onto_the_list_at_a_desk_in_use(
    site_admin: Person, here: Came, host_town: Town
) -> None:
    call = begins(site_admin, host_town)
    assert found(site_admin, call, here).status_code == 303
    page = site_admin.reads("/reception/rollcall")
    assert all(words in page for words in ("迷子 次郎", "在館中2名", "確認済 1名", "未確認 1名"))
    assert "利用時間は" not in page
    assert all("迷子 次郎" in site_admin.reads(path) for path in ("/reception", "/reception/list"))


@pytest.mark.parametrize("wrong", [{"home": "火星市"}, {"name": " "}, {"desk": "elsewhere"}, {"name": "あ" * 101}])
def test_a_form_with_a_mistake_keeps_what_was_typed(
    site_admin: Person, here: Came, host_town: Town, wrong: dict[str, str]
) -> None:
    answer = found(site_admin, begins(site_admin, host_town), here, section="防災課", **wrong)
    assert answer.status_code == 400
    assert "防災課" in answer.text
    assert "在館中1名" in site_admin.reads("/reception/rollcall")


def test_nobody_is_added_to_a_roll_call_that_is_over(site_admin: Person, here: Came, host_town: Town) -> None:
    call = begins(site_admin, host_town)
    site_admin.sends(f"/reception/rollcall/{call}/end")
    assert "点呼の結果" in site_admin.reads(found(site_admin, call, here).headers["Location"])
    assert "迷子 次郎" not in site_admin.reads("/reception/rollcall")
