"""Key files, rings and their rotation."""

import json
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from joserfc.jwk import ECKey

from federation import clock, keys
from federation.jwk import parse_jwks
from federation.keys import KeyRing, load, make, open_ring, parse_pem, revoke, ring_of, rotate, store

START = datetime(2026, 4, 1, tzinfo=UTC)
DAY = timedelta(days=1)


class Watch:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def ring(tmp_path: Path, watch: Callable[[], datetime]) -> KeyRing:
    return open_ring(tmp_path / "keys", "protocol", clock=watch)


def published(ring: KeyRing) -> list[str]:
    return [jwk["kid"] for jwk in ring.jwks()["keys"]]


def test_a_pair_is_named_by_its_thumbprint_as_joserfc_computes_it() -> None:
    pair = make()
    assert pair.kid == ECKey.import_key({**pair.public_jwk()}).thumbprint() == keys.thumbprint(pair.public_jwk())


def test_a_public_jwk_says_what_it_is_for_and_nothing_private() -> None:
    jwk = make().public_jwk()
    assert set(jwk) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert (jwk["crv"], jwk["alg"], jwk["use"]) == ("P-256", "ES256", "sig")


def test_a_pair_does_not_print_its_private_half() -> None:
    pair = make()
    assert repr(pair) == f"KeyPair(kid='{pair.kid}')"


def test_a_stored_pair_is_for_its_owner_only_and_reads_back(tmp_path: Path) -> None:
    pair, path = make(), tmp_path / "key.pem"
    store(path, pair)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load(path).public_jwk() == pair.public_jwk()


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    first, path = make(), tmp_path / "key.pem"
    store(path, first)

    with pytest.raises(FileExistsError):
        store(path, make())
    assert load(path).kid == first.kid


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_may_read_is_not_used(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key.pem"
    store(path, make())
    path.chmod(mode)

    with pytest.raises(PermissionError):
        load(path)


@pytest.mark.parametrize("private", [ec.generate_private_key(ec.SECP384R1()), ed25519.Ed25519PrivateKey.generate()])
def test_a_key_of_another_kind_is_not_ours(private: ec.EllipticCurvePrivateKey) -> None:
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(ValueError, match=r"curve|P-256"):
        parse_pem(pem)


def test_opening_a_ring_twice_gives_the_same_key(tmp_path: Path, ring: KeyRing, watch: Watch) -> None:
    again = open_ring(tmp_path / "keys", "protocol", clock=watch)

    assert again.current.kid == ring.current.kid
    assert open_ring(tmp_path / "keys", "pass", clock=watch).current.kid != ring.current.kid


def test_the_folder_and_all_in_it_is_for_its_owner_only(tmp_path: Path, ring: KeyRing) -> None:
    assert ring.current
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()} == {0o600}
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_a_new_key_is_announced_before_it_signs_and_the_old_one_stays_a_while(
    tmp_path: Path, ring: KeyRing, watch: Watch
) -> None:
    old = ring.current.kid
    new = rotate(tmp_path / "keys", "protocol", now=START).kid
    assert (ring.current.kid, published(ring)) == (old, [old, new])

    watch.now = START + DAY
    assert (ring.current.kid, published(ring)) == (new, [new, old])

    watch.now = START + 3 * DAY
    assert (ring.current.kid, published(ring)) == (new, [new])


def test_a_retired_key_stands_in_the_history(tmp_path: Path, ring: KeyRing, watch: Watch) -> None:
    old = ring.current.kid
    rotate(tmp_path / "keys", "protocol", now=START)
    assert ring.historical() == []

    watch.now = START + 3 * DAY
    entry = ring.historical()[0]
    assert (entry["kid"], entry["exp"]) == (old, int(watch.now.timestamp()))


def test_two_rotations_in_a_row_leave_one_key_to_sign_with(tmp_path: Path, ring: KeyRing, watch: Watch) -> None:
    first = rotate(tmp_path / "keys", "protocol", now=START)
    second = rotate(tmp_path / "keys", "protocol", now=START + timedelta(hours=1))
    watch.now = START + 2 * DAY

    assert ring.current.kid == second.kid
    assert first.kid in published(ring)


def test_a_key_can_be_replaced_at_once(tmp_path: Path, ring: KeyRing) -> None:
    none = timedelta(0)
    new = rotate(tmp_path / "keys", "protocol", now=START, announce=none, overlap=none)

    assert published(ring) == [new.kid]


def test_the_private_half_of_a_retired_key_is_gone_and_its_public_half_in_the_history(
    tmp_path: Path, ring: KeyRing, watch: Watch
) -> None:
    folder, old = tmp_path / "keys", ring.current.kid
    rotate(folder, "protocol", now=START)
    watch.now = START + 3 * DAY
    rotate(folder, "protocol", now=watch.now)

    assert not (folder / f"protocol-{old}.pem").exists()
    assert [entry["kid"] for entry in ring.historical()] == [old]
    assert [entry["kid"] for entry in open_ring(folder, "protocol", clock=watch).historical()] == [old]


def test_a_pass_made_before_a_rotation_is_still_good_next_year(tmp_path: Path, watch: Watch) -> None:
    ring = open_ring(tmp_path, "pass", clock=watch)
    old = ring.current.kid
    rotate(tmp_path, "pass", now=START)
    watch.now = START + 400 * DAY

    assert old in ring.public()


def test_a_clock_that_was_set_back_still_finds_a_key(ring: KeyRing, watch: Watch) -> None:
    kid = ring.current.kid
    watch.now = START - DAY

    assert ring.current.kid == kid


def test_a_ring_that_was_never_opened_cannot_be_rotated(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        rotate(tmp_path, "protocol", now=START)


def test_what_a_ring_publishes_is_what_it_verifies_with() -> None:
    ring = ring_of(make())

    assert parse_jwks(ring.jwks()) == ring.public()
    assert ring.others == ()
    assert ring.historical() == []


def test_the_clock_is_aware_and_in_utc() -> None:
    assert clock.now().utcoffset() == timedelta(0)


# --- Revoked ------------------------------------------------------------------------------------------------------------


def test_a_compromised_key_is_out_at_once_and_so_is_the_one_announced(
    tmp_path: Path, ring: KeyRing, watch: Watch
) -> None:
    """Both lay in the same folder."""
    old, announced = ring.current.kid, rotate(tmp_path / "keys", "protocol", now=START).kid
    new = revoke(tmp_path / "keys", "protocol", now=START).kid

    assert (ring.current.kid, published(ring)) == (new, [new])
    assert not {path.suffix for kid in (old, announced) for path in (tmp_path / "keys").glob(f"*{kid}*")} & {".pem"}


def test_the_history_says_why_a_key_ended(tmp_path: Path, ring: KeyRing, watch: Watch) -> None:
    first, second = ring.current.kid, rotate(tmp_path / "keys", "protocol", now=START).kid
    watch.now = START + 3 * DAY
    revoke(tmp_path / "keys", "protocol", now=watch.now)

    ended = {entry["kid"]: entry["revoked"] for entry in ring.historical()}
    assert ended == {
        first: {"revoked_at": int((START + 3 * DAY).timestamp()), "reason": "superseded"},
        second: {"revoked_at": int(watch.now.timestamp()), "reason": "compromised"},
    }
    assert [entry["exp"] for entry in ring.historical()] == [ended[first]["revoked_at"], ended[second]["revoked_at"]]  # type: ignore[index]  # Shown above to be objects.


def test_of_two_rotations_at_once_neither_forgets_the_others_key(tmp_path: Path, ring: KeyRing) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: rotate(tmp_path / "keys", "protocol", now=START).kid, range(8)))

    assert set(published(ring)) == {ring.current.kid, *made}


def test_a_rotation_that_was_interrupted_is_finished_by_the_next(tmp_path: Path, ring: KeyRing, watch: Watch) -> None:
    folder, old = tmp_path / "keys", ring.current
    rotate(folder, "protocol", now=START)
    watch.now = START + 3 * DAY
    (folder / f"protocol-{old.kid}.jwk").write_text(json.dumps(old.public_jwk()))
    rotate(folder, "protocol", now=watch.now)

    assert not (folder / f"protocol-{old.kid}.pem").exists()
