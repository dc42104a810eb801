"""予算: what may each 所属 spend in a 年度, what is used, what is left? One form sets one of them."""

from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.web.tongue import say
from federation.wording import phrase
from node.home import budgets
from node.views import town
from node.views.filled import Filled
from node.views.session import me

blueprint = Blueprint("budgets", __name__)
"""For ``Audience.PERSONNEL``."""

_NOT_A_SECTION = phrase("この所属の職員は名簿にいません。名簿のとおりの名称を選んでください。")
_YEARS = (2020, 2099)
MOST_YEN = 1_000_000_000


@blueprint.get("/personnel/budgets")
def show() -> Response:
    """Show the budgets of a 年度, by default of this one."""
    return _page(Filled(request.args))


@blueprint.post("/personnel/budgets")
def save() -> Response:
    """Set the budget of one 所属; without yen it is unbounded from now on."""
    form = Filled(request.form)
    year, section = form.whole("year", *_YEARS, needed=True), form.text("section", longest=100, needed=True)
    yen = form.whole("yen", 0, MOST_YEN)
    with town().storage.transaction(write=True) as db:
        if section and section not in budgets.sections(db):
            form.wrong("section", _NOT_A_SECTION)
        if not form.errors and year is not None:
            budgets.set_yen(db, section, year, yen, by=me().id, now=town().clock())
    if form.errors:
        return _page(form)
    words = phrase("%(section)sの%(year)s年度の予算を保存しました。")
    flash(say(words, section=section, year=year), "success")
    return redirect(url_for("budgets.show", year=year), HTTPStatus.SEE_OTHER)


def _page(form: Filled) -> Response:
    this_year = budgets.this_year(town().clock())
    typed = form.typed("year")
    year = int(typed) if typed.isascii() and typed.isdigit() and _YEARS[0] <= int(typed[:9]) <= _YEARS[1] else this_year
    with town().storage.transaction() as db:
        spent, sections = budgets.of_year(db, year), budgets.sections(db)
    page = render_template(
        "budgets.html",
        year=year,
        this_year=this_year,
        spent=spent,
        sections=[(section, section) for section in sections],
        form=form,
        errors=form.errors,
        summary=form.summary(("section", "yen", "year")),
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK)
