"""What the public pages tell of the weeks ahead: days that differ, with the reason where it may be told."""

from datetime import date, timedelta

import pytest

from node.app import app_of
from node.host import closures, sites, timetables
from node.host.timetables import DatedWish
from node.models.opening import Closure
from node.town import Town
from tests.node.views.conftest import Person
from tests.node.views.desks import NOW, Offered, offer, statements

DAY = timedelta(days=1)


@pytest.fixture
def offered(host_town: Town) -> Offered:
    return offer(host_town)


@pytest.fixture
def visitor(host_town: Town) -> Person:
    return Person(app_of(host_town).test_client())


def adds(town: Town, place_id: str, kind: str, first: date, words: str, *, days: int = 1, **more: object) -> None:
    with town.storage.transaction(write=True) as db:
        stretches = ((540, 720),) if kind in {"hours", "extra"} else ()
        wish = DatedWish(kind, first, first + (days - 1) * DAY, words, stretches, **more)  # type: ignore[arg-type]  # Facts by their names.
        timetables.add(db, sites.get_place(db, place_id), wish, NOW)


def closes(town: Town, place_id: str, *, after: timedelta = DAY, note: str = "") -> None:
    with town.storage.transaction(write=True) as db:
        start, place = NOW + after, sites.get_place(db, place_id)
        closures.close(db, place, start, start + timedelta(hours=2), template="assembly", note=note, now=NOW)


def test_a_site_s_page_tells_days_openings_and_closures_in_words(
    host_town: Town, visitor: Person, offered: Offered
) -> None:
    adds(host_town, offered.site, "closed", date(2026, 11, 26), "設備の<更新>", days=2)
    adds(host_town, offered.site, "extra", date(2026, 11, 28), "庁舎開放日")
    closes(host_town, offered.room, note="委員会のため")
    page = visitor.reads(f"/sites/{offered.site}")
    assert all(
        words in page
        for words in (
            "2026年11月25日(水) 09:00〜11:00 休止：議会（1階 執務室）",
            "2026年11月26日(木)から2026年11月27日(金)まで 終日休み：設備の<更新>",
            "2026年11月28日(土) 臨時に開く 09:00〜12:00：庁舎開放日",
        )
    )
    assert "委員会" not in page
    assert "&lt;更新&gt;" in visitor.opens(f"/sites/{offered.site}").text


def test_a_desk_s_page_tells_what_holds_for_it_and_no_more(host_town: Town, visitor: Person, offered: Offered) -> None:
    adds(host_town, offered.site, "closed", date(2026, 11, 26), "全館の点検")
    adds(host_town, offered.room, "hours", date(2026, 11, 26), "午前のみ")
    closes(host_town, offered.desks[1])
    closes(host_town, offered.site, after=2 * DAY)
    page = visitor.reads(f"/desks/{offered.desks[0]}")
    assert "ほかの時間 09:00〜12:00：午前のみ" in page
    assert "全館の点検" not in page
    assert page.count("休止：議会") == 1


@pytest.mark.parametrize(("first", "told"), [(date(2027, 1, 19), True), (date(2027, 1, 20), False)])
def test_eight_weeks_are_told(host_town: Town, visitor: Person, offered: Offered, first: date, *, told: bool) -> None:
    adds(host_town, offered.site, "closed", first, "床の張替え")
    assert ("床の張替え" in visitor.reads(f"/sites/{offered.site}")) is told


def test_what_is_over_lifted_or_taken_back_is_not_told(host_town: Town, visitor: Person, offered: Offered) -> None:
    adds(host_town, offered.site, "closed", date(2026, 11, 20), "先週の点検")
    adds(host_town, offered.site, "closed", date(2026, 12, 1), "取りやめた点検")
    closes(host_town, offered.site)
    with host_town.storage.transaction(write=True) as db:
        site = sites.get_place(db, offered.site)
        timetables.end(db, timetables.standing(db, [offered.site])[-1], site, NOW)
        for one in db.query(Closure):
            closures.lift(db, one, site, NOW)
    page = visitor.reads(f"/sites/{offered.site}")
    assert not any(words in page for words in ("点検", "休止：", "これから8週間"))


def test_a_year_of_wednesdays_is_bounded_and_needs_no_more_statements(
    host_town: Town, visitor: Person, offered: Offered
) -> None:
    path = f"/sites/{offered.site}"
    visitor.opens(path)
    few = statements(visitor, path)
    for words in "水木金":
        adds(
            host_town,
            offered.site,
            "closed",
            date(2026, 11, 24),
            words,
            days=366,
            weekdays=("月火水木金".index(words),),
        )
    for hours in range(45):
        closes(host_town, offered.room, after=timedelta(hours=2 + 5 * hours))
    page = visitor.reads(path)
    assert page.count("終日休み") + page.count("休止：") == 40
    assert statements(visitor, path) == few
