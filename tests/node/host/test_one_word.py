"""One word on a desk: what the feed calls free is what a request gets, and no page says otherwise.

Rules, closures and bookings are drawn by chance; the seed is the test's name.
"""

from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from federation.errors import TachiyoriError
from federation.messages.booking import Place, QuoteRequest
from federation.storage import Storage
from node.host import claims, closures, days, judging, listings, opening, pools, sites, slots, timetables, vacancy
from node.host.pools import Kept
from node.host.spans import Span, joined, within
from node.host.timetables import SLOTS, DatedWish
from node.models.sites import Desk, Site
from tests.node.host.conftest import NOW, SAITAMA, Desks, Put, person, wish

QUARTER = timedelta(minutes=15)
DAYS = 4
JAPAN = ZoneInfo("Asia/Tokyo")


def some_rules(db: Session, desks: Desks, chance: Random) -> None:
    """Give site, room and desk hours, an exception or two, units and pools."""
    today = NOW.date()
    for place in (sites.get_place(db, one) for one in (desks.site, desks.room, desks.first)):
        if chance.random() < 0.7:
            hours = [(day, *_stretch(chance)) for day in range(7) if chance.random() < 0.8]
            timetables.set_week(db, place, hours, NOW) if hours else None
        for _ in range(chance.randint(0, 2)):
            kind = chance.choice(["closed", "hours", "usual", "extra"])
            stretches = (_stretch(chance),) if kind in {"hours", "extra"} else ()
            first = today + timedelta(days=chance.randint(0, DAYS))
            timetables.add(db, place, DatedWish(kind, first, first, "試験", stretches), NOW)  # type: ignore[arg-type]  # Drawn from the words there are.
    timetables.choose_slots(db, sites.get_place(db, desks.room), chance.choice(SLOTS))  # type: ignore[arg-type]  # As above.
    release = None if chance.random() < 0.4 else timedelta(hours=chance.randint(0, 60))
    rules = {
        day: Kept(chance.randint(0, 2), chance.randint(0, 1), release) for day in range(7) if chance.random() < 0.6
    }
    pools.set_rules(db, desks.room, rules)
    for _ in range(chance.randint(0, 2)):
        place = sites.get_place(db, chance.choice([desks.first, desks.room, desks.site, desks.booth]))
        start = NOW + QUARTER * chance.randint(0, 96 * DAYS)
        closures.close(db, place, start, start + QUARTER * chance.randint(1, 40), template="other", now=NOW)


def _stretch(chance: Random) -> tuple[int, int]:
    opens = chance.randint(0, 80) * 15
    return opens, min(1440, opens + chance.randint(1, 40) * 15)


def probes(desk: Desk, free: tuple[Span, ...], open_times: tuple[Span, ...], chance: Random) -> list[Span]:
    """Return what is offered, the units that are open, parts of what is open, and stretches by chance that mostly are not."""
    found = list(free[:6])
    if slots.of(desk) in slots.UNITS:
        found += slots.units(desk, open_times, Span(NOW, NOW + timedelta(days=DAYS)))[:12]
    near = [one for one in open_times if NOW <= one.start < NOW + timedelta(days=DAYS)]
    for one in near:
        first = one.start + QUARTER * chance.randint(0, (one.end - one.start) // QUARTER - 1)
        last = first + QUARTER * chance.randint(1, (one.end - first) // QUARTER)
        hour = one.start.replace(minute=0) + timedelta(hours=1)
        found += [Span(first, last), Span(hour, hour + timedelta(hours=1)), one]
    for _ in range(8):
        start = NOW + QUARTER * chance.randint(0, 96 * DAYS)
        found.append(Span(start, start + QUARTER * chance.randint(1, 40)))
    return [one for one in found if one.start >= NOW]


@pytest.mark.parametrize("seed", range(5))
def test_the_feed_says_free_exactly_what_a_request_gets(put: Put, desks: Desks, storage: Storage, seed: int) -> None:
    chance = Random(f"the feed says free exactly what a request gets {seed}")
    for number in range(3):
        at = NOW + QUARTER * chance.randint(0, 30)
        try:
            put(wish(desks.second, start=at, end=at + QUARTER * chance.randint(1, 8), first=100 + number))
        except TachiyoriError:
            continue
    with storage.transaction(write=True) as db:
        some_rules(db, desks, chance)
    with storage.transaction() as db:
        for desk in (db.get_one(Desk, id_) for id_ in (desks.first, desks.second, desks.booth)):
            said = tuple(Span(one.start, one.end) for one in listings.free_times(db, [desk], NOW)[desk.id].ranges)
            asked = claims.availability(db, SAITAMA, desk.id, NOW, NOW + timedelta(days=90), now=NOW)
            assert tuple(Span(one.start, one.end) for one in asked.free) == said
            open_times = opening.open_of(db, [desk], Span(NOW - timedelta(days=1), NOW + timedelta(days=60)))[desk.id]
            for span in probes(desk, said, open_times, chance):
                free = any(one.contains(span) for one in said) and is_whole(desk, open_times, span)
                assert gets(db, desk.id, span) is free, (desk.name, slots.of(desk), span)


def is_whole(desk: Desk, open_times: tuple[Span, ...], span: Span) -> bool:
    return slots.fitted(desk, open_times, span, NOW) == span


def gets(db: Session, desk_id: str, span: Span) -> bool:
    """Ask as a guest, without taking it."""
    place = Place(desk=desk_id, start=span.start, end=span.end, sub=person())
    return judging.quote(db, SAITAMA, QuoteRequest(places=(place,)), NOW).allowed


@pytest.mark.parametrize("seed", range(5))
def test_the_label_s_page_says_free_only_what_the_feed_says(desks: Desks, storage: Storage, seed: int) -> None:
    chance = Random(f"the label s page says free only what the feed says {seed}")
    with storage.transaction(write=True) as db:
        some_rules(db, desks, chance)
    with storage.transaction() as db:
        for id_ in (desks.first, desks.second, desks.booth):
            now: datetime = NOW + QUARTER * chance.randint(0, 96 * DAYS)
            said = listings.free_times(db, [db.get_one(Desk, id_)], now)[id_].ranges
            there = any(one.start <= now < one.end for one in said)
            assert (vacancy.of_desk(db, id_, now).state == "free") is there


@pytest.mark.parametrize("seed", range(5))
def test_the_admin_s_day_shows_free_exactly_what_the_feed_says(
    put: Put, desks: Desks, storage: Storage, seed: int
) -> None:
    chance = Random(f"the admin s day shows free exactly what the feed says {seed}")
    put(wish(desks.second, desks.booth))
    with storage.transaction(write=True) as db:
        some_rules(db, desks, chance)
    with storage.transaction() as db:
        site = db.get_one(Site, desks.site)
        for number in range(DAYS):
            day = NOW.date() + timedelta(days=number)
            window = Span(opening.moment(day, 0, JAPAN), opening.moment(day, 1440, JAPAN))
            for one in days.day_of(db, site, day, NOW).desks:
                said = (
                    Span(each.start, each.end) for each in listings.free_times(db, [one.desk], NOW)[one.desk.id].ranges
                )
                told = joined(
                    Span(opening.moment(day, part.opens, JAPAN), opening.moment(day, part.closes, JAPAN))
                    for part in one.stretches
                    if not part.why
                )
                assert told == joined(within(said, window)), (one.desk.name, day)
