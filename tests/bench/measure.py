"""How a figure is come by: two candidates take turns, and the median of their ratios is what counts.

The clock of a shared machine drifts within minutes, so a rate by itself says little and is never asserted on.
"""

import statistics
import threading
import time
from collections.abc import Callable, Iterable, Sequence
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
    rounds: int

    def line(self) -> str:
        """One line for a person."""
        low, high = self.spread
        return (
            f"{self.name:<52} {self.clients:>2} client(s)  ours {self.ours:>9,.0f}/s  bare {self.bare:>9,.0f}/s"
            f"  ratio {self.ratio:.3f} ({low:.3f}-{high:.3f})"
        )

    def row(self) -> dict[str, object]:
        """The same for ``bench.json``."""
        return asdict(self)


@dataclass(frozen=True)
class Skipped:
    """A measurement that could not be made here, and why."""

    name: str
    reason: str

    def line(self) -> str:
        """One line for a person."""
        return f"{self.name:<52} skipped: {self.reason}"

    def row(self) -> dict[str, object]:
        """The same for ``bench.json``."""
        return asdict(self)


@dataclass(frozen=True)
class Candidate:
    """One side: a callable for each client, and what is done before each stretch, outside of the measured time."""

    works: Sequence[Work]
    before: Work = lambda: None

    def rate(self, seconds: float) -> float:
        """Operations a second of all clients together, each in a thread of its own; raises what a client raised."""
        self.before()
        return _rate(self.works, seconds)


def compare(name: str, ours: Candidate, bare: Candidate, *, rounds: int = 5, seconds: float = 1.0) -> Figure:
    """Let ``ours`` and ``bare`` take turns for ``rounds`` rounds of ``seconds`` each, after one that does not count.

    Who begins changes with the round, so that a drift of the machine favours neither. Returns the medians and the
    ratios' spread.
    """
    _round(ours, bare, seconds / 2)
    pairs = [_round(ours, bare, seconds, swapped=number % 2 == 1) for number in range(rounds)]
    ratios = sorted(ours_rate / bare_rate for ours_rate, bare_rate in pairs)
    return Figure(
        name,
        len(ours.works),
        _median(rate for rate, _ in pairs),
        _median(rate for _, rate in pairs),
        _median(ratios),
        (round(ratios[0], 3), round(ratios[-1], 3)),
        rounds,
    )


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 3)


def _round(ours: Candidate, bare: Candidate, seconds: float, *, swapped: bool = False) -> tuple[float, float]:
    """Return the two rates of one round."""
    if swapped:
        second = bare.rate(seconds)
        return ours.rate(seconds), second
    return ours.rate(seconds), bare.rate(seconds)


def _rate(works: Sequence[Work], seconds: float) -> float:
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
