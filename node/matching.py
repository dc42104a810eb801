"""Two towns' logs of one visit laid side by side: which lines speak of the same thing, and which the other town lacks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from federation.audit import AuditEntry
from federation.messages.trail import TrailLine
from federation.web.trail import PAGE

Side = Literal["home", "host"]
Met = Literal["met", "missing", "own", "unknown"]
"""The other town has it; it should have it and has not; it is one town's own business; the other town could not be asked."""
NEAR = timedelta(minutes=5)
"""Two lines on one thing are of one time within this: clocks differ a little, and an answer takes its time."""

MATTERS: Mapping[str, str] = {
    "trip-asked": "ask",
    "booked-for": "ask",
    "booking.put": "ask",
    "approval": "confirm",
    "booking.confirm": "confirm",
    "trip-move": "move",
    "booking.move": "move",
    f"{PAGE}bookings.extend": "extend",
    "booking.extend": "extend",
    f"{PAGE}bookings.arrive": "arrive",
    "booking.arrive": "arrive",
    f"{PAGE}bookings.leave": "leave",
    "booking.leave": "leave",
    f"{PAGE}bookings.dispute": "dispute",
    "booking.dispute": "dispute",
    "trip-cancelled": "cancel",
    "booking.delete": "cancel",
    f"{PAGE}bookings.give_feedback": "feedback",
    "booking.feedback": "feedback",
}
"""What home does about a visit and what reaches its host of it, by the events of both logs. All others are one town's own:
a card shown at the door, a look at the list, a page that leads to nothing at the other town.
"""
CARRIED = frozenset({"ask", "confirm", "cancel", "feedback"})
"""What home says again until its host has heard it: the host's line may come hours later, and never before."""
_MAY_STAY = frozenset({"approval"})
"""What may come to nothing at the host: what was not approved is cancelled instead, and that is a line of its own."""


@dataclass(frozen=True)
class Step:
    """One line of either town's log, and what the other town has of it."""

    at: datetime
    side: Side
    event: str
    verdict: str
    reason: str
    jti: str
    met: Met = "unknown"


def own(row: AuditEntry, side: Side) -> Step:
    """Return a line of our own log."""
    return Step(row.at, side, row.event, row.verdict, row.reason, row.jti)


def told(line: TrailLine, side: Side) -> Step:
    """Return a line as the other town tells it."""
    return Step(line.at, side, line.event, line.verdict, line.reason, line.jti)


def laid(ours: Sequence[Step], theirs: Sequence[Step], *, asked: bool) -> Sequence[Step]:
    """Lay both logs into one order of time; ``asked`` says whether the other town could be asked for its own."""
    if not asked:
        return sorted(ours, key=lambda one: one.at)
    both = [*(_met(one, theirs) for one in ours), *(_met(one, ours) for one in theirs)]
    return sorted(both, key=lambda one: one.at)


def _met(one: Step, others: Sequence[Step]) -> Step:
    if any(_is_same(one, two) for two in others):
        return replace(one, met="met")
    alone = one.event not in MATTERS or one.event in _MAY_STAY
    return replace(one, met="own" if alone else "missing")


def _is_same(one: Step, two: Step) -> bool:
    """Say whether two lines rest on one token, or are of one matter and, unless it is carried until heard, of one time."""
    if one.jti and one.jti == two.jti:
        return True
    matter = MATTERS.get(one.event)
    if matter is None or matter != MATTERS.get(two.event):
        return False
    home, host = (one, two) if one.side == "home" else (two, one)
    return host.at - home.at >= -NEAR and (matter in CARRIED or host.at - home.at <= NEAR)
