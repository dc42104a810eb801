"""Lighthouse, held to a page by Debian's Chromium: its own measure of accessibility, good practice and speed.

Its ``simulate`` throttling reckons a slow line and processor from one quick visit, so that this machine's own line plays
no part; what else the machine does still shows in the processor's time, which is why speed is the median of several runs.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from federation.web.assets import npm
from tests.bench.servers import free_port
from tests.bench.wire import wait_until_answered
from tests.chromium import CHROMIUM, FLAGS
from tests.interop.peers import environments

ALL = ("accessibility", "best-practices")
PATIENCE = 300.0
"""Seconds for one visit, on a machine that does other things as well."""


@dataclass(frozen=True)
class Report:
    """What Lighthouse says of one page: a score of 0 to 100 for each category, and what cost points."""

    url: str
    scores: Mapping[str, int]
    flaws: tuple[str, ...]


class Lighthouse:
    """Visits pages. ``folder`` takes its reports; ``headers`` go with every request (a session's cookie)."""

    def __init__(self, folder: Path, headers: Mapping[str, str] | None = None) -> None:
        """Install Lighthouse once, or leave the test out, saying why."""
        if not CHROMIUM.exists():
            environments.missing(f"{CHROMIUM} is missing; apt-get install chromium")
        self._program = environments.node_peer("lighthouse") / "node_modules" / "lighthouse" / "cli" / "index.js"
        self._folder = folder
        self._headers = folder / "headers.json"
        self._headers.write_text(json.dumps({"Accept-Language": "ja", **(headers or {})}))

    def visits(self, url: str, *categories: str, preset: str = "") -> Report:
        """Visit a page once, as a phone or with the ``preset`` named (``desktop``)."""
        target = self._folder / "report.json"
        options = [
            "--quiet",
            "--output=json",
            f"--output-path={target}",
            f"--only-categories={','.join(categories)}",
            f"--extra-headers={self._headers}",
            "--throttling-method=simulate",
            "--disable-full-page-screenshot",
            "--no-enable-error-reporting",
            *([f"--preset={preset}"] if preset else []),
        ]
        environment = {**npm.environment(), "CHROME_PATH": str(CHROMIUM), "TMPDIR": str(self._folder)}
        with self._chromium() as port:
            command = [environments.node(), str(self._program), url, f"--port={port}", *options]
            subprocess.run(command, env=environment, timeout=PATIENCE, check=True)
        return _read(json.loads(target.read_text(encoding="utf-8")))

    @contextmanager
    def _chromium(self) -> Iterator[int]:
        """Run a Chromium that knows nothing yet, and yield its debugging port: Lighthouse itself waits 25 seconds for one."""
        port = free_port()
        with TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as profile:
            own = [f"--user-data-dir={profile}", f"--remote-debugging-port={port}", "about:blank"]
            process = subprocess.Popen(
                [CHROMIUM, "--headless=new", *FLAGS, *own], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            try:
                wait_until_answered(port, PATIENCE)
                yield port
            finally:
                process.terminate()
                process.wait(timeout=60)

    def speed_of(self, url: str, *, runs: int, preset: str = "") -> float:
        """Return the median of the scores for speed."""
        found = [self.visits(url, "performance", preset=preset).scores["performance"] for _ in range(runs)]
        return median(found)


def _read(told: Mapping[str, Any]) -> Report:
    scores = {name: round(100 * category["score"]) for name, category in told["categories"].items()}
    counted = {
        each["id"] for category in told["categories"].values() for each in category["auditRefs"] if each["weight"]
    }
    audits = [told["audits"][name] for name in sorted(counted)]
    flaws = tuple(
        f"{each['id']}: {each['title']}" for each in audits if (each["score"] or 0) < 1 and each["score"] is not None
    )
    return Report(told["finalDisplayedUrl"], scores, flaws)
