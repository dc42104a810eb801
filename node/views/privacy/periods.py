"""保存期間と削除の記録: how long each kind is kept here, and what was deleted when its time was over."""

from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.web.tongue import say
from federation.wording import phrase
from node import retention
from node.retention import PERIODS
from node.views import town
from node.views.filled import Filled, shown
from node.views.session import me

CHOSEN = {kind: period for kind, period in PERIODS.items() if not period.is_fixed}
"""What a town keeps for a length of its own choosing."""
blueprint = Blueprint("periods", __name__)
"""For ``Audience.ADMIN``."""


@blueprint.get("/admin/retention")
def show() -> Response:
    """Show the periods and the newest deletions."""
    with town().storage.transaction() as db:
        kept = retention.lengths(db)
    return _page(shown({str(kind): months for kind, months in kept.items()}))


@blueprint.post("/admin/retention")
def change() -> Response:
    """Keep each kind for so long from now on."""
    filled, now = Filled(request.form), town().clock()
    wished = {kind: filled.whole(kind, period.least, period.most, needed=True) for kind, period in CHOSEN.items()}
    if filled.errors:
        return _page(filled)
    with town().storage.transaction(write=True) as db:
        kept = retention.lengths(db)
        for kind, length in wished.items():
            if length is not None and length != kept[kind]:
                retention.choose(db, kind, length, by=f"staff:{me().id}", now=now)
    flash(say(phrase("保存期間を変更しました。次の削除から適用します。")), "success")
    return redirect(url_for("periods.show"), HTTPStatus.SEE_OTHER)


def _page(filled: Filled) -> Response:
    with town().storage.transaction() as db:
        records, held = retention.records(db), len(retention.held_back(db))
    page = render_template(
        "admin/retention.html",
        filled=filled,
        periods=PERIODS,
        asked_for=retention.ASKED_FOR,
        chosen=CHOSEN,
        records=records,
        held=held,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)
