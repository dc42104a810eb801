"""The outbox: what was promised is told, at least once, and one dead town does not hold up the rest."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from federation import outbox
from federation.errors import PeerUnreachable, TooMany
from federation.outbox import ATTEMPTS, LOAN, LONGEST_PAUSE, Delivered, Parcel, Promise, deliver, pause, promise
from federation.storage import Storage
from tests.contention import at_once

NOW = datetime(2026, 12, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def promised(storage: Storage, *targets: str, kind: str = "ping", not_before: datetime | None = None) -> None:
    with storage.transaction(write=True) as db:
        for target in targets:
            promise(db, kind, target, {"feed": "listings"}, now=NOW, not_before=not_before)


def rows(storage: Storage) -> list[Promise]:
    with storage.transaction() as db:
        return list(db.scalars(select(Promise).order_by(Promise.id)))


def refusing(error: Exception) -> Callable[[Parcel], None]:
    def carry(_parcel: Parcel) -> None:
        raise error

    return carry


def test_what_is_promised_is_carried_once(storage: Storage) -> None:
    promised(storage, "a", "b")
    carried = list[tuple[str, str]]()
    carriers = {"ping": lambda parcel: carried.append((parcel.target, parcel.payload["feed"]))}
    assert deliver(storage, carriers, now=NOW) == Delivered(2, 0)
    assert deliver(storage, carriers, now=NOW) == Delivered(0, 0)
    assert carried == [("a", "listings"), ("b", "listings")]


def test_what_others_give_cause_to_does_not_pile_up(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        for _ in range(5):
            promise(db, "follow", "a", {"feed": "visits"}, now=NOW, most=2)
        promise(db, "follow", "a", {"feed": "members"}, now=NOW, most=2)
        promise(db, "follow", "b", {"feed": "visits"}, now=NOW, most=2)
    assert [(row.target, row.payload["feed"]) for row in rows(storage)] == [
        ("a", "visits"),
        ("a", "visits"),
        ("a", "members"),
        ("b", "visits"),
    ]


def test_a_promise_of_a_transaction_that_fails_is_none(storage: Storage) -> None:
    def change_of_mind() -> None:
        with storage.transaction(write=True) as db:
            promise(db, "ping", "a", {}, now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_of_mind()
    assert rows(storage) == []


def test_no_transaction_is_open_while_a_parcel_is_carried(storage: Storage) -> None:
    promised(storage, "a")

    def carry(_parcel: Parcel) -> None:
        promised(storage, "b", not_before=NOW + MINUTE)

    assert deliver(storage, {"ping": carry}, now=NOW) == Delivered(1, 0)


def test_a_parcel_waits_for_its_time(storage: Storage) -> None:
    promised(storage, "a", not_before=NOW + MINUTE)
    assert deliver(storage, {"ping": print}, now=NOW) == Delivered(0, 0)
    assert deliver(storage, {"ping": print}, now=NOW + MINUTE) == Delivered(1, 0)


def test_a_kind_without_a_carrier_waits(storage: Storage) -> None:
    promised(storage, "a", kind="mail")
    assert deliver(storage, {"ping": print}, now=NOW) == Delivered(0, 0)
    assert [row.attempts for row in rows(storage)] == [0]


def test_a_failure_is_noted_and_tried_again_later(storage: Storage) -> None:
    promised(storage, "a")
    keys = list[str]()

    def stumble(parcel: Parcel) -> None:
        keys.append(parcel.key)
        if len(keys) == 1:
            raise ValueError("not today")

    assert deliver(storage, {"ping": stumble}, now=NOW) == Delivered(0, 1)
    assert "not today" in rows(storage)[0].error
    assert deliver(storage, {"ping": stumble}, now=NOW) == Delivered(0, 0)
    assert deliver(storage, {"ping": stumble}, now=NOW + MINUTE) == Delivered(1, 0)
    assert len(set(keys)) == 1


def test_an_unreachable_town_is_asked_once_and_the_rest_are_served(storage: Storage) -> None:
    promised(storage, "dead", "dead", "alive")
    asked = list[str]()

    def carry(parcel: Parcel) -> None:
        asked.append(parcel.target)
        if parcel.target == "dead":
            raise PeerUnreachable("no route")

    assert deliver(storage, {"ping": carry}, now=NOW) == Delivered(1, 1)
    assert asked == ["dead", "alive"]


def test_a_town_that_says_when_is_asked_then(storage: Storage) -> None:
    promised(storage, "busy", "busy")
    deliver(storage, {"ping": refusing(TooMany(retry_after=120))}, now=NOW)
    assert [row.due_at for row in rows(storage)] == [NOW + 2 * MINUTE] * 2


def test_a_parcel_is_on_loan_to_one(storage: Storage) -> None:
    promised(storage, *"abcdefgh")
    carried, lock = list[str](), threading.Lock()

    def carry(parcel: Parcel) -> None:
        with lock:
            carried.append(parcel.target)

    assert at_once(4, lambda _: deliver(storage, {"ping": carry}, now=NOW)) == []
    assert sorted(carried) == list("abcdefgh")


def test_the_parcel_of_a_killed_carrier_is_taken_over(storage: Storage) -> None:
    promised(storage, "a")
    with pytest.raises(KeyboardInterrupt):
        deliver(storage, {"ping": refusing(KeyboardInterrupt())}, now=NOW)  # type: ignore[arg-type]
    assert deliver(storage, {"ping": print}, now=NOW + LOAN - MINUTE) == Delivered(0, 0)
    assert deliver(storage, {"ping": print}, now=NOW + LOAN) == Delivered(1, 0)


def test_who_comes_back_too_late_strikes_nothing_out(storage: Storage) -> None:
    promised(storage, "a")

    def slow(_parcel: Parcel) -> None:
        deliver(storage, {"ping": refusing(ValueError("the other fails"))}, now=NOW + LOAN)

    deliver(storage, {"ping": slow}, now=NOW)
    assert [row.attempts for row in rows(storage)] == [2]


def test_pauses_grow_to_an_hour() -> None:
    assert pause(1) <= timedelta(seconds=5) < pause(3) < pause(6)
    assert all(0.8 * LONGEST_PAUSE <= pause(attempts) <= LONGEST_PAUSE for attempts in (12, 100, 10_000))


def test_what_fails_too_often_is_laid_aside_and_can_be_revived(storage: Storage) -> None:
    promised(storage, "a")
    with storage.transaction(write=True) as db:
        db.scalars(select(Promise)).one().attempts = ATTEMPTS - 1
    deliver(storage, {"ping": refusing(ValueError("never"))}, now=NOW)
    assert deliver(storage, {"ping": print}, now=NOW + 365 * 24 * 60 * MINUTE) == Delivered(0, 0)
    with storage.transaction(write=True) as db:
        (dead,) = outbox.laid_aside(db, kind="ping")
        assert outbox.revive(db, dead.key, now=NOW)
        assert not outbox.revive(db, "unknown", now=NOW)
    assert deliver(storage, {"ping": print}, now=NOW) == Delivered(1, 0)


def test_a_promise_can_be_withdrawn(storage: Storage) -> None:
    promised(storage, "a", "b")
    with storage.transaction(write=True) as db:
        assert outbox.withdraw(db, "ping", "a") == 1
    assert [row.target for row in rows(storage)] == ["b"]
