"""協定 and 利用上の注意: who may come, on what terms, and what they agreed to."""

from collections.abc import Mapping

import pytest
from sqlalchemy import func, select

from federation.audit import AuditEntry
from node.models.agreements import Agreement
from node.models.sites import HouseRulesEdition
from node.town import Town
from tests.node import agreed
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import books, offer, statements

TERMS = {
    "name": "相互利用協定",
    "number": "3デジ第12号",
    "who": "town",
    "home_code": "110001",
    "seats_a_day": "5",
    "lead": "1440",
    "years": "fy2026",
    "price_yen": "0",
    "per": "use",
    "named": "1",
}


def stored(town: Town) -> Agreement:
    with town.storage.transaction() as db:
        return db.scalars(select(Agreement)).one()


def confirmed(town: Town) -> None:
    """Have the other town confirm what was entered last."""
    with town.storage.transaction(write=True) as db:
        for one in db.scalars(select(Agreement)):
            agreed.confirm(db, one)


def concluded(person: Person, **changed: str) -> int:
    return person.sends("/admin/agreements/new", {**TERMS, **changed}).status_code


def test_an_agreement_with_one_town_holds_for_a_fiscal_year(site_admin: Person, host_town: Town) -> None:
    assert concluded(site_admin) == 303
    made = stored(host_town)
    assert (made.home_code, made.seats_a_day, made.lead_minutes) == ("110001", 5, 1440)
    assert (str(made.starts_on), str(made.ends_on)) == ("2026-04-01", "2027-03-31")


def test_bounds_are_entered_and_read_in_the_list(site_admin: Person, host_town: Town) -> None:
    bounds = {"seats_a_week": "10", "uses_a_day": "1", "opens": "9:00", "longest_minutes": "240", "notice_days": "14"}
    assert concluded(site_admin, **bounds, work_kinds="satellite") == 303
    made = stored(host_town)
    assert (made.seats_a_week, made.opens, made.notice_days) == (10, 540, 14)
    told = "9:00〜24:00、1週間延べ10席まで、1人1日1回まで、1回240分まで、サテライト勤務"
    assert told in site_admin.reads("/admin/agreements")


def test_the_years_to_choose_from_bear_their_era(site_admin: Person) -> None:
    assert "令和8年度（2026年4月1日〜2027年3月31日）" in site_admin.reads("/admin/agreements/new")


def test_an_agreement_may_be_open_to_every_member(site_admin: Person, host_town: Town) -> None:
    assert concluded(site_admin, who="everyone", home_code="", years="open", seats_a_day="") == 303
    made = stored(host_town)
    assert (made.home_code, made.seats_a_day, made.starts_on, made.ends_on) == (None, None, None, None)


def test_an_agreement_may_be_with_several_towns_by_their_codes(site_admin: Person, host_town: Town) -> None:
    assert concluded(site_admin, who="towns", home_code="", home_codes="110001\n１２０００６、 110001") == 303
    made = stored(host_town)
    assert (made.everyone, made.homes) == (False, ("110001", "120006"))
    assert "120006" in site_admin.reads(f"/admin/agreements/{made.id}")
    assert "（120006）" in site_admin.reads("/admin/agreements")


def test_an_agreement_may_be_with_a_whole_prefecture(site_admin: Person, host_town: Town) -> None:
    assert concluded(site_admin, who="prefecture", home_code="", prefecture="11") == 303
    assert stored(host_town).homes == ("11",)
    assert "埼玉県のすべての団体" in site_admin.reads("/admin/agreements")


def test_a_code_is_read_as_spreadsheets_leave_it(site_admin: Person, host_town: Town) -> None:
    assert concluded(site_admin, home_code="１１０００１") == 303
    assert stored(host_town).home_code == "110001"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"home_code": "110002"}, "検査数字が合いません。「110001」ではありませんか"),
        ({"home_code": "所沢"}, "「所沢」は団体コードではありません"),
        ({"home_code": "112089"}, "自団体の職員には協定は不要"),
        ({"who": "towns", "home_codes": "110001 110002"}, "検査数字が合いません。「110001」ではありませんか"),
        ({"who": "towns", "home_codes": "110001 112089"}, "自団体の職員には協定は不要"),
        ({"who": "towns", "home_codes": ""}, "入力してください"),
        ({"who": "towns", "home_codes": " ".join(["110001"] * 201)}, "200団体まで"),
        ({"who": "prefecture", "prefecture": "48"}, "選択肢から選んで"),
        ({"room_ids": "00000000-0000-4000-8000-000000000000"}, "選択肢から選んで"),
        ({"name": ""}, "入力してください"),
        ({"name": "あ" * 101}, "100文字以内"),
        ({"seats_a_day": "0"}, "1から9999までの整数"),
        ({"seats_a_day": "五"}, "1から9999までの整数"),
        ({"uses_a_week": "0"}, "1から99までの整数"),
        ({"opens": "10:00", "closes": "9:00"}, "終わりの時刻は、始まりの時刻より後"),
        ({"shortest_minutes": "60", "longest_minutes": "30"}, "最長の時間は最短の時間以上"),
        ({"work_kinds": "holiday"}, "選択肢から選んで"),
        ({"notice_days": "366"}, "0から365までの整数"),
        ({"price_yen": "300"}, "根拠となる条例を入力"),
        ({"price_yen": "-5"}, "0から1000000までの整数"),
        ({"years": "dates", "starts_on": "2026-02-31"}, "暦にない日付"),
        ({"years": "dates", "starts_on": "2027-01-01", "ends_on": "2026-12-31"}, "終了日は開始日以降"),
        ({"years": "fy1868"}, "選択肢から選んで"),
        ({"lead": "never"}, "選択肢から選んで"),
        ({"weekdays": "7"}, "選択肢から選んで"),
        ({"site_ids": "00000000-0000-4000-8000-000000000000"}, "選択肢から選んで"),
    ],
)
def test_terms_that_cannot_hold_are_told_beside_their_field(
    site_admin: Person, host_town: Town, changed: Mapping[str, str], words: str
) -> None:
    answer = site_admin.sends("/admin/agreements/new", {**TERMS, **changed})
    assert answer.status_code == 400
    assert words in plain(answer)
    assert TERMS["number"] in answer.text
    with host_town.storage.transaction() as db:
        assert db.scalar(select(func.count()).select_from(Agreement)) == 0


def test_terms_are_changed_and_kept_when_wrong(site_admin: Person, host_town: Town) -> None:
    concluded(site_admin)
    page = f"/admin/agreements/{stored(host_town).id}"
    assert 'value="110001"' in site_admin.opens(page).text
    assert site_admin.sends(page, {**TERMS, "home_code": "1"}).status_code == 400
    assert site_admin.sends(page, {**TERMS, "seats_a_day": "8"}).status_code == 303
    assert stored(host_town).seats_a_day == 8


def test_an_agreement_is_suspended_and_resumed(site_admin: Person, host_town: Town) -> None:
    concluded(site_admin)
    confirmed(host_town)
    page = f"/admin/agreements/{stored(host_town).id}"
    site_admin.sends(f"{page}/suspend")
    assert "停止中" in site_admin.reads("/admin/agreements")
    site_admin.sends(f"{page}/resume")
    assert "有効" in site_admin.reads("/admin/agreements")


def test_the_log_says_who_did_what_with_an_agreement(site_admin: Person, host_town: Town) -> None:
    concluded(site_admin)
    found = stored(host_town)
    site_admin.sends(f"/admin/agreements/{found.id}/suspend")
    with host_town.storage.transaction() as db:
        entries = db.scalars(
            select(AuditEntry).where(AuditEntry.event == "agreement").order_by(AuditEntry.number)
        ).all()
    assert [one.reason for one in entries] == ["concluded", "suspended"]
    assert {one.subject for one in entries} == {f"agreement:{found.id}"}


def test_what_ends_soon_is_renewed_by_one_press_and_asked_for_no_more(site_admin: Person, host_town: Town) -> None:
    concluded(site_admin, years="dates", starts_on="2026-04-01", ends_on="2026-12-31")
    confirmed(host_town)
    made = stored(host_town)
    assert "更新する場合は" in site_admin.reads("/admin")
    assert "次の年度の協定を用意" in site_admin.reads("/admin/agreements")
    answer = site_admin.sends(f"/admin/agreements/{made.id}/renew")
    with host_town.storage.transaction() as db:
        following = db.scalars(select(Agreement).where(Agreement.id != made.id)).one()
    assert answer.location.endswith(f"/admin/agreements/{following.id}")
    assert (str(following.starts_on), str(following.ends_on)) == ("2027-01-01", "2027-03-31")
    assert "更新する場合は" not in site_admin.reads("/admin")
    assert "次の年度の協定を用意" not in site_admin.reads("/admin/agreements")


def test_what_is_entered_waits_for_the_other_town(site_admin: Person, host_town: Town) -> None:
    assert concluded(site_admin, concluded_on="2026-03-20", decision_number="企第8号") == 303
    assert "確認待ち" in site_admin.reads("/admin/agreements")
    record = f"/admin/agreements/{stored(host_town).id}/record"
    page = site_admin.reads(record)
    assert "まだ予約できません" in page
    assert "まだ届いていません" in page
    assert "締結日 2026年3月20日(金)" in page
    assert "決裁番号 企第8号" in page
    confirmed(host_town)
    assert "まだ予約できません" not in site_admin.reads(record)
    assert "有効" in site_admin.reads("/admin/agreements")


def test_a_change_is_a_version_that_says_who_when_and_what(site_admin: Person, host_town: Town) -> None:
    concluded(site_admin)
    confirmed(host_town)
    page = f"/admin/agreements/{stored(host_town).id}"
    site_admin.sends(page, {**TERMS, "seats_a_day": "8"})
    assert stored(host_town).seats_a_day == 5
    read = site_admin.reads(f"{page}/record")
    assert "1日の席数：5席まで → 8席まで" in read
    assert "新しい版の確認待ち" in read
    assert "変更の確認待ち" in site_admin.reads("/admin/agreements")
    assert 'name="seats_a_day" type="number" value="8"' in site_admin.opens(page).text
    confirmed(host_town)
    assert stored(host_town).seats_a_day == 8


def test_our_own_decision_number_is_no_change_of_the_terms(site_admin: Person, host_town: Town) -> None:
    concluded(site_admin)
    confirmed(host_town)
    site_admin.sends(f"/admin/agreements/{stored(host_town).id}", {**TERMS, "decision_number": "企第9号"})
    assert (stored(host_town).decision_number, stored(host_town).version) == ("企第9号", 1)
    assert "確認待ち" not in site_admin.reads("/admin/agreements")


def test_two_agreements_of_one_town_at_one_time_are_asked_about_first(site_admin: Person, host_town: Town) -> None:
    concluded(site_admin)
    answer = site_admin.sends("/admin/agreements/new", {**TERMS, "name": "別の協定"})
    assert (answer.status_code, "相手・期間・施設が重なっています" in plain(answer)) == (400, True)
    assert 'name="overlap"' in answer.text
    assert (
        site_admin.sends("/admin/agreements/new", {**TERMS, "name": "別の協定", "years": "fy2027"}).status_code == 303
    )
    assert site_admin.sends("/admin/agreements/new", {**TERMS, "name": "別の協定", "overlap": "1"}).status_code == 303


def test_an_agreement_is_ended_with_its_notice(site_admin: Person, host_town: Town) -> None:
    concluded(site_admin)
    page = f"/admin/agreements/{stored(host_town).id}"
    assert "予告期間（30日）を置いて" in site_admin.reads(page)
    assert site_admin.sends(f"{page}/end").status_code == 303
    confirmed(host_town)
    assert str(stored(host_town).ends_on) == "2026-12-24"
    assert "予告期間（30日）を置いて" not in site_admin.reads(page)


def test_this_weeks_seats_are_used_and_left(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    for number in (0, 1):
        books(host_town, offered, number)
    page = site_admin.reads("/admin/agreements")
    assert "11/24(火) 2席残り3" in page
    assert "11/25(水) 0席残り5" in page


def test_more_agreements_and_bookings_need_no_more_statements(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town, desks=6)
    books(host_town, offered, 0)
    few = statements(site_admin, "/admin/agreements")
    for number in range(1, 5):
        books(host_town, offered, number)
    with host_town.storage.transaction(write=True) as db:
        for number in range(5):
            agreed.conclude(db, {"name": f"第{number}号", "home_code": None})
    assert statements(site_admin, "/admin/agreements") == few


def test_a_foreign_agreement_is_not_found(site_admin: Person) -> None:
    foreign = "/admin/agreements/00000000-0000-4000-8000-000000000000"
    assert site_admin.opens(foreign).status_code == 404
    assert site_admin.sends(f"{foreign}/suspend").status_code == 404


def test_an_edition_of_the_house_rules_is_published_once(site_admin: Person, host_town: Town) -> None:
    form = {"version": "1", "ja": "離席時は画面を施錠してください。", "en": "Lock your screen."}
    assert site_admin.sends("/admin/house-rules", form).status_code == 303
    page = site_admin.reads("/admin/house-rules")
    assert "現在の版：第1版" in page
    assert 'name="version" type="text" value="2"' in site_admin.opens("/admin/house-rules").text
    again = site_admin.sends("/admin/house-rules", form)
    assert (again.status_code, "この版はすでに掲載されています" in plain(again)) == (400, True)


def test_an_edition_may_begin_later_and_never_earlier(site_admin: Person, host_town: Town) -> None:
    form = {"version": "2", "ja": "飲食は可能です。", "since": "2026-12-01"}
    assert site_admin.sends("/admin/house-rules", {**form, "since": "2026-11-23"}).status_code == 400
    assert site_admin.sends("/admin/house-rules", {**form, "since": "2026-02-31"}).status_code == 400
    assert site_admin.sends("/admin/house-rules", form).status_code == 303
    assert "まだ掲載されていません" in site_admin.reads("/admin/house-rules")
    with host_town.storage.transaction() as db:
        assert db.scalars(select(HouseRulesEdition.version)).all() == ["2"]


@pytest.mark.parametrize(
    "form", [{"version": "", "ja": "注意"}, {"version": "3", "ja": ""}, {"version": "3", "ja": "あ" * 4001}]
)
def test_an_edition_needs_a_version_and_words(site_admin: Person, form: Mapping[str, str]) -> None:
    assert site_admin.sends("/admin/house-rules", form).status_code == 400
