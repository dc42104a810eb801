"""Leaving and losing between real processes: how long a token outlives the word that ended it, pushed and not pushed."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from deploy.demo import installing
from federation.audit import AuditEntry
from federation.tokens import peek
from node import leaving
from node.models.bookings import Booking
from node.people import staff as directory
from node.people.subjects import subject_for
from tests.interop.conftest import SQLITE
from tests.interop.wire import Wire, new_id, subject
from tests.story.acts import VISITOR, Day, soon

pytestmark = [pytest.mark.peer, pytest.mark.parametrize("day", [SQLITE], indirect=True)]
DEAD = {401, 403}


@pytest.fixture
def wire(day: Day) -> Wire:
    return Wire(day.stage.home.open(), day.stage.host.origin)


def is_dead(wire: Wire, token: str) -> bool:
    """Show the token with a request that nothing comes of: 400 says that it was believed."""
    status = wire.put(new_id(), token, {}).status_code
    assert status in {400, *DEAD}, status
    return status in DEAD


def known_as(day: Day) -> tuple[int, str]:
    """The visitor's own row at home, and the name under which the host knows them."""
    home = day.stage.home.open()
    with home.storage.transaction(write=True) as db:
        person = directory.find(db, VISITOR)
        assert person is not None
        return person.id, subject_for(db, person.id, day.stage.host.origin, now=home.clock())


def test_a_leavers_token_is_dead_within_seconds(day: Day, wire: Wire) -> None:
    home = day.stage.home.open()
    staff_id, sub = known_as(day)
    token, others = wire.token_of(sub), wire.token_of(subject())
    assert not is_dead(wire, token)
    begun = time.monotonic()
    with home.storage.transaction(write=True) as db:
        leaving.end(db, staff_id, on=home.clock().date() - timedelta(days=1), by="staff:1", now=home.clock())
    soon(lambda: is_dead(wire, token), "the host has heard of it", seconds=10)
    print(f"a leaver's token, pushed: dead after {time.monotonic() - begun:.2f} s")
    assert not is_dead(wire, others)


def test_a_token_lives_five_minutes_whatever_is_lost(day: Day, wire: Wire) -> None:
    """That it is dead then is tried with the clock moved, in ``tests/node/test_leaving.py``."""
    claims = peek(wire.token_of(subject())).claims
    assert claims["exp"] - claims["iat"] <= 300


def suspended(day: Day) -> datetime:
    """Suspend home in an emergency, and return when that was written down."""
    day.stage.registry.command("suspend", day.stage.home.file.code, "--reason", "鍵の漏えい", "--emergency")
    bureau = installing.open_registry(day.stage.registry.settings)
    with bureau.storage.transaction() as db:
        decided = select(AuditEntry.at).where(AuditEntry.event == "suspend").order_by(AuditEntry.number.desc())
        at = db.scalars(decided.limit(1)).one()
    bureau.storage.close()
    bureau.proofs.close()
    return at


def lifted(day: Day, wire: Wire) -> None:
    day.stage.registry.command("lift", day.stage.home.file.code, "--reason", "鍵を交換した")
    soon(lambda: wire.ask(wire.grant(sub=subject())).status_code == 200, "home is let in again", seconds=120)


def refused_after(wire: Wire, token: str, since: datetime, seconds: float) -> float:
    soon(lambda: is_dead(wire, token), "home is refused", seconds=seconds)
    return (datetime.now(UTC) - since).total_seconds()


def test_a_suspended_member_is_refused_within_five_seconds_by_push(day: Day, wire: Wire) -> None:
    token = wire.token_of(subject())
    took = refused_after(wire, token, suspended(day), 30)
    print(f"a suspended member, pushed: refused after {took:.2f} s")
    assert took <= 5
    assert wire.ask(wire.grant()).json()["error"] == "invalid_client"
    lifted(day, wire)


def test_a_suspended_member_is_refused_within_two_minutes_by_the_list_alone(day: Day, wire: Wire) -> None:
    """The registry may not call the host any more: every push is lost, and the host fetches the list by itself."""
    registry = day.stage.registry
    settings = registry.settings
    registry.stop()
    allowed = settings["PEER_ORIGINS_ALLOWED"].replace(day.stage.host.origin, "")
    registry.settings = {**settings, "PEER_ORIGINS_ALLOWED": allowed}
    registry.start()
    registry.wait()
    try:
        token = wire.token_of(subject())
        took = refused_after(wire, token, suspended(day), 130)
        print(f"a suspended member, by the list alone: refused after {took:.2f} s")
        assert took <= 120
        with day.stage.host.open().storage.transaction() as db:
            waiting = db.scalars(select(Booking).where(Booking.state == "confirmed")).all()
        assert all(booking.frozen_at is not None for booking in waiting)
    finally:
        registry.stop()
        registry.settings = settings
        registry.start()
        registry.wait()
    lifted(day, wire)
