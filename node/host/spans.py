"""Arithmetic on half-open stretches of UTC time: what opening hours, closures and claims leave free."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

SLOT = timedelta(minutes=15)
"""Offers begin and end on quarters of an hour, so that an early leaver does not publish his minute."""
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Span(NamedTuple):
    """[start, end), aware and in UTC."""

    start: datetime
    end: datetime

    def overlaps(self, other: "Span") -> bool:
        """Say whether the two share a moment; touching ones do not."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Span") -> bool:
        """Say whether the whole of the other lies within this one."""
        return self.start <= other.start and other.end <= self.end


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the same time in order, with overlapping and touching spans made one and empty ones gone."""
    whole: list[Span] = []
    for span in sorted(span for span in spans if span.start < span.end):
        if whole and span.start <= whole[-1].end:
            whole[-1] = Span(whole[-1].start, max(whole[-1].end, span.end))
        else:
            whole.append(span)
    return tuple(whole)


def without(spans: Iterable[Span], taken: Iterable[Span]) -> tuple[Span, ...]:
    """Return what is left of ``spans`` when ``taken`` is cut out."""
    left: list[Span] = []
    holes = joined(taken)
    for span in joined(spans):
        start = span.start
        for hole in holes:
            if hole.overlaps(Span(start, span.end)):
                left.append(Span(start, hole.start))
                start = hole.end
        left.append(Span(start, span.end))
    return tuple(span for span in left if span.start < span.end)


def common(every: Sequence[Iterable[Span]]) -> tuple[Span, ...]:
    """Return the time that is in all of them; none where there are none."""
    shared = joined(every[0]) if every else ()
    for spans in every[1:]:
        shared = without(shared, without(shared, spans))
    return shared


def within(spans: Iterable[Span], window: Span) -> tuple[Span, ...]:
    """Return the parts of ``spans`` that lie inside ``window``."""
    cut = (Span(max(span.start, window.start), min(span.end, window.end)) for span in spans)
    return tuple(span for span in cut if span.start < span.end)


def snapped(spans: Iterable[Span], slot: timedelta = SLOT) -> tuple[Span, ...]:
    """Shrink each span to whole slots; those shorter than a slot vanish."""
    cut = (Span(span.start + (_EPOCH - span.start) % slot, span.end - (span.end - _EPOCH) % slot) for span in spans)
    return tuple(span for span in cut if span.start < span.end)
