"""所属ごとの予算: set by 人事担当, read with what is used and left."""

import pytest

from federation.storage import Storage
from node.people import staff as people
from tests.node.home.conftest import NOW
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import statements

PAGE = "/personnel/budgets"
GIVEN = {"section": "企画課", "year": "2026", "yen": "12,000"}


def test_a_budget_is_set_shown_and_taken_away(person: Person) -> None:
    assert "設定されていません" in plain(person.opens(PAGE))
    assert person.sends(PAGE, GIVEN).status_code == 303
    assert "企画課12,000円0円12,000円" in plain(person.opens(PAGE)).replace(" ", "")
    person.sends(PAGE, {**GIVEN, "yen": ""})
    assert "設定されていません" in plain(person.opens(f"{PAGE}?year=2026"))


@pytest.mark.parametrize(
    "wrong", [{"section": "無い課"}, {"section": ""}, {"yen": "-1"}, {"yen": "千円"}, {"year": "x"}]
)
def test_bad_input_is_said_and_kept(person: Person, wrong: dict[str, str]) -> None:
    answer = person.sends(PAGE, {**GIVEN, **wrong})
    assert answer.status_code == 400
    assert ('value="12,000"' in answer.text) is ("yen" not in wrong)


@pytest.mark.parametrize("year", ["", "0", "99999999999", "２０２６", "2020"])
def test_any_year_that_is_typed_shows_a_page(person: Person, year: str) -> None:
    assert person.opens(f"{PAGE}?year={year}").status_code == 200


def test_the_page_asks_as_often_for_two_as_for_one(person: Person, storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        people.add(db, number="7", name="管財 三郎", section="管財課", now=NOW)
    person.sends(PAGE, GIVEN)
    one = statements(person, PAGE)
    person.sends(PAGE, {**GIVEN, "section": "管財課"})
    assert statements(person, PAGE) == one
