"""人事担当 ends somebody's access: what is shown first, and what ends."""

import pytest

from federation.storage import Storage
from node.models.trips import Trip
from node.people import staff as directory
from tests.node.home.conftest import NOW
from tests.node.views.conftest import Person, plain

PAGE = "/personnel/leaving"


@pytest.fixture
def colleague(storage: Storage) -> int:
    with storage.transaction(write=True) as db:
        return directory.add(db, number="000777", name="同僚 花子", section="財政課", now=NOW).id


@pytest.mark.usefixtures("colleague")
def test_what_would_end_is_shown_before_anything_does(person: Person, storage: Storage) -> None:
    page = person.reads(f"{PAGE}?number=000777")
    assert all(
        words in page for words in ("同僚 花子", "連絡する受入団体", "取り消す予約", "サインインをすべて終了する")
    )
    with storage.transaction() as db:
        assert directory.find(db, "000777").left_on is None  # type: ignore[union-attr]


def test_a_colleague_leaves_and_the_bookings_are_taken_back(person: Person, storage: Storage, colleague: int) -> None:
    person.books()
    with storage.transaction(write=True) as db:
        trip = db.query(Trip).one()
        trip.staff_id = colleague
        trip_id = trip.id
    assert "千代田" in person.reads(f"{PAGE}?number=000777")
    answer = person.sends(PAGE, {"number": "000777", "on": "2026-11-24"})
    assert answer.status_code == 303
    with storage.transaction() as db:
        assert db.get_one(Trip, trip_id).state == "cancelling"
        assert directory.get(db, colleague).left_on is not None


def test_sessions_alone_can_be_ended(person: Person, storage: Storage, colleague: int) -> None:
    assert person.sends(f"{PAGE}/sessions", {"number": "000777"}).status_code == 303
    with storage.transaction() as db:
        assert (directory.get(db, colleague).session_epoch, directory.get(db, colleague).left_on) == (2, None)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"number": "999999", "on": "2026-11-24"}, "この職員番号の職員は、名簿にいません"),
        ({"number": "000777", "on": "someday"}, "日付を"),
        ({"number": "012345", "on": "2026-11-24"}, "別の人事担当が登録してください"),
    ],
)
@pytest.mark.usefixtures("colleague")
def test_what_cannot_be_done_is_said(person: Person, form: dict[str, str], words: str) -> None:
    answer = person.sends(PAGE, form)
    assert (answer.status_code, words in plain(answer)) == (400, True)
