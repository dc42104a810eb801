"""アカウント: 人事担当 lets somebody back in who forgot a password or lost a second factor. Nobody does it for themselves."""

from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import SignInTooOld
from federation.web.tongue import say
from federation.wording import phrase
from node import leaving, notices
from node.models.staff import Staff
from node.people import announcements, codesheet, factors, passwords, resets
from node.people import staff as directory
from node.people.signin import has_left
from node.views import town
from node.views.filled import Filled
from node.views.session import demand_fresh, me, sign_in_anew

blueprint = Blueprint("accounts", __name__)
"""For ``Audience.PERSONNEL``."""

_UNKNOWN = phrase("この職員番号の職員は、名簿にいないか、退職・転出しています。番号を確認してください。")
_ONESELF = phrase("ご本人のアカウントは、別の人事担当が操作してください。")


@blueprint.before_request
def admit_changes() -> None:
    """Let nobody into another's account whose own sign-in is old: a session that was found open is not enough."""
    if request.method != "GET":
        demand_fresh()


@blueprint.errorhandler(SignInTooOld)
def begin_anew(error: SignInTooOld) -> Response:
    """Lead to the sign-in and back to the page that asks for a number."""
    return sign_in_anew(error, url_for("accounts.choose"))


@blueprint.get("/personnel/accounts")
def choose() -> Response:
    """Ask for a 職員番号, and show how that person signs in."""
    return _page(Filled(request.args))


@blueprint.post("/personnel/accounts/reset")
def issue_code() -> Response:
    """Take the person's password away, end their sessions, and show once the code to hand over on paper."""
    form, code = Filled(request.form), resets.fresh()
    digest = passwords.digest(codesheet.plain(code))
    with town().storage.transaction(write=True) as db:
        person = _another(db, form)
        expires = _issue(db, person, digest) if person else None
    if person is None:
        return _page(form)
    return make_response(
        render_template("resetcode.html", person=person, code=code, expires=expires, town_url=town().config.entity_id)
    )


def _issue(db: Session, person: Staff, digest: str) -> datetime:
    now, by = town().clock(), f"staff:{me().id}"
    leaving.end_sessions(db, person.id, by=by, initiator="admin", now=now)
    announcements.credential_changed(db, person.id, "password", "revoke", by="admin", now=now)
    words = phrase(
        "人事担当が、あなたのパスワードを再設定するコードを発行しました。心当たりがないときは、すぐに連絡してください。"
    )
    notices.tell(db, person.id, words, now=now, link="/me/account")
    return resets.issue(db, person, digest, by=by, now=now)


@blueprint.post("/personnel/accounts/factors")
def remove_factors() -> Response:
    """Forget every second factor of somebody who lost them, and end their sessions."""
    form = Filled(request.form)
    with town().storage.transaction(write=True) as db:
        person = _another(db, form)
        if person is not None:
            _remove(db, person)
    if person is None:
        return _page(form)
    flash(say(phrase("%(name)sさんの認証アプリ・コード表・パスキーを削除しました。"), name=person.name), "success")
    return redirect(url_for("accounts.choose", number=person.number), HTTPStatus.SEE_OTHER)


def _remove(db: Session, person: Staff) -> None:
    now, by = town().clock(), f"staff:{me().id}"
    factors.remove_all(db, person.id)
    leaving.end_sessions(db, person.id, by=by, initiator="admin", now=now)
    audit.record(db, event="factors-removed", actor=by, subject=f"staff:{person.id}", verdict="allowed", now=now)
    announcements.credential_changed(db, person.id, "app", "delete", by="admin", now=now)
    words = phrase(
        "人事担当が、あなたの認証アプリ・コード表・パスキーを削除しました。心当たりがないときは、すぐに連絡してください。"
    )
    notices.tell(db, person.id, words, now=now, link="/me/factors")


def _person(db: Session, form: Filled) -> Staff | None:
    person = directory.find(db, form.text("number", longest=32, needed=True))
    if person is None or has_left(person, town().clock()):
        form.wrong("number", _UNKNOWN)
        return None
    return person


def _another(db: Session, form: Filled) -> Staff | None:
    """Return the person of the number, if it is not who is at the keyboard."""
    person = _person(db, form)
    if person is not None and person.id == me().id:
        form.wrong("number", _ONESELF)
        return None
    return person


def _page(form: Filled) -> Response:
    with town().storage.transaction() as db:
        person = _person(db, form) if form.typed("number").strip() else None
        held = factors.held(db, person.id) if person else None
        waiting = person is not None and resets.waits(db, person.id, now=town().clock())
    page = render_template(
        "accounts.html", person=person, held=held, waiting=waiting, number=form.typed("number"), errors=form.errors
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK)
