"""利用時間 with seasons, holidays and units, and 日付ごとの例外: what is saved, refused beside its field, and shown."""

from datetime import date

import pytest
from sqlalchemy import select

from node.host import opening
from node.models.opening import DatedException
from node.models.sites import Room, Site
from node.town import Town
from tests.node.views.conftest import Person
from tests.node.views.desks import books, counted, hours, offer

SATURDAY = {
    "kind": "extra",
    "first_day": "2026-11-28",
    "day_1_opens": "9:00",
    "day_1_closes": "12:00",
    "words": "庁舎開放日",
}
WEEK = {f"day{day}_1_{end}": time for day in range(5) for end, time in (("opens", "9:00"), ("closes", "17:00"))}


def exceptions(town: Town) -> list[DatedException]:
    with town.storage.transaction() as db:
        return list(db.scalars(select(DatedException).order_by(DatedException.id)))


def test_a_one_off_saturday_is_added_shown_changed_and_taken_back(site_admin: Person, host_town: Town) -> None:
    path = f"/admin/places/{offer(host_town).site}/exceptions"
    assert site_admin.sends(f"{path}/new", SATURDAY).status_code == 303
    page = site_admin.reads(path)
    assert all(words in page for words in ("庁舎開放日", "2026年11月28日(土)", "臨時に開く", "09:00〜12:00"))
    (one,) = exceptions(host_town)
    assert 'value="庁舎開放日"' in site_admin.opens(f"{path}/{one.id}").text
    assert site_admin.sends(f"{path}/{one.id}", {**SATURDAY, "day_1_closes": "24:00"}).status_code == 303
    assert exceptions(host_town)[0].stretches == [[540, 1440]]
    assert site_admin.sends(f"{path}/{one.id}/end", {}).status_code == 303
    assert "これからの例外はありません" in site_admin.reads(path)
    assert site_admin.opens(f"{path}/{one.id}").status_code == 404


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "party"}, "kind"),
        ({"first_day": "2026-02-30"}, "first_day"),
        ({"first_day": ""}, "first_day"),
        ({"last_day": "2026-11-27"}, "last_day"),
        ({"last_day": "2036-11-27"}, "last_day"),
        ({"weekdays": "0"}, "weekdays"),
        ({"weekdays": "9"}, "weekdays"),
        ({"day_1_opens": ""}, "day_1_closes"),
        ({"day_1_opens": "25:00"}, "day_1_closes"),
        ({"day_1_opens": "", "day_1_closes": ""}, "day_1_closes"),
        ({"day_2_opens": "11:00", "day_2_closes": "13:00"}, "day_2_closes"),
        ({"words": ""}, "words"),
        ({"words": "あ" * 101}, "words"),
        ({"words": "\u202e"}, "words"),
        ({"yearly": "1", "last_day": "2028-01-01"}, "yearly"),
    ],
)
def test_a_mistake_stands_at_its_field_and_what_was_typed_stays(
    site_admin: Person, host_town: Town, changed: dict[str, str], field: str
) -> None:
    answer = site_admin.sends(f"/admin/places/{offer(host_town).site}/exceptions/new", {**SATURDAY, **changed})
    assert answer.status_code == 400
    assert f'id="{field}-error"' in answer.text
    assert 'value="09:00"' in answer.text or 'value="9:00"' in answer.text or "day_1_opens" in changed
    assert exceptions(host_town) == []


def test_a_closed_day_does_not_end_bookings_and_says_so(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    books(host_town, offered)
    path = f"/admin/places/{offered.room}/exceptions"
    closed = {"kind": "closed", "first_day": "2026-11-24", "words": "床の張替え"}
    assert site_admin.sends(f"{path}/new", closed).status_code == 303
    assert "利用時間の外になった予約が1件あります" in site_admin.reads(path)


def test_holidays_of_a_year_ahead_can_be_opened_one_by_one(site_admin: Person, host_town: Town) -> None:
    path = f"/admin/places/{offer(host_town).site}/exceptions"
    page = site_admin.reads(path)
    assert all(words in page for words in ("2026年12月29日(火)", "年末年始", "こどもの日", "2027年1月11日(月)"))
    assert "kind=usual&amp;first_day=2027-01-11" in site_admin.opens(path).text
    assert 'value="2027-01-11"' in site_admin.opens(f"{path}/new?kind=usual&first_day=2027-01-11").text
    site_admin.sends(f"{path}/new", {"kind": "usual", "first_day": "2027-01-11", "words": "二十歳のつどい"})
    assert "開く 08:30〜17:15二十歳のつどい" in site_admin.reads(path)


def test_holidays_have_english_names(site_admin: Person, host_town: Town) -> None:
    page = site_admin.reads(f"/admin/places/{offer(host_town).site}/exceptions?lang=en")
    assert "Marine Day" in page
    assert "海の日" not in page


def test_times_are_read_as_people_write_them(site_admin: Person, host_town: Town) -> None:
    spoken = {**SATURDAY, "day_1_opens": "９時半", "day_1_closes": "17時15分"}
    assert site_admin.sends(f"/admin/places/{offer(host_town).site}/exceptions/new", spoken).status_code == 303
    assert exceptions(host_town)[0].stretches == [[570, 1035]]


def test_hours_typed_where_the_sites_were_chosen_are_not_lost(site_admin: Person, host_town: Town) -> None:
    path = f"/admin/places/{offer(host_town).room}/hours"
    answer = site_admin.sends(path, {"own": "0", "day0_1_opens": "09:30", "day0_1_closes": "16:00"})
    assert answer.status_code == 400
    assert 'value="09:30"' in answer.text
    assert "「曜日ごとに決める」を選んでください" in answer.text


def test_a_room_shows_what_its_site_lays_down(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    site_admin.sends(f"/admin/places/{offered.site}/exceptions/new", SATURDAY)
    assert "本庁舎の例外" in site_admin.reads(f"/admin/places/{offered.room}/exceptions")


def test_somebody_elses_exception_is_not_found_under_a_place(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    site_admin.sends(f"/admin/places/{offered.site}/exceptions/new", SATURDAY)
    (one,) = exceptions(host_town)
    assert site_admin.opens(f"/admin/places/{offered.room}/exceptions/{one.id}").status_code == 404
    assert site_admin.sends(f"/admin/places/{offered.room}/exceptions/{one.id}/end", {}).status_code == 404
    assert site_admin.opens(f"/admin/places/{offered.site}/exceptions/99999999999").status_code == 404


def test_the_list_needs_as_many_statements_for_many_as_for_few(site_admin: Person, host_town: Town) -> None:
    path = f"/admin/places/{offer(host_town).site}/exceptions"
    site_admin.sends(f"{path}/new", SATURDAY)
    site_admin.opens(path)
    with counted() as few:
        site_admin.opens(path)
    for number in range(5):
        site_admin.sends(f"{path}/new", {**SATURDAY, "first_day": f"2026-12-{number + 10}"})
    site_admin.opens(path)
    with counted() as many:
        site_admin.opens(path)
    assert len(many) == len(few)


def test_april_is_prepared_in_advance(site_admin: Person, host_town: Town) -> None:
    site = offer(host_town).site
    path = f"/admin/places/{site}/hours"
    assert site_admin.sends(path, {"own": "1", **WEEK, "first_day": "2027-04-01"}).status_code == 303
    assert hours(host_town, site) == ()
    with host_town.storage.transaction() as db:
        assert len(opening.hours_by_place(db, [site], on=date(2027, 4, 1))[site]) == 5
    assert "2027年4月1日(木)から" in site_admin.reads(path)
    assert 'value="09:00"' in site_admin.opens(f"{path}?first_day=2027-04-01").text
    assert site_admin.sends(f"{path}?first_day=2027-04-01", {"own": "0", "first_day": "2027-04-01"}).status_code == 303
    assert "2027年4月1日(木)から" not in site_admin.reads(path)


@pytest.mark.parametrize(
    ("season", "field"),
    [
        ({"last_day": "2027-04-01"}, "first_day"),
        ({"first_day": "2027-04-02", "last_day": "2027-04-01"}, "last_day"),
        ({"holidays": "perhaps"}, "holidays"),
        ({"holidays": ""}, "holidays"),
        ({"slots": "20"}, "slots"),
    ],
)
def test_a_season_makes_sense(site_admin: Person, host_town: Town, season: dict[str, str], field: str) -> None:
    answer = site_admin.sends(f"/admin/places/{offer(host_town).site}/hours", {"own": "1", **WEEK, **season})
    assert (answer.status_code, f'id="{field}-error"' in answer.text) == (400, True)


def test_holidays_and_units_are_chosen_for_a_site_and_otherwise_for_a_room(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    for place, chosen in ((offered.site, {"holidays": "1", "slots": "half_day"}), (offered.room, {"slots": "60"})):
        assert site_admin.sends(f"/admin/places/{place}/hours", {"own": "0", **chosen}).status_code == 303
    site_admin.sends(f"/admin/places/{offered.desks[0]}/hours", {"own": "0", "holidays": "0"})
    with host_town.storage.transaction() as db:
        site, room = db.get_one(Site, offered.site), db.get_one(Room, offered.room)
        assert (site.opens_on_holidays, site.slots, room.opens_on_holidays, room.slots) == (
            True,
            "half_day",
            None,
            "60",
        )
        assert {desk.opens_on_holidays for desk in room.desks} == {False, None}
