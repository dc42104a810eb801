"""The load over HTTP: ``wrk``, with requests that were written and signed beforehand.

It takes next to nothing of the cores that it shares with what it measures. Nothing but a 2xx is an answer: any other ends
the measurement, so no error is ever taken for speed.
"""

import json
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.measure import Tail

WRK = shutil.which("wrk")
"""The load's program, or None where it is not installed."""
_SCRIPT = Path(__file__).with_name("load.lua")
_FIRST_STOCK = 400
_MARGIN = 2.0
"""How many times as many requests are written as the last stretch used."""


class Load:
    """Clients of a server on 127.0.0.1, each on a connection of its own; one side of a comparison."""

    def __init__(self, port: int, write: Callable[[], bytes], clients: int, *, once: bool = True) -> None:
        """``write`` makes a request. With ``once`` each is sent once, as one that bears a proof must be."""
        self.clients = clients
        self._url = f"http://127.0.0.1:{port}/"
        self._write = write
        self._once = once
        self._stock = _FIRST_STOCK if once else 1
        self._tails: list[Tail] = []
        self.sent: list[bytes] = []
        """What was written for the last stretch, in the order in which it was sent; not the first, nor all of the rest."""
        self.answered = self.unsure = 0
        """How many requests were answered in all stretches, and how many were on their way when a stretch ended."""

    def rate(self, seconds: float) -> float:
        """Return the answers a second of a stretch, at least a second long; raise ``AssertionError`` for any that is not 2xx."""
        told = self._stretch(max(1, round(seconds)))
        assert told["broken"] == 0, told
        if self._once and told["sent"] >= self._stock:
            # It ran dry: the answers that were counted say nothing, but all that was written was sent, the first one aside.
            self.answered += max(0, self._stock - 1 - self.clients)
            self.unsure += self.clients
            self._stock *= 4
            return self.rate(seconds)
        assert told["bad"] == 0, told
        lasted = told["microseconds"] / 1e6
        self.answered += int(told["answers"])
        # The first request is one that wrk looks at before it begins.
        self.unsure += int(told["sent"] - 1 - told["answers"])
        self._tails.append(Tail(told["p50"] / 1000, told["p99"] / 1000))
        if self._once:
            self._stock = max(_FIRST_STOCK, round(told["answers"] / lasted * seconds * _MARGIN))
        return told["answers"] / lasted

    def tail(self) -> Tail | None:
        """Return the medians of the stretches' latencies; the first does not count."""
        counted = self._tails[1:]
        if not counted:
            return None
        return Tail(statistics.median(tail.p50 for tail in counted), statistics.median(tail.p99 for tail in counted))

    def _stretch(self, seconds: int) -> dict[str, float]:
        self.sent = [self._write() for _ in range(self._stock)]
        with tempfile.NamedTemporaryFile(suffix=".requests") as file:
            file.writelines(_framed(self.sent))
            file.flush()
            return self._run(file.name, seconds)

    def _run(self, file: str, seconds: int) -> dict[str, float]:
        assert WRK is not None, "wrk is not installed"
        limits = ["-t1", f"-c{self.clients}", f"-d{seconds}s", "--timeout", "30s"]
        command = [WRK, *limits, "-s", str(_SCRIPT), self._url, "--", file, "once" if self._once else "again"]
        told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=seconds + 60).stdout
        found: dict[str, float] = json.loads(told.strip().rpartition("\n")[2])
        return found


def _framed(requests: Sequence[bytes]) -> list[bytes]:
    return [b"%d\n%b" % (len(request), request) for request in requests]
