"""What is used once is used once, on both databases and by whoever comes at the same time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from sqlalchemy import select

from federation import replay
from federation.errors import SignInRequestGone, TooMany
from federation.storage import Storage
from node.models.provider import Consent, PushedRequest, SignInCode
from node.people import assurance, subjects
from node.people import staff as directory
from node.people.provider import codes, consents, pushed
from node.people.provider.asked import Asked
from node.people.signin import SignedIn
from tests.contention import at_once
from tests.federation.world import HOST, NOISE

T = TypeVar("T")
NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
ASKED = Asked(redirect_uri=HOST + "/visit/callback", scope="openid profile", nonce="n", challenge="c" * 43, state="s")


def outcomes(act: Callable[[int], T]) -> list[T]:
    """Do it in eight threads at once; return what came of each, and fail for what was raised."""
    found: list[T] = []
    assert at_once(8, lambda number: found.append(act(number))) == []
    return found


@pytest.fixture
def person(storage: Storage) -> SignedIn:
    with storage.transaction(write=True) as db:
        mine = directory.add(db, number="012345", name="立寄 太郎", now=NOW)
    return SignedIn(mine.id, 1, assurance.ONE_FACTOR, NOW, "session")


def issued(storage: Storage, person: SignedIn, client: str = HOST) -> str:
    with storage.transaction(write=True) as db:
        return codes.issue(db, client, ASKED, person, now=NOW)


def redeemed(storage: Storage, code: str, client: str = HOST, now: datetime = NOW) -> SignInCode | None:
    with storage.transaction(write=True) as db:
        return codes.use_up(db, code, client, now=now)


def is_revoked(storage: Storage, jti: str) -> bool:
    with storage.transaction() as db:
        return replay.was_used(db, issuer="revoked", jti=jti)


def test_a_code_keeps_what_was_asked_and_who_answered(storage: Storage, person: SignedIn) -> None:
    row = redeemed(storage, issued(storage, person))
    assert row is not None
    assert Asked.kept(row.asked) == ASKED
    assert (row.acr, row.auth_time, row.staff_id) == (person.acr, NOW, person.staff_id)
    with storage.transaction() as db:
        assert subjects.find_person(db, HOST, row.sub) == person.staff_id


def test_of_many_who_redeem_a_code_at_once_one_gets_it_and_it_ends(storage: Storage, person: SignedIn) -> None:
    code = issued(storage, person)
    found = [row for row in outcomes(lambda _: redeemed(storage, code)) if row is not None]
    assert len(found) == 1
    assert is_revoked(storage, found[0].token)


def test_another_clients_attempt_changes_nothing(storage: Storage, person: SignedIn) -> None:
    code = issued(storage, person)
    assert redeemed(storage, code, NOISE) is None
    row = redeemed(storage, code)
    assert row is not None
    assert redeemed(storage, code, NOISE) is None
    assert not is_revoked(storage, row.token)


def test_of_two_browsers_at_once_one_opens_a_request(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        request_uri = pushed.push(db, HOST, ASKED, now=NOW)

    def opens(number: int) -> bool:
        with storage.transaction(write=True) as db:
            try:
                pushed.opened(db, HOST, request_uri, f"browser {number}", now=NOW)
            except SignInRequestGone:
                return False
            return True

    assert sum(outcomes(opens)) == 1


def test_a_town_may_not_push_without_end(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushed, "MOST_WAITING", 2)

    def push(client: str, now: datetime) -> str:
        with storage.transaction(write=True) as db:
            return pushed.push(db, client, ASKED, now=now)

    assert push(HOST, NOW)
    assert push(HOST, NOW)
    with pytest.raises(TooMany):
        push(HOST, NOW)
    assert push(NOISE, NOW)
    assert push(HOST, NOW + pushed.LIFE)


def test_of_two_decisions_at_once_one_counts(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        request_uri = pushed.push(db, HOST, ASKED, now=NOW)

    def decides(_number: int) -> bool:
        with storage.transaction(write=True) as db:
            return pushed.close(db, request_uri)

    assert sum(outcomes(decides)) == 1


def test_a_consent_grows_and_is_taken_back_with_what_came_of_it(storage: Storage, person: SignedIn) -> None:
    row = redeemed(storage, issued(storage, person))
    assert row is not None
    later = NOW + timedelta(days=1)
    with storage.transaction(write=True) as db:
        consents.give(db, person.staff_id, HOST, ["openid"], now=NOW)
        consents.give(db, person.staff_id, HOST, ["openid", "profile"], now=later)
        consents.give(db, person.staff_id, HOST, ["openid"], now=later)
        assert consents.covers(db, person.staff_id, HOST, ["openid", "profile"])
        assert not consents.covers(db, person.staff_id, HOST, ["affiliation"])
        assert not consents.covers(db, person.staff_id, NOISE, ["openid"])
        (given,) = consents.of(db, person.staff_id)
        assert (given.scope, given.given_at, given.last_used) == ("openid profile", later, later)
    with storage.transaction(write=True) as db:
        assert consents.withdraw(db, person.staff_id, HOST, now=NOW)
        assert not consents.withdraw(db, person.staff_id, HOST, now=NOW)
    assert is_revoked(storage, row.token)


def test_what_has_served_its_time_is_dropped(storage: Storage, person: SignedIn) -> None:
    issued(storage, person)
    with storage.transaction(write=True) as db:
        pushed.push(db, HOST, ASKED, now=NOW)
        for now, left in ((NOW + timedelta(seconds=59), 1), (NOW + timedelta(minutes=7), 0)):
            pushed.forget(db, now=now)
            codes.forget(db, now=now)
            rows = [db.scalars(select(table)).all() for table in (PushedRequest, SignInCode)]
            assert [len(each) for each in rows] == [left, left]


def test_who_is_deleted_leaves_nothing_behind(storage: Storage, person: SignedIn) -> None:
    issued(storage, person)
    with storage.transaction(write=True) as db:
        consents.give(db, person.staff_id, HOST, ["openid"], now=NOW)
    with storage.transaction(write=True) as db:
        db.delete(directory.get(db, person.staff_id))
        db.flush()
        assert [*db.scalars(select(Consent)), *db.scalars(select(SignInCode))] == []
