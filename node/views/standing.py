"""包括承認: what my people may book without asking me each time. Given by period, places and hours, and ended."""

import re
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import municipality
from federation.errors import BadInput, Forbidden
from federation.web.tongue import say
from federation.wording import phrase
from node.home import places, standing
from node.home.standing import Scope
from node.home.wishes import JAPAN
from node.models.approvals import StandingApproval
from node.models.staff import Staff
from node.people import staff as directory
from node.views import town
from node.views.filled import Filled
from node.views.session import me

blueprint = Blueprint("standing", __name__)
"""For ``Audience.STAFF``: the domain says whom somebody may approve."""

_WORDS = {
    "until_on": phrase("終わりの日は、今日以降で、始まりの日から1年以内にしてください。"),
    "until": phrase("終わりの時刻は、始まりの時刻より後にしてください。"),
}
_NOT_YOURS = phrase("この方の承認者ではないため、包括承認を与えられません。職員番号を確認してください。")
_NO_SECTION = phrase("所属の全員に与えられるのは、その所属の所属長だけです。職員番号を入力してください。")
_SEPARATORS = re.compile(r"[\s,、，・]+")
_USUAL = timedelta(days=90)


@blueprint.get("/manager/standing")
def show() -> Response:
    """Show what stands, and the form that gives more."""
    today = town().clock().astimezone(JAPAN).date()
    usual = {"from_on": today.isoformat(), "until_on": (today + _USUAL).isoformat(), "from": "08:30", "until": "17:15"}
    return _page(Filled(MultiDict(usual)))


@blueprint.post("/manager/standing")
def give() -> Response:
    """Give a permission, or say which field stands in the way."""
    form = Filled(request.form)
    scope, number = _scope(form), form.text("number", longest=32)
    if scope is not None and not form.errors and _given(form, scope, number):
        flash(say(phrase("包括承認を与えました。範囲内の予約に、個別の承認は要りません。")), "success")
        return redirect(url_for("standing.show"), HTTPStatus.SEE_OTHER)
    return _page(form)


@blueprint.post("/manager/standing/<uuid:standing_id>/end")
def end(standing_id: object) -> Response:
    """End a permission; what was booked under it stays."""
    with town().storage.transaction(write=True) as db:
        standing.end(db, str(standing_id), me(), now=town().clock())
    flash(say(phrase("包括承認を終了しました。これまでの予約はそのままです。")), "success")
    return redirect(url_for("standing.show"), HTTPStatus.SEE_OTHER)


def _given(form: Filled, scope: Scope, number: str) -> bool:
    with town().storage.transaction(write=True) as db:
        person = directory.find(db, number) if number else None
        if number and person is None:
            form.wrong("number", _NOT_YOURS)
            return False
        try:
            standing.give(db, me(), person, scope, now=town().clock())
        except Forbidden:
            form.wrong("number", _NOT_YOURS if number else _NO_SECTION)
        except BadInput as error:
            form.refused(error, otherwise="until_on", words=_WORDS)
    return not form.errors


def _scope(form: Filled) -> Scope | None:
    from_on, until_on = form.day("from_on", needed=True), form.day("until_on", needed=True)
    begins, ends = form.time("from"), form.time("until")
    codes, sites = _codes(form), form.choices("site", _sites())
    if form.errors or from_on is None or until_on is None:
        return None
    return Scope(from_on, until_on, begins or 0, 24 * 60 if ends is None else ends, codes, sites)


def _codes(form: Filled) -> list[str]:
    codes = []
    for word in filter(None, _SEPARATORS.split(form.text("host_codes", longest=400))):
        try:
            codes.append(municipality.repair(word).code)
        except BadInput as error:
            form.refused(error, otherwise="host_codes")
    return codes


def _sites() -> Mapping[str, str]:
    with town().storage.transaction() as db:
        return places.sites_seen(db)


def sentence(row: StandingApproval, names: Mapping[str, str]) -> str:
    """Say where a permission holds."""
    where = "、".join([*(names.get(one, one) for one in row.site_ids), *row.host_codes])
    return where or say(phrase("すべての団体と施設"))


def of_person(db: Session, person: Staff) -> list[StandingApproval]:
    """Return what holds for somebody now or will."""
    return list(standing.for_person(db, person, now=town().clock()))


def _page(form: Filled) -> Response:
    with town().storage.transaction() as db:
        given, mine = standing.of(db, me(), now=town().clock()), of_person(db, me())
    names = _sites()
    page = render_template(
        "standing.html",
        given=[(row, sentence(row, names)) for row in given],
        mine=[(row, sentence(row, names)) for row in mine],
        form=form,
        errors=form.errors,
        sites=list(names.items()),
        clock=lambda minutes: f"{minutes // 60:02}:{minutes % 60:02}",
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK)
