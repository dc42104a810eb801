"""Where the anchor's keys are kept, and what is done when the online one must be replaced."""

import os
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from federation import clock as time_of_day
from federation import keys, mandate
from federation.errors import BadInput
from federation.keys import ANNOUNCE, KeyPair, Purpose, Reason
from registry.config import Config
from registry.membership.anchor import Seal

RECOVERY = "recovery.pem"
MANDATE = "mandate.jwt"


def folder(config: Config) -> Path:
    """Return where the keys are: files of mode 0600 in a folder of mode 0700."""
    return config.data / "keys"


def open_seal(config: Config, *, clock: Callable[[], datetime] = time_of_day.now) -> Seal:
    """Open the anchor's keys, making what is not there yet.

    The recovery key is made beside them with its thumbprint. The file is to be moved off this machine; the thumbprint
    stays and is all that is ever read of it here.
    """
    place = folder(config)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Seal(
        entity_id=config.entity_id,
        name=config.name,
        name_en=config.name_en,
        federation=keys.open_ring(place, "federation", clock=clock),
        protocol=keys.open_ring(place, "protocol", clock=clock),
        recovery=_recovery_thumbprint(place),
        mandate=lambda: _mandate(place),
    )


def _recovery_thumbprint(place: Path) -> str:
    kept = place / "recovery.thumbprint"
    if not kept.exists():
        made = keys.make()
        keys.store(place / RECOVERY, made)
        write_once(kept, made.kid)
    return kept.read_text(encoding="ascii").strip()


def recovery_key_is_here(config: Config) -> bool:
    """Say whether the recovery key still lies beside the online one, where both could be stolen together."""
    return (folder(config) / RECOVERY).exists()


def session_secret(config: Config) -> str:
    """Return the secret that signs session cookies, made on first use and kept beside the keys."""
    path = folder(config) / "session.secret"
    write_once(path, secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()


def write_once(path: Path, text: str) -> None:
    """Write a new file of mode 0600, complete from the moment it has its name; leave one that is there."""
    if path.exists():
        return
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text)
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass  # Another process was quicker, and its secret is as good.
    finally:
        fresh.unlink()


def rotate(
    config: Config,
    seal: Seal,
    purpose: Purpose,
    *,
    now: datetime,
    announce: timedelta = ANNOUNCE,
    overlap: timedelta | None = None,
    recovery: Path | None = None,
) -> KeyPair:
    """Make the next key of one purpose, announced before it signs, the old one published a while longer; return it.

    For the online key the recovery key, read from ``recovery``, signs which keys count until when; raises ``BadInput``
    without it, or when the file holds another key than the pinned one.
    """
    guardian = _guardian(seal, purpose, recovery)
    pair = keys.rotate(folder(config), purpose, now=now, announce=announce, overlap=overlap)
    _name_keys(config, seal, guardian, now)
    return pair


def revoke(
    config: Config, seal: Seal, purpose: Purpose, *, now: datetime, reason: Reason, recovery: Path | None = None
) -> KeyPair:
    """End every key of one purpose now, and make one that signs at once; return it. Raises as ``rotate`` does."""
    guardian = _guardian(seal, purpose, recovery)
    pair = keys.revoke(folder(config), purpose, now=now, reason=reason)
    _name_keys(config, seal, guardian, now)
    return pair


def _guardian(seal: Seal, purpose: Purpose, recovery: Path | None) -> KeyPair | None:
    """Return the recovery key where it must have its word; members pinned it, and believe no other about the online key."""
    if purpose != "federation":
        return None
    if recovery is None:
        raise BadInput("the online key is replaced by word of the recovery key alone", field="--key")
    pair = _load(recovery)
    if pair.kid != seal.recovery:
        raise BadInput(f"{recovery} holds the key {pair.kid}, the members have pinned {seal.recovery}", field="--key")
    return pair


def _name_keys(config: Config, seal: Seal, guardian: KeyPair | None, now: datetime) -> None:
    """Have the recovery key name the online keys as they are now, each with its end."""
    if guardian is None:
        return
    token = mandate.draw_up(guardian, seal.entity_id, seal.federation.terms(), now=now, last=seal.mandate())
    path = folder(config) / MANDATE
    fresh = path.with_name(f".{MANDATE}.{secrets.token_hex(4)}")
    write_once(fresh, token)
    fresh.replace(path)


def _mandate(place: Path) -> str:
    path = place / MANDATE
    return path.read_text(encoding="ascii") if path.exists() else ""


def _load(recovery: Path) -> KeyPair:
    try:
        return keys.load(recovery)
    except (OSError, ValueError) as error:
        raise BadInput(f"{recovery}: {error}", field="--key") from None
