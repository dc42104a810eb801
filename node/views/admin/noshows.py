"""来なかった予約: what each site does about them, who did not come of late, and the answer to who says they did."""

from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import Conflict
from federation.rules.noshows import DAYS
from federation.web.tongue import say
from federation.wording import phrase
from node.host import absences, codes, noshows
from node.views import town
from node.views.filled import Filled
from node.views.reception import published_sites
from node.views.session import me

blueprint = Blueprint("admin_noshows", __name__)
"""For ``Audience.ADMIN``."""

_LEAST_GRACE, _MOST_GRACE, _MOST = 5, 480, 50


@blueprint.get("/admin/no-shows")
def show() -> Response:
    """Show what each site does, and who did not come in the last 90 days; nobody is named."""
    return _page(Filled(MultiDict()), "")


@blueprint.post("/admin/no-shows/sites/<uuid:site_id>")
def lay_down(site_id: object) -> Response:
    """Lay down how long a desk is kept for who is late, and how many unused bookings are too many."""
    form, now = Filled(request.form), town().clock()
    grace = form.whole("grace", _LEAST_GRACE, _MOST_GRACE)
    most = form.whole("most", 1, _MOST)
    if form.errors:
        return _page(form, str(site_id))
    with town().storage.transaction(write=True) as db:
        noshows.lay_down(db, str(site_id), grace_minutes=grace, most=most)
        said = f"grace {grace}, most {most}"
        audit.record(
            db, event="no-show-rule", actor=_by(), subject=str(site_id), verdict="allowed", reason=said, now=now
        )
    flash(say(phrase("来なかった予約の扱いを保存しました。")), "success")
    return redirect(url_for("admin_noshows.show"), HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/no-shows/<uuid:booking_id>/<any(strike, uphold):what>")
def answer(booking_id: object, what: str) -> Response:
    """Answer a visitor who says that they came."""
    now, struck = town().clock(), what == "strike"
    try:
        with town().storage.transaction(write=True) as db:
            noshows.answer(db, str(booking_id), struck=struck, by=_by(), now=now)
            audit.record(
                db,
                event="no-show-answered",
                actor=_by(),
                subject=str(booking_id),
                verdict="allowed",
                reason=what,
                now=now,
            )
    except Conflict:
        flash(say(phrase("ほかの職員が先に別の答えをしました。")), "warning")
    else:
        flash(say(phrase("答えを記録しました。所属団体と本人に知らせます。")), "success")
    return redirect(url_for("admin_noshows.show"), HTTPStatus.SEE_OTHER)


def _by() -> str:
    return f"staff:{me().id}"


def _page(form: Filled, of: str) -> Response:
    now = town().clock()
    with town().storage.transaction() as db:
        page = render_template(
            "admin/noshows.html",
            sites=published_sites(db),
            rules=absences.rules_of(db),
            found=noshows.latest(db, now),
            form=form,
            of=of,
            days=DAYS,
            code_of=codes.shown,
        )
    return make_response(page, HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK)
