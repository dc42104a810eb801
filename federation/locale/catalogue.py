"""Gather the sentences people read, check that English stands for each, and compile what ``federation.language`` loads.

``python -m federation.locale.catalogue`` compiles; ``… update`` adds what is new in the sources to the catalogue with
its English left empty and drops what is gone; ``… check`` prints what is missing. Needs the ``build`` dependencies (Babel), unlike the running program.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from federation.language import FOLDER, LOCALES

ROOT = FOLDER.parent.parent
PACKAGES = ("federation", "node", "registry")
_PLACES = re.compile(r"%(?:\((?P<name>\w+)\)[a-z]|(?P<percent>%)|(?P<stray>.?))")


def path(locale: str) -> Path:
    """Return where the catalogue of ``locale`` stands."""
    return FOLDER / locale / "LC_MESSAGES" / "messages.po"


def extracted(root: Path = ROOT) -> Catalog:
    """Read every ``phrase("…")`` and ``_("…")`` of the three packages under ``root``."""
    template = Catalog(project="Tachiyori", charset="utf-8")
    with (ROOT / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]  # Babel leaves it untyped.
    for package in PACKAGES:
        for file, line, words, _comments, _context in extract_from_dir(
            root / package,
            [(pattern.removeprefix(f"{package}/"), how) for pattern, how in methods if pattern.startswith(package)],
            {pattern.removeprefix(f"{package}/"): options[pattern] for pattern in options},
            keywords={"phrase": None, "_": None},
            directory_filter=_is_ours,
        ):
            template.add(words, locations=[(f"{package}/{file}", line)])
    return template


def _is_ours(folder: str) -> bool:
    return Path(folder).name not in {"node_modules", "static", "__pycache__"}


def read(locale: str) -> Catalog:
    """Read the catalogue of ``locale``; an unreadable one raises ``PoFileError``."""
    with path(locale).open("rb") as file:
        return read_po(file, locale=locale, abort_invalid=True)


def places(words: str) -> list[str]:
    """List the ``%(name)s`` places of a sentence, sorted; a stray percent sign raises ``ValueError``."""
    found = list(_PLACES.finditer(words))
    if any(match["stray"] is not None for match in found):
        raise ValueError(f"a percent sign that means itself is written %%: {words}")
    return sorted({match["name"] for match in found if match["name"]})


def faults(template: Catalog, catalogue: Catalog) -> Iterator[str]:
    """Say, line by line, which sentences of ``template`` have no translation or one with other places."""
    for message in template:
        words = str(message.id)
        if not words:
            continue
        file, line = message.locations[0]
        told = catalogue.get(words)
        if told is None or not told.string or told.fuzzy:
            yield f"{file}:{line}: no {catalogue.locale} for 「{words}」"
        elif places(words) != places(str(told.string)):
            yield f"{file}:{line}: places differ: {places(words)} in 「{words}」, {places(str(told.string))} in translation"


def update(locale: str) -> int:
    """Add the new sentences to the catalogue of ``locale``, drop those nobody says now; return how many wait for words."""
    catalogue, template = read(locale), extracted()
    for gone in [message.id for message in catalogue if message.id and message.id not in template]:
        catalogue.delete(gone)
    for message in template:
        if message.id and message.id not in catalogue:
            catalogue.add(message.id, "")
    with path(locale).open("wb") as file:
        write_po(file, catalogue, width=0, no_location=True, sort_output=True, ignore_obsolete=True)
    return sum(1 for message in catalogue if message.id and not message.string)


def compile_all() -> None:
    """Write the ``.mo`` file beside every catalogue that has changed since."""
    for locale in LOCALES:
        source, target = path(locale), path(locale).with_suffix(".mo")
        if not source.exists() or (target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns):
            continue
        unfinished = target.with_suffix(".mo.new")
        with unfinished.open("wb") as file:
            write_mo(file, read(locale))
        unfinished.replace(target)


def main(arguments: list[str]) -> int:
    """Run one of compile (the default), update and check; return the exit status."""
    match arguments:
        case [] | ["compile"]:
            compile_all()
            return 0
        case ["update"]:
            sys.stdout.write(f"{update('en')} sentences wait for their English in {path('en')}\n")
            return 0
        case ["check"]:
            found = list(faults(extracted(), read("en")))
            sys.stdout.writelines(f"{fault}\n" for fault in found)
            return 1 if found else 0
        case _:
            sys.stderr.write("usage: python -m federation.locale.catalogue [compile|update|check]\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
