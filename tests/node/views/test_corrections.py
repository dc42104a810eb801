"""所属長: the times of one day put right, and when they are told of a start."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from federation.storage import Storage
from node.home import presence
from node.home.wishes import JAPAN
from node.models.attendance import Attendance
from node.models.trips import Trip
from tests.node.fakehost import FakeHost
from tests.node.home.conftest import Clock
from tests.node.views.conftest import Person, plain


@pytest.fixture
def day(person: Person, host: FakeHost, storage: Storage, clock: Clock) -> str:
    """A day on which the person was there, as the address of its page."""
    person.books()
    with storage.transaction(write=True) as db:
        trip = db.scalars(select(Trip)).one()
        row = Attendance(
            staff_id=trip.staff_id,
            trip_id=trip.id,
            day=trip.start.astimezone(JAPAN).date(),
            host_name="千代田区",
            site_name="千代田合同庁舎",
            desk_name="A-1",
            work_kind="satellite",
            start=trip.start,
            end=trip.end,
            arrived_at=trip.start,
            left_at=trip.start + timedelta(hours=1),
            state="completed",
        )
        db.add(row)
        db.flush()
        clock.now = trip.end + timedelta(hours=1)
        return f"/manager/attendance/{row.id}"


def test_a_correction_stands_beside_the_hosts_times(person: Person, day: str) -> None:
    assert person.sends(day, {"left": "14:30", "reason": "退室の押し忘れ"}, shown_on="/").status_code == 303
    page = person.reads(day)
    assert all(words in page for words in ("13:00〜14:00", "13:00〜14:30", "退室の押し忘れ"))
    assert "13:00〜14:30（訂正）" in person.reads("/manager/attendance?month=2026-11")
    assert "退室の押し忘れ" in person.opens("/manager/attendance.csv?month=2026-11").text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"left": "14:30"}, "入力してください"),
        ({"left": "12:00", "reason": "誤り"}, "入室より後"),
        ({"arrived": "25:00", "reason": "誤り"}, "08:30"),
        ({"reason": "誤り"}, "その日の"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(person: Person, day: str, form: dict[str, str], words: str) -> None:
    answer = person.sends(day, {"arrived": "", "left": "", **form}, shown_on="/")
    assert (answer.status_code, words in plain(answer)) == (400, True)


def test_the_town_lays_down_whether_superiors_are_told(person: Person, storage: Storage) -> None:
    assert person.sends("/personnel/presence", {"start": "1"}).status_code == 303
    with storage.transaction() as db:
        rule = presence.rule(db)
        assert (rule.tells_start, rule.tells_end) == (True, False)
    assert "checked" in person.opens("/personnel/presence").text


def test_a_day_that_is_not_there_is_not_found(person: Person) -> None:
    assert person.opens("/manager/attendance/999999").status_code == 404
