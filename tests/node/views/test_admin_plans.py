"""座席配置: desks placed and named by the numbers of column and row, and what cannot be saved."""

import re

import pytest

from node.models.sites import Desk
from node.town import Town
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import Offered, offer, statements


def path_of(offered: Offered) -> str:
    return f"/admin/rooms/{offered.room}/plan"


def filled(person: Person, path: str) -> dict[str, str]:
    """Return the form as it stands on the page."""
    inputs = re.findall(r"<input [^>]*>", person.opens(path).text)
    named = (
        (re.search(r'name="([^"]+)"', each), re.search(r'value="([^"]*)"', each)) for each in inputs if "name=" in each
    )
    return {name[1]: value[1] if value else "" for name, value in named if name}


def stored(town: Town, desk_id: str) -> tuple[str, float | None, float | None]:
    with town.storage.transaction() as db:
        desk = db.get(Desk, desk_id)
        assert desk is not None
        return desk.name, desk.plan_x, desk.plan_y


def put(key: str, column: str, row: str) -> dict[str, str]:
    return {f"column-{key}": column, f"row-{key}": row}


def test_desks_are_placed_named_and_taken_off(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    path, (first, second) = path_of(offered), offered.desks[:2]
    form = filled(site_admin, path) | put(first, "1", "10") | put(second, "16", "1") | {f"name-{first}": "窓側"}
    assert site_admin.sends(path, form, shown_on=path).status_code == 303
    assert stored(host_town, first) == ("窓側", 0.5 / 16, 9.5 / 10)
    assert f'data-key="{second}" data-column="16" data-row="1"' in site_admin.opens(path).text
    assert site_admin.sends(path, filled(site_admin, path) | put(first, "", ""), shown_on=path).status_code == 303
    assert stored(host_town, first) == ("窓側", None, None)


def test_a_desk_is_added_at_a_spot_and_not_offered_yet(site_admin: Person, host_town: Town) -> None:
    path = path_of(offer(host_town))
    form = filled(site_admin, path) | put("new", "3", "4") | {"name-new": "増設席"}
    assert site_admin.sends(path, form, shown_on=path).status_code == 303
    with host_town.storage.transaction() as db:
        added = db.query(Desk).filter_by(name="増設席").one()
        assert (added.plan_x, added.plan_y, added.published) == (2.5 / 16, 3.5 / 10, False)


@pytest.mark.parametrize(
    ("column", "row", "words"),
    [
        ("0", "1", "1から16までの整数"),
        ("17", "1", "1から16までの整数"),
        ("1", "11", "1から10までの整数"),
        ("1", "", "列と行の両方"),
        ("-1", "1", "1から16までの整数"),
        ("1e3", "1", "1から16までの整数"),
        ("nan", "1", "1から16までの整数"),
    ],
)
def test_nothing_stands_outside(site_admin: Person, host_town: Town, column: str, row: str, words: str) -> None:
    offered = offer(host_town)
    path, first = path_of(offered), offered.desks[0]
    before = stored(host_town, first)
    answer = site_admin.sends(path, filled(site_admin, path) | put(first, column, row), shown_on=path)
    assert (answer.status_code, words in plain(answer)) == (400, True)
    assert f'value="{column}"' in answer.text
    assert stored(host_town, first) == before


def test_two_desks_cannot_stand_on_one_spot(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    path, (first, second) = path_of(offered), offered.desks[:2]
    form = filled(site_admin, path) | put(first, "2", "2") | put(second, "2", "2")
    answer = site_admin.sends(path, form, shown_on=path)
    assert (answer.status_code, "と同じ位置です" in plain(answer)) == (400, True)


def test_nobody_saves_over_what_they_have_not_seen(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    path, first = path_of(offered), offered.desks[0]
    mine = filled(site_admin, path) | put(first, "5", "5")
    site_admin.sends(path, filled(site_admin, path) | put(first, "2", "3"), shown_on=path)
    answer = site_admin.sends(path, mine, shown_on=path)
    assert (answer.status_code, "2列3行に保存されています" in plain(answer)) == (409, True)
    assert stored(host_town, first)[1:] == (1.5 / 16, 2.5 / 10)
    seen = re.search(r'name="seen" value="([^"]+)"', answer.text)
    assert seen is not None
    assert site_admin.sends(path, mine | {"seen": seen[1]}, shown_on=path).status_code == 303
    assert stored(host_town, first)[1:] == (4.5 / 16, 4.5 / 10)


def test_a_name_is_shown_as_letters(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    path, first = path_of(offered), offered.desks[0]
    form = filled(site_admin, path) | put(first, "1", "1") | {f"name-{first}": "<script>x</script>"}
    site_admin.sends(path, form, shown_on=path)
    assert "<script>x" not in site_admin.opens(path).text


def test_a_plan_asks_as_often_for_many_desks_as_for_few(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    path = path_of(offered)
    few = statements(site_admin, path)
    form = {"prefix": "B-", "first": "1", "count": "40", "pool": "guests"}
    site_admin.sends(f"/admin/rooms/{offered.room}/desks/new", form)
    assert statements(site_admin, path) == few


def test_many_desks_are_added_in_one_go(site_admin: Person, host_town: Town) -> None:
    path = path_of(offer(host_town))
    form = filled(site_admin, path)
    for key in ("new-1", "new-2"):
        form |= put(key, key[-1], "9") | {f"name-{key}": f"増設{key[-1]}"}
    assert site_admin.sends(path, form, shown_on=path).status_code == 303
    with host_town.storage.transaction() as db:
        assert {desk.plan_x for desk in db.query(Desk).filter(Desk.name.startswith("増設"))} == {0.5 / 16, 1.5 / 16}


def test_what_was_typed_of_a_new_desk_is_kept_where_it_is_wrong(site_admin: Person, host_town: Town) -> None:
    path = path_of(offer(host_town))
    form = filled(site_admin, path) | put("new-7", "99", "9") | {"name-new-7": "増設"}
    answer = site_admin.sends(path, form, shown_on=path)
    assert answer.status_code == 400
    assert all(each in answer.text for each in ('name="name-new-7"', 'value="増設"', 'value="99"'))
