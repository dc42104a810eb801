"""承認の案内: the page behind the link of a letter. Reading it decides nothing, and neither does whatever scans mail; a press does."""

from http import HTTPStatus

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.errors import AnotherApprover, NotSignedIn
from node.home import approvals, mailedlinks
from node.home.wishes import JAPAN
from node.models.staff import Staff
from node.views import town
from node.views.approvals import ACTS, LONGEST, WHY, asked, say_what_came
from node.views.filled import Filled
from node.views.session import me

blueprint = Blueprint("mailed", __name__)
"""For ``Audience.PUBLIC``: the link says who decides, and what."""


@blueprint.get("/approve/<uuid:approval_id>/<string(maxlength=64):mark>")
def show(approval_id: object, mark: str) -> Response:
    """Show one question to the approver it was sent to."""
    return _page(str(approval_id), mark, Filled(request.form))


@blueprint.post("/approve/<uuid:approval_id>/<string(maxlength=64):mark>")
def decide(approval_id: object, mark: str) -> Response:
    """Decide it; a no needs its reason."""
    form, now = Filled(request.form), town().clock()
    act = ACTS.get(form.choice("act", ACTS))
    reason = form.text("reason", longest=LONGEST)
    if act != "approved" and not reason:
        form.wrong("reason", WHY)
    it = _found(str(approval_id), mark)
    if form.errors or act is None:
        return _page(str(approval_id), mark, form)
    say_what_came(approvals.decide(town(), [it.row.id], act, it.to, reason, now=now, way="mail"), act)
    return redirect(url_for("mailed.show", approval_id=approval_id, mark=mark), HTTPStatus.SEE_OTHER)


def _found(approval_id: str, mark: str) -> mailedlinks.Asked:
    secret = mailedlinks.secret_of(town().config)
    with town().storage.transaction() as db:
        it = mailedlinks.find(db, approval_id, mark, secret, now=town().clock())
        it.row.trips  # noqa: B018 - Read while the session is open.
    _refuse_another(it.to)
    return it


def _refuse_another(to: Staff) -> None:
    """Refuse somebody else who is signed in: they decide under their own name."""
    try:
        present = me()
    except NotSignedIn:
        return
    if present.id != to.id:
        raise AnotherApprover("a link of another approver")


def _page(approval_id: str, mark: str, form: Filled) -> Response:
    it = _found(approval_id, mark)
    page = render_template(
        "mailed.html",
        it=asked(it.row, now=town().clock()),
        to=it.to,
        is_open=it.is_open,
        zone=JAPAN,
        form=form,
        errors=form.errors,
        longest=LONGEST,
    )
    response = make_response(page, HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
