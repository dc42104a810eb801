"""When somebody wants to sit somewhere, as people write it."""

from datetime import UTC, datetime

import pytest

from federation.errors import BadWish
from federation.messages.listing import HalfDays
from node.home import wishes

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)


def read(**form: str) -> tuple[str, str]:
    when = wishes.read({"day": "2026-11-25", "slot": "hours", **form}, now=NOW)
    return when.start.isoformat(), when.end.isoformat()


def test_an_afternoon_is_the_sites_own() -> None:
    assert read(slot="afternoon") == ("2026-11-25T04:00:00+00:00", "2026-11-25T08:15:00+00:00")
    late = wishes.read({"day": "2026-11-25", "slot": "morning"}, now=NOW, half_days=HalfDays(morning_start="09:00"))
    assert late.from_clock == "09:00"


def test_midnight_ends_a_day() -> None:
    assert read(**{"from": "22:00", "to": "24:00"})[1] == "2026-11-25T15:00:00+00:00"


@pytest.mark.parametrize("day", ["2026/11/25", "2026年11月25日", "２０２６－１１－２５", " 2026-11-25 "])
def test_a_date_is_read_as_people_write_it(day: str) -> None:
    assert read(day=day, slot="day")[0].startswith("2026-11-24T23:30")


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"day": "2026-02-30"}, "day"),
        ({"day": "tomorrow"}, "day"),
        ({"day": ""}, "day"),
        ({"day": "0000-00-00"}, "day"),
        ({"day": "9" * 5000}, "day"),
        ({"day": "2026-11-23"}, "day"),
        ({"day": "2027-11-25"}, "day"),
        ({"slot": "night"}, "slot"),
        ({"from": "25:00", "to": "26:00"}, "from"),
        ({"from": "13:60", "to": "14:00"}, "from"),
        ({"from": "13:07", "to": "14:00"}, "from"),
        ({"from": "24:00", "to": "24:00"}, "from"),
        ({"from": "", "to": ""}, "from"),
        ({"from": "13:00", "to": "25:00"}, "to"),
        ({"from": "13:00", "to": "13:00"}, "to"),
        ({"from": "13:00", "to": "09:00"}, "to"),
        ({"from": "-1:00", "to": "09:00"}, "from"),
    ],
)
def test_what_is_no_time_is_said_with_its_field(form: dict[str, str], field: str) -> None:
    with pytest.raises(BadWish) as error:
        read(**form)
    assert error.value.field == field
    assert error.value.facts["what"]


def test_an_hour_that_is_over_is_not_booked() -> None:
    with pytest.raises(BadWish):
        wishes.read({"day": "2026-11-24", "slot": "hours", "from": "07:00", "to": "09:00"}, now=NOW)


@pytest.mark.parametrize(
    ("now", "slot", "day"),
    [
        (datetime(2026, 11, 24, 0, 0, tzinfo=UTC), "afternoon", "2026-11-24"),
        (datetime(2026, 11, 24, 5, 20, tzinfo=UTC), "hours", "2026-11-24"),
        (datetime(2026, 11, 24, 9, 0, tzinfo=UTC), "day", "2026-11-25"),
        (datetime(2026, 11, 27, 9, 0, tzinfo=UTC), "day", "2026-11-30"),
    ],
)
def test_the_usual_wish_is_this_afternoon_then_the_rest_then_the_next_working_day(
    now: datetime, slot: str, day: str
) -> None:
    usual = wishes.usual(now)
    assert (usual.slot, usual.day.isoformat()) == (slot, day)
    assert usual.start.tzinfo is not None
