"""受付: who is this person?"""

from datetime import timedelta

import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from federation.members import Member
from node.host import approvals, holding
from node.host.passes import Passes
from node.models.bookings import BookingPlace
from node.models.staff import Staff
from node.people import staff as people
from node.town import Town
from tests.node.views.conftest import OWN, Person, plain
from tests.node.views.desks import NOON, NOW, TEN, Came, books, offer, statements


@pytest.fixture
def came(host_town: Town) -> Came:
    return books(host_town, offer(host_town, desks=6), name="井上 彩")


def at(town: Town, **later: float) -> None:
    town.clock.now = NOW + timedelta(**later)  # type: ignore[attr-defined]


def place_of(town: Town, came: Came) -> BookingPlace:
    with town.storage.transaction() as db:
        return db.get_one(BookingPlace, came.place)


def test_the_cursor_stands_in_the_code_field_and_the_list_below(site_admin: Person, came: Came) -> None:
    page = site_admin.opens("/reception")
    assert "autofocus" in page.text
    assert all(words in plain(page) for words in ("井上 彩", "埼玉県 情報政策課", "10:00〜12:00", came.code))


@pytest.mark.parametrize("typed", ["{}", " {} ", "lower", "wide", "long"])
def test_a_short_code_is_found_however_it_is_typed(site_admin: Person, came: Came, typed: str) -> None:
    written = {"lower": came.code.lower().replace("-", ""), "wide": came.code.replace("-", "－")}
    written["long"] = came.code.replace("-", "ー")
    answer = site_admin.sends("/reception", {"code": written.get(typed, typed.format(came.code))})
    assert answer.headers["Location"] == f"/reception/visits/{came.id}"
    page = site_admin.reads(answer.headers["Location"])
    assert "本日の名簿にあり" in page


def test_a_scanned_pass_is_on_todays_list(site_admin: Person, came: Came) -> None:
    answer = site_admin.sends("/reception", {"code": came.visit_pass})
    assert "本日の名簿にあり" in site_admin.reads(answer.headers["Location"])


def test_a_genuine_pass_of_a_refused_booking_is_not_on_the_list(
    site_admin: Person, came: Came, host_town: Town
) -> None:
    with host_town.storage.transaction(write=True) as db:
        approvals.call_off(db, came.id, NOW)
    page = site_admin.sends("/reception", {"code": came.visit_pass})
    assert "本物だが 09:00 時点の名簿にない" in plain(page)


def test_yesterdays_pass_is_genuine_still(site_admin: Person, came: Came, host_town: Town) -> None:
    at(host_town, days=1)
    with site_admin.client.session_transaction(base_url=OWN) as kept:
        kept["who"]["since"] += 24 * 60 * 60
        kept.modified = True
    assert "本物だが 09:00 時点の名簿にない" in plain(site_admin.sends("/reception", {"code": came.visit_pass}))


def test_a_cancelled_booking_is_said_to_be_cancelled(site_admin: Person, came: Came, host_town: Town) -> None:
    with host_town.storage.transaction(write=True) as db:
        approvals.call_off(db, came.id, NOW)
    for shown in (came.visit_pass, came.code):
        assert "この予約は取り消されています" in plain(site_admin.sends("/reception", {"code": shown}))


def test_a_pass_of_another_day_says_which(site_admin: Person, came: Came, host_town: Town) -> None:
    tomorrow = books(host_town, came.offered, 1, start=TEN + timedelta(days=1), end=NOON + timedelta(days=1))
    for shown in (tomorrow.visit_pass, tomorrow.code):
        page = plain(site_admin.sends("/reception", {"code": shown}))
        assert "別の日の予約です" in page
        assert "11月25日" in page


def test_a_pass_that_was_used_says_when(site_admin: Person, came: Came, host_town: Town) -> None:
    at(host_town, hours=1)
    site_admin.sends(f"/reception/places/{came.place}/arrive")
    for shown in (came.visit_pass, came.code):
        answer = site_admin.sends("/reception", {"code": shown})
        assert "10:00に入室済みです" in site_admin.reads(answer.headers["Location"])


def test_a_pass_from_before_a_move_leads_to_the_new_desk(site_admin: Person, came: Came, host_town: Town) -> None:
    with host_town.storage.transaction(write=True) as db:
        booking = db.get_one(BookingPlace, came.place).booking
        holding.rehouse(db, booking, {came.place: came.offered.desks[3]}, "host", NOW)
    page = site_admin.reads(site_admin.sends("/reception", {"code": came.visit_pass}).headers["Location"])
    assert all(words in page for words in ("変更前の利用証です", "A-04"))


def test_a_pass_of_another_make_is_false(site_admin: Person, came: Came, host_town: Town) -> None:
    forged = Passes(host_town.config.entity_id, host_town.keys.protocol)
    with host_town.storage.transaction() as db:
        token = forged.issue(db.get_one(BookingPlace, came.place).booking, NOW)
    for text in (token, came.visit_pass[:-4] + "AAAA", "x" * 3000):
        page = site_admin.sends("/reception", {"code": text})
        assert "偽物" in plain(page)
        assert text not in page.text


def test_a_code_nobody_has_is_asked_for_again(site_admin: Person, came: Came) -> None:
    page = site_admin.sends("/reception", {"code": "000-000"})
    assert "この番号の予約はありません" in plain(page)
    assert 'value="000-000"' in page.text
    assert site_admin.sends("/reception", {"code": " "}).status_code == 400
    assert "この番号の予約はありません" in plain(site_admin.sends("/reception", {"code": "\0'<b>"}))


def test_one_press_records_coming_and_going(site_admin: Person, came: Came, host_town: Town) -> None:
    at(host_town, hours=1)
    assert site_admin.sends(f"/reception/places/{came.place}/arrive").status_code == 303
    assert "在館中 1名" in site_admin.reads("/reception")
    at(host_town, hours=2)
    site_admin.sends(f"/reception/places/{came.place}/leave")
    assert (place_of(host_town, came).arrived_at, place_of(host_town, came).left_at) == (TEN, TEN + timedelta(hours=1))
    assert "退庁済み 1名" in site_admin.reads("/reception")


def test_pressing_twice_changes_nothing(site_admin: Person, came: Came, host_town: Town) -> None:
    at(host_town, hours=1)
    site_admin.sends(f"/reception/places/{came.place}/arrive")
    at(host_town, hours=1.5)
    assert site_admin.sends(f"/reception/places/{came.place}/arrive").status_code == 303
    assert place_of(host_town, came).arrived_at == TEN


def test_the_true_time_is_typed_in_afterwards(site_admin: Person, came: Came, host_town: Town) -> None:
    at(host_town, hours=2)
    site_admin.sends(f"/reception/places/{came.place}/arrive", {"at": "10:05"})
    assert place_of(host_town, came).arrived_at == TEN + timedelta(minutes=5)


@pytest.mark.parametrize("typed", ["25:00", "23:59", "昼", "10:5"])
def test_a_time_that_cannot_be_changes_nothing(site_admin: Person, came: Came, host_town: Town, typed: str) -> None:
    at(host_town, hours=2)
    answer = site_admin.sends(f"/reception/places/{came.place}/arrive", {"at": typed})
    assert (answer.status_code, "記録は変更していません" in plain(answer)) == (400, True)
    assert place_of(host_town, came).arrived_at is None


def test_too_early_is_said_with_the_hours(site_admin: Person, came: Came, host_town: Town) -> None:
    answer = site_admin.sends(f"/reception/places/{came.place}/arrive")
    assert answer.status_code == 409
    assert "09:30–12:00" in plain(answer)


def test_a_place_that_is_not_there_is_not_found(site_admin: Person, came: Came) -> None:
    assert site_admin.sends("/reception/places/999999/arrive").status_code == 404
    assert site_admin.sends("/reception/places/99999999999999999999/arrive").status_code == 404
    assert site_admin.sends(f"/reception/places/{came.place}/vanish").status_code == 404


def test_nobody_of_a_suspended_town_comes_in(site_admin: Person, came: Came, host_town: Town) -> None:
    at(host_town, hours=1)
    with host_town.storage.transaction(write=True) as db:
        db.scalars(select(Member)).one().status = "suspended"
    assert "団体の参加が停止中" in site_admin.reads("/reception")
    assert site_admin.sends(f"/reception/places/{came.place}/arrive").status_code == 403
    assert place_of(host_town, came).arrived_at is None


@pytest.mark.parametrize("path", ["/reception", "/reception/list"])
def test_every_view_of_names_is_logged(site_admin: Person, came: Came, host_town: Town, path: str) -> None:
    site_admin.opens(path)
    with host_town.storage.transaction() as db:
        entries = db.scalars(select(AuditEntry).where(AuditEntry.subject == came.id)).all()
        actor = f"staff:{db.scalars(select(Staff)).one().id}"
    assert [(one.event, one.actor) for one in entries] == [("manifest.viewed", actor)]
    assert "井上" not in "".join(f"{one.subject}{one.reason}{one.actor}" for one in entries)


def test_the_day_list_is_ready_to_print(site_admin: Person, came: Came) -> None:
    page = site_admin.reads("/reception/list")
    assert all(words in page for words in ("当日名簿", "令和8年11月24日(火) 1名", "井上 彩", came.code))


def test_a_site_without_visitors_says_so(site_admin: Person, came: Came) -> None:
    other = "00000000-0000-4000-8000-000000000000"
    assert "本日の来庁予定はありません" in site_admin.reads(f"/reception?site={other}")


@pytest.mark.parametrize(
    "path", ["/reception", "/reception/list", "/reception/rollcall", "/reception/walkin", "/admin"]
)
def test_more_visitors_need_no_more_statements(site_admin: Person, came: Came, host_town: Town, path: str) -> None:
    site_admin.opens(path)
    few = statements(site_admin, path)
    for number in range(1, 5):
        books(host_town, came.offered, number)
    assert statements(site_admin, path) == few


@pytest.mark.parametrize(("roles", "admin", "reception"), [(("staff",), 403, 403), (("reception",), 403, 200)])
def test_each_page_is_for_its_own_people(
    site_admin: Person, host_town: Town, roles: tuple[str, ...], admin: int, reception: int
) -> None:
    with host_town.storage.transaction(write=True) as db:
        people.give_roles(db.scalars(select(Staff)).one(), roles)
    assert site_admin.opens("/admin/sites").status_code == admin
    assert site_admin.opens("/reception").status_code == reception
    assert site_admin.opens("/reception/list").status_code == reception


def test_the_noon_bell_moves_who_never_came(site_admin: Person, came: Came, host_town: Town) -> None:
    host_town.clock.now = NOON  # type: ignore[attr-defined]
    assert "来庁の記録なし 1名" in site_admin.reads("/reception")


@pytest.mark.parametrize(
    ("arrives", "hour", "words"),
    [(True, 7, ""), (True, 8, "本日1名、うち1名が退庁していません"), (False, 8, "本日の利用はありませんでした")],
)
def test_in_the_evening_the_guard_reads_first_who_is_still_here(
    site_admin: Person, came: Came, host_town: Town, arrives: bool, hour: int, words: str
) -> None:
    at(host_town, hours=1)
    if arrives:
        site_admin.sends(f"/reception/places/{came.place}/arrive")
    at(host_town, hours=hour)
    page = site_admin.reads("/reception")
    assert (words in page) if words else ("退庁していません" not in page)


@pytest.mark.parametrize("typed", ["井上 彩", "井上", "井上　彩", "彩"])
def test_a_visitor_is_found_by_name(site_admin: Person, came: Came, host_town: Town, typed: str) -> None:
    books(host_town, came.offered, 1, name="斎藤 学")
    at(host_town, hours=1)
    words = plain(site_admin.sends("/reception", {"code": typed}))
    verdict = words[: words.index("来庁予定")]
    assert all(part in verdict for part in ("本日の名簿にあり（1名）", "井上 彩", "入室"))
    assert "斎藤" not in verdict


def test_a_name_is_found_in_another_form_of_its_letters(site_admin: Person, came: Came, host_town: Town) -> None:
    books(host_town, came.offered, 1, name="齋藤 学")
    assert "齋藤 学" in plain(site_admin.sends("/reception", {"code": "斎藤"})).split("来庁予定")[0]


def test_a_name_that_nobody_has_is_said_to_be_none(site_admin: Person, came: Came) -> None:
    page = site_admin.sends("/reception", {"code": "山田"})
    assert "この氏名の方は、本日の名簿にいません" in plain(page)
    assert 'value="山田"' in page.text
