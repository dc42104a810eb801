"""What a calendar reads of trips: RFC 5545 to the letter, the same until something changes, and nobody else's name."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from federation.storage import Storage
from node.config import Config
from node.home import calendars, trips
from node.models.trips import Trip
from node.town import Town
from tests.node.fakehost import DESK, SITE
from tests.node.home.conftest import NOW


def made(config: Config, **changes: object) -> Trip:
    """A confirmed trip that stands in no database."""
    facts: dict[str, object] = {
        "id": "0d0a2d5e-62a1-4f6e-9f0a-27a1b57c0001",
        "staff_id": 1,
        "host": "https://node.host.example",
        "state": "confirmed",
        "start": datetime(2026, 11, 24, 4, tzinfo=UTC),
        "end": datetime(2026, 11, 24, 6, tzinfo=UTC),
        "site_listing": SITE.text(),
        "desk_listing": DESK.text(),
        "version": 1,
        "short_code": "7KM-2QX",
        "changed_at": NOW,
    }
    return Trip(**(facts | changes))


def read(body: bytes) -> Any:
    """Read a calendar back; the reader's types are a union of all there is."""
    return cast(Any, Calendar.from_ical(body.decode()))


def event_of(body: bytes) -> Any:
    (event,) = read(body).walk("VEVENT")
    return event


@pytest.fixture
def config(town: Town) -> Config:
    return town.config


CONFIG = Config("https://node.home.example", "112089", "所沢市", "", None, "")  # type: ignore[arg-type]


def test_a_download_says_when_where_and_with_which_code() -> None:
    event = event_of(calendars.download(CONFIG, made(CONFIG), locale="ja"))
    assert event.decoded("DTSTART").isoformat() == "2026-11-24T13:00:00+09:00"
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(hours=2)
    assert event["SUMMARY"] == "千代田合同庁舎 4階 共用執務室 A-1"
    assert event["LOCATION"] == "千代田合同庁舎, 東京都千代田区九段南1-2-1"
    assert "7KM-2QX" in event["DESCRIPTION"]
    assert event["STATUS"] == "CONFIRMED"


def test_it_publishes_and_brings_its_zone_along() -> None:
    calendar = read(calendars.download(CONFIG, made(CONFIG), locale="ja"))
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "PUBLISH")
    (zone,) = calendar.walk("VTIMEZONE")
    (standard,) = zone.walk("STANDARD")
    assert zone["TZID"] == "Asia/Tokyo"
    assert standard["TZOFFSETTO"].td == timedelta(hours=9)


def test_a_change_is_the_same_event_with_a_higher_sequence() -> None:
    before = event_of(calendars.download(CONFIG, made(CONFIG), locale="ja"))
    after = event_of(calendars.download(CONFIG, made(CONFIG, version=2, state="cancelled"), locale="ja"))
    assert before["UID"] == after["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["STATUS"] == "CANCELLED"


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("asking", "TENTATIVE"),
        ("held", "TENTATIVE"),
        ("a word of next year", "TENTATIVE"),
        ("no_show", "CONFIRMED"),
        ("cancelling", "CANCELLED"),
        ("lapsed", "CANCELLED"),
    ],
)
def test_a_state_reads_as_calendars_know_them(state: str, status: str) -> None:
    assert event_of(calendars.download(CONFIG, made(CONFIG, state=state), locale="ja"))["STATUS"] == status


def test_a_subscription_holds_no_code() -> None:
    body = calendars.subscription(CONFIG, [made(CONFIG)], locale="ja")
    assert b"7KM" not in body
    assert read(body)["REFRESH-INTERVAL"].dt == timedelta(hours=1)


def test_an_empty_subscription_is_a_calendar_still() -> None:
    assert read(calendars.subscription(CONFIG, [], locale="en"))["NAME"] == "Tachiyori Desk"


WHATEVER = st.text(
    st.characters(
        codec="utf-8",
        exclude_categories=["Cc"],
        exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    ),
    min_size=1,
    max_size=200,
)
"""What a listing lets through."""


@settings(deadline=None)
@given(words=WHATEVER)
def test_whatever_a_host_writes_stays_within_its_line(words: str) -> None:
    """Line ends are CRLF, lines 75 octets of whole characters (3.1), and a host's words begin no line of their own."""
    listing = SITE.model_copy(update={"name": words, "entrance": words, "address": f"{words}\u2028ATTENDEE:mailto:x@y"})
    body = calendars.subscription(CONFIG, [made(CONFIG, site_listing=listing.text())], locale="ja")
    lines = body.split(b"\r\n")
    assert lines.pop() == b""
    assert all(len(line) <= 75 and b"\r" not in line and b"\n" not in line for line in lines)
    for line in lines:
        line.decode()
    event = event_of(body)
    assert "ATTENDEE" not in event
    assert " ".join(event["LOCATION"].split()).endswith("ATTENDEE:mailto:x@y")


@settings(deadline=None)
@given(words=st.text(alphabet="あa,;:\\\"'n髙 ", min_size=1, max_size=120))
def test_what_is_escaped_is_read_back_as_it_was(words: str) -> None:
    listing = SITE.model_copy(update={"name": words})
    event = event_of(calendars.download(CONFIG, made(CONFIG, site_listing=listing.text()), locale="ja"))
    assert event["SUMMARY"] == " ".join(f"{words} 4階 共用執務室 A-1".split())


@settings(deadline=None)
@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds.
    minutes=st.integers(1, 60 * 24 * 3),
    zone=st.sampled_from(["Asia/Tokyo", "Europe/Paris", "Asia/Kolkata"]),
)
def test_times_are_the_sites_own_and_the_same_moments(start: datetime, minutes: int, zone: str) -> None:
    start = start.replace(second=0, microsecond=0)
    end = start + timedelta(minutes=minutes)
    listing = SITE.model_copy(update={"zone": zone}).text()
    event = event_of(calendars.download(CONFIG, made(CONFIG, start=start, end=end, site_listing=listing), locale="en"))
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (start, end)
    assert event["DTSTART"].params["TZID"] == zone


def test_reading_twice_gives_the_same_to_the_byte(
    config: Config, wish: Callable[..., trips.Wish], storage: Storage
) -> None:
    with storage.transaction(write=True) as db:
        trip = trips.ask(db, wish(), now=NOW)
        first = calendars.subscription(config, [trip], locale="ja")
    with storage.transaction() as db:
        assert calendars.subscription(config, [trips.get(db, trip.id, trip.staff_id)], locale="ja") == first
