"""What the build left in ``federation/web/static``: from a plain name to the name with its content's hash."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path

STATIC = Path(__file__).parent.parent / "static"

_log = logging.getLogger(__name__)


def load(folder: Path = STATIC) -> Mapping[str, str]:
    """Return the built names; an unbuilt folder gives an empty list and a line in the log that says what to run."""
    try:
        names = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        _log.error("Style sheets and fonts are not built: run python -m federation.web.assets.build")
        return {}
    return {str(plain): str(hashed) for plain, hashed in names.items()}
