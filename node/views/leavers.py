"""退職・転出: a person's access ends here, everywhere, after a look at what ends with it; sessions alone for a lost phone."""

from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation.web.tongue import say
from federation.wording import phrase
from node import leaving
from node.home.trips import site_of
from node.home.wishes import JAPAN
from node.models.staff import Staff
from node.people import staff as directory
from node.views import town
from node.views.filled import Filled
from node.views.session import me

blueprint = Blueprint("leavers", __name__)
"""For ``Audience.PERSONNEL``."""

_UNKNOWN = phrase("この職員番号の職員は、名簿にいません。番号を確認してください。")

_ONESELF = phrase("ご本人の退職・転出は、別の人事担当が登録してください。")


@blueprint.get("/personnel/leaving")
def choose() -> Response:
    """Ask for a 職員番号, and show what would end for that person."""
    return _page(Filled(request.args))


@blueprint.post("/personnel/leaving")
def end() -> Response:
    """Let the person leave on the day given."""
    form, now, by = Filled(request.form), town().clock(), f"staff:{me().id}"
    on = form.day("on", needed=True)
    with town().storage.transaction(write=True) as db:
        person = _person(db, form)
        if person is not None and person.id == me().id:
            form.wrong("number", _ONESELF)
        if person is not None and on is not None and not form.errors:
            ended = leaving.end(db, person.id, on=on, by=by, now=now)
            words = phrase(
                "%(name)sさんの退職・転出を登録しました（連絡する受入団体 %(hosts)s、取り消した予約 %(trips)s件）。"
            )
            flash(say(words, name=person.name, hosts=ended.hosts, trips=len(ended.trips)), "success")
            return redirect(url_for("leavers.choose"), HTTPStatus.SEE_OTHER)
    return _page(form)


@blueprint.post("/personnel/leaving/sessions")
def end_sessions() -> Response:
    """End every sign-in of a person who stays: a lost phone, a screen left open."""
    form, now, by = Filled(request.form), town().clock(), f"staff:{me().id}"
    with town().storage.transaction(write=True) as db:
        person = _person(db, form)
        if person is not None:
            leaving.end_sessions(db, person.id, by=by, initiator="admin", now=now)
            flash(say(phrase("%(name)sさんのサインインをすべて終了しました。"), name=person.name), "success")
            return redirect(url_for("leavers.choose"), HTTPStatus.SEE_OTHER)
    return _page(form)


def _person(db: Session, form: Filled) -> Staff | None:
    person = directory.find(db, form.text("number", longest=32, needed=True))
    if person is None:
        form.wrong("number", _UNKNOWN)
    return person


def _page(form: Filled) -> Response:
    """Show the person of the number, if one was typed, and what ends with their access."""
    with town().storage.transaction() as db:
        person = _person(db, form) if form.typed("number").strip() else None
        ending = leaving.foresee(db, person.id) if person is not None else None
    today = town().clock().astimezone(JAPAN).date()
    page = render_template(
        "leaving.html",
        person=person,
        ending=ending,
        site_of=site_of,
        number=form.typed("number"),
        on=form.typed("on") or today.isoformat(),
        errors=form.errors,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK)
