"""カレンダーの購読: an address that is the permission, shown once, renewed, ended, and worth nothing to anybody else."""

import logging
import re

import pytest
from icalendar import Calendar
from sqlalchemy import select

from federation import audit
from federation.storage import Storage
from federation.web.audience import AudiencedFlask
from node.models.calendars import CalendarAddress
from node.people import staff as people
from tests.node.home.conftest import Clock
from tests.node.views.conftest import OWN, Person


def subscribes(person: Person) -> str:
    """Press the button and return the path of the address."""
    page = person.sends("/me/calendar", shown_on="/me/calendar").text
    found = re.search(rf'value="{OWN}(/calendars/[^"]+)"', page)
    assert found
    return found[1]


def events(app: AudiencedFlask, path: str) -> list[object]:
    """Read the calendar as somebody's calendar does: without a cookie."""
    return [event["STATUS"] for event in Calendar.from_ical(app.test_client().get(path).text).walk("VEVENT")]


def test_a_calendar_reads_the_bookings_without_signing_in(person: Person, app: AudiencedFlask) -> None:
    path = subscribes(person)
    assert events(app, path) == []
    trip = person.books().location
    assert events(app, path) == ["CONFIRMED"]
    person.sends(f"{trip}/cancel", shown_on=trip)
    assert events(app, path) == ["CANCELLED"]


def test_nothing_new_is_answered_in_a_word(person: Person, app: AudiencedFlask) -> None:
    path, calendar = subscribes(person), app.test_client()
    person.books()
    first = calendar.get(path)
    again = calendar.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.mimetype == "text/calendar"
    person.books(**{"from": "16:00", "to": "17:00"})
    assert calendar.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_the_address_is_shown_once_and_kept_nowhere(person: Person, storage: Storage) -> None:
    secret = subscribes(person).removeprefix("/calendars/").removesuffix(".ics")
    assert secret not in person.opens("/me/calendar").text
    with storage.transaction() as db:
        kept = db.scalars(select(CalendarAddress)).one()
        lines = [f"{line.subject} {line.reason}" for line in db.scalars(select(audit.AuditEntry))]
    assert secret not in kept.digest
    assert not any(secret in line for line in lines)


def test_a_new_address_ends_the_old_one(person: Person, app: AudiencedFlask) -> None:
    old, new = subscribes(person), subscribes(person)
    assert app.test_client().get(old).status_code == 404
    assert app.test_client().get(new).status_code == 200
    person.sends("/me/calendar/end", shown_on="/me/calendar")
    assert app.test_client().get(new).status_code == 404


def test_a_leaver_s_calendar_is_read_no_more(
    person: Person, app: AudiencedFlask, storage: Storage, clock: Clock
) -> None:
    path = subscribes(person)
    with storage.transaction(write=True) as db:
        who = people.find(db, "012345")
        assert who
        who.left_on = clock().date()
    clock.pass_by(days=2)
    assert app.test_client().get(path).status_code == 404


@pytest.mark.parametrize("secret", ["", "a" * 43, "あ" * 43, "%00" * 43, "a" * 4000])
def test_a_guess_is_no_calendar(person: Person, app: AudiencedFlask, secret: str) -> None:
    subscribes(person)
    assert app.test_client().get(f"/calendars/{secret}.ics").status_code == 404


def test_no_line_of_the_log_names_an_address(
    person: Person, app: AudiencedFlask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path = subscribes(person)
    app.test_client().get(path)
    person.sends("/me/calendar/end", shown_on="/me/calendar")
    app.test_client().get(path)
    assert path.removeprefix("/calendars/")[:20] not in caplog.text


def test_one_booking_is_downloaded_with_its_code(person: Person) -> None:
    answer = person.opens(f"{person.books().location}/event.ics")
    (event,) = Calendar.from_ical(answer.text).walk("VEVENT")
    assert "7KM-2QX" in str(event["DESCRIPTION"])
    assert answer.headers["Content-Disposition"].startswith("attachment")
