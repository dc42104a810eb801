"""利用者の声: what visitors wrote to this town, without who it was; a note that has no place here is deleted."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from federation.web.tongue import say
from federation.wording import phrase
from node.host import feedback
from node.views import town, voices
from node.views.session import me

blueprint = Blueprint("admin_feedback", __name__)
"""For ``Audience.ADMIN``."""


@blueprint.get("/admin/feedback")
def show() -> str:
    """Show what is published of each room, and the newest notes."""
    with town().storage.transaction() as db:
        rooms, notes = feedback.published(db), feedback.notes(db)
    return render_template(
        "admin/feedback.html", rooms=rooms, notes=notes, opinions=voices.opinions, most=feedback.MOST_NOTES
    )


@blueprint.post("/admin/feedback/<uuid:answer_id>/delete")
def delete(answer_id: object) -> Response:
    """Delete a note."""
    with town().storage.transaction(write=True) as db:
        feedback.delete_note(db, str(answer_id), by=f"staff:{me().id}", now=town().clock())
    flash(say(phrase("記入を削除しました。回答は集計に残ります。")), "success")
    return redirect(url_for("admin_feedback.show"), HTTPStatus.SEE_OTHER)
