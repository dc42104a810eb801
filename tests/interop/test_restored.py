"""A host's backup is restored on real processes: what was told since is told anew, and lost bookings come again by themselves."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from node.models.bookings import Booking
from node.models.trips import Trip
from tests.interop.conftest import SQLITE
from tests.interop.test_federation import at_desk, at_home, at_host, desks, found, hour, own_browser
from tests.story import acts
from tests.story.acts import COLLEAGUE, VISITOR, Day, soon
from tests.story.stage import Actor

pytestmark = [pytest.mark.peer, pytest.mark.parametrize("day", [SQLITE], indirect=True)]


def stopped(actor: Actor, act: Callable[[Path], None]) -> None:
    """Do something with a town's data folder while the town does not run."""
    actor.program.stop()
    actor.close()
    act(Path(actor.program.settings["NODE_DATA"]))
    actor.program.start()
    actor.program.wait()


def books(day: Day, person: str, *, desk: int, ahead: int) -> str:
    page = at_desk(day, own_browser(day.stage.home, person), desks(day)[desk], hour(ahead))()
    assert page.status == 200, page.text[-2000:]
    trip = page.url.rpartition("/")[2]
    soon(lambda: acts.trip_of(day, trip).state == "confirmed", "it is booked")
    return trip


def command(actor: Actor, *words: str) -> str:
    environment = {**os.environ, **actor.program.settings, "LANG": "C.UTF-8"}
    program = [sys.executable, "-m", "node.commands", *words]
    return subprocess.run(program, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout


def test_after_a_restored_backup_everybody_knows_the_same_again(day: Day, tmp_path: Path) -> None:
    host, backup = day.stage.host, tmp_path / "backup"
    before = books(day, VISITOR, desk=0, ahead=30)
    soon(lambda: found(day), "the registry has read the host's feeds")
    stopped(host, lambda data: void(shutil.copytree(data, backup)))

    after = books(day, COLLEAGUE, desk=1, ahead=34)
    acts.not_yet_published(host)
    soon(lambda: not found(day), "what is withdrawn is found no more")

    def restore(data: Path) -> None:
        shutil.rmtree(data)
        shutil.copytree(backup, data)
        print(command(host, "restored", "--backup", "きのうの分"))

    stopped(host, restore)
    soon(lambda: found(day), "the registry reads what the backup says", seconds=60)
    soon(lambda: at_host(day).get(after) == "confirmed", "home has asked again", seconds=150)
    assert at_host(day)[before] == "confirmed"
    soon(lambda: {before, after} <= at_home(day, "confirmed").keys(), "home knows that both stand", seconds=60)
    with host.open().storage.transaction() as db:
        assert len(db.scalars(select(Booking)).all()) == len({before, after})
        logged = db.scalars(select(AuditEntry).where(AuditEntry.event == "restored")).one()
    assert "listings" in logged.reason
    with day.stage.home.open().storage.transaction() as db:
        assert set(db.scalars(select(Trip.id))) == {before, after}


def void(_done: object) -> None:
    """Let something be done for its effect."""
