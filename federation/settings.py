"""What an operator writes into the environment, read one way for node and registry. Every refusal names the variable."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from federation.errors import BadInput


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
