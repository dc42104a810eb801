"""Sessions: how long they are good for, and what ends them."""

from datetime import timedelta

import pytest

from federation.errors import NotSignedIn
from federation.storage import Storage
from node.people import assurance, sessions
from node.people import staff as directory
from node.people.signin import SignedIn
from tests.node.people.conftest import NOW

EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36 Edg/141.0"


@pytest.fixture
def person(storage: Storage) -> int:
    with storage.transaction(write=True) as db:
        return directory.add(db, number="012345", name="立寄 太郎", now=NOW).id


def begun(storage: Storage, person: int, user_agent: str = "") -> SignedIn:
    signed_in = SignedIn(person, 1, assurance.ONE_FACTOR, NOW)
    with storage.transaction(write=True) as db:
        sessions.begin(db, signed_in, user_agent=user_agent)
    return signed_in


def is_open(storage: Storage, signed_in: SignedIn, **later: float) -> bool:
    try:
        with storage.transaction() as db:
            return bool(sessions.still(db, signed_in, now=NOW + timedelta(**later)))
    except NotSignedIn:
        return False


def test_a_sign_in_holds_for_a_working_day_however_busy_it_is(storage: Storage, person: int) -> None:
    session = begun(storage, person)
    assert is_open(storage, session, hours=9.99)
    assert not is_open(storage, session, hours=10)


def test_an_ended_session_stays_ended_and_others_go_on(storage: Storage, person: int) -> None:
    here, elsewhere = begun(storage, person), begun(storage, person)
    with storage.transaction(write=True) as db:
        sessions.end(db, here)
        sessions.end(db, here)
    assert (is_open(storage, here), is_open(storage, elsewhere)) == (False, True)


def test_a_session_nobody_has_begun_is_none(storage: Storage, person: int) -> None:
    assert not is_open(storage, SignedIn(person, 1, assurance.ONE_FACTOR, NOW))


def test_a_surer_session_takes_the_place_of_the_first(storage: Storage, person: int) -> None:
    first = begun(storage, person)
    with storage.transaction(write=True) as db:
        surer = sessions.raised(db, first, assurance.TWO_FACTORS)
    assert (is_open(storage, first), is_open(storage, surer)) == (False, True)
    assert (surer.acr, surer.auth_time) == (assurance.TWO_FACTORS, first.auth_time)
    assert surer.session != first.session


def test_a_person_ends_one_or_all_others_and_nobody_elses(storage: Storage, person: int) -> None:
    with storage.transaction(write=True) as db:
        other = directory.add(db, number="2", name="別人", now=NOW).id
    here, there, third, foreign = (begun(storage, who) for who in (person, person, person, other))
    with storage.transaction(write=True) as db:
        assert sessions.end_of(db, person, session=foreign.session) == 0
        assert sessions.end_of(db, person, session=third.session) == 1
        assert sessions.end_of(db, person, but=here.session) == 1
    assert [is_open(storage, each) for each in (here, there, third, foreign)] == [True, False, False, True]


def test_sessions_that_are_over_are_neither_shown_nor_kept(storage: Storage, person: int) -> None:
    begun(storage, person, EDGE)
    with storage.transaction(write=True) as db:
        assert [each.browser for each in sessions.open_of(db, person, now=NOW)] == ["Microsoft Edge / Windows"]
        assert not sessions.open_of(db, person, now=NOW + sessions.LASTS)
        sessions.forget(db, now=NOW + sessions.LASTS)
        assert not sessions.open_of(db, person, now=NOW)


@pytest.mark.parametrize("user_agent", ["", "curl/8", "<script>"])
def test_a_browser_that_says_something_else_is_not_named(user_agent: str) -> None:
    assert sessions.browser_of(user_agent) == ""
