"""A home whose place another has taken: its people, bookings and agreements are the other's."""

from datetime import timedelta

from sqlalchemy import select

from federation.feed import Feeds
from federation.messages.booking import Assistance
from federation.messages.booking import Visitor as Told
from federation.storage import Storage
from node.host import bookings, succession, withholding
from node.host.listings import visits_of
from node.host.passes import Passes
from node.models.agreements import Agreement
from node.models.assistance import ToldAssistance
from node.models.bookings import Booking, Visitor
from node.models.endings import Ending
from tests.node import agreed
from tests.node.host.conftest import CHIBA, NOW, SAITAMA, Desks, Put, page, person, wish


def test_bookings_and_their_people_are_the_new_homes(
    storage: Storage, feeds: Feeds, put: Put, desks: Desks, passes: Passes
) -> None:
    made = put(wish(desks.first))
    with storage.transaction(write=True) as db:
        succession.move_people(db, SAITAMA.id, CHIBA.id)
        succession.move_bookings(db, SAITAMA.id, CHIBA.id)
    assert [item.id for item in page(storage, feeds, visits_of(CHIBA.id))] == [made.id]
    with storage.transaction(write=True) as db:
        cancelled = bookings.cancel(db, passes, CHIBA, made.id, now=NOW)
    assert cancelled is not None
    assert cancelled.state == "cancelled"


def test_one_who_is_known_to_both_is_one_person(storage: Storage, put: Put, desks: Desks) -> None:
    """As after a move to another domain, when somebody has booked under the new name already."""
    put(wish(desks.first))
    with storage.transaction(write=True) as db:
        db.add(Visitor(home_id=CHIBA.id, sub=person(0)))
    with storage.transaction(write=True) as db:
        succession.move_people(db, SAITAMA.id, CHIBA.id)
    with storage.transaction() as db:
        (visitor,) = db.scalars(select(Visitor)).all()
        assert visitor.home_id == CHIBA.id
        assert [place.visitor_id for booking in db.scalars(select(Booking)) for place in booking.places] == [visitor.id]


def test_what_somebody_told_and_asked_goes_with_them(storage: Storage, put: Put, desks: Desks) -> None:
    told = Told(sub=person(0), name="井上 彩", assistance=Assistance(words="筆談で"))
    put(wish(desks.first, visitors=(told,)))
    with storage.transaction(write=True) as db:
        withholding.stop(db, db.scalars(select(Visitor)).one(), "請求", by="staff:7", now=NOW)
        db.add(Visitor(home_id=CHIBA.id, sub=person(0)))
    with storage.transaction(write=True) as db:
        succession.move_people(db, SAITAMA.id, CHIBA.id)
    with storage.transaction() as db:
        (visitor,) = db.scalars(select(Visitor)).all()
        assert withholding.of(db, visitor) is not None
        assert db.scalars(select(ToldAssistance.visitor_id)).all() == [visitor.id]


def test_agreements_of_both_stand_beside_each_other(storage: Storage, feeds: Feeds, put: Put, desks: Desks) -> None:
    with storage.transaction(write=True) as db:
        agreed.conclude(db, {"name": "千葉との協定", "number": "1", "home_code": CHIBA.code})
        assert succession.move_terms(db, SAITAMA.code, CHIBA.code) == 1
    with storage.transaction() as db:
        assert db.scalars(select(Agreement.home_code)).all() == [CHIBA.code] * 2
    assert put(wish(desks.second), home=CHIBA).state == "confirmed"


def test_who_has_left_stays_so_under_the_new_name(storage: Storage) -> None:
    later = NOW + timedelta(hours=1)
    with storage.transaction(write=True) as db:
        db.add_all([Ending(issuer=SAITAMA.entity_id, sub=sub, at=NOW) for sub in ("a", "b")])
        db.add_all([Ending(issuer=CHIBA.entity_id, sub="b", at=later)])
    with storage.transaction(write=True) as db:
        succession.move_endings(db, SAITAMA.entity_id, CHIBA.entity_id)
    with storage.transaction() as db:
        rows = db.scalars(select(Ending).order_by(Ending.sub)).all()
        assert [(row.issuer, row.sub, row.at) for row in rows] == [
            (CHIBA.entity_id, "a", NOW),
            (CHIBA.entity_id, "b", later),
        ]
