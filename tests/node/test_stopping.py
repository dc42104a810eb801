"""A home's stop holds, whatever version a host has entered since and whatever it says is in force."""

import pytest

from federation.errors import Conflict
from federation.messages.agreement import HomeSuspension
from node.home import offered
from node.host import agreements, confirmations
from node.host.homes import Home
from tests.node.pair import Pair
from tests.node.test_agreeing import at_home, at_host, both, carried, confirm, entered, refused_at_home, stop

__all__ = ["both"]


@pytest.fixture
def stopped(both: Pair) -> tuple[Pair, str]:
    """An agreement in force that its home has stopped, and the host was told."""
    made = entered(both)
    carried(both)
    confirm(both)
    carried(both)
    stop(both, offered.suspend, "人事異動のため")
    carried(both)
    return both, made


def test_a_word_from_before_a_new_version_is_still_an_old_word(stopped: tuple[Pair, str]) -> None:
    both, made = stopped
    stop(both, offered.resume)
    carried(both)
    with both.host.storage.transaction(write=True) as db:
        agreements.amend(db, agreements.locked(db, made), {"seats_a_day": 9}, by="staff:1", now=both.clock())
    own = both.home.config
    again = HomeSuspension.model_validate({"id": made, "word": 1, "suspended": {"at": both.clock(), "reason": "古い"}})
    with both.host.storage.transaction(write=True) as db:
        home = Home(both.host.members.row(db, own.entity_id).id, own.entity_id, own.code)
        with pytest.raises(Conflict):
            confirmations.take_suspension(db, home, made, again, now=both.clock())
    assert at_host(both, made).suspended_by == {}


@pytest.mark.parametrize("in_force", [0, 1, 99])
def test_a_stop_holds_whatever_version_the_host_calls_in_force(stopped: tuple[Pair, str], in_force: int) -> None:
    both, _ = stopped
    found, _ = at_home(both)
    with both.home.storage.transaction(write=True) as db:
        offered.locked(db, found.id).in_force = in_force
    assert "agreement-stopped" in refused_at_home(both)
