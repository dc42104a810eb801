"""消去 for a visitor: what may go goes once, and what is still needed stays and says why."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from federation.messages.booking import Assistance, BookingRequest
from federation.messages.booking import Visitor as Told
from federation.storage import Storage
from node.host import door, erasing, visits, walk_ins
from node.models.assistance import ToldAssistance
from node.models.bookings import Booking, BookingPlace, ManifestName, Visitor
from node.models.incidents import Incident
from node.models.retention import DeletionRecord
from node.models.sites import Desk
from node.models.visits import DoorNote, WalkIn
from tests.node.host.conftest import CHIBA, NOON, NOW, TEN, Desks, Put, person, wish

EVENING = NOON + timedelta(hours=1)


def named(desk: str, number: int = 0) -> BookingRequest:
    helped = Assistance(words="筆談で")
    return wish(desk, first=number, visitors=(Told(sub=person(number), name="井上 彩", assistance=helped),))


def came(put: Put, storage: Storage, desk: str, *, leaves: bool = True) -> str:
    """A visit of this morning with a badge, a companion and a line; return the booking."""
    booking = put(named(desk)).id
    with storage.transaction(write=True) as db:
        place = db.get_one(Booking, booking).places[0]
        visits.arrive(db, place, TEN)
        door.note(db, str(place.id), door.Noted("12", 2, "課長と打合せ"), by="staff:7", now=TEN)
        if leaves:
            visits.leave(db, place, NOON)
    return booking


def erase(storage: Storage, now: datetime = EVENING) -> int:
    with storage.transaction(write=True) as db:
        visitor = db.scalars(select(Visitor).where(Visitor.sub == person())).one()
        return erasing.erase(db, visitor, "本人の請求", by="staff:7", now=now)


def names(storage: Storage) -> list[str]:
    with storage.transaction() as db:
        return list(db.scalars(select(ManifestName.name)))


def stays(storage: Storage, now: datetime = EVENING) -> str:
    with storage.transaction() as db:
        visitor = db.scalars(select(Visitor).where(Visitor.sub == person())).one()
        found = erasing.foresee(db, visitor, now)
        return " ".join(part.words for part in found.stays)


def test_a_past_visit_loses_its_person_and_keeps_what_is_settled(put: Put, desks: Desks, storage: Storage) -> None:
    booking = came(put, storage, desks.first)
    put(wish(desks.second, first=1, visitors=(Told(sub=person(1), name="別 の人"),)))
    with storage.transaction(write=True) as db:
        door.take_back(db, str(db.get_one(Booking, booking).places[0].id))
    assert erase(storage) == 3
    assert names(storage) == ["別 の人"]
    with storage.transaction() as db:
        assert not db.scalars(select(ToldAssistance)).all()
        assert not db.scalars(select(DoorNote)).all()
        assert db.get_one(Booking, booking).places[0].arrived_at == TEN


def test_pressed_twice_it_is_one_record_and_one_line_without_a_name(put: Put, desks: Desks, storage: Storage) -> None:
    came(put, storage, desks.first)
    assert erase(storage) > 0
    assert erase(storage) == 0
    with storage.transaction() as db:
        lines = db.scalars(select(AuditEntry).where(AuditEntry.event == "erased")).all()
        records = db.scalars(select(DeletionRecord).order_by(DeletionRecord.kind)).all()
    assert [(line.actor, line.subject, line.reason) for line in lines] == [("staff:7", person(), "本人の請求")]
    assert [(one.kind, one.by) for one in records] == [("assistance", "staff:7"), ("names", "staff:7")]


def test_what_was_foreseen_is_what_goes(put: Put, desks: Desks, storage: Storage) -> None:
    came(put, storage, desks.first)
    with storage.transaction() as db:
        visitor = db.scalars(select(Visitor)).one()
        foreseen = sum(part.count for part in erasing.foresee(db, visitor, EVENING).goes)
    assert erase(storage) == foreseen
    with storage.transaction() as db:
        assert erasing.foresee(db, db.scalars(select(Visitor)).one(), EVENING).is_empty


def test_a_badge_that_is_out_stays_and_its_line_goes(put: Put, desks: Desks, storage: Storage) -> None:
    came(put, storage, desks.first)
    assert "返却されていない入館証の番号" in stays(storage)
    erase(storage)
    with storage.transaction() as db:
        (note,) = db.scalars(select(DoorNote))
    assert (note.badge, note.words, note.companions) == ("12", "", 0)


def test_a_card_kept_in_place_of_a_name_goes(put: Put, desks: Desks, storage: Storage) -> None:
    booking = came(put, storage, desks.first)
    with storage.transaction(write=True) as db:
        db.get_one(Booking, booking).places[0].card = "A" * 22
    erase(storage)
    with storage.transaction() as db:
        assert list(db.scalars(select(BookingPlace.card))) == [""]


def test_who_is_in_the_building_stays_until_they_leave(put: Put, desks: Desks, storage: Storage) -> None:
    came(put, storage, desks.first, leaves=False)
    assert "在館中の方の記録" in stays(storage)
    assert erase(storage) == 0
    assert names(storage) == ["井上 彩"]
    assert erase(storage, EVENING + timedelta(hours=12)) > 0


def test_a_booking_to_come_stays(put: Put, desks: Desks, storage: Storage) -> None:
    put(named(desks.first))
    assert "これからの予約の記録" in stays(storage, NOW)
    assert erase(storage, NOW) == 0


@pytest.mark.parametrize("is_open", [True, False])
def test_an_open_incident_keeps_what_belongs_to_it(put: Put, desks: Desks, storage: Storage, is_open: bool) -> None:
    booking = came(put, storage, desks.first)
    with storage.transaction(write=True) as db:
        facts = {
            "kind": "lost",
            "severity": "minor",
            "leak": "no",
            "what": "傘",
            "is_ours": True,
            "recorded_by": "staff:1",
        }
        times = {"happened_at": NOW, "known_at": NOW, "recorded_at": NOW, "closed_at": None if is_open else NOW}
        db.add(Incident(id="5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0001", booking_id=booking, **facts, **times))
    assert (erase(storage) == 0) is is_open


def test_a_walk_in_is_found_by_name_and_day_and_loses_the_name_once_gone(desks: Desks, storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        chair = db.get_one(Desk, desks.booth)
        walked = walk_ins.record(db, chair, home_code=CHIBA.code, name="千葉 太郎", until=NOON, now=TEN)
        day = TEN.date()
        assert erasing.walk_ins(db, "千葉太郎", day) == [walked]
        assert not erasing.walk_ins(db, "千葉 太郎", day + timedelta(days=1))
        assert erasing.erase_walk_ins(db, [walked], "請求", by="staff:7", now=NOON) == 0
        walk_ins.leave(db, walked.id, NOON)
        assert erasing.erase_walk_ins(db, [walked], "請求", by="staff:7", now=NOON) == 1
        assert erasing.erase_walk_ins(db, [walked], "請求", by="staff:7", now=NOON) == 0
        assert db.scalars(select(WalkIn.name)).one() == ""
