"""監査記録: what was decided here about whom, read by day, by person and by verdict, a page at a time."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from flask import Blueprint, make_response, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation import audit
from federation.web.tongue import zone
from node.people import staff as directory
from node.views import doers, town
from node.views.deeds import named
from node.views.filled import Filled

blueprint = Blueprint("log", __name__)
"""For ``Audience.PERSONNEL``."""

PAGE = 50
VERDICTS = ("allowed", "refused")


@blueprint.get("/personnel/log")
def read() -> Response:
    """Show the newest lines that fit, and lead on to older ones."""
    form = Filled(request.args)
    day = form.day("day")
    who = form.text("who", longest=255)
    verdict = form.typed("verdict") if form.typed("verdict") in VERDICTS else ""
    before = form.whole("before", 1, 999_999_999)
    since = datetime(day.year, day.month, day.day, tzinfo=zone()).astimezone(UTC) if day else None
    with town().storage.transaction() as db:
        entries = audit.latest(
            db,
            since=since,
            until=since + timedelta(days=1) if since else None,
            who=_names(db, who),
            verdict=verdict,
            before=before,
            limit=PAGE + 1,
        )
        people = doers.named(db, [name for entry in entries for name in (entry.actor, entry.subject)])
    shown, more = entries[:PAGE], len(entries) > PAGE
    asked: dict[str, Any] = {"day": form.typed("day"), "who": who, "verdict": verdict}
    older = url_for("log.read", **asked, before=shown[-1].number) if more else None
    newest = url_for("log.read", **asked) if before else None
    page = render_template(
        "log.html", entries=shown, people=people, named=named, older=older, newest=newest, errors=form.errors, **asked
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK)


def _names(db: Session, typed: str) -> tuple[str, ...]:
    """Return the names under which the log may know who was typed: a 職員番号 stands for its person."""
    person = directory.find(db, typed) if typed else None
    return (typed, f"staff:{person.id}") if person else (typed,) if typed else ()
