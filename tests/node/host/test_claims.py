"""The desk's calendar: what the database itself refuses, and what the host says is free."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from federation.errors import BadInput, DeskTaken, NotFound
from federation.storage import Storage
from node.config import Config
from node.host import claims, sites
from node.models.bookings import Claim
from node.models.sites import Desk
from tests.node.host.conftest import NOON, NOW, SAITAMA, TEN, Desks, Put, wish


def test_the_database_refuses_an_overlap_by_itself(put: Put, desks: Desks, storage: Storage) -> None:
    put(wish(desks.first))
    copy = text(
        'INSERT INTO claim (desk_id, start, "end", live) SELECT desk_id, start, "end", live FROM claim WHERE live'
    )
    with pytest.raises(DeskTaken), storage.transaction(write=True) as db:
        db.execute(copy)


def test_the_database_refuses_to_wake_a_claim_over_another(put: Put, desks: Desks, storage: Storage) -> None:
    put(wish(desks.first))
    with storage.transaction(write=True) as db:
        db.add(Claim(desk_id=desks.first, start=TEN, end=NOON, live=False))
    with pytest.raises(DeskTaken), storage.transaction(write=True) as db:
        db.execute(text("UPDATE claim SET live = true"))


def test_availability_is_cut_to_what_was_asked(put: Put, desks: Desks, storage: Storage) -> None:
    put(wish(desks.first))
    with storage.transaction() as db:
        word = claims.availability(db, SAITAMA, desks.first, NOW, NOON + timedelta(hours=1), now=NOW)
    assert [(one.start, one.end) for one in word.free] == [(NOW, TEN), (NOON, NOON + timedelta(hours=1))]


def test_nothing_is_free_in_the_past_or_beyond_the_horizon(desks: Desks, storage: Storage) -> None:
    with storage.transaction() as db:
        for start in (NOW - timedelta(days=9), NOW + timedelta(weeks=9)):
            assert claims.availability(db, SAITAMA, desks.first, start, start + timedelta(days=7), now=NOW).free == ()


def test_availability_needs_a_time_and_an_offered_desk(desks: Desks, storage: Storage, config: Config) -> None:
    with storage.transaction(write=True) as db:
        with pytest.raises(BadInput):
            claims.availability(db, SAITAMA, desks.first, NOON, NOON, now=NOW)
        sites.withdraw(db, db.get_one(Desk, desks.first))
        with pytest.raises(NotFound):
            claims.availability(db, SAITAMA, desks.first, NOW, NOON, now=NOW)
