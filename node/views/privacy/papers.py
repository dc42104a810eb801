"""利用の経過: one visit on one paper for the auditor, from its home or from its host, to read or as a PDF; every look is logged."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import audit, language
from federation.web.tongue import current, say, zone
from federation.wording import phrase
from node import papers
from node.papers import Paper
from node.people import allowances
from node.views import town
from node.views.filled import Filled
from node.views.privacy import paperwords
from node.views.session import me

PDFS_A_MINUTE = 10
"""So many PDFs one person may have made: each takes the server a second or two."""
_OF_LOG = (36.0, 17.0, 36.0, 11.0, 34.0, 35.0, 17.0)
"""Shares of the columns of the log; a moment stays on one line."""
_OF_MATTERS = (40.0, 60.0, 60.0, 26.0)

personnel = Blueprint("own_papers", __name__, url_prefix="/personnel/papers")
"""Of our own people's visits elsewhere, for ``Audience.PERSONNEL``."""
admin = Blueprint("admin_papers", __name__, url_prefix="/admin/papers")
"""Of visits at our desks, for ``Audience.ADMIN``."""


@personnel.get("")
def find() -> Response:
    """Ask for the 受付番号 of a visit of our own people, and lead to its paper."""
    return _find(own=True)


@admin.get("")
def find_here() -> Response:
    """Ask for the 受付番号 of a visit at our desks, and lead to its paper."""
    return _find(own=False)


@personnel.get("/<uuid:visit_id>")
def show(visit_id: object) -> str:
    """Show the paper of our own person's visit; the look is logged."""
    return _page(papers.of_trip(town(), str(visit_id)), url_for("own_papers.pdf", visit_id=visit_id))


@admin.get("/<uuid:visit_id>")
def show_here(visit_id: object) -> str:
    """Show the paper of a visit at our desks; the look is logged."""
    return _page(papers.of_booking(town(), str(visit_id)), url_for("admin_papers.pdf_here", visit_id=visit_id))


@personnel.get("/<uuid:visit_id>/paper.pdf")
def pdf(visit_id: object) -> Response:
    """Give the paper of our own person's visit out as a PDF; it is logged as a look."""
    _spend()
    return _file(papers.of_trip(town(), str(visit_id)))


@admin.get("/<uuid:visit_id>/paper.pdf")
def pdf_here(visit_id: object) -> Response:
    """Give the paper of a visit at our desks out as a PDF; it is logged as a look."""
    _spend()
    return _file(papers.of_booking(town(), str(visit_id)))


def _find(*, own: bool) -> Response:
    filled = Filled(MultiDict(request.args))
    code = filled.text("code", longest=20, needed="code" in request.args)
    if code and not filled.errors:
        with town().storage.transaction() as db:
            found = papers.find(db, code, own=own)
        if found is not None:
            return redirect(
                url_for("own_papers.show" if own else "admin_papers.show_here", visit_id=found), HTTPStatus.SEE_OTHER
            )
        filled.wrong("code", phrase("この受付番号の予約はありません。利用証の番号を確認してください。"))
    page = render_template("papers.html", filled=filled, own=own)
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)


def _spend() -> None:
    with town().storage.transaction(write=True) as db:
        allowances.spend(db, "paper", f"staff:{me().id}", PDFS_A_MINUTE, now=town().clock())


def _page(paper: Paper, pdf_at: str) -> str:
    _log(paper)
    return render_template(
        "paper.html", paper=paper, words=paperwords, now=town().clock(), most=papers.MOST, pdf=pdf_at
    )


def _file(paper: Paper) -> Response:
    content = _printed(paper)
    _log(paper)
    response: Response = current_app.response_class(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="visit-{paper.id}.pdf"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def _log(paper: Paper) -> None:
    with town().storage.transaction(write=True) as db:
        who = f"staff:{me().id}"
        audit.record(db, event="paper.viewed", actor=who, subject=paper.id, verdict="allowed", now=town().clock())


def _printed(paper: Paper) -> bytes:
    """Set the paper; raises ``PrintFontMissing``."""
    from federation.web.printing import Sheet  # noqa: PLC0415 - It loads for most of a second, and few ask for it.

    now = town().clock()
    made = say(phrase("%(at)s作成"), at=language.moment(now, zone(), current()))
    title, author = say(phrase("利用の経過")), town().config.name
    with Sheet(title, f"{author} {made}", author=author, locale=current(), now=now) as sheet:
        _, heading, what = paperwords.verdict(paper)
        for each in (heading, what, say(paperwords.CUT, count=papers.MOST) if paper.is_cut else ""):
            if each:
                sheet.paragraph(each)
        sheet.facts(paperwords.facts(paper))
        if rows := paperwords.compared(paper):
            matters = _columns(paperwords.COMPARED, _OF_MATTERS)
            sheet.table(say(phrase("双方の記録の突合")), matters, rows)
        log = _columns(paperwords.STEPS, _OF_LOG)
        sheet.table(say(phrase("双方の監査記録（時刻順）")), log, paperwords.steps(paper))
        sheet.paragraph(say(paperwords.LEGEND))
        if sheet.missing:
            sheet.paragraph(say(phrase("〓は、PDFの書体にない文字です：%(letters)s"), letters=" ".join(sheet.missing)))
        return sheet.content()


def _columns(labels: Sequence[str], widths: Sequence[float]) -> Mapping[str, float]:
    return dict(zip((say(each) for each in labels), widths, strict=True))
