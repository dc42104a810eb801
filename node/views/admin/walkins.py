"""予約のない方の記録: walk-ins whose towns never booked for them, and how each was settled. The look at names is logged."""

from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import Conflict
from federation.web.tongue import say
from federation.wording import phrase
from node.host import walk_ins
from node.views import homes, town
from node.views.filled import Filled
from node.views.reception import viewer

blueprint = Blueprint("admin_walkins", __name__)
"""For ``Audience.ADMIN``."""


@blueprint.get("/admin/walkins")
def every() -> Response:
    """List who is gone and has no booking yet; the look at their names is logged."""
    return _page(Filled(MultiDict()), "")


@blueprint.post("/admin/walkins/<uuid:walk_in_id>")
def settle(walk_in_id: object) -> Response:
    """Write down how it was settled."""
    form, now = Filled(request.form), town().clock()
    how = form.text("how", longest=300, needed=True)
    if not form.errors:
        try:
            with town().storage.transaction(write=True) as db:
                walk_ins.settle(db, str(walk_in_id), how, by=viewer(), now=now)
                audit.record(
                    db, event="walk-in-settled", actor=viewer(), subject=str(walk_in_id), verdict="allowed", now=now
                )
        except Conflict:
            flash(say(phrase("この方の記録は、すでに処理されています。")), "info")
            return redirect(url_for("admin_walkins.every"), HTTPStatus.SEE_OTHER)
    if form.errors:
        return _page(form, str(walk_in_id))
    flash(say(phrase("処理済みにしました。")), "success")
    return redirect(url_for("admin_walkins.every"), HTTPStatus.SEE_OTHER)


def _page(form: Filled, of: str) -> Response:
    now, towns = town().clock(), {one.code: one.full_name for one in homes.offered()}
    with town().storage.transaction(write=True) as db:
        found, count = walk_ins.unsettled(db, now), walk_ins.count_unsettled(db, now)
        for one in found:
            if one.name:
                audit.record(
                    db,
                    event="manifest.viewed",
                    actor=viewer(),
                    subject=one.id,
                    verdict="allowed",
                    reason="walk-ins",
                    now=now,
                )
        page = render_template("admin/walkins.html", found=found, count=count, towns=towns, form=form, of=of)
    return make_response(page, HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK)
