"""Where the anchor's keys are kept, and what is done when the online one must be replaced."""

import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from federation import keys
from federation.errors import BadInput
from federation.keys import KeyPair
from federation.tokens import ENTITY_STATEMENT
from registry.config import Config
from registry.membership.anchor import Seal

RECOVERY = "recovery.pem"


def folder(config: Config) -> Path:
    """Return where the keys are: files of mode 0600 in a folder of mode 0700."""
    return config.data / "keys"


def open_seal(config: Config) -> Seal:
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
        federation=keys.open_ring(place, "federation"),
        protocol=keys.open_ring(place, "protocol"),
        recovery=_recovery_thumbprint(place),
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


def replace_online_key(config: Config, seal: Seal, recovery: Path, now: datetime) -> str:
    """Make a new online key in place of a lost or stolen one, and return the configuration that says so.

    Signed by the recovery key, it lists that key and the new one alone; every node that reads it within its 24 hours
    believes the new key from then on. Raises ``BadInput`` when the file holds another key than the pinned one.
    """
    pair = _load(recovery)
    if pair.kid != seal.recovery:
        raise BadInput(f"{recovery} holds the key {pair.kid}, the members have pinned {seal.recovery}")
    fresh = keys.rotate(folder(config), "federation", now=now, announce=timedelta(0), overlap=timedelta(0))
    claims = {
        "iss": seal.entity_id,
        "sub": seal.entity_id,
        "jwks": {"keys": [pair.public_jwk(), fresh.public_jwk()]},
        "metadata": seal.metadata(),
    }
    return ENTITY_STATEMENT.sign(pair, claims, now=now, life=timedelta(hours=24))


def _load(path: Path) -> KeyPair:
    try:
        return keys.load(path)
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: {error}") from None


def rotate_protocol_key(config: Config, now: datetime) -> KeyPair:
    """Make the next key for tokens: announced at once, signing after a day, the old one known two days longer."""
    return keys.rotate(folder(config), "protocol", now=now)
