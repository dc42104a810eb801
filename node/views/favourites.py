"""☆ on a site or a desk: marked and unmarked where it is seen."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from federation.web.tongue import say
from federation.wording import phrase
from node.home import favourites
from node.home.favourites import TooManyFavourites
from node.views import town
from node.views.session import me

blueprint = Blueprint("favourites", __name__)
"""For ``Audience.STAFF``."""


@blueprint.post("/favourites")
def mark() -> Response:
    """Mark the form's desk, or its site."""
    host, desk_id = request.form.get("host", "")[:255], request.form.get("desk", "")[:36]
    try:
        with town().storage.transaction(write=True) as db:
            whole_site = request.form.get("kind") != "desk"
            favourites.mark(db, me().id, host, desk_id, whole_site=whole_site, now=town().clock())
    except TooManyFavourites as error:
        flash(say(error.words), "error")
    else:
        flash(say(phrase("お気に入りに追加しました。ホームと、利用場所の候補に表示します。")), "success")
    return _back()


@blueprint.post("/favourites/remove")
def unmark() -> Response:
    """Take the form's mark away."""
    with town().storage.transaction(write=True) as db:
        favourites.unmark(db, me().id, request.form.get("url", "")[:510])
    flash(say(phrase("お気に入りから外しました。")), "success")
    return _back()


def _back() -> Response:
    """Go back to the search the form stood in, or home; only its conditions travel, so that it leads nowhere else."""
    wish = request.form.get("back", "")[:2000]
    return redirect(f"{url_for('staff.search')}?{wish}" if wish else url_for("staff.start"), HTTPStatus.SEE_OTHER)
