"""消去 and 利用停止 by page: what goes and what stays is shown first, and nothing happens without a reason and a tick."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from federation.storage import Storage
from node import notices
from node.home import favourites
from node.host import walk_ins
from node.models.bookings import ManifestName
from node.models.favourites import Favourite
from node.models.notices import Notice
from node.models.retention import DeletionRecord
from node.models.staff import Staff
from node.models.visits import WalkIn
from node.town import Town
from tests.node.fakehost import DESK_ID, HOST
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import NOON, NOW, Came, books, offer

SURE = {"reason": "本人の請求による", "sure": "1"}


@pytest.fixture
def gone(host_town: Town, site_admin: Person) -> Came:
    """Somebody who came in the morning and has left."""
    came = books(host_town, offer(host_town), name="井上 彩")
    host_town.clock.now = NOW + timedelta(hours=1)  # type: ignore[attr-defined]
    site_admin.sends(f"/reception/places/{came.place}/arrive")
    site_admin.sends(f"/reception/places/{came.place}/leave")
    return came


def names(town: Town) -> list[str]:
    with town.storage.transaction() as db:
        return list(db.scalars(select(ManifestName.name)))


def events(town: Town) -> list[str]:
    with town.storage.transaction() as db:
        return list(db.scalars(select(AuditEntry.event)))


def test_a_visitor_is_erased_after_a_look_a_reason_and_a_tick(site_admin: Person, gone: Came, host_town: Town) -> None:
    seen = plain(site_admin.sends("/admin/erasures", {"code": gone.code}))
    assert "予約と利用の記録（日時・座席・料金）" in seen
    assert "井上 彩" not in seen
    for missing in ("reason", "sure"):
        form = {"code": gone.code, **SURE}
        del form[missing]
        assert site_admin.sends("/admin/erasures/erase", form).status_code == 400
    assert names(host_town) == ["井上 彩"]
    for _ in range(2):
        assert site_admin.sends("/admin/erasures/erase", {"code": gone.code, **SURE}).status_code == 303
    assert names(host_town) == []
    assert events(host_town).count("erased") == 1
    assert "本人の請求" in site_admin.reads("/admin/retention")


@pytest.mark.parametrize("act", ["", "/erase", "/withhold", "/lift"])
def test_an_unknown_number_is_said(site_admin: Person, host_town: Town, act: str) -> None:
    for typed in ("000-000", "", "あ" * 30):
        assert site_admin.sends(f"/admin/erasures{act}", {"code": typed, **SURE, "why": "請求"}).status_code == 400


def test_a_name_that_is_withheld_is_shown_to_nobody_until_it_is_lifted(
    site_admin: Person, gone: Came, host_town: Town
) -> None:
    asked = {"code": gone.code, "why": "本人の請求による"}
    assert site_admin.sends("/admin/erasures/withhold", {"code": gone.code}).status_code == 400
    for _ in range(2):
        assert site_admin.sends("/admin/erasures/withhold", asked).status_code == 303
    looks = events(host_town).count("manifest.viewed")
    for path in ("/reception", "/reception/list"):
        page = site_admin.reads(path)
        assert "利用停止中" in page, path
        assert "井上 彩" not in page
    assert events(host_town).count("manifest.viewed") == looks
    assert names(host_town) == ["井上 彩"]
    assert gone.code in site_admin.reads("/admin/erasures")
    for _ in range(2):
        assert site_admin.sends("/admin/erasures/lift", {"code": gone.code}).status_code == 303
    assert "井上 彩" in site_admin.reads("/reception")
    assert [events(host_town).count(event) for event in ("use-stopped", "use-resumed")] == [1, 1]


def test_a_name_that_is_withheld_is_not_in_the_preview_of_a_closure(
    site_admin: Person, gone: Came, host_town: Town
) -> None:
    books(host_town, gone.offered, start=NOON, end=NOON + timedelta(hours=1), name="井上 彩")
    preview = (
        f"/admin/closures/new?place={gone.offered.room}&template=assembly"
        "&start_day=2026-11-24&start_time=11:00&end_day=2026-11-24&end_time=17:00"
    )
    assert "井上 彩" in site_admin.reads(preview)
    site_admin.sends("/admin/erasures/withhold", {"code": gone.code, "why": "請求"})
    assert "井上 彩" not in site_admin.reads(preview)


def test_a_walk_in_is_found_by_name_and_day_and_erased_once_gone(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    walked = {"home": "埼玉県", "name": "通りすがり 花之介", "desk": offered.desks[0]}
    assert site_admin.sends("/reception/walkin", walked).status_code == 303
    whom = {"name": "通りすがり 花之介", "day": "2026-11-24"}
    assert "在館中の方の記録" in plain(site_admin.sends("/admin/erasures/walkins", whom))
    for wrong in ({"name": "別人"}, {"day": "2026-11-25"}, {"day": "きのう"}, {"name": ""}):
        assert site_admin.sends("/admin/erasures/walkins", {**whom, **wrong}).status_code == 400
    with host_town.storage.transaction(write=True) as db:
        walk_ins.leave(db, db.scalars(select(WalkIn.id)).one(), NOW + timedelta(minutes=5))
    assert site_admin.sends("/admin/erasures/walkins/erase", {**whom, **SURE}).status_code == 303
    with host_town.storage.transaction() as db:
        assert db.scalars(select(WalkIn.name)).one() == ""


def saves(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        person = db.scalars(select(Staff)).one()
        person.home_station = "所沢"
        favourite = {"url": f"{HOST}/desks/{DESK_ID}", "host_name": "千代田区", "site_name": "千代田合同庁舎"}
        db.add(Favourite(staff_id=person.id, marked_at=NOW, **favourite))
        notices.tell(db, person.id, "予約が確定しました。", now=NOW)
        assert favourites.of(db, person.id)


def test_our_own_person_loses_what_they_saved_and_stays_in_the_directory(person: Person, storage: Storage) -> None:
    saves(storage)
    page = plain(person.sends("/personnel/erasures", {"number": "012345"}))
    assert "職員名簿（氏名・職員番号・所属・権限）と本人確認の方法" in page
    assert person.sends("/personnel/erasures/erase", {"number": "012345"}).status_code == 400
    for _ in range(2):
        assert person.sends("/personnel/erasures/erase", {"number": "012345", **SURE}).status_code == 303
    with storage.transaction() as db:
        who = db.scalars(select(Staff)).one()
        assert (who.name, who.home_station) == ("立寄 太郎", "")
        assert not db.scalars(select(Favourite)).all()
        assert not db.scalars(select(Notice)).all()
        lines = db.scalars(select(AuditEntry).where(AuditEntry.event == "erased")).all()
        kinds = db.scalars(select(DeletionRecord.kind).order_by(DeletionRecord.kind)).all()
    assert [(one.subject, one.reason) for one in lines] == [(f"staff:{who.id}", SURE["reason"])]
    assert kinds == ["notices", "own"]


def test_somebody_who_is_not_in_the_directory_is_said(person: Person) -> None:
    for typed in ("999999", ""):
        assert person.sends("/personnel/erasures/erase", {"number": typed, **SURE}).status_code == 400
