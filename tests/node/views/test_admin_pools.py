"""利用枠: a table of rooms by weekday that reads as sentences, and the form behind it."""

from datetime import timedelta

import pytest

from node.host import pools
from node.host.pools import Kept
from node.models.sites import Site
from node.town import Town
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import furnish, offer, statements


def rules(town: Town, room: str) -> dict[int, Kept]:
    with town.storage.transaction() as db:
        return dict(pools.rules_of(db, [room]).get(room, {}))


def test_what_was_saved_reads_as_a_sentence(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town, desks=4)
    form = {"own_0": "2", "walk_in_0": "1", "release_0": "24", "own_4": "1"}
    page = site_admin.sends(f"/admin/rooms/{offered.room}/pools", form).headers["Location"]
    shown = site_admin.reads(page)
    assert "自団体2席・当日利用1席・他団体1席。空いていれば半日の開始の24時間前に、だれでも予約できます" in shown
    assert "自団体1席・当日利用0席・他団体3席。取り置きは開放しません" in shown
    assert "全4席を他団体に開放" in shown
    assert rules(host_town, offered.room) == {0: Kept(2, 1, timedelta(hours=24)), 4: Kept(1, 0, None)}


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"own_0": "3"}, "割り当てられる座席は2席です"),
        ({"own_1": "1", "walk_in_1": "2"}, "割り当てられる座席は2席です"),
        ({"own_0": "-1"}, "＊"),
        ({"walk_in_6": "二"}, "＊"),
        ({"release_2": "337"}, "＊"),
        ({"own_3": "9" * 500}, "＊"),
    ],
)
def test_what_cannot_be_kept_is_told_and_kept_in_the_form(
    site_admin: Person, host_town: Town, form: dict[str, str], words: str
) -> None:
    offered = offer(host_town)
    answer = site_admin.sends(f"/admin/rooms/{offered.room}/pools", form)
    assert answer.status_code == 400
    assert words in plain(answer)
    assert all(f'value="{typed}"' in answer.text for typed in form.values())
    assert rules(host_town, offered.room) == {}


def test_one_day_is_typed_for_all_working_days(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town, desks=4)
    form = {"own_0": "2", "release_0": "24", "own_3": "1", "own_6": "4", "spread": "1"}
    assert site_admin.sends(f"/admin/rooms/{offered.room}/pools", form).status_code == 303
    kept = Kept(2, 0, timedelta(hours=24))
    assert rules(host_town, offered.room) == {**dict.fromkeys(range(5), kept), 6: Kept(4, 0, None)}


def test_another_s_room_is_not_found(site_admin: Person, host_town: Town) -> None:
    offer(host_town)
    nowhere = "00000000-0000-4000-8000-000000000000"
    for path in (f"/admin/rooms/{nowhere}/pools", f"/admin/sites/{nowhere}/pools"):
        assert site_admin.opens(path).status_code == 404


def test_more_rooms_need_no_more_statements(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town, desks=1)
    path = f"/admin/sites/{offered.site}/pools"
    site_admin.opens(path)
    few = statements(site_admin, path)
    with host_town.storage.transaction(write=True) as db:
        for number in (1, 2, 3):
            furnish(db, db.get_one(Site, offered.site), number, 3)
    site_admin.opens(path)
    assert statements(site_admin, path) == few
