"""A conference begins: three hundred visitors at one host, let in by four receptionists, two visitors a second.

Ten minutes are what such an arrival may take; this is four times as fast. An arrival is what a receptionist does: type the short
code, read whose it is, press 入室, see the list again. It counts from when the visitor stood there, so waiting for the one before
counts as well. Afterwards the table is asked: nobody was lost, and nobody came in twice.
"""

import re
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from federation import clock
from federation.storage import Storage
from node.models.bookings import Booking, BookingPlace, Claim, ManifestName
from node.people import staff
from tests.bench.booking import origin, serving_hall
from tests.bench.servers import Ground, free_port
from tests.bench.townhall import Hall, code_of, id_of
from tests.contention import at_once
from tests.story.browser import Browser

ARRIVALS, RECEPTIONS = 300, 4
INTERVAL = 0.5
"""Seconds between two visitors."""
_PASSWORD = "four-people-at-the-door"
_NUMBER = "R{:03}"


@dataclass(frozen=True)
class Arrivals:
    """How long an arrival took, from the code to the list again, in seconds; and how long all of them."""

    name: str
    p50: float
    p99: float
    longest: float
    together: float

    def line(self) -> str:
        """One line for a person."""
        return (
            f"{self.name:<52} p50 {self.p50:.2f} s  p99 {self.p99:.2f} s  longest {self.longest:.2f} s"
            f"  all in {self.together:.0f} s"
        )

    def row(self) -> dict[str, object]:
        """The same for ``bench.json``."""
        return asdict(self)


def figures(ground: Ground) -> Iterator[Arrivals]:
    """Let everybody in, and count."""
    port, now, storage = free_port(), clock.now(), Storage(ground.url)
    with serving_hall(ground, port, now) as hall:
        with storage.transaction(write=True) as db:
            codes = _expect(db, hall, now)
            for number in range(RECEPTIONS):
                _hire(db, number, now)
        took = list[float]()
        browsers = [Browser(origin(port)) for _ in range(RECEPTIONS)]
        for number, browser in enumerate(browsers):
            browser.sign_in(_NUMBER.format(number), _PASSWORD)
            browser.get("/reception")
        begun = time.monotonic()

        def receive(number: int) -> None:
            for turn in range(number, ARRIVALS, RECEPTIONS):
                there = begun + turn * INTERVAL
                time.sleep(max(0.0, there - time.monotonic()))
                _let_in(browsers[number], codes[turn])
                took.append(time.monotonic() - there)

        raised = at_once(RECEPTIONS, receive)
        together = time.monotonic() - begun
        assert raised == [], raised[:3]
        with storage.transaction() as db:
            came = select(func.count()).select_from(BookingPlace).where(BookingPlace.arrived_at.is_not(None))
            assert db.scalar(came) == len(took) == ARRIVALS, "somebody was lost"
    storage.close()
    times = sorted(took)
    name = f"{ARRIVALS} arrivals at {RECEPTIONS} receptions ({ground.name})"
    yield Arrivals(name, statistics.median(times), times[round(0.99 * (len(times) - 1))], times[-1], together)


def _expect(db: Session, hall: Hall, now: datetime) -> Sequence[str]:
    """Write three hundred bookings that have begun, with names, and return their short codes."""
    start, end = now - timedelta(minutes=10), now + timedelta(hours=3)
    home_id = db.scalar(select(Booking.home_id).limit(1))
    first = (db.scalar(select(func.max(BookingPlace.id))) or 0) + 1
    ids = [id_of("arrival", number) for number in range(ARRIVALS)]
    codes = [code_of(2 * 10**6 + number) for number in range(ARRIVALS)]
    always = {"home_id": home_id, "state": "confirmed", "made_at": now, "changed_at": now}
    db.execute(insert(Booking), [always | {"id": i, "short_code": c} for i, c in zip(ids, codes, strict=True)])
    places = [
        {"id": first + number, "booking_id": id_, "position": 0, "desk_id": desk, "visitor_id": number + 1}
        | {"start": start, "end": end}
        for number, (id_, desk) in enumerate(zip(ids, hall.desks, strict=False))
    ]
    db.execute(insert(BookingPlace), places)
    db.execute(
        insert(Claim),
        [{"desk_id": one["desk_id"], "start": start, "end": end, "place_id": one["id"]} for one in places],
    )
    names = [
        {
            "booking_id": one["booking_id"],
            "visitor_id": one["visitor_id"],
            "name": f"立寄 {one['id']}",
            "section": "企画課",
        }
        | {"purge_after": end + timedelta(days=1)}
        for one in places
    ]
    db.execute(insert(ManifestName), names)
    return codes


def _hire(db: Session, number: int, now: datetime) -> None:
    staff.add(
        db,
        number=_NUMBER.format(number),
        name=f"受付 {number}",
        now=now,
        roles=("staff", "reception"),
        password=_PASSWORD,
    )


def _let_in(browser: Browser, code: str) -> None:
    """Type the code, press 入室, see the list."""
    page = browser.post("/reception", code=code)
    found = re.search(r'action="(/reception/places/\d+/arrive[^"]*)"', page.text)
    assert found, page.text[:3000]
    page = browser.post(found[1])
    assert page.status == 200, page.text[:3000]
    assert "入室を記録しました" in page.text, page.text[:3000]
