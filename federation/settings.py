"""What an operator writes into the environment, read one way for node and registry. Every refusal names the variable."""

import stat
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from federation.errors import BadInput

_YES, _NO = frozenset({"yes", "1", "true"}), frozenset({"", "no", "0", "false"})


def needed(environ: Mapping[str, str], name: str) -> str:
    """Return a variable that must be set; raise ``BadInput`` where it is not."""
    value = environ.get(name, "").strip()
    if not value:
        raise BadInput(f"{name} is not set", field=name)
    return value


def origin(text: str, name: str) -> str:
    """Return ``text`` if it is an origin (scheme, host, port and nothing else), as an entity id must be."""
    parts = urlsplit(text)
    if parts.scheme not in {"https", "http"} or not parts.hostname or text != f"{parts.scheme}://{parts.netloc}":
        raise BadInput(f"{name} is not an origin such as https://desks.city.example.lg.jp: {text}", field=name)
    if parts.scheme == "http" and parts.hostname != "localhost":
        raise BadInput(f"{name} must be https; plain http is for http://localhost alone: {text}", field=name)
    return text


def origins(environ: Mapping[str, str], name: str) -> frozenset[str]:
    """Return the origins a variable lists, separated by white space or commas."""
    return frozenset(origin(item, name) for item in environ.get(name, "").replace(",", " ").split())


def file(environ: Mapping[str, str], name: str) -> Path | None:
    """Return the file a variable names, or None where it names none.

    Raises ``BadInput`` where there is no such file, since it would be missed at its first use only.
    """
    text = environ.get(name, "").strip()
    if not text:
        return None
    path = Path(text).absolute()
    if not path.is_file():
        raise BadInput(f"{name} is no file: {path}", field=name)
    return path


def is_secure(entity_id: str) -> bool:
    """Say whether a party is reached by https, so that cookies may insist on it."""
    return entity_id.startswith("https://")


def port_of(entity_id: str) -> int:
    """Return the port an entity id names or means."""
    return urlsplit(entity_id).port or (443 if is_secure(entity_id) else 80)


def said_yes(environ: Mapping[str, str], name: str) -> bool:
    """Say whether a variable says yes; raise ``BadInput`` where it says neither yes nor no."""
    text = environ.get(name, "").strip().lower()
    if text not in _YES | _NO:
        raise BadInput(f"{name} is neither yes nor no: {text}", field=name)
    return text in _YES


def pairs(environ: Mapping[str, str], name: str) -> list[tuple[str, str]]:
    """Read ``theirs=ours; theirs=ours``; theirs may hold further equals signs, as a DN does."""
    found = []
    for item in filter(None, map(str.strip, environ.get(name, "").split(";"))):
        theirs, equals, ours = item.rpartition("=")
        if not equals or not theirs.strip() or not ours.strip():
            raise BadInput(f"{name} is not theirs=ours; theirs=ours: {item}", field=name)
        found.append((theirs.strip(), ours.strip()))
    return found


def mapped(environ: Mapping[str, str], name: str, words: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Read such pairs where ours is one of ``words``, or what one of them stands for."""
    found = [(theirs, words.get(ours, ours)) for theirs, ours in pairs(environ, name)]
    for _theirs, ours in found:
        if ours not in words.values():
            raise BadInput(f"{name}: {ours} is none of {'・'.join(words)}", field=name)
    return tuple(found)


def secret_in(path: Path, name: str) -> str:
    """Return the secret of a file that its owner alone may read; raise ``BadInput`` naming the variable."""
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadInput(f"{name} must be readable by its owner only (chmod 600): {path}", field=name)
    secret = path.read_text(encoding="utf-8").strip()
    if not secret.isascii() or not secret.isprintable() or not secret:
        raise BadInput(f"{name} holds no secret: {path}", field=name)
    return secret
