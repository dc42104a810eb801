"""What holds between real processes: searchable soon, one desk once, and the same after whatever was stopped or killed."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar
from urllib.parse import urlencode

import pytest
import requests
from sqlalchemy import func, select

from deploy.demo.seed import PASSWORD
from federation.messages.problem import Problem
from node.models.bookings import Booking, Claim
from node.models.sites import Desk, Room
from node.models.trips import PersonTime, Trip
from tests.interop.conftest import SQLITE, UNPROMPTED, restart
from tests.interop.wire import Wire, new_id, subject
from tests.story import acts
from tests.story.acts import ADMIN, COLLEAGUE, VISITOR, Day, desks_found, soon, wish
from tests.story.browser import Browser, Page
from tests.story.stage import Actor

T = TypeVar("T")
pytestmark = pytest.mark.peer

RULES = {"consent_version": "2026-04", "consent": "1"}
STAFF, OWN_STAFF = (VISITOR, COLLEAGUE), "T1001"
OCCUPYING = ("held", "requested", "confirmed", "checked_in")


def publish(day: Day) -> float:
    """Publish the site as its admin does, and return when that was."""
    admin = day.at(day.stage.host, ADMIN)
    admin.get(f"/admin/sites/{day.site}")
    assert admin.post(f"/admin/places/{day.site}/publish", all="1").status == 200
    return time.monotonic()


def found(day: Day) -> list[str]:
    return desks_found(day, day.visitor, **wish(hours_ahead=24))


def desks(day: Day) -> list[str]:
    with day.stage.host.open().storage.transaction() as db:
        return list(db.scalars(select(Desk.id).join(Room).where(Room.site_id == day.site).order_by(Desk.name)))


def hour(ahead: float) -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=ahead)


# --- Searchable ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [SQLITE], indirect=True)
def test_a_published_site_is_found_with_the_ping_and_without_it(day: Day) -> None:
    """Without: the host's jobs, which send the pings, do not run. With: the registry reads nothing of its own accord."""
    acts.not_yet_published(day.stage.host)
    restart(day.stage.host, "--no-jobs")
    soon(lambda: not found(day), "what is withdrawn is found no more")
    published = publish(day)
    soon(lambda: found(day), "the registry reads the feed of its own accord")
    print(f"without a ping, of {UNPROMPTED} s between readings: {time.monotonic() - published:.2f} s")

    acts.not_yet_published(day.stage.host)
    soon(lambda: not found(day), "what is withdrawn is found no more")
    registry = day.stage.registry
    settings = registry.settings
    registry.stop()
    registry.settings = {**settings, "REGISTRY_HARVEST_SECONDS": "3600"}
    registry.start()
    registry.wait()
    time.sleep(UNPROMPTED * 1.2 + 3)
    restart(day.stage.host)
    time.sleep(3)
    published = publish(day)
    soon(lambda: found(day), "the host says that its feed has moved", seconds=30)
    print(f"with a ping: {time.monotonic() - published:.2f} s")


# --- One desk, once -------------------------------------------------------------------------------------------------------


@pytest.fixture
def wire(day: Day) -> Wire:
    return Wire(day.stage.home.open(), day.stage.host.origin)


def all_at_once(acts_: Sequence[Callable[[], T]]) -> list[T]:
    """Do all of it in threads that start together, and return what came of each."""
    gate = threading.Barrier(len(acts_))

    def run(act: Callable[[], T]) -> T:
        gate.wait()
        return act()

    with ThreadPoolExecutor(len(acts_)) as pool:
        return list(pool.map(run, acts_))


def at_desk(day: Day, browser: Browser, desk: str, start: datetime) -> Callable[[], Page]:
    """Open the page of a desk, and return what presses its button."""
    local = start.astimezone(acts.JAPAN)
    until = (local + timedelta(hours=1)).strftime("%H:%M").replace("00:00", "24:00")
    address = f"{day.stage.host.origin}/desks/{desk}"
    wanted = {"desk": address, "day": f"{local:%Y-%m-%d}", "slot": "hours", "from": f"{local:%H:%M}", "to": until}
    assert browser.get(f"/book?{urlencode(wanted)}").status == 200
    return lambda: browser.post("/book", work_kind="satellite", confidentiality="2", **wanted, **RULES)


def own_browser(actor: Actor, number: str) -> Browser:
    browser = Browser(actor.origin)
    browser.sign_in(number, PASSWORD)
    return browser


def test_of_sixteen_clients_one_gets_the_desk(day: Day, wire: Wire) -> None:
    """Fourteen persons on the wire, one at home's pages, and one of the host's own staff at its own desk."""
    desk, start = desks(day)[0], hour(26)
    people = [subject() for _ in range(14)]
    tokens = {sub: wire.token_of(sub) for sub in people}
    bodies = {sub: wire.body(desk, sub, start) for sub in people}
    pages = [
        at_desk(day, own_browser(actor, number), desk, start)
        for actor, number in ((day.stage.home, COLLEAGUE), (day.stage.host, OWN_STAFF))
    ]
    asked: list[Callable[[], requests.Response | Page]] = [
        partial(wire.put, new_id(), tokens[sub], bodies[sub]) for sub in people
    ]
    answers = all_at_once([*asked, *pages])
    statuses = Counter(each.status if isinstance(each, Page) else each.status_code for each in answers)
    assert statuses == {200: 1, 409: 15}
    for lost in answers:
        if isinstance(lost, Page):
            assert lost.status == 200 or lost.links("/book?"), lost.text[-2000:]
        elif lost.status_code == 409:
            problem = Problem.read(lost.content)
            assert problem.code == "desk-taken"
            assert problem.alternatives
    assert claims_on(day, desk, start) == 1


def claims_on(day: Day, desk: str, start: datetime) -> int:
    with day.stage.host.open().storage.transaction() as db:
        taken = (Claim.desk_id == desk, Claim.live.is_(True), Claim.start == start)
        return db.scalar(select(func.count()).select_from(Claim).where(*taken)) or 0


def one_of(answer: requests.Response) -> dict[str, object]:
    """Return what was said of the booking; its pass is signed anew for each who asks."""
    return dict(answer.json())


def test_the_same_put_ten_times_at_once_is_one_booking(day: Day, wire: Wire) -> None:
    desk, start, sub, booking = desks(day)[1], hour(26), subject(), new_id()
    tokens, body = [wire.token_of(sub) for _ in range(10)], wire.body(desk, sub, start)
    answers = all_at_once([partial(wire.put, booking, token, body) for token in tokens])
    assert {answer.status_code for answer in answers} == {200}
    assert len({one_of(answer)["short_code"] for answer in answers}) == 1
    assert claims_on(day, desk, start) == 1

    day.stage.home.open().hosts(day.stage.host.origin).delete_booking(booking)
    again = wire.put(booking, wire.token_of(sub), body)
    assert (again.status_code, Problem.read(again.content).code) == (410, "booking-gone")
    assert claims_on(day, desk, start) == 0


# --- Stopped and killed ---------------------------------------------------------------------------------------------------


def test_after_a_kill_both_towns_know_the_same_bookings(day: Day) -> None:
    """Ten bookings while home is killed, ten more while the host is; the outbox asks again for what was left open."""
    known = set(at_host(day))
    kill_amid(day, day.stage.home, first=50)
    kill_amid(day, day.stage.host, first=100)
    soon(lambda: not at_home(day, "asking", "cancelling"), "the retries are over", seconds=120)
    home, host = at_home(day, *OCCUPYING), at_host(day, *OCCUPYING)
    assert {booking for booking in home if booking not in known} == {each for each in host if each not in known}
    assert host.keys() - known
    assert all(host[booking] == state for booking, state in home.items() if booking in host)
    assert rows(day.stage.home, PersonTime) == len(home)
    assert rows(day.stage.host, Claim) == len(host)


def kill_amid(day: Day, victim: Actor, *, first: int) -> None:
    """Press ten buttons shortly after each other, kill a town once the first booking is made, and start it again."""
    presses = [
        at_desk(day, own_browser(day.stage.home, person), desks(day)[2], hour(first + 7 * nth + shift))
        for nth in range(5)
        for shift, person in enumerate(STAFF)
    ]
    before = len(at_host(day))
    with ThreadPoolExecutor(len(presses)) as pool:
        for press in presses[:5]:
            pool.submit(press)
            time.sleep(0.05)
        soon(lambda: len(at_host(day)) > before, "the first booking is made")
        for press in presses[5:]:
            pool.submit(press)
        kill(victim)
    victim.program.start()
    victim.program.wait()


def kill(actor: Actor) -> None:
    """End the town's process by SIGKILL; its workers are told by the kernel."""
    process = actor.program.process
    assert process is not None
    process.kill()
    process.wait()


def at_home(day: Day, *states: str) -> Mapping[str, str]:
    """Return home's bookings in these states."""
    with day.stage.home.open().storage.transaction() as db:
        return dict(db.execute(select(Trip.id, Trip.state).where(Trip.state.in_(states))).all())


def at_host(day: Day, *states: str) -> Mapping[str, str]:
    """Return the host's bookings in these states, or all."""
    with day.stage.host.open().storage.transaction() as db:
        every = dict(db.execute(select(Booking.id, Booking.state)).all())
    return {booking: state for booking, state in every.items() if not states or state in states}


def rows(actor: Actor, table: type[PersonTime | Claim]) -> int:
    """Return how many live claims a town holds."""
    with actor.open().storage.transaction() as db:
        return db.scalar(select(func.count()).select_from(table).where(table.live.is_(True))) or 0


def test_a_known_host_is_booked_while_the_registry_is_away(day: Day) -> None:
    """Nothing helps home but what it has written down: it is started after the registry has gone."""
    day.stage.registry.stop()
    try:
        restart(day.stage.home)
        page = at_desk(day, own_browser(day.stage.home, VISITOR), desks(day)[4], hour(30))()
        assert page.status == 200, page.text[-2000:]
        assert acts.trip_of(day, page.url.rpartition("/")[2]).state == "confirmed"
    finally:
        day.stage.registry.start()
        day.stage.registry.wait()
