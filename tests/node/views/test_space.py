"""Which door somebody is told of: the night entrance for those alone who come or leave outside the reception's hours."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from federation.messages.listing import ReceptionHours, SiteListing
from node.views.space import after_hours
from tests.node.fakehost import DESK, SITE
from tests.node.views.conftest import Person

STAFFED = SITE.model_copy(update={"reception_hours": ReceptionHours(opens="08:30", closes="17:15")})
NIGHT = "西側の夜間口"


def at(site: SiteListing, start: str, end: str) -> bool:
    zone = ZoneInfo(site.zone)
    return after_hours(
        site, datetime.fromisoformat(start).replace(tzinfo=zone), datetime.fromisoformat(end).replace(tzinfo=zone)
    )


@pytest.mark.parametrize(
    ("start", "end", "late"),
    [
        ("2026-11-24T08:30", "2026-11-24T17:15", False),
        ("2026-11-24T08:29", "2026-11-24T12:00", True),
        ("2026-11-24T13:00", "2026-11-24T17:16", True),
        ("2026-11-28T10:00", "2026-11-28T12:00", True),
        ("2026-11-23T10:00", "2026-11-23T12:00", True),
        ("2026-12-31T10:00", "2026-12-31T12:00", True),
        ("2026-11-24T10:00", "2026-11-25T10:00", False),
    ],
    ids=["within", "early", "late", "saturday", "holiday", "year's end", "both within"],
)
def test_the_reception_sits_there_on_working_days(start: str, end: str, late: bool) -> None:
    assert at(STAFFED, start, end) is late


def test_where_the_hours_are_unknown_both_doors_are_told() -> None:
    unknown = SITE.model_copy(update={"reception_hours": None})
    assert at(unknown, "2026-11-24T10:00", "2026-11-24T12:00")


def test_a_pass_has_what_the_day_needs(person: Person) -> None:
    page = person.reads(person.books().headers["Location"])
    assert NIGHT not in page
    assert all(word in page for word in ("北側の通用口", "小声なら会話可", "ドコモ ○", "03-5211-4111", "来庁者用Wi-Fi"))


def test_a_pass_for_the_evening_has_the_night_entrance(person: Person) -> None:
    page = person.reads(person.books(**{"from": "16:00", "to": "17:30"}).headers["Location"])
    assert f"夜間の入口 {NIGHT}" in page
    assert "平日の08:30〜17:15" in page


def test_the_night_entrance_is_told_before_booking_too(person: Person) -> None:
    asked = "&".join(("day=2026-11-24", "slot=hours", "from=16:00", "to=17:30"))
    assert NIGHT in person.reads(f"/book?desk={DESK.url}&{asked}")


def test_a_card_says_who_is_there_and_how_one_is_received(person: Person) -> None:
    page = person.reads("/search?near=&day=2026-11-24&slot=afternoon")
    assert "ふだん約12名の職員が執務" in page
    assert "電波○ ドコモ" in page
