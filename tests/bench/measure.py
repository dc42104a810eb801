"""How a figure is come by: two candidates take turns, and the median of their ratios is what counts.

The clock of a shared machine drifts within minutes, so a rate by itself says little and is never asserted on.
"""

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

Work = Callable[[], object]


@dataclass(frozen=True)
class Figure:
    """Ours beside the bare reference: operations a second, and the ratio of each round."""

    name: str
    clients: int
    ours: float
    bare: float
    ratio: float
    spread: tuple[float, float]

    def line(self) -> str:
        """One line for a person."""
        low, high = self.spread
        return (
            f"{self.name:<44} {self.clients:>2} client(s)  ours {self.ours:>9,.0f}/s  bare {self.bare:>9,.0f}/s"
            f"  ratio {self.ratio:.2f} ({low:.2f}-{high:.2f})"
        )

    def row(self) -> dict[str, object]:
        """The same for ``bench.json``."""
        return asdict(self)


def compare(name: str, ours: Sequence[Work], bare: Sequence[Work], *, rounds: int = 5, seconds: float = 1.0) -> Figure:
    """Let ``ours`` and ``bare`` take turns for ``rounds`` rounds of ``seconds`` each.

    Each is one callable a client; clients run in threads of their own. Returns the medians and the ratios' spread.
    """
    for each in (*ours, *bare):
        each()
    pairs = [(_rate(ours, seconds), _rate(bare, seconds)) for _ in range(rounds)]
    ratios = sorted(ours_rate / bare_rate for ours_rate, bare_rate in pairs)
    return Figure(
        name,
        len(ours),
        statistics.median(rate for rate, _ in pairs),
        statistics.median(rate for _, rate in pairs),
        statistics.median(ratios),
        (ratios[0], ratios[-1]),
    )


def _rate(works: Sequence[Work], seconds: float) -> float:
    """Operations a second of all clients together, each repeating its work until the time is over."""
    counts = [0] * len(works)
    failures: list[BaseException] = []
    begin = time.perf_counter()
    until = begin + seconds

    def repeat(index: int, work: Work) -> None:
        try:
            while time.perf_counter() < until:
                work()
                counts[index] += 1
        except BaseException as error:  # noqa: BLE001 - a thread's failure must reach the one who measures.
            failures.append(error)

    threads = [threading.Thread(target=repeat, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sum(counts) / (time.perf_counter() - begin)
