"""座席の不具合: what visitors have reported of desks, and that it was seen to."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from federation import audit
from federation.web.tongue import say
from federation.wording import phrase
from node.host import problems
from node.views import town
from node.views.session import me

blueprint = Blueprint("admin_problems", __name__)
"""For ``Audience.ADMIN``."""


@blueprint.get("/admin/problems")
def show() -> str:
    """Show what nobody has seen to yet, oldest first."""
    with town().storage.transaction() as db:
        return render_template("admin/problems.html", found=problems.open_ones(db), kinds=problems.KINDS)


@blueprint.post("/admin/problems/<uuid:problem_id>/done")
def see_to(problem_id: object) -> Response:
    """Say that it is seen to."""
    by, now = f"staff:{me().id}", town().clock()
    with town().storage.transaction(write=True) as db:
        problems.see_to(db, str(problem_id), by=by, now=now)
        audit.record(db, event="desk-problem-done", actor=by, subject=str(problem_id), verdict="allowed", now=now)
    flash(say(phrase("対応済みにしました。")), "success")
    return redirect(url_for("admin_problems.show"), HTTPStatus.SEE_OTHER)
