"""Build ``federation/web/static``: ``python -m federation.web.assets.build``.

Design tokens, our style sheet, fonts, images and scripts, each under a name with its content's hash, and ``manifest.json``
from plain to hashed names. The catalogues are compiled too, so that one command prepares a fresh clone. A second run with
unchanged inputs does nothing; the old output stays in place until the new one is complete.
"""

import gzip
import hashlib
import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import brotli

from federation.locale import catalogue
from federation.web.assets import fonts, manifest, npm
from federation.web.assets.manifest import STATIC, TEXTS

HERE = Path(__file__).parent
TOKENS = Path("@digital-go-jp/design-tokens/dist/tokens.css")
HTMX = Path("htmx.org/dist/htmx.min.js")
LEAFLET = Path("leaflet/dist")
QR = Path("qr")
NOTO = Path("@fontsource-variable/noto-sans-jp")
PRINT_WEIGHT = 400


class Output:
    """A folder being filled with hashed files."""

    def __init__(self, folder: Path) -> None:
        """Begin with an empty ``folder``."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder = folder
        self.names: dict[str, str] = {}

    def add(self, name: str, content: bytes) -> str:
        """Write one file, a text packed beside itself too, and return its hashed name."""
        stem, _, ending = name.rpartition(".")
        hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{ending}"
        (self.folder / hashed).write_bytes(content)
        if name.endswith(TEXTS):
            (self.folder / f"{hashed}.gz").write_bytes(gzip.compress(content, mtime=0))
            (self.folder / f"{hashed}.br").write_bytes(brotli.compress(content))
        self.names[name] = hashed
        return hashed

    def finish(self, stamp: str, target: Path) -> None:
        """Write the manifest and the stamp, then take the place of ``target``."""
        (self.folder / "manifest.json").write_text(json.dumps(self.names, indent=1, sort_keys=True) + "\n")
        (self.folder / "stamp").write_text(stamp)
        old = target.with_name(f"{target.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if target.exists():
            target.rename(old)
        self.folder.rename(target)
        shutil.rmtree(old, ignore_errors=True)


def texts() -> list[str]:
    """Return every sentence and template, and the letters of the names of all municipalities (``characters.txt``)."""
    found = [str(message.id) for message in catalogue.extracted()]
    for package in catalogue.PACKAGES:
        templates = (catalogue.ROOT / package).rglob("templates/**/*.html")
        found += [template.read_text(encoding="utf-8") for template in templates]
    return [*found, (HERE / "characters.txt").read_text(encoding="utf-8")]


def sources() -> list[Path]:
    """Return the files the output is made from, in the order of their names."""
    folders = ("css/*.css", "images/*", "scripts/*.js", "*.py", "package-lock.json")
    return sorted(path for pattern in folders for path in HERE.glob(pattern))


def stamp(text: str) -> str:
    """Return what changes whenever the output for the letters of ``text`` would."""
    digest = hashlib.sha256("".join(sorted(set(text))).encode())
    for path in sources():
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def build(target: Path = STATIC) -> bool:
    """Make ``target`` current; return whether anything had to be done. Raises ``npm.NodeMissing`` without Node."""
    current = stamp("".join(texts()))
    if (target / "stamp").exists() and (target / "stamp").read_text() == current:
        return False
    packages = npm.install()
    output = Output(target.with_name(f"{target.name}.new"))
    output.add("tokens.css", (packages / TOKENS).read_bytes())
    output.add("fonts.css", _fonts(output, packages / NOTO).encode())
    output.add(manifest.PRINT_FONT, _print_font(packages / NOTO).read_bytes())
    output.add("app.css", b"".join(path.read_bytes() for path in sorted((HERE / "css").glob("*.css"))))
    output.add("htmx.js", (packages / HTMX).read_bytes())
    for path in (*sorted((HERE / "images").glob("*")), *sorted((HERE / "scripts").glob("*.js"))):
        output.add(path.name, path.read_bytes())
    parts = output.add("qr-parts.js", (packages / QR / "index.js").read_bytes())
    output.add("qr.js", _from_beside((packages / QR / "decode.js").read_bytes(), "index.js", parts))
    output.add("leaflet.css", _without_images((packages / LEAFLET / "leaflet.css").read_bytes()))
    output.add("leaflet.js", _without_map((packages / LEAFLET / "leaflet.js").read_bytes()))
    output.finish(current, target)
    return True


def _from_beside(module: bytes, name: str, hashed: str) -> bytes:
    """Let a module take another one from beside it under its hashed name; raise ``ValueError`` where it takes none."""
    taken = f"'./{name}'".encode()
    if module.count(taken) != 1:
        raise ValueError(f"the module does not take {name} from beside it")
    lines = module.replace(taken, f"'./{hashed}'".encode()).splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(b"//# sourceMappingURL="))


def _without_images(css: bytes) -> bytes:
    """Leave out what names a file: our markers are drawn, and nobody chooses among layers."""
    return re.sub(rb"[a-z-]+:\s*url\([^)]*\);", b"", css)


def _without_map(script: bytes) -> bytes:
    """Take away the line that names a source map, which is not served."""
    return b"".join(line for line in script.splitlines(keepends=True) if not line.startswith(b"//# sourceMappingURL="))


def _fonts(output: Output, package: Path) -> str:
    """Add all font files of pages and return their style sheet."""
    faces = fonts.slices(package)
    rules: list[str] = []
    own = wanted = fonts.wanted(texts(), faces)
    for weight in fonts.WEIGHTS:
        file = _own_font(faces, wanted, weight)
        own = fonts.covered(file)
        hashed = output.add(f"own-{weight}.woff2", file.read_bytes())
        rules.append(fonts.face_rule(fonts.OWN_FAMILY, str(weight), hashed, fonts.ranges(own)))
    for number, face in enumerate(faces):
        # A browser fetches the next family's file while the first is still on its way, unless the ranges differ.
        if left := face.letters() - own:
            hashed = output.add(f"rest-{number}.woff2", face.file.read_bytes())
            rules.append(fonts.face_rule(fonts.REST_FAMILY, "100 900", hashed, fonts.ranges(left)))
    return "".join(rules)


def _own_font(faces: list[fonts.Slice], wanted: frozenset[int], weight: int) -> Path:
    """Return the cut font from the cache, cutting it only when the letters have changed."""
    key = repr((sorted(wanted), (HERE / "fonts.py").read_bytes()))
    return _kept(f"{weight}.woff2", key, lambda file: fonts.cut(faces, wanted, weight, file))


def _print_font(package: Path) -> Path:
    """Return the whole font from the cache; it is made anew for another package or way of making it."""
    key = repr(((HERE / "package-lock.json").read_bytes(), (HERE / "fonts.py").read_bytes()))
    return _kept("print.ttf", key, lambda file: fonts.join(fonts.slices(package), PRINT_WEIGHT, file))


def _kept(name: str, key: str, make: Callable[[Path], None]) -> Path:
    """Return the file of the cache that was made from what ``key`` holds, making it where it is not there."""
    folder = npm.CACHE / "fonts"
    folder.mkdir(exist_ok=True)
    file = folder / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}-{name}"
    if not file.exists():
        for older in folder.glob(f"*-{name}"):
            older.unlink()
        unfinished = folder / f"unfinished.{name.rpartition('.')[2]}"
        make(unfinished)
        unfinished.rename(file)
    return file


def main() -> int:
    """Compile the catalogues and build the static files; return the exit status."""
    catalogue.compile_all()
    try:
        done = build()
    except npm.NodeMissing as missing:
        sys.stderr.write(f"Style sheets and fonts were not built: {missing}\n")
        return 1
    sys.stdout.write(f"{STATIC} {'built' if done else 'is current'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
