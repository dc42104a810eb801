"""Somebody at the door whom nobody announced; and what the door notes of anybody."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from federation.members import Member
from node.host import rounds
from node.models.staff import Staff
from node.models.visits import DoorNote, WalkIn
from node.people import staff as people
from node.town import Town
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import NOW, Came, Offered, begins, books, offer

SOMEBODY = {"home": "埼玉県", "name": "井上 彩", "section": "情報政策課", "until": "12:00"}


@pytest.fixture
def offered(host_town: Town) -> Offered:
    return offer(host_town, desks=3)


def at(town: Town, **later: float) -> None:
    town.clock.now = NOW + timedelta(**later)  # type: ignore[attr-defined]  # The tests' clock can be set.


def comes(person: Person, desk: str, **other: str) -> int:
    return person.sends("/reception/walkin", {**SOMEBODY, "desk": desk, **other}).status_code


def only(town: Town) -> WalkIn:
    with town.storage.transaction() as db:
        return db.scalars(select(WalkIn)).one()


def test_somebody_at_the_door_gets_a_free_desk(site_admin: Person, offered: Offered, host_town: Town) -> None:
    assert "A-01（17:15まで空き）" in site_admin.reads("/reception/walkin")
    assert comes(site_admin, offered.desks[0]) == 303
    page = site_admin.reads("/reception")
    assert all(words in page for words in ("在館中 1名", "井上 彩", "埼玉県 情報政策課", "09:00〜12:00", "予約なし"))
    assert "A-01" not in site_admin.opens("/reception/walkin").text
    assert only(host_town).home_code == "110001"


@pytest.mark.parametrize("typed", ["110001", "さいたまけん", "埼玉", "ＳＡＩＴＡＭＡ"])
def test_the_town_is_found_by_name_or_code(site_admin: Person, offered: Offered, host_town: Town, typed: str) -> None:
    with host_town.storage.transaction(write=True) as db:
        member = db.scalars(select(Member)).one()
        member.name_kana, member.name_en = "サイタマケン", "Saitama Prefecture"
    assert comes(site_admin, offered.desks[0], home=typed) == 303


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("home", "どこか県", "参加している団体に「どこか県」はありません"),
        ("home", "", "入力してください"),
        ("home", "県", "複数あります"),
        ("name", " ", "入力してください"),
        ("name", "あ" * 101, "100文字以内"),
        ("desk", "00000000-0000-4000-8000-000000000000", "選択肢から選んでください"),
        ("until", "18:00", "17:15まで空いています"),
        ("until", "08:59", "17:15まで空いています"),
        ("until", "昼", "時刻を「08:30」の形で"),
    ],
)
def test_bad_input_is_told_and_nothing_is_lost(
    site_admin: Person, offered: Offered, host_town: Town, field: str, typed: str, said: str
) -> None:
    with host_town.storage.transaction(write=True) as db:
        known = db.scalars(select(Member)).one()
        other = {"entity_id": "https://chiba.example", "code": "120006", "name": "千葉県", "status_index": 2}
        same = ("statement", "configuration", "status", "issued", "configured", "expires", "seen_at")
        db.add(Member(**other, **{name: getattr(known, name) for name in same}))
    answer = site_admin.sends("/reception/walkin", {**SOMEBODY, "desk": offered.desks[0], field: typed})
    assert answer.status_code == 400
    assert said in plain(answer)
    assert 'value="情報政策課"' in answer.text
    with host_town.storage.transaction() as db:
        assert db.scalars(select(WalkIn)).all() == []


def test_nobody_of_a_suspended_town_walks_in(site_admin: Person, offered: Offered, host_town: Town) -> None:
    with host_town.storage.transaction(write=True) as db:
        db.scalars(select(Member)).one().status = "suspended"
    assert comes(site_admin, offered.desks[0]) == 400


def test_two_at_one_desk_are_one_too_many(site_admin: Person, offered: Offered) -> None:
    assert comes(site_admin, offered.desks[0]) == 303
    assert comes(site_admin, offered.desks[0], name="別の 人") == 400


def test_a_walk_in_leaves_now_or_at_the_true_time(site_admin: Person, offered: Offered, host_town: Town) -> None:
    comes(site_admin, offered.desks[0])
    at(host_town, hours=2)
    leaving = f"/reception/walkins/{only(host_town).id}/leave"
    assert site_admin.sends(leaving, {"at": "08:00"}).status_code == 400
    assert site_admin.sends(leaving, {"at": "23:00"}).status_code == 400
    assert site_admin.sends(leaving, {"at": "10:30"}).status_code == 303
    assert only(host_town).left_at == NOW + timedelta(hours=1.5)
    assert "退庁済み 1名" in site_admin.reads("/reception")


def test_an_evacuation_finds_who_was_not_announced(site_admin: Person, offered: Offered, host_town: Town) -> None:
    comes(site_admin, offered.desks[0])
    site_admin.sends(f"/reception/people/{only(host_town).id}/note", {"companions": "2"})
    call = begins(site_admin, host_town)
    page = site_admin.reads("/reception/rollcall")
    assert all(words in page for words in ("未確認 1名", "井上 彩", "ほかに同行者2名"))
    site_admin.sends(f"/reception/rollcall/{call}/people/{only(host_town).id}", {"answer": "seen"})
    assert "在館中の1名全員を確認しました" in site_admin.reads("/reception/rollcall")


def test_the_look_at_a_walk_ins_name_is_logged_without_it(
    site_admin: Person, offered: Offered, host_town: Town
) -> None:
    comes(site_admin, offered.desks[0])
    site_admin.opens("/reception")
    walk_in = only(host_town).id
    with host_town.storage.transaction() as db:
        entries = db.scalars(select(AuditEntry).where(AuditEntry.subject == walk_in)).all()
    assert [one.event for one in entries] == ["walk-in", "manifest.viewed"]
    assert "井上" not in "".join(f"{one.reason}{one.actor}" for one in entries)


def test_a_badge_goes_out_and_comes_back(site_admin: Person, offered: Offered, host_town: Town) -> None:
    came = arrived(site_admin, host_town, offered)
    noting = f"/reception/people/{came.place}/note"
    assert site_admin.sends(noting, {"badge": "12", "companions": "1", "note": "車いす"}).status_code == 303
    page = site_admin.reads("/reception")
    assert all(words in page for words in ("入館証 12", "同行者1名", "車いす", "入館証「12」を受け取った"))
    assert site_admin.sends(f"/reception/people/{came.place}/badge").status_code == 303
    assert "入館証「12」を受け取った" not in site_admin.reads("/reception")


def test_one_badge_is_with_one_visitor(site_admin: Person, offered: Offered, host_town: Town) -> None:
    first, second = books(host_town, offered), books(host_town, offered, 1)
    site_admin.sends(f"/reception/people/{first.place}/note", {"badge": "12"})
    again = site_admin.sends(f"/reception/people/{second.place}/note", {"badge": "12", "note": "あとで"})
    assert (again.status_code, "ほかの方に渡したまま" in plain(again)) == (400, True)
    assert 'value="あとで"' in again.text
    site_admin.sends(f"/reception/people/{first.place}/badge")
    assert site_admin.sends(f"/reception/people/{second.place}/note", {"badge": "12"}).status_code == 303
    # The first one's note still says which badge it was, and may be changed.
    assert site_admin.sends(f"/reception/people/{first.place}/note", {"badge": "12", "note": "傘"}).status_code == 303


def test_a_badge_of_an_earlier_day_is_asked_for(site_admin: Person, offered: Offered, host_town: Town) -> None:
    came = arrived(site_admin, host_town, offered)
    site_admin.sends(f"/reception/people/{came.place}/note", {"badge": "7", "note": "電話番号"})
    at(host_town, days=9)
    with host_town.storage.transaction(write=True) as db:
        rounds.purge_names(db, host_town.clock())
        kept = db.scalars(select(DoorNote)).one()
        assert (kept.badge, kept.is_out, kept.words) == ("7", True, "")


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [("badge", "1" * 21, "20文字以内"), ("companions", "百", "0から99"), ("companions", "100", "0から99")],
)
def test_what_cannot_be_noted_is_told(
    site_admin: Person, offered: Offered, host_town: Town, field: str, typed: str, said: str
) -> None:
    came = arrived(site_admin, host_town, offered)
    answer = site_admin.sends(f"/reception/people/{came.place}/note", {field: typed})
    assert (answer.status_code, said in plain(answer)) == (400, True)


@pytest.mark.parametrize("key", ["999999", "99999999999", "none", "00000000-0000-4000-8000-000000000000"])
def test_of_nobody_nothing_is_noted(site_admin: Person, offered: Offered, key: str) -> None:
    assert site_admin.sends(f"/reception/people/{key}/note", {"badge": "1"}).status_code == 404
    assert site_admin.sends(f"/reception/people/{key}/badge").status_code == 404


@pytest.mark.parametrize("path", ["walkin", "people/1/note", "people/1/badge"])
def test_the_door_is_receptions_own(site_admin: Person, offered: Offered, host_town: Town, path: str) -> None:
    with host_town.storage.transaction(write=True) as db:
        people.give_roles(db.scalars(select(Staff)).one(), ("staff",))
    assert site_admin.sends(f"/reception/{path}").status_code == 403


def arrived(person: Person, town: Town, offered: Offered, number: int = 0) -> Came:
    came = books(town, offered, number)
    at(town, hours=1)
    person.sends(f"/reception/places/{came.place}/arrive")
    return came
