"""カレンダー and 休止: a month as partners see it, and who is hit before anything is closed."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from node.models.bookings import Booking
from node.models.opening import Closure
from node.models.sites import Site
from node.town import Town
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import NOW, Offered, books, furnish, offer, statements

NEW = "/admin/closures/new"


def closing(offered: Offered, **changed: str) -> dict[str, str]:
    """A whole day's power cut, as the form sends it."""
    return {"place": offered.site, "template": "inspection", "start_day": "2026-11-24", **changed}


def confirm(person: Person, form: dict[str, str]) -> tuple[int, str]:
    """Look at the preview and confirm it; return the answer's status and where it leads."""
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', person.opens(f"{NEW}?{urlencode(form)}").text)
    answer = person.sends(NEW, {**form, "seen": seen[1] if seen else ""})
    return answer.status_code, answer.headers.get("Location", "")


def test_a_month_shows_free_halves_holidays_and_weekends(site_admin: Person, host_town: Town) -> None:
    offer(host_town)
    page = site_admin.reads("/admin/calendar")
    assert all(words in page for words in ("2026年11月", "午前 ○ 空きあり 2/2席", "祝日・年末年始", "休み", "終了"))


def test_what_lies_beyond_the_horizon_is_not_open_yet(site_admin: Person, host_town: Town) -> None:
    site = offer(host_town).site
    assert "受付前" in site_admin.reads(f"/admin/calendar?site={site}&month=2027-02")


def test_a_booked_desk_is_no_longer_free(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town, desks=1)
    books(host_town, offered)
    assert "午前 × 空きなし" in site_admin.reads("/admin/calendar")


@pytest.mark.parametrize("month", ["2026-13", "99999-01", "来月", "2026-02-31"])
def test_a_month_that_is_none_shows_the_present_one(site_admin: Person, host_town: Town, month: str) -> None:
    offer(host_town)
    assert "2026年11月" in site_admin.reads(f"/admin/calendar?month={month}")


def test_a_foreign_site_is_not_found(site_admin: Person, host_town: Town) -> None:
    offer(host_town)
    assert site_admin.opens("/admin/calendar?site=00000000-0000-4000-8000-000000000000").status_code == 404
    assert site_admin.opens("/admin/calendar?site=%00").status_code == 404


def test_whom_a_closure_hits_is_shown_and_nothing_happens_yet(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    came = books(host_town, offered)
    page = site_admin.reads(f"{NEW}?{urlencode(closing(offered))}")
    assert all(
        words in page for words in ("影響のある予約（1件）", came.code, "埼玉県", "2026年11月24日(火) 00:00〜24:00")
    )
    with host_town.storage.transaction() as db:
        assert db.scalar(select(Closure)) is None


def test_a_confirmed_closure_ends_bookings_and_stands_in_the_month(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    came = books(host_town, offered)
    status, page = confirm(site_admin, closing(offered, note="全館が停電します"))
    assert status == 303
    shown = site_admin.reads(page)
    assert all(
        words in shown for words in ("休止を登録しました", "1件", "電気設備点検（全館停電）", "全館が停電します")
    )
    with host_town.storage.transaction() as db:
        assert db.get_one(Booking, came.id).state == "cancelled"


def test_who_books_while_one_looks_at_the_preview_is_shown_first(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    form = closing(offered)
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', site_admin.opens(f"{NEW}?{urlencode(form)}").text)
    assert seen
    came = books(host_town, offered)
    answer = site_admin.sends(NEW, {**form, "seen": seen[1]})
    assert answer.status_code == 409
    assert "表示している間に予約が変わりました" in plain(answer)
    with host_town.storage.transaction() as db:
        assert db.get_one(Booking, came.id).state == "confirmed"


def test_a_closure_is_lifted_again(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    confirm(site_admin, closing(offered))
    with host_town.storage.transaction() as db:
        closure = db.scalars(select(Closure)).one().id
    page = site_admin.sends(f"/admin/closures/{closure}/lift").headers["Location"]
    assert "この月に休止はありません" in site_admin.reads(page)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"start_day": "2026-02-31"}, "暦にない日付"),
        ({"start_day": ""}, "入力してください"),
        ({"start_time": "25:00"}, "00:00から24:00までの範囲"),
        ({"start_time": "17:00", "end_time": "09:00"}, "終了は開始より後"),
        ({"end_day": "2026-11-20"}, "終了は開始より後"),
        ({"end_day": "2036-11-24"}, "休止は1年以内"),
        ({"start_day": "2026-11-02"}, "終了がすでに過ぎています"),
        ({"place": "00000000-0000-4000-8000-000000000000"}, "施設、部屋または座席を選んで"),
        ({"template": "holidays-forever"}, "選択肢から選んで"),
        ({"note": "あ" * 301}, "300文字以内"),
    ],
)
def test_an_impossible_closure_is_told_and_not_made(
    site_admin: Person, host_town: Town, changed: dict[str, str], words: str
) -> None:
    form = closing(offer(host_town), **changed)
    for answer in (site_admin.opens(f"{NEW}?{urlencode(form)}"), site_admin.sends(NEW, form)):
        assert answer.status_code == 400
        assert words in plain(answer)
    with host_town.storage.transaction() as db:
        assert db.scalar(select(Closure)) is None


def test_more_closures_and_desks_need_no_more_statements(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town, desks=1)
    confirm(site_admin, closing(offered, start_day="2026-11-28"))
    site_admin.opens("/admin/calendar")
    few = statements(site_admin, "/admin/calendar"), statements(site_admin, NEW)
    for day in (25, 26, 27):
        confirm(site_admin, closing(offered, start_day=f"2026-11-{day}"))
    with host_town.storage.transaction(write=True) as db:
        furnish(db, db.get_one(Site, offered.site), 2, 5)
    site_admin.opens("/admin/calendar")
    assert (statements(site_admin, "/admin/calendar"), statements(site_admin, NEW)) == few


def test_today_says_who_comes_and_what_is_to_be_done(site_admin: Person, host_town: Town) -> None:
    books(host_town, offer(host_town))
    page = site_admin.reads("/admin")
    assert all(
        words in page for words in ("1名 ", "埼玉県", "10:00〜12:00", "2席", "当日名簿を印刷", "利用上の注意がまだ")
    )
    assert "立寄 花子" not in page


def test_after_five_the_day_is_summed_up(site_admin: Person, host_town: Town) -> None:
    offered, clock = offer(host_town), host_town.clock
    came = [books(host_town, offered, number) for number in (0, 1)]
    clock.now = NOW + timedelta(hours=1)  # type: ignore[attr-defined]
    for one in came:
        site_admin.sends(f"/reception/places/{one.place}/arrive")
    clock.now = NOW + timedelta(hours=8, minutes=20)  # type: ignore[attr-defined]
    assert "本日2名、うち2名が退庁していません" in site_admin.reads("/admin")
    for one in came:
        site_admin.sends(f"/reception/places/{one.place}/leave")
    assert "本日2名、全員退庁済み" in site_admin.reads("/admin")


def test_an_empty_town_is_told_where_to_begin(site_admin: Person) -> None:
    assert "まだ施設がありません" in site_admin.reads("/admin")
    assert "施設はまだありません" in site_admin.reads("/admin/calendar")
    assert "施設はまだありません" in site_admin.reads("/admin/sites")
