"""Sign-ins that a home has ended."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from federation.errors import TooMany
from federation.storage import Storage
from node.models.endings import Ending
from node.people import endings
from tests.federation.world import HOME, NOISE, NOW

SECOND, HOURS = timedelta(seconds=1), timedelta(hours=1)


def end(storage: Storage, sub: str, **earlier: float) -> None:
    with storage.transaction(write=True) as db:
        endings.end(db, HOME, sub, NOW - timedelta(**earlier))


def ended(storage: Storage, issuer: str, sub: str, **later: float) -> bool:
    with storage.transaction() as db:
        return endings.is_ended(db, issuer, sub, NOW + timedelta(**later))


def test_a_sign_in_from_before_is_over_and_a_later_one_is_not(storage: Storage) -> None:
    end(storage, "person")
    assert ended(storage, HOME, "person", seconds=-1)
    assert ended(storage, HOME, "person")
    assert not ended(storage, HOME, "person", seconds=1)


def test_a_home_ends_nobody_of_another_home(storage: Storage) -> None:
    end(storage, "person")
    assert not ended(storage, NOISE, "person")
    assert not ended(storage, HOME, "another")


def test_an_older_word_that_arrives_late_takes_nothing_back(storage: Storage) -> None:
    end(storage, "person")
    end(storage, "person", hours=1)
    assert ended(storage, HOME, "person", seconds=-1)


def test_what_no_sign_in_can_be_as_old_as_is_forgotten(storage: Storage) -> None:
    end(storage, "old", hours=13)
    end(storage, "new")
    with storage.transaction(write=True) as db:
        assert endings.forget(db, now=NOW) == 1
        assert db.scalars(select(Ending.sub)).all() == ["new"]


def test_a_home_fills_nobodys_disk(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endings, "MOST", 2)
    end(storage, "a")
    end(storage, "b")
    with pytest.raises(TooMany):
        end(storage, "c")
