"""The registry's signed hint: fetch the status list now. It is believed for nothing else."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from federation import events
from federation.audit import AuditEntry
from federation.errors import MemberSuspended, PeerRefused
from federation.events import ACCOUNT_DISABLED, STATUS_CHANGED, SecurityEvent
from federation.outbox import Promise
from node import jobs, pings
from node.models.bookings import Booking
from tests.federation.world import REGISTRY
from tests.node.pair import HOME, HOST, Pair
from tests.node.test_leaving import booked

STATUS = f"{REGISTRY}/federation/status-list"


def hint(towns: Pair, **changes: Any) -> str:
    said = {"kind": STATUS_CHANGED, "issuer": REGISTRY, "subject": STATUS, "at": towns.clock(), **changes}
    return events.sign(towns.registry.protocol, SecurityEvent(**said), audience=HOST, txn="t", now=towns.clock())


def push(towns: Pair, token: str) -> None:
    events.push(towns.home.peer, f"{HOST}/api/v1/events", token)


def promised(towns: Pair) -> list[Mapping[str, Any]]:
    with towns.host.storage.transaction() as db:
        return [row.payload for row in db.scalars(select(Promise).where(Promise.kind == "follow"))]


def suspend(towns: Pair) -> None:
    towns.registry.statuses[0] = "suspended"
    towns.registry.later(seconds=30)
    towns.clock.pass_by(seconds=30)


def test_a_suspended_member_is_refused_and_its_bookings_frozen_as_soon_as_the_hint_is_followed(towns: Pair) -> None:
    trip_id = booked(towns)
    suspend(towns)
    push(towns, hint(towns))
    jobs.deliver(towns.host)
    with pytest.raises(MemberSuspended):
        towns.host.members.verified(HOME, towns.clock())
    with towns.host.storage.transaction() as db:
        assert db.get_one(Booking, trip_id).frozen_at == towns.clock()
        seen = db.scalars(select(AuditEntry).where(AuditEntry.event == "membership").order_by(AuditEntry.number)).all()
    assert (seen[-1].subject, seen[-1].verdict, seen[-1].reason) == (f"{HOME} 112089", "refused", "valid to suspended")


def test_without_a_hint_the_minutes_job_does_the_same(towns: Pair) -> None:
    trip_id = booked(towns)
    suspend(towns)
    pings.keep_status(towns.host)
    with towns.host.storage.transaction() as db:
        assert db.get_one(Booking, trip_id).frozen_at == towns.clock()


def test_a_hint_alone_suspends_nobody(towns: Pair) -> None:
    push(towns, hint(towns))
    jobs.deliver(towns.host)
    assert towns.host.members.verified(HOME, towns.clock()).entity_id == HOME


def test_hints_do_not_pile_up(towns: Pair) -> None:
    for _ in range(4):
        push(towns, hint(towns))
    assert promised(towns) == [{"feed": "status"}] * 2


def test_a_hint_that_is_replayed_is_refused(towns: Pair) -> None:
    token = hint(towns)
    push(towns, token)
    with pytest.raises(PeerRefused):
        push(towns, token)


def test_an_old_hint_is_refused(towns: Pair) -> None:
    token = hint(towns)
    towns.clock.pass_by(days=7, minutes=1)
    with pytest.raises(PeerRefused):
        push(towns, token)


@pytest.mark.parametrize("key", ["online", "recovery"])
def test_a_hint_signed_by_another_key_is_refused(towns: Pair, key: str) -> None:
    towns.registry.protocol = getattr(towns.registry, key)
    with pytest.raises(PeerRefused):
        push(towns, hint(towns))
    assert promised(towns) == []


def test_the_registry_ends_nobodys_sign_in(towns: Pair) -> None:
    with pytest.raises(PeerRefused) as refusal:
        push(towns, hint(towns, kind=ACCOUNT_DISABLED, subject="s"))
    assert b'"access_denied"' in refusal.value.body


def test_a_ping_does_not_stand_for_a_hint(towns: Pair) -> None:
    with pytest.raises(PeerRefused):
        towns.home.peer.ping(f"{HOST}/api/v1/pings", HOST, "status")
