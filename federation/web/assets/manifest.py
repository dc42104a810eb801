"""What the build left in ``federation/web/static``: from a plain name to the name with its content's hash."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path

STATIC = Path(__file__).parent.parent / "static"
TEXTS = (".css", ".js", ".svg")
"""The endings of built files that grow smaller when they are packed; fonts are packed by themselves."""

PRINT_FONT = "print.ttf"
"""The one file with every letter, for what is printed by the node itself; no page asks for it."""

_log = logging.getLogger(__name__)


def load(folder: Path = STATIC) -> Mapping[str, str]:
    """Return the built names; an unbuilt folder gives an empty list and a line in the log that says what to run."""
    try:
        names = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        _log.error("Style sheets and fonts are not built: run python -m federation.web.assets.build")
        return {}
    return {str(plain): str(hashed) for plain, hashed in names.items()}


def packed(built: Mapping[str, str]) -> frozenset[str]:
    """Return the hashed names that the build has packed beside themselves: all texts."""
    return frozenset(hashed for hashed in built.values() if hashed.endswith(TEXTS))


def print_font(folder: Path = STATIC) -> Path | None:
    """Return the font that papers are printed with; None where it was not built, or has been taken away."""
    name = load(folder).get(PRINT_FONT)
    return folder / name if name is not None and (folder / name).is_file() else None
