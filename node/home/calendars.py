"""Trips as events for one's own calendar: iCalendar (RFC 5545), published (RFC 5546, 3.2.1), named and refreshed (RFC 7986).

The same trip gives the same event at every reading until something about it changes, so that a calendar knows a change
by SEQUENCE and DTSTAMP, and an answer by its ETag. Nobody but the reader of the calendar stands in it.
"""

import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vCalAddress

from federation.language import Locale, translate
from federation.messages.listing import SiteListing
from federation.wording import phrase
from node.config import Config
from node.home import trips
from node.models.trips import Trip

REFRESHED = timedelta(hours=1)
"""How often a calendar that follows ours is asked to look again."""
LONGEST = 1000
"""So many characters of one text; what a host writes of its door is a sentence."""
_PRODUCT = "-//Tachiyori//Node//JA"
_NAME = phrase("立ち寄りデスク")
_CODE = phrase("受付番号：%(code)s")
_DOOR = phrase("入口：%(door)s")
_RECEPTION = phrase("受付：%(reception)s")
_LATER = phrase("変更・取消しは、所属団体の画面から行ってください：%(link)s")
_STATUS = {
    "confirmed": "CONFIRMED",
    "checked_in": "CONFIRMED",
    "completed": "CONFIRMED",
    "no_show": "CONFIRMED",
    "cancelling": "CANCELLED",
    "cancelled": "CANCELLED",
    "refused": "CANCELLED",
    "lapsed": "CANCELLED",
}


def download(config: Config, trip: Trip, *, locale: Locale) -> bytes:
    """Return one trip as a calendar of one event, with the code for the reception: it goes to the person's own machine."""
    return bytes(_calendar(config, [trip], locale, with_code=True).to_ical())


def subscription(config: Config, found: Sequence[Trip], *, locale: Locale) -> bytes:
    """Return a person's trips as a calendar to subscribe to, without codes: whose server reads it is not ours to know."""
    calendar = _calendar(config, found, locale, with_code=False)
    name = translate(_NAME, locale)
    calendar.add("NAME", name)
    calendar.add("X-WR-CALNAME", name)
    calendar.add("REFRESH-INTERVAL", REFRESHED, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", REFRESHED)
    return bytes(calendar.to_ical())


def _calendar(config: Config, found: Sequence[Trip], locale: Locale, *, with_code: bool) -> Calendar:
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", _PRODUCT)
    calendar.add("METHOD", "PUBLISH")
    for trip in found:
        calendar.add_component(_event(config, trip, locale, with_code=with_code))
    for zone in sorted({trips.site_of(trip).zone for trip in found}):
        calendar.add_component(_zone(zone))
    return calendar


@cache
def _zone(name: str) -> Timezone:
    """Return a zone's rules as calendars want them (3.6.5); working them out takes tens of milliseconds."""
    return Timezone.from_tzid(name)


def _event(config: Config, trip: Trip, locale: Locale, *, with_code: bool) -> Event:
    site, desk = trips.site_of(trip), trips.desk_of(trip)
    zone = ZoneInfo(site.zone)
    link = f"{config.entity_id}/bookings/{trip.id}"
    event = Event()
    event.add("UID", trip.id)
    event.add("DTSTAMP", trip.changed_at.replace(microsecond=0))
    event.add("LAST-MODIFIED", trip.changed_at.replace(microsecond=0))
    event.add("SEQUENCE", trip.version)
    event.add("DTSTART", trip.start.astimezone(zone))
    event.add("DTEND", trip.end.astimezone(zone))
    event.add("SUMMARY", _text(f"{site.name} {desk.room_name} {desk.name}"))
    event.add("LOCATION", _text(", ".join(filter(None, (site.name, site.address)))))
    event.add("DESCRIPTION", _description(trip, site, link, locale, with_code=with_code))
    event.add("URL", link)
    event.add("STATUS", _STATUS.get(trip.state, "TENTATIVE"))
    event.add("CLASS", "PRIVATE")
    # Whoever publishes says who they are (RFC 5546, 3.2.1): the town, which has an address and no mailbox.
    event.add("ORGANIZER", vCalAddress(config.entity_id), parameters={"CN": _parameter(config.name)})
    return event


def _description(trip: Trip, site: SiteListing, link: str, locale: Locale, *, with_code: bool) -> str:
    lines = (
        (_CODE, {"code": trip.short_code if with_code else ""}),
        (_DOOR, {"door": site.entrance}),
        (_RECEPTION, {"reception": site.reception}),
        (_LATER, {"link": link}),
    )
    return "\n".join(
        translate(words, locale, **{name: _text(said) for name, said in facts.items()})
        for words, facts in lines
        if all(facts.values())
    )


def _text(words: str) -> str:
    """Return words on one line, without what no TEXT may hold (3.3.11): controls, lone surrogates."""
    legal = (" " if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} else letter for letter in words)
    return " ".join("".join(legal).split())[:LONGEST]


def _parameter(words: str) -> str:
    """Return words as a parameter's value, in which a quotation mark cannot be written (3.2)."""
    return _text(words).replace('"', "'")
