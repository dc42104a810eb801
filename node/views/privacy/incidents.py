"""事故・トラブル: recorded by reception or 人事担当, followed with the other town, with what is due and a draft of the report."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import audit
from federation.audit import AuditEntry
from federation.errors import Forbidden
from federation.members import Member
from federation.messages import incident as wire
from federation.web.tongue import say
from federation.wording import phrase
from node import incidents, papers
from node.incidents import Recorded, Role, Visit
from node.models.incidents import Incident
from node.views import town
from node.views.deeds import named
from node.views.filled import Filled
from node.views.privacy import comparison, incidentreport, paperwords
from node.views.privacy.incidentwords import KINDS, LEAKS, SEVERITIES, WRITERS
from node.views.session import me

STEPS = {"reported": phrase("速報を済ませた"), "concluded": phrase("確報を済ませた"), "closed": phrase("終結する")}
_JAPAN = ZoneInfo("Asia/Tokyo")
_LINES = 100
_HANDLERS = frozenset({"site_admin", "personnel"})

blueprint = Blueprint("incidents", __name__, url_prefix="/reception/incidents")
"""For ``Audience.RECEPTION``: reception records and writes; of them only a 施設担当者 handles."""
personnel = Blueprint("own_incidents", __name__, url_prefix="/personnel/incidents")
"""The same pages for ``Audience.PERSONNEL``."""


def every() -> Response:
    """List the incidents, open ones first, and offer the form for a new one."""
    return _list(Filled(MultiDict()))


def record() -> Response:
    """Record one; what was typed stays where something is wrong."""
    filled, now = Filled(request.form), town().clock()
    kind, severity = filled.choice("kind", KINDS), filled.choice("severity", SEVERITIES)
    leak = filled.choice("leak", LEAKS)
    what = filled.text("what", longest=wire.LONGEST, needed=True, lines=True)
    place, code = filled.text("place", longest=200), filled.text("code", longest=20)
    happened = _moment(filled, now)
    with town().storage.transaction(write=True) as db:
        visit = incidents.visit_of(db, town().config.entity_id, code) if code and not filled.errors else None
        if code and visit is None:
            filled.wrong("code", phrase("この受付番号の予約はありません。番号を確認するか、空欄にしてください。"))
        if filled.errors:
            return _list(filled, db)
        facts = Recorded(
            cast(wire.Kind, kind),
            cast(wire.Severity, severity),
            cast(wire.Leak, leak),
            filled.ticked("malicious"),
            what,
            place,
            happened,
        )
        row = incidents.record(db, facts, visit, _name_of(db, visit), by=_by(), now=now)
        told = phrase("記録しました。相手団体（%(town)s）へ連絡します。") if row.partner else phrase("記録しました。")
        words, where = say(told, town=row.partner_name), row.id
    flash(words, "success")
    return redirect(_to("show", incident_id=where), HTTPStatus.SEE_OTHER)


def show(incident_id: object) -> Response:
    """Show one: facts, what is due, what both towns wrote; with ``compare`` also both towns' lines of the log."""
    return _page(str(incident_id), Filled(MultiDict()))


def write(incident_id: object) -> Response:
    """Write an entry."""
    filled, now = Filled(request.form), town().clock()
    words = filled.text("words", longest=wire.LONGEST, needed=True, lines=True)
    if filled.errors:
        return _page(str(incident_id), filled)
    with town().storage.transaction(write=True) as db:
        incidents.write(db, incidents.get(db, str(incident_id)), words, by=_by(), role=_role(), now=now)
    flash(say(phrase("書き込みました。")), "success")
    return redirect(_to("show", incident_id=incident_id), HTTPStatus.SEE_OTHER)


def handle(incident_id: object) -> Response:
    """Note that a report was made, or that it is over: for 施設担当者 and 人事担当 alone."""
    if not _may_handle():
        raise Forbidden("reception records, and handles nothing")
    what = request.form.get("what", "")
    if what in STEPS:
        with town().storage.transaction(write=True) as db:
            incidents.handle(db, incidents.get(db, str(incident_id)), what, by=_by(), now=town().clock())
        flash(say(phrase("記録しました。")), "success")
    return redirect(_to("show", incident_id=incident_id), HTTPStatus.SEE_OTHER)


def draft(incident_id: object) -> Response:
    """Give out a draft of the report to the 個人情報保護委員会 as text."""
    with town().storage.transaction() as db:
        text = incidentreport.draft(incidents.look(db, str(incident_id)), town().config.name)
    response: Response = current_app.response_class(text, mimetype="text/plain")
    response.headers["Content-Disposition"] = f'attachment; filename="incident-{incident_id}.txt"'
    return response


_ROUTES: tuple[tuple[str, str, Callable[..., Response]], ...] = (
    ("GET", "", every),
    ("POST", "", record),
    ("GET", "/<uuid:incident_id>", show),
    ("POST", "/<uuid:incident_id>/entries", write),
    ("POST", "/<uuid:incident_id>/steps", handle),
    ("GET", "/<uuid:incident_id>/report.txt", draft),
)
for _part in (blueprint, personnel):
    for _method, _rule, _view in _ROUTES:
        _part.add_url_rule(_rule, _view.__name__, _view, methods=[_method])


def _by() -> str:
    return f"staff:{me().id}"


def _role() -> Role:
    if request.blueprint == personnel.name:
        return "personnel"
    return "site_admin" if "site_admin" in me().role_names else "reception"


def _may_handle() -> bool:
    return _role() in _HANDLERS


def _to(view: str, **values: Any) -> str:
    return url_for(f"{request.blueprint}.{view}", **values)


def _name_of(db: Session, visit: Visit | None) -> str:
    if visit is None or not visit.partner:
        return ""
    return db.scalar(select(Member.name).where(Member.entity_id == visit.partner)) or visit.partner


def _moment(filled: Filled, now: datetime) -> datetime:
    day, minutes = filled.day("day", needed=True), filled.time("time", needed=True)
    if day is None or minutes is None or filled.errors:
        return now
    at = datetime(day.year, day.month, day.day, minutes // 60 % 24, minutes % 60, tzinfo=_JAPAN).astimezone(UTC)
    if at > now:
        filled.wrong("day", phrase("現在までの日時を入力してください。"))
    return min(at, now)


def _list(filled: Filled, db: Session | None = None) -> Response:
    if db is None:
        with town().storage.transaction() as opened:
            return _list(filled, opened)
    today = town().clock().astimezone(_JAPAN).date()
    rows = incidents.every(db)
    page = render_template(
        "incidents.html",
        rows=rows,
        next_due={row.id: next((one for one in incidents.due(row) if one.done_at is None), None) for row in rows},
        today=today,
        filled=filled,
        kinds=KINDS,
        severities=SEVERITIES,
        leaks=LEAKS,
        here=_to,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)


def _page(incident_id: str, filled: Filled) -> Response:
    now, asked = town().clock(), "compare" in request.args
    with town().storage.transaction() as db:
        row = incidents.look(db, incident_id)
        ours = comparison.is_our_trip(db, row.booking_id)
    paper = comparison.paper_of(town(), row.booking_id, ours=ours) if asked and row.booking_id else None
    with town().storage.transaction(write=asked) as db:
        lines = _own_lines(db, row) if asked else ()
        if asked:
            audit.record(db, event="incident-compared", actor=_by(), subject=row.id, verdict="allowed", now=now)
    page = render_template(
        "incident.html",
        row=row,
        due=incidents.due(row),
        today=now.astimezone(_JAPAN).date(),
        filled=filled,
        kinds=KINDS,
        severities=SEVERITIES,
        leaks=LEAKS,
        writers=WRITERS,
        steps={name: words for name, words in STEPS.items() if _is_open(row, name)} if _may_handle() else {},
        compare=asked,
        lines=lines,
        found=comparison.of(paper) if paper is not None else None,
        columns=comparison.COLUMNS,
        paper=_paper_at(row.booking_id, ours=ours) if paper is not None else "",
        legend=paperwords.LEGEND,
        cut=say(paperwords.CUT, count=papers.MOST),
        named=named,
        here=_to,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)


def _paper_at(visit_id: str, *, ours: bool) -> str:
    """Return where the paper of the visit is read by who reads this; empty where they may not."""
    if ours and _role() == "personnel":
        return url_for("own_papers.show", visit_id=visit_id)
    if not ours and "site_admin" in me().role_names:
        return url_for("admin_papers.show_here", visit_id=visit_id)
    return ""


def _is_open(row: Incident, step: str) -> bool:
    if step == "closed":
        return row.closed_at is None
    return row.leak != "no" and (row.reported_at if step == "reported" else row.concluded_at) is None


def _own_lines(db: Session, row: Incident) -> Sequence[AuditEntry]:
    """Return what was done here about the incident itself, the newest first; the visit's lines are compared."""
    about = AuditEntry.subject == row.id
    return db.scalars(select(AuditEntry).where(about).order_by(AuditEntry.number.desc()).limit(_LINES)).all()
