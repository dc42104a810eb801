"""どこを、いつ、なぜ使えないか: the same verdict on its own page, in the search and at booking."""

from collections.abc import Mapping
from typing import Any

import pytest

from federation.errors import PreconditionFailed
from federation.storage import Storage
from node.home import conditions
from node.models.sites import Site
from node.people import staff as people
from tests.contention import at_once
from tests.node.fakehost import DESK, SITE, FakeHost
from tests.node.home.conftest import NOW
from tests.node.views.conftest import WISH, Person, plain
from tests.node.views.desks import statements

AT = "day=2026-11-24&slot=hours&from=13:00&to=15:00"
HALL = "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c1111"
SEARCH = f"/search?near=九段下&{AT}"
BARRED = [
    ({"privacy": ["private", "semi_private"]}, "半個室以上の部屋なら利用できます。"),
    ({"privacy": ["private"]}, "個室なら利用できます。"),
    ({"host_codes": "112089"}, "利用条件で認められた団体の施設なら利用できます。"),
    ({"lead_hours": "6"}, "6時間以上先の日時なら予約できます。"),
    ({"facility_types": "hall"}, "受入団体が施設の種類を掲載し"),
    ({"authorities": "教育委員会"}, "人事担当に確認してください。"),
]


@pytest.fixture
def teacher(person: Person, storage: Storage) -> Person:
    """The person serves under the 教育委員会, and has seen the one desk there is."""
    with storage.transaction(write=True) as db:
        found = people.find(db, "012345")
        assert found is not None
        found.authority = "教育委員会"
    person.opens(SEARCH)
    return person


@pytest.mark.parametrize(("condition", "change"), BARRED)
def test_search_page_and_booking_say_the_same_no_with_its_owner_and_what_would_change_it(
    teacher: Person, host: FakeHost, condition: Mapping[str, str], change: str
) -> None:
    teacher.sends("/personnel/conditions", condition)
    for page in (teacher.reads(SEARCH), teacher.reads(f"/conditions?{AT}"), plain(teacher.books())):
        assert change in page
        assert "所属団体の人事担当が定めた条件" in page
    assert host.bookings == {}


def test_without_conditions_all_three_say_yes(teacher: Person, host: FakeHost) -> None:
    assert "使えます" in teacher.reads(f"/conditions?{AT}")
    assert "使えません" not in teacher.reads(f"/conditions?{AT}")
    assert teacher.books().status_code == 303
    assert len(host.bookings) == 1


@pytest.mark.parametrize(("level", "status"), [("3B", 409), ("2", 303)])
def test_work_that_needs_a_private_room_is_refused_in_an_open_one(teacher: Person, level: str, status: int) -> None:
    assert DESK.privacy == "open"
    teacher.sends("/personnel/conditions", {"private_levels": "3B"})
    assert teacher.books(confidentiality=level).status_code == status


def test_days_of_a_month_are_counted(teacher: Person) -> None:
    teacher.sends("/personnel/conditions", {"days_a_month": "1"})
    assert teacher.books().status_code == 303
    assert teacher.books(**{"from": "16:00", "to": "17:00"}).status_code == 303
    answer = teacher.books(day="2026-11-26")
    assert answer.status_code == 409
    assert "月1日まで" in plain(answer)
    assert teacher.books(day="2026-12-01").status_code == 303


def test_the_conditions_come_back_into_the_form_as_they_were_set(teacher: Person) -> None:
    given = {"authorities": "教育委員会", "days_a_month": "8", "lead_hours": "24", "semi_private_levels": "3C"}
    teacher.sends("/personnel/conditions", given)
    page = teacher.opens("/personnel/conditions").text
    assert 'value="教育委員会"' in page
    assert 'name="semi_private_levels" value="3C" checked' in page.replace('id="semi_private_levels-3" ', "")
    assert "申込みは開始の24時間前まで" in teacher.reads("/conditions")


def test_a_site_and_a_distance_are_chosen_among_what_there_is(teacher: Person, storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        db.add(Site(id=HALL, name="本庁舎", address="所沢市並木1-1-1", lat=35.7996, lon=139.4686))
    answer = teacher.sends("/personnel/conditions", {"site": SITE.id, "radius_site": HALL, "radius_km": "20"})
    assert answer.status_code == 303
    page = teacher.reads("/personnel/conditions/versions")
    assert "利用できる施設：千代田区 千代田合同庁舎" in page
    assert "本庁舎から20km以内の施設に限る" in page
    assert "本庁舎から20km以内の施設なら利用できます。" in teacher.reads(SEARCH)
    assert plain(teacher.books()).count("本庁舎から20kmを超える施設は利用できません") == 1


@pytest.mark.parametrize(
    "given",
    [
        {"radius_km": "20"},
        {"radius_km": "20", "radius_site": "castle"},
        {"site": "castle"},
        {"facility_types": "castle"},
    ],
)
def test_what_nobody_offered_is_not_laid_down_and_nothing_typed_is_lost(teacher: Person, given: dict[str, str]) -> None:
    answer = teacher.sends("/personnel/conditions", {"employments": "会計年度任用", **given})
    assert answer.status_code == 400
    assert 'value="会計年度任用"' in answer.text
    assert "まだ版はありません" in teacher.reads("/personnel/conditions/versions")


def test_who_saves_second_is_told_and_keeps_what_was_typed(teacher: Person) -> None:
    assert teacher.sends("/personnel/conditions", {"version": "0", "days_a_week": "2"}).status_code == 303
    answer = teacher.sends("/personnel/conditions", {"version": "0", "days_a_week": "3", "employments": "会計年度任用"})
    assert answer.status_code == 412
    assert "ほかの人事担当が、先に利用条件を変更しました" in plain(answer)
    assert 'value="会計年度任用"' in answer.text
    assert 'name="version" value="1"' in answer.text
    assert teacher.sends("/personnel/conditions", {"version": "1", "days_a_week": "3"}).status_code == 303


def test_two_versions_at_one_instant_are_one_version_and_one_refusal(teacher: Person, storage: Storage) -> None:
    def save(number: int) -> None:
        with storage.transaction(write=True) as db:
            by = people.find(db, "012345")
            assert by is not None
            wanted: dict[str, Any] = {
                "privacy": (),
                "work_kinds": (),
                "host_codes": (),
                "employments_barred": (),
                "limit_yen": None,
            }
            conditions.lay_down(db, **wanted, days_a_week=number + 1, on_top_of=0, by=by.id, now=NOW)

    assert [type(error) for error in at_once(4, save)] == [PreconditionFailed] * 3


def test_the_page_asks_as_often_for_one_town_as_for_none(person: Person) -> None:
    none = statements(person, "/conditions")
    person.opens(SEARCH)
    assert statements(person, "/conditions") == none
    assert WISH["desk"] == DESK.url
