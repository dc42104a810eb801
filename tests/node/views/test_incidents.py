"""事故・トラブル: reception records, 施設担当者 handle, and nothing typed is lost."""

from datetime import timedelta

from sqlalchemy import select

from node.models.incidents import Incident
from node.people import staff as people
from node.town import Town
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import books, offer

FORM = {
    "kind": "lost", "severity": "minor", "leak": "maybe", "what": "傘の忘れ物", "place": "4階", "day": "2026-11-24", "time": "08:30",
}  # fmt: skip


def only(town: Town) -> Incident:
    with town.storage.transaction() as db:
        return db.scalars(select(Incident)).one()


def known_long_ago(town: Town) -> None:
    with town.storage.transaction(write=True) as db:
        db.scalars(select(Incident)).one().known_at -= timedelta(days=31)


def test_it_is_recorded_with_the_visit_and_stands_among_what_is_to_be_done(site_admin: Person, host_town: Town) -> None:
    came = books(host_town, offer(host_town))
    answer = site_admin.sends("/reception/incidents", {**FORM, "code": came.code})
    assert answer.status_code == 303
    assert (only(host_town).booking_id, only(host_town).partner_name) == (came.id, "埼玉県")
    assert "傘の忘れ物" in site_admin.reads(answer.headers["Location"])
    assert "相手団体への連絡" in site_admin.reads("/admin")
    assert "相手団体への連絡" in site_admin.reads("/reception/incidents")


def test_what_is_wrong_is_said_and_what_was_typed_stays(site_admin: Person, host_town: Town) -> None:
    for wrong in ({"what": ""}, {"kind": "x"}, {"day": "2026-11-25"}, {"time": "25:00"}, {"code": "zzz-zzz"}):
        answer = site_admin.sends("/reception/incidents", {**FORM, **wrong})
        assert answer.status_code == 400
        assert "傘の忘れ物" in answer.text or not wrong.get("what", "x")
    with host_town.storage.transaction() as db:
        assert db.scalars(select(Incident)).all() == []


def test_the_reports_are_noted_and_drafted(site_admin: Person, host_town: Town) -> None:
    where = site_admin.sends("/reception/incidents", FORM).headers["Location"]
    assert "速報" in plain(site_admin.opens(where))
    draft = site_admin.opens(f"{where}/report.txt").text
    assert all(words in draft for words in ("漏えい等報告（案） 所沢市", "傘の忘れ物", "8 再発防止のための措置"))
    for step in ("reported", "concluded", "closed", "nonsense"):
        assert site_admin.sends(f"{where}/steps", {"what": step}).status_code == 303
    assert all((only(host_town).reported_at, only(host_town).concluded_at, only(host_town).closed_at))


def test_an_entry_is_written_and_what_was_done_here_stands_below(site_admin: Person, host_town: Town) -> None:
    where = site_admin.sends("/reception/incidents", FORM).headers["Location"]
    assert site_admin.sends(f"{where}/entries", {"words": " "}).status_code == 400
    assert site_admin.sends(f"{where}/entries", {"words": "届け出た"}).status_code == 303
    page = site_admin.reads(f"{where}?compare=1")
    assert all(words in page for words in ("届け出た", "照合する予約がありません", "事故・トラブルへの書き込み"))


def test_lines_that_could_not_be_compared_are_said_to_be_so_and_the_look_is_logged(
    site_admin: Person, host_town: Town
) -> None:
    came = books(host_town, offer(host_town))
    site_admin.sends(f"/reception/places/{came.place}/arrive")
    where = site_admin.sends("/reception/incidents", {**FORM, "code": came.code}).headers["Location"]
    page = site_admin.reads(f"{where}?compare=1")
    assert all(words in page for words in ("埼玉県に照会できませんでした", "当団体の記録", "利用の経過で、時刻と状態"))
    assert "双方にある記録" not in page
    assert "事故・トラブルの監査記録の照合" in site_admin.reads(f"{where}?compare=1")


def test_a_guard_records_and_handles_nothing(site_admin: Person, host_town: Town) -> None:
    with host_town.storage.transaction(write=True) as db:
        who = people.find(db, "012345")
        assert who is not None
        people.give_roles(who, ("staff", "reception"))
    where = site_admin.sends("/reception/incidents", FORM).headers["Location"]
    assert site_admin.sends(f"{where}/steps", {"what": "closed"}).status_code == 403
    assert site_admin.opens("/personnel/incidents").status_code == 403


def test_a_paper_is_found_by_its_number_and_logged(site_admin: Person, host_town: Town) -> None:
    came = books(host_town, offer(host_town))
    answer = site_admin.opens(f"/admin/papers?code={came.code}")
    assert answer.headers["Location"] == f"/admin/papers/{came.id}"
    page = site_admin.reads(answer.headers["Location"])
    assert all(words in page for words in ("利用の経過", "相互利用協定 3デジ第12号", "埼玉県に照会できませんでした"))
    assert site_admin.opens("/admin/papers?code=000-000").status_code == 400


def test_what_is_overdue_stands_first_among_what_is_to_be_done(site_admin: Person, host_town: Town) -> None:
    where = site_admin.sends("/reception/incidents", FORM).headers["Location"]
    assert "期限超過" not in site_admin.reads("/admin")
    known_long_ago(host_town)
    page = site_admin.reads("/admin")
    assert page.count("期限超過") == 2
    assert "期限超過（2026年10月29日(木)）：事故・トラブル：個人情報保護委員会への速報" in page
    site_admin.sends(f"{where}/steps", {"what": "reported"})
    assert site_admin.reads("/admin").count("期限超過") == 1
    site_admin.sends(f"{where}/steps", {"what": "closed"})
    assert "期限超過" not in site_admin.reads("/admin")


def test_personnel_read_on_their_start_page_how_many_are_overdue(site_admin: Person, host_town: Town) -> None:
    site_admin.sends("/reception/incidents", FORM)
    known_long_ago(host_town)
    overdue = "期限を過ぎた手続のある事故・トラブルが1件あります"
    assert overdue not in site_admin.reads("/")
    with host_town.storage.transaction(write=True) as db:
        who = people.find(db, "012345")
        assert who is not None
        people.give_roles(who, ("staff", "personnel"))
    assert overdue in site_admin.reads("/")


def test_the_draft_has_the_nine_matters_with_their_articles_and_what_is_known(
    site_admin: Person, host_town: Town
) -> None:
    came = books(host_town, offer(host_town))
    form = {**FORM, "code": came.code, "malicious": "1"}
    where = site_admin.sends("/reception/incidents", form).headers["Location"]
    site_admin.sends(f"{where}/entries", {"words": "本人に電話した"})
    draft = site_admin.opens(f"{where}/report.txt").text
    matters = ["概要", "項目", "本人の数", "原因", "二次被害", "本人への対応", "公表", "再発防止", "その他"]
    heads = [line for line in draft.splitlines() if line[:1].isdigit() and "号）" in line]
    assert all(
        head.startswith(f"{number} ") and matter in head and f"（{number}号）" in head
        for number, (head, matter) in enumerate(zip(heads, matters, strict=True), start=1)
    )
    known = (
        "68条1項",
        "44条",
        "現行の条文",
        "2026-11-29",
        "2027-01-23",
        "■3号",
        "□1号",
        "埼玉県",
        "本人に電話した",
        "氏名と所属",
    )
    assert [words for words in known if words not in draft] == []
    assert draft.count("（記入してください）") == 9
