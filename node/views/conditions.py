"""利用条件: what may our staff do elsewhere? Shown as sentences, changed by a form, in force at once."""

import re
from collections.abc import Sequence
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import municipality
from federation.errors import BadInput
from federation.web.tongue import say
from federation.wording import phrase
from node.home import conditions
from node.models.conditions import HomeConditions
from node.views import town, wished
from node.views.filled import Filled
from node.views.session import me
from node.views.shown import WORK_KINDS

blueprint = Blueprint("conditions", __name__)
"""For ``Audience.PERSONNEL``."""

_ORDER = ("privacy", "work_kinds", "host_codes", "employments", "days_a_week", "limit_yen")
_SEPARATORS = re.compile(r"[\s,、，・]+")


@blueprint.get("/personnel/conditions")
def show() -> Response:
    """Show the conditions in force, and the form that changes them."""
    return _page(Filled(_as_form(_in_force())))


@blueprint.post("/personnel/conditions")
def save() -> Response:
    """Lay down new conditions, or say which field cannot be read."""
    form = Filled(request.form)
    wanted = {
        "privacy": form.choices("privacy", wished.PRIVACY),
        "work_kinds": form.choices("work_kinds", WORK_KINDS),
        "host_codes": _codes(form),
        "employments_barred": _words(form.text("employments", longest=400)),
        "days_a_week": form.whole("days_a_week", 1, 7),
        "limit_yen": form.whole("limit_yen", 0, 1_000_000),
    }
    if form.errors:
        return _page(form)
    with town().storage.transaction(write=True) as db:
        conditions.lay_down(db, **wanted, by=me().id, now=town().clock())  # type: ignore[arg-type]  # Read from the form by name.
    flash(say(phrase("利用条件を保存しました。これからの検索と予約に適用されます。")), "success")
    return redirect(url_for("conditions.show"), HTTPStatus.SEE_OTHER)


def _page(form: Filled) -> Response:
    row = _in_force()
    page = render_template(
        "conditions.html",
        form=form,
        row=row,
        sentences=_sentences(row),
        errors=form.errors,
        summary=form.summary(_ORDER),
        choices=wished,
        work_kinds=WORK_KINDS,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK)


def _in_force() -> HomeConditions | None:
    with town().storage.transaction() as db:
        return conditions.in_force(db)


def _as_form(row: HomeConditions | None) -> MultiDict[str, str]:
    """Return the conditions as the form would have sent them."""
    if row is None:
        return MultiDict()
    single = {
        "host_codes": "、".join(row.host_codes),
        "employments": "、".join(row.employments_barred),
        "days_a_week": "" if row.days_a_week is None else str(row.days_a_week),
        "limit_yen": "" if row.limit_yen is None else str(row.limit_yen),
    }
    several = [("privacy", each) for each in row.privacy] + [("work_kinds", each) for each in row.work_kinds]
    return MultiDict([*single.items(), *several])


def _words(text: str) -> list[str]:
    return [word for word in _SEPARATORS.split(text) if word]


def _codes(form: Filled) -> list[str]:
    """Read 団体コード, mended as spreadsheets leave them; the first that is none is named."""
    codes = []
    for word in _words(form.text("host_codes", longest=2000)):
        try:
            codes.append(municipality.repair(word).code)
        except BadInput as error:
            form.refused(error, otherwise="host_codes")
    return codes


def _sentences(row: HomeConditions | None) -> Sequence[str]:
    """Say the conditions in force as people would."""
    if row is None:
        return ()
    found = []
    if row.privacy:
        found.append(say(phrase("利用できる部屋：%(kinds)s"), kinds=_named(row.privacy, wished.PRIVACY)))
    if row.work_kinds:
        found.append(say(phrase("認められる勤務区分：%(kinds)s"), kinds=_named(row.work_kinds, WORK_KINDS)))
    if row.host_codes:
        found.append(say(phrase("利用できる団体：%(codes)s"), codes="、".join(row.host_codes)))
    if row.employments_barred:
        found.append(say(phrase("利用できない任用区分：%(names)s"), names="、".join(row.employments_barred)))
    if row.days_a_week is not None:
        found.append(say(phrase("利用は週%(days)s日まで"), days=row.days_a_week))
    if row.limit_yen is not None:
        found.append(say(phrase("利用料は1回%(yen)s円まで"), yen=f"{row.limit_yen:,}"))
    return found


def _named(values: Sequence[str], words: dict[str, str]) -> str:
    return "、".join(say(words[value]) for value in values if value in words)
