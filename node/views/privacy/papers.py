"""利用の経過: one visit on one paper for the auditor, from its home or from its host; every look is logged."""

from http import HTTPStatus

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import audit
from federation.wording import phrase
from node import papers
from node.papers import Paper
from node.views import town
from node.views.deeds import named
from node.views.filled import Filled
from node.views.session import me

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
    return _paper(papers.of_trip(town(), str(visit_id)))


@admin.get("/<uuid:visit_id>")
def show_here(visit_id: object) -> str:
    """Show the paper of a visit at our desks; the look is logged."""
    return _paper(papers.of_booking(town(), str(visit_id)))


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


def _paper(paper: Paper) -> str:
    now = town().clock()
    with town().storage.transaction(write=True) as db:
        who = f"staff:{me().id}"
        audit.record(db, event="paper.viewed", actor=who, subject=paper.id, verdict="allowed", now=now)
    return render_template("paper.html", paper=paper, now=now, named=named)
