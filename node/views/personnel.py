"""人事の今日: what waits for 人事担当 - approvals nobody decided, budgets nearly used, new conditions, lists to come."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, render_template, url_for
from sqlalchemy.orm import Session

from federation.language import day as written_day
from federation.web.tongue import current, say
from federation.wording import phrase
from node import yearlists
from node.home import approvals, budgets, conditions
from node.home.wishes import JAPAN
from node.models.staff import Staff
from node.views import town
from node.views.session import me

blueprint = Blueprint("personnel", __name__)
"""For ``Audience.PERSONNEL``."""

NEW = timedelta(days=7)
"""So long a version of the conditions is news."""
MOST = 20
"""So many budgets that are nearly used are named."""
_ESCALATED = phrase("%(count)s件の承認が、決められないまま待たれています")
_NEARLY = phrase("%(section)sの%(year)s年度の予算は、残り%(left)s円です")
_CHANGED = phrase("利用条件が%(day)sに第%(version)s版になりました（%(name)sさん）")
_LIST = phrase("%(day)s付けの名簿（%(count)s名）が、取り込みを待っています")


@dataclass(frozen=True)
class Task:
    """One thing to look at, and where."""

    words: str
    href: str


@blueprint.get("/personnel/today")
def show() -> str:
    """Show what is to be looked at, the most urgent first."""
    now = town().clock()
    with town().storage.transaction() as db:
        tasks = list(_tasks(db, me(), now))
    return render_template("personnel.html", tasks=tasks)


def _tasks(db: Session, by: Staff, now: datetime) -> Iterator[Task]:
    waiting = [one for one in approvals.waiting(db, by, now=now) if one.escalated_at or one.whose == "personnel"]
    if waiting:
        yield Task(say(_ESCALATED, count=len(waiting)), url_for("approvals.show"))
    year = budgets.this_year(now)
    nearly = [one for one in budgets.of_year(db, year) if one.is_nearly_used]
    for one in nearly[:MOST]:
        words = say(_NEARLY, section=one.section, year=year, left=f"{max(0, one.left):,}")
        yield Task(words, url_for("budgets.show", year=year))
    for row in yearlists.waiting(db):
        words = say(_LIST, day=written_day(row.effective, current()), count=f"{row.people:,}")
        yield Task(words, url_for("directory.planned", list_id=row.id))
    newest = conditions.in_force(db)
    if newest is not None and now - newest.changed_at < NEW:
        at = written_day(newest.changed_at.astimezone(JAPAN).date(), current())
        name = newest.by.name if newest.by else say(phrase("不明"))
        words = say(_CHANGED, day=at, version=newest.id, name=name)
        yield Task(words, url_for("conditions.versions"))
