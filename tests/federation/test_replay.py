"""Replay: what may be used once is used once, by whichever worker is asked."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from federation.errors import TokenReplayed
from federation.replay import LEEWAY, Proofs, forget, once
from federation.storage import Storage
from tests.contention import at_once

NOW = datetime(2026, 12, 1, tzinfo=UTC)
SOON = NOW + timedelta(seconds=60)
HOME = "https://home.example"


def use(storage: Storage, jti: str, *, issuer: str = HOME, now: datetime = NOW) -> None:
    with storage.transaction(write=True) as db:
        once(db, issuer=issuer, jti=jti, expires=now + timedelta(seconds=60), now=now)


def test_a_token_is_used_once(storage: Storage) -> None:
    use(storage, "a")
    with pytest.raises(TokenReplayed):
        use(storage, "a")


def test_another_id_and_another_issuer_are_other_tokens(storage: Storage) -> None:
    for jti, issuer in [("a", HOME), ("b", HOME), ("a", "https://other.example")]:
        use(storage, jti, issuer=issuer)


def test_issuer_and_id_do_not_run_into_each_other(storage: Storage) -> None:
    use(storage, "bc", issuer="a")
    use(storage, "c", issuer="ab")


def test_an_id_may_be_as_long_as_its_issuer_likes(storage: Storage) -> None:
    use(storage, "長" * 5000)
    use(storage, "長" * 5001)


def test_a_token_stays_used_through_the_leeway(storage: Storage) -> None:
    use(storage, "a")
    with pytest.raises(TokenReplayed):
        use(storage, "a", now=SOON + LEEWAY)


def test_an_id_may_come_back_when_its_token_is_dead(storage: Storage) -> None:
    use(storage, "a")
    use(storage, "a", now=SOON + LEEWAY + timedelta(seconds=1))


def test_a_use_that_is_rolled_back_was_none(storage: Storage) -> None:
    def change_of_mind() -> None:
        with storage.transaction(write=True) as db:
            once(db, issuer=HOME, jti="a", expires=SOON, now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_of_mind()
    use(storage, "a")


def test_of_sixteen_at_once_one_uses_the_token(storage: Storage) -> None:
    raised = at_once(16, lambda _: use(storage, "a"))
    assert [type(error) for error in raised] == [TokenReplayed] * 15


def test_only_the_dead_are_forgotten(storage: Storage) -> None:
    use(storage, "a")
    use(storage, "b", now=NOW + timedelta(hours=1))
    with storage.transaction(write=True) as db:
        assert forget(db, now=NOW + timedelta(hours=1)) == 1


# --- Proofs -------------------------------------------------------------------------------------------------------


@pytest.fixture
def proofs(storage_url: str) -> Iterator[Proofs]:
    opened = Proofs(storage_url)
    yield opened
    opened.close()


def test_a_proof_is_used_once(proofs: Proofs) -> None:
    proofs.once(issuer="thumbprint", jti="a", expires=SOON, now=NOW)
    with pytest.raises(TokenReplayed):
        proofs.once(issuer="thumbprint", jti="a", expires=SOON, now=NOW)


def test_another_worker_knows_the_proof_too(proofs: Proofs, storage_url: str) -> None:
    proofs.once(issuer="thumbprint", jti="a", expires=SOON, now=NOW)
    other = Proofs(storage_url)
    with pytest.raises(TokenReplayed):
        other.once(issuer="thumbprint", jti="a", expires=SOON, now=NOW)
    other.close()


def test_a_proof_does_not_wait_for_a_writer(proofs: Proofs, storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        once(db, issuer=HOME, jti="a", expires=SOON, now=NOW)
        proofs.once(issuer="thumbprint", jti="a", expires=SOON, now=NOW)


def test_dead_proofs_are_forgotten(proofs: Proofs) -> None:
    proofs.once(issuer="thumbprint", jti="a", expires=SOON, now=NOW)
    assert (proofs.forget(now=NOW), proofs.forget(now=SOON + 2 * LEEWAY)) == (0, 1)


def test_on_sqlite_proofs_lie_beside_the_main_file(proofs: Proofs, storage_url: str) -> None:
    url = make_url(storage_url)
    if url.get_backend_name() == "sqlite":
        assert Path(str(url.database)).with_name("test-proofs.db").exists()
