"""``make bench``: print the figures and write them to ``bench.json``."""

import json
import platform
import sys
from pathlib import Path

from tests.bench import verification
from tests.bench.measure import Figure


def main() -> int:
    """Run every measurement; each prints its line as it is done."""
    found: list[Figure] = []
    for measurement in (verification,):
        for figure in measurement.figures():
            print(figure.line(), flush=True)
            found.append(figure)
    written = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "figures": [each.row() for each in found],
    }
    Path("bench.json").write_text(json.dumps(written, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
