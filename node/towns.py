"""The towns of one installation: read from its folder, and checked to have nothing in common.

A hosted town (共同利用) is a whole node. ``NODE_TOWNS`` names a folder with one folder per 団体コード; in it ``town.env``
has the settings a lone town takes from the environment, and by default its keys and its database lie beside it.
"""

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from federation import municipality
from federation.errors import BadInput
from node.config import Config, from_environment, towns_folder

SETTINGS = "town.env"
SHARED = ("NODE_REGISTRY", "PEER_ORIGINS_ALLOWED", "PEER_CA_BUNDLE")
"""What a town's file may leave to the installation; everything else would make two towns one."""


def towns(environ: Mapping[str, str]) -> tuple[Config, ...]:
    """Return the configuration of every town served here: those of the folder, or the one the environment describes.

    Raises ``BadInput`` naming the file or variable that is wrong, also where two towns would share anything.
    """
    folder = towns_folder(environ)
    if folder is None:
        return (from_environment(environ),)
    found = tuple(_town(path, environ) for path in sorted(folder.glob(f"*/{SETTINGS}")))
    if not found:
        raise BadInput(f"{folder} holds no {SETTINGS}; add a town first", field="NODE_TOWNS")
    check_apart(found)
    return found


def origins_of(config: Config) -> frozenset[str]:
    """Return the origins under which browsers and towns reach this town: its entity id and its further names."""
    return config.further_origins | {config.entity_id}


def check_apart(configs: Iterable[Config]) -> None:
    """Raise ``BadInput`` when two towns have the same code, an origin, the data folder or the database in common."""
    configs = tuple(configs)
    own: list[list[object]] = [[c.code, c.data.resolve(), c.database, *origins_of(c)] for c in configs]
    twice = [thing for thing, count in Counter(thing for things in own for thing in things).items() if count > 1]
    if twice:
        raise BadInput(f"two towns of one installation share {twice[0]}", field="NODE_TOWNS")


def add(folder: Path, settings: Mapping[str, str], environ: Mapping[str, str]) -> Config:
    """Write the folder of a new town and return its configuration.

    Raises ``BadInput`` when the settings are wrong, the town is there already, or it would share something with
    another; nothing is left behind then. The running installation serves the town after its next start.
    """
    home = folder / municipality.parse(settings.get("NODE_CODE", ""))
    path = home / SETTINGS
    if path.exists():
        raise BadInput(f"{path} is there already", field="NODE_CODE")
    config = _config(settings, home, environ)
    others = [_town(other, environ) for other in sorted(folder.glob(f"*/{SETTINGS}"))]
    check_apart((*others, config))
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = "".join(f"{name}={value}\n" for name, value in settings.items() if value)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    return config


def read_settings(path: Path) -> dict[str, str]:
    """Read ``NAME=value`` lines; empty lines and those that begin with # say nothing, quotes around a value fall away."""
    settings = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            raise BadInput(f"{path}, line {number} is not NAME=value", field=str(path))
        settings[name] = value.strip().strip("\"'")
    return settings


def _town(path: Path, environ: Mapping[str, str]) -> Config:
    config = _config(read_settings(path), path.parent, environ)
    if config.code != path.parent.name:
        raise BadInput(f"{path} is of {config.code}; a town's folder is named by its code", field="NODE_CODE")
    return config


def _config(settings: Mapping[str, str], home: Path, environ: Mapping[str, str]) -> Config:
    shared = {name: environ[name] for name in SHARED if name in environ}
    return from_environment({"NODE_DATA": str(home), **shared, **settings})
