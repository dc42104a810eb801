"""How a figure is come by: two candidates take turns, and the median of their ratios is what counts.

The clock of a shared machine drifts within minutes, so a rate by itself says little and is never asserted on.
"""

import statistics
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

Work = Callable[[], object]


@dataclass(frozen=True)
class Tail:
    """Within which time half of the answers came, and all but one in a hundred, in milliseconds."""

    p50: float
    p99: float


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
    tail: Tail | None = None
    """How ours spread, where it was measured over HTTP."""

    def line(self) -> str:
        """One line for a person."""
        low, high = self.spread
        tail = f"  p50 {self.tail.p50:.1f} ms  p99 {self.tail.p99:.1f} ms" if self.tail else ""
        return (
            f"{self.name:<52} {self.clients:>2} client(s)  ours {self.ours:>9,.0f}/s  bare {self.bare:>9,.0f}/s"
            f"  ratio {self.ratio:.3f} ({low:.3f}-{high:.3f}){tail}"
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


class Side(Protocol):
    """One of two that take turns."""

    @property
    def clients(self) -> int:
        """How many ask at once."""
        ...

    def rate(self, seconds: float) -> float:
        """Return the operations a second of all clients together; raises what a client raised."""
        ...

    def tail(self) -> Tail | None:
        """Return how the answers' times spread, where that is known."""
        ...


@dataclass(frozen=True)
class Candidate:
    """A side in this process: a callable for each client, and what is done before each stretch, outside of the measured time."""

    works: Sequence[Work]
    before: Work = lambda: None

    @property
    def clients(self) -> int:
        """How many callables there are."""
        return len(self.works)

    def rate(self, seconds: float) -> float:
        """Operations a second of all clients together, each in a thread of its own; raises what a client raised."""
        self.before()
        return _rate(self.works, seconds)

    def tail(self) -> Tail | None:
        """Return nothing: single operations are not timed."""
        return None


def compare(name: str, ours: Side, bare: Side, *, rounds: int = 5, seconds: float = 1.0) -> Figure:
    """Let ``ours`` and ``bare`` take turns for ``rounds`` rounds of ``seconds`` each, after one that does not count.

    Who begins changes with the round, so that a drift of the machine favours neither. Returns the medians and the
    ratios' spread.
    """
    _round(ours, bare, seconds / 2)
    pairs = [_round(ours, bare, seconds, swapped=number % 2 == 1) for number in range(rounds)]
    ratios = sorted(ours_rate / bare_rate for ours_rate, bare_rate in pairs)
    return Figure(
        name,
        ours.clients,
        _median(rate for rate, _ in pairs),
        _median(rate for _, rate in pairs),
        _median(ratios),
        (round(ratios[0], 3), round(ratios[-1], 3)),
        rounds,
        ours.tail(),
    )


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 3)


def _round(ours: Side, bare: Side, seconds: float, *, swapped: bool = False) -> tuple[float, float]:
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
