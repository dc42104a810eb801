"""One's own account: the password, and the sessions that are open."""

from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import BadPassword, SignInRefused, TachiyoriError
from federation.web.tongue import say
from federation.wording import phrase
from node import notices
from node.models.staff import Staff
from node.people import announcements, assurance, passwords, sessions, signin
from node.people import staff as directory
from node.people.signin import SignedIn
from node.views import town
from node.views.session import begin, me, secret, signed_in

blueprint = Blueprint("account", __name__)
"""For ``Audience.STAFF``."""


@blueprint.get("/me/account")
def show() -> Response:
    """Show the open sessions, and where the password is changed."""
    return _page()


def _page(error: TachiyoriError | None = None) -> Response:
    with town().storage.transaction() as db:
        open_ones = sessions.open_of(db, me().id, now=town().clock())
    page = render_template(
        "account.html",
        sessions=open_ones,
        here=signed_in().session,
        has_password=bool(me().password_hash),
        error=error,
        shortest=passwords.SHORTEST,
    )
    return make_response(page, error.status if error else HTTPStatus.OK)


@blueprint.post("/me/password")
def change_password() -> Response:
    """Change one's password; other sessions end, this one goes on. Who found a session open guesses no more than others."""
    now = town().clock()
    try:
        signin.confirm(town().storage, me(), request.form.get("current", ""), secret=secret(), now=now)
    except SignInRefused:
        flash(say(phrase("現在のパスワードが違います。パスワードは変更していません。")), "error")
        return redirect(url_for("account.show"), HTTPStatus.SEE_OTHER)
    try:
        with town().storage.transaction(write=True) as db:
            person = directory.get(db, me().id)
            directory.set_password(db, person, request.form.get("new", ""))
            _tell(db, person, now)
    except BadPassword as error:
        return _page(error)
    # The password alone was shown just now, so the session is as fresh and no surer; a second factor is asked for anew.
    begin(SignedIn(person.id, person.session_epoch, assurance.ONE_FACTOR, now))
    flash(say(phrase("パスワードを変更しました。ほかの端末では、もう一度サインインが必要です。")), "success")
    return redirect(url_for("account.show"), HTTPStatus.SEE_OTHER)


def _tell(db: Session, person: Staff, now: datetime) -> None:
    """Leave the line, tell the person, and promise to tell the hosts."""
    who = f"staff:{person.id}"
    sessions.end_of(db, person.id)
    audit.record(db, event="password", actor=who, subject=who, verdict="allowed", now=now)
    words = phrase("パスワードが変更されました。心当たりがないときは、すぐに人事担当へ連絡してください。")
    notices.tell(db, person.id, words, now=now, link=url_for("account.show"))
    announcements.credential_changed(db, person.id, "password", "update", by="user", now=now)


@blueprint.post("/me/sessions/end")
def end_sessions() -> Response:
    """End one session of one's own, or all but this one."""
    one, here, now = request.form.get("session", ""), signed_in().session, town().clock()
    with town().storage.transaction(write=True) as db:
        ended = sessions.end_of(db, me().id, session=one or None, but=here)
        if ended:
            who = f"staff:{me().id}"
            audit.record(db, event="sessions-ended", actor=who, subject=who, verdict="allowed", now=now)
    flash(say(phrase("%(count)s件のサインインを終了しました。"), count=ended), "success")
    return redirect(url_for("account.show"), HTTPStatus.SEE_OTHER)
