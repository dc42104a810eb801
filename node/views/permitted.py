"""どこを、いつ、なぜ使えないか: my town's conditions as sentences, and every town I might go to with yes, or no and why."""

from flask import Blueprint, render_template, request
from markupsafe import Markup

from federation.web.tongue import between
from node.home import conditions, permitted, wishes
from node.views import standing, town, wished
from node.views.laidwords import sentences
from node.views.session import me
from node.views.shown import said

blueprint = Blueprint("permitted", __name__)
"""For ``Audience.STAFF``."""


@blueprint.get("/conditions")
def show() -> str:
    """Show what the person may book at a time, by default at the next usual one."""
    now, person = town().clock(), me()
    line = wished.read(request.args, now=now)
    when = line.when or wishes.usual(now)
    with town().storage.transaction() as db:
        row, judge = conditions.in_force(db), conditions.judge_for(db, person, town().config.code, now=now)
        partners = permitted.partners(db, judge, when.start, when.end)
        covered = standing.of_person(db, person)
    at: Markup = between(when.start, when.end)
    return render_template(
        "permitted.html",
        row=row,
        sentences=sentences(row),
        partners=partners,
        covered=len(covered),
        at=at,
        line=line,
        errors=line.errors,
        said=said,
        choices=wished,
    )
