"""在館者確認: everybody on site, several wardens at once, and what is left at the end."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from federation import keys
from federation.errors import NotFound, RollCallAnswered, RollCallOver
from federation.feed import Feeds
from federation.members import Member
from federation.messages.rollcall import RollCall as Report
from federation.storage import Storage
from federation.tokens import ROLL_CALL
from node.host import door, rollcall, rollreports, visits, walk_ins
from node.host.rollreports import Reporter
from node.models.bookings import Booking
from node.models.rollcalls import Accounted, RollCall, RollCallPerson
from node.models.sites import Desk
from tests.contention import at_once
from tests.node.host.conftest import CHIBA, NOON, NOW, SAITAMA, TEN, Desks, Put, page, wish

LATER = TEN + timedelta(minutes=30)


@pytest.fixture
def reporter() -> Reporter:
    return Reporter("https://node.tokyo.example", "130001", keys.ring_of(keys.make()))


@pytest.fixture
def members(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        for home, name in ((SAITAMA, "埼玉県"), (CHIBA, "千葉県")):
            words = {"statement": "", "configuration": "", "status_index": home.member_id, "status": "valid"}
            times = {"issued": NOW, "configured": NOW, "expires": NOW + timedelta(days=1), "seen_at": NOW}
            db.add(Member(id=home.member_id, entity_id=home.entity_id, code=home.code, name=name, **words, **times))


def comes(storage: Storage, booking_id: str, at: object = TEN) -> str:
    with storage.transaction(write=True) as db:
        place = db.get_one(Booking, booking_id).places[0]
        visits.arrive(db, place, at)  # type: ignore[arg-type]
        return str(place.id)


def begin(storage: Storage, site_id: str = "") -> str:
    with storage.transaction(write=True) as db:
        return rollcall.begin(db, site_id=site_id, by="staff:7", now=LATER).id


def says(storage: Storage, call: str, key: str, answer: str, *, last: int = 0, by: str = "staff:7") -> int:
    with storage.transaction(write=True) as db:
        said = rollcall.read_answer(answer)
        rollcall.account_for(db, rollcall.get(db, call), key, said, last=last, by=by, now=LATER)
        return max(db.scalars(select(Accounted.id)).all())


def stands(storage: Storage, call: str) -> dict[str, str]:
    with storage.transaction(write=True) as db:
        people = rollcall.roll(db, rollcall.get(db, call), LATER, by="staff:7").people
        return {one.guest.key: one.outcome for one in people}


def test_everybody_who_came_and_nobody_else_is_in_it(put: Put, desks: Desks, storage: Storage) -> None:
    here, _coming = put(wish(desks.first)), put(wish(desks.second, first=1))
    place = comes(storage, here.id)
    with storage.transaction(write=True) as db:
        chair = db.get_one(Desk, desks.booth)
        walked = walk_ins.record(db, chair, home_code=CHIBA.code, name="千葉 太郎", until=NOON, now=LATER).id
    assert stands(storage, begin(storage)) == {place: "missing", walked: "missing"}


def test_the_second_press_joins_the_roll_call_that_is_open(storage: Storage, desks: Desks) -> None:
    assert len({begin(storage), begin(storage)}) == 1
    assert begin(storage, desks.site) != begin(storage)


def test_two_who_begin_at_once_begin_one(storage: Storage, desks: Desks) -> None:
    calls = list[str]()
    assert at_once(6, lambda _number: calls.append(begin(storage))) == []
    assert len(set(calls)) == 1


def test_wardens_who_mark_at_once_lose_nobodys_word(put: Put, desks: Desks, storage: Storage) -> None:
    places = [comes(storage, put(wish(desk, first=n)).id) for n, desk in enumerate((desks.first, desks.second))]
    call = begin(storage)
    answers = ("seen", "sheltering")
    assert at_once(2, lambda number: says(storage, call, places[number], answers[number])) == []
    assert stands(storage, call) == dict(zip(places, answers, strict=True))


def test_who_says_otherwise_of_one_person_learns_of_the_first(put: Put, desks: Desks, storage: Storage) -> None:
    place = comes(storage, put(wish(desks.first)).id)
    call = begin(storage)
    first = says(storage, call, place, "sheltering", by="staff:1")
    with pytest.raises(RollCallAnswered):
        says(storage, call, place, "seen", by="staff:2")
    assert stands(storage, call) == {place: "sheltering"}
    says(storage, call, place, "seen", last=first, by="staff:2")
    assert stands(storage, call) == {place: "seen"}


def test_the_same_word_of_two_is_one(put: Put, desks: Desks, storage: Storage) -> None:
    place = comes(storage, put(wish(desks.first)).id)
    call = begin(storage)
    assert says(storage, call, place, "seen") == says(storage, call, place, "seen", by="staff:2")


def test_opposite_words_at_once_leave_one_and_tell_the_other(put: Put, desks: Desks, storage: Storage) -> None:
    place = comes(storage, put(wish(desks.first)).id)
    call = begin(storage)

    answers = ("seen", "sheltering")
    (told,) = at_once(2, lambda number: says(storage, call, place, answers[number]))
    assert isinstance(told, RollCallAnswered)
    assert stands(storage, call)[place] in answers


def test_who_leaves_meanwhile_is_not_missing(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    place = comes(storage, booking.id)
    call = begin(storage)
    with storage.transaction(write=True) as db:
        visits.leave(db, db.get_one(Booking, booking.id).places[0], LATER + timedelta(minutes=1))
    assert stands(storage, call) == {place: "left"}


@pytest.mark.parametrize(("hours", "found"), [(11, 1), (13, 0)])
def test_whom_nobody_saw_leave_counts_for_half_a_day(
    put: Put, desks: Desks, storage: Storage, hours: int, found: int
) -> None:
    comes(storage, put(wish(desks.first)).id)
    with storage.transaction(write=True) as db:
        assert len(rollcall.present(db, NOON + timedelta(hours=hours), by="staff:7").people) == found


def test_nobody_of_another_building_is_answered_for(put: Put, desks: Desks, storage: Storage) -> None:
    place = comes(storage, put(wish(desks.first)).id)
    call = begin(storage, "00000000-0000-4000-8000-000000000000")
    with pytest.raises(NotFound):
        says(storage, call, place, "seen")


@pytest.mark.usefixtures("members")
def test_it_ends_with_who_was_missing(
    put: Put, desks: Desks, storage: Storage, feeds: Feeds, reporter: Reporter
) -> None:
    places = [comes(storage, put(wish(desk, first=n)).id) for n, desk in enumerate((desks.first, desks.second))]
    call = begin(storage)
    says(storage, call, places[0], "seen")
    with storage.transaction(write=True) as db:
        rollreports.end(db, reporter, rollcall.get(db, call), by="staff:7", now=LATER)
    with storage.transaction(write=True) as db:
        kept = {str(one.place_id): one.outcome for one in db.scalars(select(RollCallPerson))}
        assert kept == {places[0]: "seen", places[1]: "missing"}
        with pytest.raises(RollCallOver):
            rollreports.end(db, reporter, db.get_one(RollCall, call), by="staff:7", now=LATER)
    with pytest.raises(RollCallOver):
        says(storage, call, places[1], "seen")


@pytest.mark.usefixtures("members")
def test_each_home_is_told_of_its_own_people_alone_and_signed(
    put: Put, desks: Desks, storage: Storage, feeds: Feeds, reporter: Reporter
) -> None:
    booking = put(wish(desks.first))
    place = comes(storage, booking.id)
    with storage.transaction(write=True) as db:
        door.note(db, place, door.Noted(companions=2), by="staff:7", now=LATER)
        walk_ins.record(
            db, db.get_one(Desk, desks.booth), home_code=CHIBA.code, name="千葉 太郎", until=NOON, now=LATER
        )
    call = begin(storage)
    with storage.transaction(write=True) as db:
        rollreports.end(db, reporter, rollcall.get(db, call), by="staff:7", now=LATER)
    told = {}
    for home in (SAITAMA, CHIBA):
        (item,) = (one for one in page(storage, feeds, f"visits:{home.member_id}") if one.kind == "roll_call")
        claims = ROLL_CALL.verify(
            item.data["token"], reporter.ring.public(), now=LATER, issuer=reporter.entity_id, audience=home.entity_id
        )
        told[home] = Report.model_validate(claims["report"], strict=False)
        assert "千葉 太郎" not in str(claims["report"])
    (ours,), (theirs,) = told[SAITAMA].people, told[CHIBA].people
    assert (ours.booking, ours.outcome, ours.companions, theirs.sub) == (booking.id, "missing", 2, None)


def test_a_mark_on_a_walk_in_outlives_the_booking_that_their_home_makes_meanwhile(
    put: Put, desks: Desks, storage: Storage
) -> None:
    with storage.transaction(write=True) as db:
        walk_ins.record(
            db, db.get_one(Desk, desks.first), home_code=SAITAMA.code, name="立寄 花子", until=NOON, now=LATER
        )
    call = begin(storage)
    (key,) = stands(storage, call)
    word = says(storage, call, key, "sheltering")
    put(wish(desks.first, start=TEN, end=NOON))
    (place,) = stands(storage, call)
    assert place != key
    assert stands(storage, call) == {place: "sheltering"}
    says(storage, call, place, "seen", last=word)
    assert stands(storage, call) == {place: "seen"}
