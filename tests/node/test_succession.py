"""Two towns merge into one, and a town moves to another domain: what a node does at the registry's signed word."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, select

from federation import entity
from federation.audit import AuditEntry
from federation.cursors import FeedCursor, FeedMet
from federation.errors import NotAMember
from federation.members import Members, find
from federation.outbox import Promise, promise
from federation.replaced import Replaced
from federation.storage import Storage
from node import alarms
from node.alarms import TownsWitness
from node.app import open_keys
from node.config import Config
from node.models.bookings import OWN_TOWN, Visitor
from node.models.staff import PairwiseSubject
from node.models.tables import METADATAS
from node.models.trips import Trip
from node.people import staff as directory
from tests.federation.world import HOST, NOW, REGISTRY, Registry, Town

OLD, NEW = "https://old.example", "https://new.example"
OLD_CODE, NEW_CODE = "110001", "120006"


class Here:
    """One node, ``HOST`` of the world, and the registry it reads."""

    def __init__(self, storage: Storage, folder: Path, own: str = HOST, code: str = "130001") -> None:
        config = Config(own, code, "東京都", REGISTRY, folder, "")
        self.registry, self.storage = Registry(), storage
        witness = TownsWitness(config, open_keys(config, clock=lambda: NOW), lambda: self.registry.now)
        self.members = Members(storage, self.registry.pins, own, self.registry, witness=witness)
        self.old = Town(OLD, code=OLD_CODE, name="旧市", index=1)
        self.registry.admit(self.old)
        self.members.refresh(NOW)

    def succeed(self, town: Town, *replaces: Replaced) -> None:
        """Have the registry say that a town has taken the place of others, and read it."""
        self.registry.later(minutes=1)
        self.registry.statuses[1] = "invalid"
        about: dict[str, Any] = {"metadata": entity.pinned(code=town.code, name=town.name, replaces=replaces)}
        self.registry.statements[town.entity_id] = self.registry.about(town, **about)
        self.registry.admit(town, statement=self.registry.statements[town.entity_id])
        self.members.refresh(self.registry.now)

    def number(self, entity_id: str) -> int:
        with self.storage.transaction() as db:
            row = find(db, entity_id)
            assert row is not None
            return row.id


@pytest.fixture
def metadatas() -> tuple[MetaData, ...]:
    return METADATAS


@pytest.fixture
def here(storage: Storage, tmp_path: Path) -> Here:
    """A node with a visitor from the old town, and somebody of its own who booked there."""
    made = Here(storage, tmp_path)
    old = made.number(OLD)
    with storage.transaction(write=True) as db:
        person = directory.add(db, number="1", name="渡辺 さくら", now=NOW)
        db.flush()
        db.add(Visitor(home_id=old, sub="visitor"))
        db.add(PairwiseSubject(staff_id=person.id, audience=OLD, sub="s" * 32, created_at=NOW))
        db.add(trip(person.id))
        cursor = FeedCursor(member_id=old, feed="visits", next=f"{OLD}/feeds/visits?x")
        db.add(cursor)
        db.flush()
        db.add(FeedMet(cursor_id=cursor.id, kind="booking", id="t1", modified=7, run=1))
        promise(db, "ask", OLD, {"trip": "t1"}, now=NOW)
    return made


def trip(staff_id: int) -> Trip:
    start = NOW + timedelta(days=1)
    return Trip(
        id="t1", staff_id=staff_id, host=OLD, state="confirmed", desk_id="d1", start=start,
        end=start + timedelta(hours=1), sub="s" * 32, not_after=start, work_kind="satellite", confidentiality="2",
        host_name="旧市", site_listing="{}", desk_listing="{}", asked_at=NOW, changed_at=NOW,
    )  # fmt: skip


MERGED = Town(NEW, code=NEW_CODE, name="新市", index=2)
MOVED = Town(NEW, code=OLD_CODE, name="旧市", index=2)


@pytest.mark.parametrize("town", [MERGED, MOVED], ids=["merger", "move to another domain"])
def test_everything_of_the_old_town_is_the_new_ones(here: Here, town: Town) -> None:
    here.succeed(town, Replaced(OLD, OLD_CODE))
    new = here.number(NEW)
    with here.storage.transaction() as db:
        assert db.scalars(select(Visitor.home_id)).all() == [new]
        assert db.scalars(select(Trip.host)).all() == [NEW]
        assert db.scalars(select(PairwiseSubject.audience)).all() == [NEW]
        assert db.scalars(select(Promise.target)).all() == [NEW]
        (cursor,) = db.scalars(select(FeedCursor).where(FeedCursor.feed == "visits")).all()
        assert (cursor.member_id, cursor.next) == (new, "")
    assert here.members.by_code(town.code, here.registry.now).entity_id == NEW
    with pytest.raises(NotAMember):
        here.members.verified(OLD, here.registry.now)


def test_it_is_done_once_however_often_it_is_said(here: Here) -> None:
    for _ in range(3):
        here.succeed(MERGED, Replaced(OLD, OLD_CODE))
    with here.storage.transaction() as db:
        assert len(db.scalars(select(AuditEntry).where(AuditEntry.event == "replaced")).all()) == 1
        assert len(db.scalars(select(Visitor)).all()) == 1


def test_two_readings_become_one_that_begins_anew_and_forgets_nothing(here: Here) -> None:
    here.succeed(MERGED)
    new = here.number(NEW)
    with here.storage.transaction(write=True) as db:
        db.add(FeedCursor(member_id=new, feed="visits", next=f"{NEW}/feeds/visits?y"))
    here.succeed(MERGED, Replaced(OLD, OLD_CODE))
    with here.storage.transaction() as db:
        (cursor,) = db.scalars(select(FeedCursor).where(FeedCursor.feed == "visits")).all()
        (met,) = db.scalars(select(FeedMet).where(FeedMet.cursor_id == cursor.id)).all()
        assert (cursor.next, met.id, met.run) == ("", "t1", 0)


@pytest.mark.parametrize("named", [Replaced(OLD, NEW_CODE), Replaced("https://unknown.example", OLD_CODE)])
def test_a_name_and_a_code_that_do_not_belong_together_move_nothing(here: Here, named: Replaced) -> None:
    here.succeed(MERGED, named)
    with here.storage.transaction() as db:
        assert db.scalars(select(Trip.host)).all() == [OLD]


def test_a_member_cannot_say_it_of_itself(here: Here) -> None:
    metadata = MERGED.metadata()
    metadata["federation_entity"] |= {"replaces": [{"entity_id": OLD, "municipality_code": OLD_CODE}]}
    here.registry.admit(MERGED, configuration=MERGED.configuration(here.registry.now, metadata=metadata))
    here.members.refresh(here.registry.later(minutes=1))
    with here.storage.transaction() as db:
        assert db.scalars(select(Trip.host)).all() == [OLD]


def test_a_town_merged_into_ours_brings_its_people_to_us(storage: Storage, tmp_path: Path) -> None:
    here = Here(storage, tmp_path, own=NEW, code=NEW_CODE)
    old = here.number(OLD)
    with storage.transaction(write=True) as db:
        db.add(Visitor(home_id=old, sub="visitor"))
    here.succeed(MERGED, Replaced(OLD, OLD_CODE))
    with storage.transaction() as db:
        assert db.scalars(select(Visitor.home_id)).all() == [OWN_TOWN]


def test_that_somebody_has_taken_our_own_place_is_an_alarm_and_moves_nothing(here: Here) -> None:
    here.registry.admit(Town(HOST, code="130001", name="東京都", index=3))
    here.members.refresh(here.registry.later(minutes=1))
    here.succeed(MERGED, Replaced(HOST, "130001"))
    with here.storage.transaction() as db:
        assert "replaced" in [alarm.kind for alarm in alarms.standing(db)]
