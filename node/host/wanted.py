"""What was searched for near our own sites and not found: the registry's last word, kept, so that the page asks nobody."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from federation.messages.demand import DemandReport, Wanted
from node.models.harvest import DemandHeard

ASKED_EVERY = timedelta(hours=1)
SILENT = timedelta(hours=3)
"""After so long the page says that the registry does not answer."""
_ONE = 1


@dataclass(frozen=True)
class Heard:
    """The registry's last word and when it came, aware UTC; None where it never did. ``silent`` says that it is old."""

    report: DemandReport | None
    heard_at: datetime | None
    silent: bool


def keep(db: Session, report: DemandReport, now: datetime) -> None:
    """Keep what the registry has just said in place of what it said before."""
    row = db.get(DemandHeard, _ONE) or DemandHeard(id=_ONE)
    row.report, row.heard_at = report.text(), now
    db.add(row)


def heard(db: Session, now: datetime) -> Heard:
    """Return what the registry last said; one statement."""
    row = db.get(DemandHeard, _ONE)
    if row is None:
        return Heard(None, None, silent=True)
    return Heard(DemandReport.read(row.report), row.heard_at, silent=now - row.heard_at > SILENT)


def by_place(wishes: Sequence[Wanted]) -> Sequence[Wanted]:
    """Return wishes with those of one place together, the most wanted place first, and in the order of their hours."""
    totals: dict[str, int] = defaultdict(int)
    for wish in wishes:
        totals[wish.place] += wish.times
    return sorted(wishes, key=lambda wish: (-totals[wish.place], wish.place, wish.hour, wish.reason))
