"""Two towns' logs of the visit of an incident: which lines agree, and which one side alone has, each under its own heading."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from federation.errors import NotFound
from federation.web.tongue import say
from federation.wording import phrase
from node import papers
from node.matching import Met, Step
from node.models.trips import Trip
from node.papers import Paper
from node.town import Town
from node.views.deeds import named
from node.views.privacy import paperwords

COLUMNS = (phrase("日時"), phrase("団体"), phrase("操作"), phrase("判断"), phrase("理由"), "jti")
Row = Sequence[str]


@dataclass(frozen=True)
class Comparison:
    """The lines, each in exactly one of these: in both logs, in one although the other should have it, one town's own business.

    ``unanswered`` are ours, where the other town could not be asked (``away``) or there is none.
    """

    partner: str
    agreeing: Sequence[Row]
    alone: Sequence[Row]
    own: Sequence[Row]
    unanswered: Sequence[Row]
    away: bool
    is_cut: bool


def is_our_trip(db: Session, visit_id: str) -> bool:
    """Say whether the visit is one of our own people's elsewhere, and not one at our desks."""
    return db.get(Trip, visit_id) is not None


def paper_of(town: Town, visit_id: str, *, ours: bool) -> Paper | None:
    """Return the paper of the visit, asking the other town; None where it is not kept any more. No transaction may be open."""
    try:
        return papers.of_trip(town, visit_id) if ours else papers.of_booking(town, visit_id)
    except NotFound:
        return None


def of(paper: Paper) -> Comparison:
    """Sort a paper's lines by what the other town has of each, in the order of time."""
    names = {"home": paper.visit.home, "host": paper.visit.host}

    def those(met: Met) -> list[Row]:
        return [_row(step, names[step.side]) for step in paper.steps if step.met == met]

    return Comparison(
        paper.partner,
        those("met"),
        those("missing"),
        those("own"),
        those("unknown"),
        paper.away is not None,
        paper.is_cut,
    )


def _row(step: Step, town: str) -> Row:
    verdict = say(phrase("許可") if step.verdict == "allowed" else phrase("拒否"))
    nothing = paperwords.NOTHING
    return [paperwords.written(step.at), town, named(step.event), verdict, step.reason or nothing, step.jti or nothing]
