"""Software we did not write, each piece in an environment of its own: locked, hashed, and installed once below ``.cache``.

A peer is a folder beside this file: ``package.json`` and its lock for npm, or ``requirements.txt`` compiled from
``requirements.in`` for Python. Our own packages are never in there, nor theirs here.
"""

import fcntl
import hashlib
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from federation.web.assets import npm
from tests.census import everything_must_run

HERE = Path(__file__).parent
CACHE = HERE.parents[2] / ".cache" / "peers"


def node_peer(name: str) -> Path:
    """Return the folder of an npm peer: scripts placed or run there see its ``node_modules``. Run them by ``node``."""
    with _alone(name):
        return _or_left_out(name, lambda: npm.install(CACHE / name, HERE / name)).parent


def node() -> str:
    """Return the ``node`` that runs npm peers; call ``node_peer`` first, which says what is missing."""
    program = Path(npm.command()[0])
    return str(program if program.stem == "node" else program.with_name("node"))


def python_peer(name: str) -> Path:
    """Return the Python of a peer's own virtual environment."""
    with _alone(name):
        return _or_left_out(name, lambda: _python(HERE / name / "requirements.txt", CACHE / name))


def missing(what: str) -> NoReturn:
    """Leave the present test out, saying why; where nothing may be left out, fail it."""
    (pytest.fail if everything_must_run() else pytest.skip)(what)
    raise AssertionError(what)


def _python(requirements: Path, folder: Path) -> Path:
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    stamp, program = folder / "installed", folder / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != wanted:
        stamp.unlink(missing_ok=True)
        venv.create(folder, clear=True, with_pip=True)
        # The lock is whole; pip 23 takes a dependency on an extra of what it has pinned for one that is not.
        options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps"]
        subprocess.run([program, "-m", "pip", "install", *options, "--requirement", requirements], check=True)
        stamp.write_text(wanted)
    return program


def _or_left_out(name: str, install: Callable[[], Path]) -> Path:
    try:
        return install()
    except (npm.NodeMissing, subprocess.CalledProcessError, OSError) as error:
        missing(f"{name} could not be installed: {error}")


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Let one worker at a time install."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    for peer in sorted(HERE.glob("*/package-lock.json")):
        sys.stdout.write(f"{node_peer(peer.parent.name)}\n")
    for peer in sorted(HERE.glob("*/requirements.txt")):
        sys.stdout.write(f"{python_peer(peer.parent.name)}\n")
