"""Changing when places are open: what is stored, what is refused, and whose feeds hear of it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import event

from federation.errors import BadInput
from federation.feed import Feeds
from federation.storage import Storage
from node.host import opening, sites, timetables
from node.host.spans import Span
from node.host.timetables import DatedWish
from node.models.sites import Desk
from tests.node.host.conftest import NOW, Desks, page

SATURDAY = date(2026, 11, 28)
OPEN_DAY = DatedWish("extra", SATURDAY, SATURDAY, "庁舎開放日", stretches=((540, 720),))
WEEK = Span(NOW, NOW + timedelta(days=7))


def heard(storage: Storage, feeds: Feeds) -> dict[str, int]:
    """The number of each desk's last word on its free times."""
    return {item.id: item.modified for item in page(storage, feeds, "offers") if item.kind == "free"}


def test_a_one_off_opening_is_offered_and_taken_back(desks: Desks, storage: Storage, feeds: Feeds) -> None:
    with storage.transaction(write=True) as db:
        site = sites.get_place(db, desks.site)
        desk = db.get_one(Desk, desks.first)
        usual = opening.open_of(db, [desk], WEEK)[desk.id]
        added = timetables.add(db, site, OPEN_DAY, NOW)
        with_saturday = opening.open_of(db, [desk], WEEK)[desk.id]
        timetables.end(db, added, site, NOW)
        assert opening.open_of(db, [desk], WEEK)[desk.id] == usual
    assert [span for span in with_saturday if span not in usual] == [
        Span(NOW + timedelta(days=4), NOW + timedelta(days=4, hours=3))
    ]


def test_exactly_the_desks_concerned_hear_of_a_change(desks: Desks, storage: Storage, feeds: Feeds) -> None:
    before = heard(storage, feeds)
    with storage.transaction(write=True) as db:
        room = sites.get_place(db, desks.room)
        timetables.add(db, room, replace(OPEN_DAY, kind="closed", stretches=()), NOW)
        timetables.add(db, sites.get_place(db, desks.site), OPEN_DAY, NOW)
    after = heard(storage, feeds)
    assert {id_ for id_, number in after.items() if number != before[id_]} == {desks.booth}


def test_a_change_beyond_the_horizon_is_told_when_its_day_comes_near(
    desks: Desks, storage: Storage, feeds: Feeds
) -> None:
    before = heard(storage, feeds)
    with storage.transaction(write=True) as db:
        site = sites.get_place(db, desks.site)
        timetables.set_week(db, site, [(0, 540, 1020)], NOW, first=date(2027, 4, 1))
        assert opening.hours_by_place(db, [site.id]) == {}
        assert opening.hours_by_place(db, [site.id], on=date(2027, 4, 5)) == {site.id: ((0, 540, 1020),)}
    assert heard(storage, feeds) == before


def test_a_season_is_replaced_alone(desks: Desks, storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        site = sites.get_place(db, desks.site)
        timetables.set_week(db, site, [(1, 540, 720)], NOW)
        timetables.set_week(db, site, [(2, 540, 720)], NOW, first=SATURDAY, last=SATURDAY)
        timetables.set_week(db, site, [(3, 540, 720)], NOW, first=SATURDAY, last=SATURDAY)
        weeks = opening.rules_by_place(db, [site.id])[site.id].weeks
    assert [week.hours[0][0] for week in weeks] == [1, 3]


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (replace(OPEN_DAY, words=" "), "words"),
        (replace(OPEN_DAY, words="開" * 101), "words"),
        (replace(OPEN_DAY, last_day=SATURDAY - timedelta(days=1)), "last_day"),
        (replace(OPEN_DAY, last_day=SATURDAY + timedelta(days=1101)), "last_day"),
        (replace(OPEN_DAY, weekdays=(0,)), "weekdays"),
        (replace(OPEN_DAY, stretches=()), "stretches"),
        (replace(OPEN_DAY, stretches=((540, 720), (700, 800))), "stretches"),
        (replace(OPEN_DAY, kind="closed"), "stretches"),
        (replace(OPEN_DAY, yearly=True, last_day=SATURDAY + timedelta(days=500)), "yearly"),
    ],
)
def test_an_exception_makes_sense(desks: Desks, storage: Storage, wish: DatedWish, field: str) -> None:
    with pytest.raises(BadInput) as refused, storage.transaction(write=True) as db:
        timetables.add(db, sites.get_place(db, desks.site), wish, NOW)
    assert refused.value.field == field


def test_a_place_has_only_so_many_exceptions(desks: Desks, storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timetables, "MOST_EXCEPTIONS", 1)
    with storage.transaction(write=True) as db:
        timetables.add(db, sites.get_place(db, desks.site), OPEN_DAY, NOW)
        with pytest.raises(BadInput):
            timetables.add(db, sites.get_place(db, desks.site), OPEN_DAY, NOW)


def test_open_times_take_two_statements_however_many_rules(desks: Desks, storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        for id_ in (desks.site, desks.room, desks.first):
            timetables.add(db, sites.get_place(db, id_), OPEN_DAY, NOW)
        three = [db.get_one(Desk, id_) for id_ in (desks.first, desks.second, desks.booth)]
        statements: list[str] = []
        event.listen(db.get_bind(), "before_cursor_execute", lambda *given: statements.append(given[2]))
        opening.open_of(db, three, WEEK)
        assert len(statements) == 2


def test_a_room_opens_on_a_holiday_by_its_own_choice(desks: Desks, storage: Storage, feeds: Feeds) -> None:
    before = heard(storage, feeds)
    with storage.transaction(write=True) as db:
        timetables.open_on_holidays(db, sites.get_place(db, desks.room), True, NOW)
    after = heard(storage, feeds)
    assert {id_ for id_, number in after.items() if number != before[id_]} == {desks.first, desks.second}
