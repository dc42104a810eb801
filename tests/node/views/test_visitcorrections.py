"""The pages of a host's corrections, and of walk-ins without a booking."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from node.models.bookings import BookingPlace
from node.models.visits import WalkIn
from node.town import Town
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import NOW, Came, Offered, books, offer


@pytest.fixture
def offered(host_town: Town) -> Offered:
    return offer(host_town, desks=6)


@pytest.fixture
def came(host_town: Town, offered: Offered, site_admin: Person) -> Came:
    made = books(host_town, offered, name="井上 彩")
    at(host_town, hours=1)
    site_admin.sends(f"/reception/places/{made.place}/arrive")
    at(host_town, hours=4)
    return made


def at(town: Town, **later: float) -> None:
    town.clock.now = NOW + timedelta(**later)  # type: ignore[attr-defined]


def place_of(town: Town, came: Came) -> BookingPlace:
    with town.storage.transaction() as db:
        return db.get_one(BookingPlace, came.place)


def test_a_visit_is_found_by_its_code_and_names_nobody(site_admin: Person, came: Came) -> None:
    answer = site_admin.sends("/admin/visits", {"code": came.code.lower()})
    page = site_admin.reads(answer.headers["Location"])
    assert all(words in page for words in (came.code, "10:00〜―", "本庁舎"))
    assert "井上" not in page


@pytest.mark.parametrize("code", ["", "000000", "x" * 30])
def test_no_visit_has_such_a_code(site_admin: Person, came: Came, code: str) -> None:
    assert site_admin.sends("/admin/visits", {"code": code}).status_code == 400


def test_a_correction_is_kept_logged_and_shown(site_admin: Person, came: Came, host_town: Town) -> None:
    page = f"/admin/visits/{came.place}"
    sent = {"arrived": "10:20", "left": "11:50", "reason": "押し間違い"}
    assert site_admin.sends(page, sent).status_code == 303
    assert all(words in site_admin.reads(page) for words in ("10:00〜― → 10:20〜11:50", "押し間違い"))
    place = place_of(host_town, came)
    assert (place.arrived_at, place.left_at) == (NOW + timedelta(minutes=80), NOW + timedelta(minutes=170))
    with host_town.storage.transaction() as db:
        line = db.scalars(select(AuditEntry).where(AuditEntry.event == "visit-corrected")).one()
    assert (line.subject, line.reason) == (came.id, "押し間違い")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"arrived": "25:00", "left": "", "reason": "誤り"}, "時刻"),
        ({"arrived": "09:00", "left": "11:00", "reason": "誤り"}, "開始30分前から"),
        ({"arrived": "10:20", "left": "10:10", "reason": "誤り"}, "入室より後で"),
        ({"arrived": "10:20", "left": "11:00", "reason": ""}, "訂正の理由"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    site_admin: Person, came: Came, host_town: Town, form: dict[str, str], words: str
) -> None:
    answer = site_admin.sends(f"/admin/visits/{came.place}", form)
    assert answer.status_code == 400
    assert words in plain(answer)
    assert f'value="{form["arrived"]}"' in answer.text
    assert place_of(host_town, came).left_at is None


def test_a_visit_that_is_none_is_not_found(site_admin: Person) -> None:
    assert site_admin.opens("/admin/visits/4711").status_code == 404


@pytest.fixture
def walked_in(site_admin: Person, offered: Offered, host_town: Town) -> str:
    site_admin.sends("/reception/walkin", {"home": "埼玉県", "name": "斎藤 学", "desk": offered.desks[3]})
    with host_town.storage.transaction() as db:
        walk_in = db.scalars(select(WalkIn)).one().id
    at(host_town, hours=2)
    site_admin.sends(f"/reception/walkins/{walk_in}/leave")
    return walk_in


def test_who_has_no_booking_is_a_thing_to_do(site_admin: Person, walked_in: str) -> None:
    assert walked_in
    assert "予約と結び付いていない来庁が1件あります" in site_admin.reads("/admin")


def test_the_look_at_their_names_is_logged(site_admin: Person, walked_in: str, host_town: Town) -> None:
    assert "斎藤 学" in site_admin.reads("/admin/walkins")
    with host_town.storage.transaction() as db:
        mine = select(AuditEntry).where(AuditEntry.subject == walked_in, AuditEntry.reason == "walk-ins")
        assert len(db.scalars(mine).all()) == 1


def test_it_is_settled_once_and_with_words(site_admin: Person, walked_in: str) -> None:
    assert site_admin.sends(f"/admin/walkins/{walked_in}", {"how": " "}).status_code == 400
    for _ in range(2):
        assert site_admin.sends(f"/admin/walkins/{walked_in}", {"how": "電話で確認"}).status_code == 303
    assert "予約と結び付いていない来庁はありません" in site_admin.reads("/admin/walkins")
