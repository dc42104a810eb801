"""セキュリティ確認表: filled in, signed, published as facts, and of no use once it has run out."""

from datetime import timedelta

from federation.messages.sheet import SecuritySheet
from node.app import app_of
from node.host import inventory, listings, securitysheets
from node.models.sheets import FilledSheet
from node.models.sites import Desk, Room
from node.town import Town
from tests.node.home.conftest import NOW
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import offer

FORM = {"checked_on": "2026-11-20", "lock": "yes", "soundproof": "partly", "printer": "no", "network": "wired"}
TODAY = NOW.date()


def published(town: Town, desk: str) -> SecuritySheet | None:
    with town.storage.transaction() as db:
        return listings.desk_listing(db.get_one(Desk, desk), town.config).security


def test_a_sheet_is_published_once_it_is_signed(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    address = f"/admin/rooms/{offered.room}/sheet"
    assert "まだ掲載されていません" in site_admin.reads(address)
    assert site_admin.sends(address, FORM).status_code == 303
    assert published(host_town, offered.desks[0]) is None
    assert "署名を待っている版：第1版" in site_admin.reads(address)
    signed = site_admin.sends(f"{address}/sign", {"version": "1", "role": "security_officer"})
    assert signed.status_code == 303
    sheet = published(host_town, offered.desks[0])
    assert sheet is not None
    assert (sheet.valid_until, sheet.role, sheet.assures()) == ("2027-11-19", "security_officer", ("lock", "wired"))
    page = Person(app_of(host_town).test_client()).reads(f"/sites/{offered.site}")
    assert "情報セキュリティ責任者" in page
    assert "立寄 太郎" not in page


def test_a_version_is_never_changed_and_what_differs_is_said(site_admin: Person, host_town: Town) -> None:
    room = offer(host_town).room
    address = f"/admin/rooms/{room}/sheet"
    site_admin.sends(address, FORM)
    site_admin.sends(f"{address}/sign", {"version": "1", "role": "site_admin"})
    site_admin.sends(address, {**FORM, "lock": "no"})
    assert "部屋の施錠：はい → いいえ" in site_admin.reads(address)
    with host_town.storage.transaction() as db:
        assert [one.answers.get("lock") for one in securitysheets.history(db, room)] == ["no", "yes"]
        assert db.get_one(Room, room).sheet["version"] == 1


def test_what_was_signed_or_overtaken_is_not_signed_again(site_admin: Person, host_town: Town) -> None:
    room = offer(host_town).room
    address = f"/admin/rooms/{room}/sheet"
    site_admin.sends(address, FORM)
    site_admin.sends(address, FORM)
    assert site_admin.sends(f"{address}/sign", {"version": "1", "role": "site_admin"}).status_code == 409
    assert site_admin.sends(f"{address}/sign", {"version": "2", "role": "mayor"}).status_code == 400
    assert site_admin.sends(f"{address}/sign", {"version": "2", "role": "site_admin"}).status_code == 303
    assert site_admin.sends(f"{address}/sign", {"version": "2", "role": "site_admin"}).status_code == 409


def test_a_day_to_come_and_an_unknown_answer_are_refused_and_kept(site_admin: Person, host_town: Town) -> None:
    address = f"/admin/rooms/{offer(host_town).room}/sheet"
    late = site_admin.sends(address, {**FORM, "checked_on": "2026-11-25"})
    assert late.status_code == 400
    assert 'value="2026-11-25"' in late.text
    assert "1年以内の日付" in plain(late)
    assert site_admin.sends(address, {**FORM, "checked_on": "2025-11-24"}).status_code == 400
    assert site_admin.sends(address, {**FORM, "lock": "maybe"}).status_code == 400
    with host_town.storage.transaction() as db:
        assert db.query(FilledSheet).count() == 0


def test_a_sheet_is_asked_for_before_and_after_it_runs_out(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    address = f"/admin/rooms/{offered.room}/sheet"
    site_admin.sends(address, FORM)
    site_admin.sends(f"{address}/sign", {"version": "1", "role": "site_admin"})
    last = TODAY.replace(year=2027, month=11, day=19)

    def said(days: int) -> list[str]:
        with host_town.storage.transaction() as db:
            tree = inventory.tree(db, last + timedelta(days=days))
            return [problem.words for one in tree for problem in one.problems]

    assert said(-30) == []
    assert "30日以内" in said(-29)[0]
    assert "30日以内" in said(0)[0]
    assert "期限が切れています" in said(1)[0]
    sheet = published(host_town, offered.desks[0])
    assert sheet is not None
    assert sheet.counts_on(last)
    assert not sheet.counts_on(last + timedelta(days=1))
