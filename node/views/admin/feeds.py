"""Whether what this town publishes arrives: its feeds, how far the registry has read them, and what it could not take in."""

from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from federation.errors import TachiyoriError
from federation.messages.harvest import MOST_FAULTS
from federation.web.tongue import say
from federation.wording import phrase
from node import pings
from node.host import harvested
from node.joining import has_joined
from node.views import town

blueprint = Blueprint("admin_feeds", __name__)
"""For ``Audience.ADMIN``."""

NAMES = {
    "listings": phrase("施設と座席の一覧（公開）"),
    "offers": phrase("空き時間と協定（連携基盤だけに）"),
}
_PAGES = {"site": "sites", "desk": "desks", "free": "desks"}


@blueprint.get("/admin/feeds")
def show() -> Response:
    """Show it as the registry last said it; nobody is asked meanwhile."""
    here = town()
    now = here.clock()
    with here.storage.transaction() as db:
        stand = harvested.harvested(db, now)
        places = harvested.names(db, stand.faults)
    page = render_template(
        "admin/feeds.html",
        stand=stand,
        places=places,
        names=NAMES,
        pages=_PAGES,
        joined=has_joined(here.config),
        most=MOST_FAULTS,
    )
    return make_response(page)


@blueprint.post("/admin/feeds/ask")
def ask() -> Response:
    """Ask the registry now, as the job does every two minutes."""
    try:
        pings.hear_harvest(town())
    except TachiyoriError as error:
        flash(
            say(
                phrase("連携基盤に問い合わせられませんでした。しばらくしてからもう一度お試しください。（%(code)s）"),
                code=error.code,
            ),
            "error",
        )
    else:
        flash(say(phrase("連携基盤に問い合わせました。")), "success")
    return redirect(url_for("admin_feeds.show"), HTTPStatus.SEE_OTHER)
