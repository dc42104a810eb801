"""Secrets that stay on this machine: files of mode 0600 beside the keys, made on first use, in no database's dump."""

import contextlib
import os
import secrets
from pathlib import Path


def kept(path: Path) -> str:
    """Return the secret in the file, at least 256 bits of it; made at random where there is none yet."""
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii")


def _write_once(path: Path, text: str) -> None:
    """Write a file that is complete from the moment it has its name; leave one that another process was quicker with."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text)
    with contextlib.suppress(FileExistsError):
        os.link(fresh, path)
    fresh.unlink()
