"""What comes by a file reaches the feeds exactly as if somebody had typed it, and a file that was given out changes nothing."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from federation.feed import Feeds
from federation.storage import Storage
from node.config import Config
from node.host import closures, lending, sites, timetables
from node.host.sheets import carrying, writing
from node.host.timetables import DatedWish
from node.models.sites import Site
from tests.node.host.conftest import NOW, SITE
from tests.node.host.sheets.carried import numbers, take, told, written

OTHER = "別館"
ROOM = {
    "privacy": "semi_private",
    "talking": "low",
    "usual_staff": 12,
    "features": ["monitor", "wifi"],
    "web_meeting": "headset",
    "screen": "partly",
    "eating": "drinks",
    "mobile": {"docomo": "good", "rakuten": "poor"},
    "mobile_measured_on": date(2026, 11, 1),
    "access": {"wheelchair": True, "quiet": False},
}
Typed = Callable[[Session, Config, Site], None]


def type_rooms(db: Session, config: Config, site: Site) -> None:
    room = sites.add_room(db, site, {"name": "=小会議室", **ROOM})
    lending.offer(db, room, capacity=8)
    sites.publish(db, room)


def type_desks(db: Session, config: Config, site: Site) -> None:
    room = sites.add_room(db, site, {"name": "広間", "privacy": "open"})
    sites.publish(db, room)
    for number in range(3):
        facts = {
            "name": f"+{number}",
            "features": ["outlet", "wheelchair"],
            "note": ("@窓際, 外", "'=端", "")[number],
        }
        sites.publish(db, sites.add_desk(db, room, facts))
    lending.offer(db, room, capacity=20)


def type_hours(db: Session, config: Config, site: Site) -> None:
    room = site.rooms[0]
    week = [(day, 540, 720) for day in range(5)] + [(day, 780, 1440) for day in range(5)]
    timetables.set_week(db, site, week, NOW)
    timetables.set_week(db, site, [(5, 600, 900)], NOW, first=date(2026, 12, 1), last=date(2026, 12, 25))
    timetables.set_week(db, room, [(0, 510, 1035)], NOW, first=date(2027, 1, 4))
    timetables.open_on_holidays(db, site, True, NOW)
    timetables.open_on_holidays(db, room, False, NOW)
    timetables.choose_slots(db, site, "30")
    timetables.choose_slots(db, room, "half_day")
    day = date(2026, 12, 3)
    timetables.add(db, site, DatedWish("closed", day, day, "=議会"), NOW)
    timetables.add(db, site, DatedWish("hours", day, date(2026, 12, 31), "短縮", ((540, 720),), (0, 2), True), NOW)
    timetables.add(db, room, DatedWish("extra", day, day, "開放日", ((1080, 1200), (1260, 1320))), NOW)
    timetables.add(db, room.desks[0], DatedWish("usual", date(2026, 12, 29), date(2026, 12, 30), "年末"), NOW)


def type_closures(db: Session, config: Config, site: Site) -> None:
    closures.close(
        db, site, NOW + timedelta(days=1), NOW + timedelta(days=2), template="assembly", note="-点検", now=NOW
    )
    closures.close(
        db, site.rooms[0], NOW + timedelta(hours=15), NOW + timedelta(hours=39), template="other", note="", now=NOW
    )


BUILDING = {
    "name_kana": "ナンカン",
    "name_en": "South House",
    "facility_number": "S-1",
    "facility_type": "branch",
    "phone": "03-0000-0000",
    "extension": "内線12",
    "description": "=一行目\n\n三行目",
    "entrance": "+正面",
    "night_entrance": "裏口",
    "reception": "3階",
    "contact": "総務課 管理係",
    "bring": "職員証、LANケーブル",
    "wifi": "あり",
    "lunch": "食堂（11:30〜13:30）",
    "welcome": "どうぞ",
    "morning_start": "09:00",
    "noon_end": "12:30",
    "noon_start": "12:30",
    "evening_end": "18:00",
    "reception_opens": "08:45",
    "reception_closes": "17:00",
    "stations": [
        {"name": "都庁前", "walk_minutes": 3, "lines": ["大江戸線"]},
        {"name": "新宿", "walk_minutes": 12, "lines": []},
    ],
    "access": {"lift": True, "wheelchair": True, "quiet": False, "hearing_loop": False},
}


def test_a_building_s_file_says_what_typing_says(storage: Storage, feeds: Feeds, config: Config) -> None:
    with storage.transaction(write=True) as db:
        sites.publish(db, sites.add_site(db, config, {**SITE, "name": "南館", **BUILDING}))
    heading, line = written(storage, "facilities", NOW).split("\r\n", 1)
    copy = line.split(",", 1)[1].replace("南館", OTHER).replace("S-1", "S-2")
    take(storage, config, "facilities", f"{heading}\r\n,{copy}", NOW)
    assert told(storage, OTHER) == told(storage, "南館")
    before, file = numbers(storage), written(storage, "facilities", NOW)
    assert take(storage, config, "facilities", file, NOW)["same"] == 2
    assert (numbers(storage), written(storage, "facilities", NOW)) == (before, file)


TYPED: Mapping[str, Typed] = {
    "hours": type_hours,
    "rooms": type_rooms,
    "desks": type_desks,
    "closures": type_closures,
}


def furnished(db: Session, config: Config, name: str) -> Site:
    """Return a published site with a room and two desks."""
    site = sites.add_site(db, config, {**SITE, "name": name})
    room = sites.add_room(db, site, {"name": "一室", "privacy": "open"})
    places: list[sites.Place] = [site, room, *(sites.add_desk(db, room, {"name": each}) for each in "AB")]
    for place in places:
        sites.publish(db, place)
    return site


@pytest.mark.parametrize("kind", ["rooms", "desks", "hours", "closures"])
def test_a_file_says_what_typing_says(
    storage: Storage, feeds: Feeds, config: Config, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setitem(carrying.SHEETS, kind, replace(carrying.SHEETS[kind], piece=2))
    with storage.transaction(write=True) as db:
        TYPED[kind](db, config, furnished(db, config, "南館"))
        furnished(db, config, OTHER)
    kinds = ["rooms", "desks"] if kind in {"rooms", "desks"} else [kind]
    for each in kinds:
        heading, *lines = written(storage, each, NOW).split("\r\n")
        theirs = [line.split(",", 1)[1] for line in lines if "南館" in line]
        assert theirs
        take(
            storage, config, each, "\r\n".join([heading, *("," + line.replace("南館", OTHER) for line in theirs)]), NOW
        )
    assert told(storage, OTHER) == told(storage, "南館")


@pytest.mark.parametrize("kind", ["rooms", "desks", "hours", "closures"])
def test_a_file_that_was_given_out_changes_nothing(storage: Storage, feeds: Feeds, config: Config, kind: str) -> None:
    with storage.transaction(write=True) as db:
        site = furnished(db, config, "南館")
        for typed in TYPED.values():
            typed(db, config, site)
    before, file = numbers(storage), written(storage, kind, NOW)
    counted = take(storage, config, kind, file, NOW)
    assert counted["same"] == counted["all"] == file.count("\r\n") - 1
    assert numbers(storage) == before
    assert written(storage, kind, NOW) == file


@given(st.text("='+-@＝－\t\r\n1a", max_size=6))
def test_no_cell_runs_and_none_changes_on_its_way_out_and_in(cell: str) -> None:
    safe = writing.harmless(cell)
    assert writing.unharmed(safe) == cell
    assert safe[:1] not in {*"=+-@＝－"} or re.fullmatch(r"[+-]\d+", safe)
