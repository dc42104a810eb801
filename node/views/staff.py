"""利用職員: the start page, the search, notices and one's own data."""

from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.errors import BadInput, PeerRefused
from federation.remote_registry import RemoteRegistry
from federation.web.tongue import say
from federation.wording import phrase
from node import notices
from node.home import commute, houserules, pasttrips, trips
from node.home import search as finding
from node.home.commute import Commute
from node.models.staff import Staff
from node.people import staff as directory
from node.views import declared, town, wished
from node.views.session import me
from node.views.shown import said, shown, told, upcoming

blueprint = Blueprint("staff", __name__)
"""For ``Audience.STAFF``."""


@blueprint.get("/")
def start() -> str:
    """Show today's or the next booking, the search line, and the seats this person usually takes."""
    now, person = town().clock(), me()
    line = wished.read(request.args, now=now, near=person.work_station or person.home_station)
    with town().storage.transaction() as db:
        coming = upcoming(trips.of(db, person.id, since=now))
        usual = pasttrips.usual_seats(db, person.id, now=now)
        card = shown(coming, now=now) if coming else None
    return render_template(
        "start.html", line=line, coming=card, usual=usual, choices=wished, number=declared.number("")
    )


@blueprint.get("/search")
def search() -> Response:
    """Show which desks are free there and then, and which of them are not for this person."""
    now, person = town().clock(), me()
    line = wished.read(request.args, now=now, near=person.work_station or person.home_station)
    found, errors = None, dict(line.errors)
    if not errors:
        try:
            found = finding.search(
                town(),
                _registry().search,
                person,
                wished.query(line, town().storage, request.args.get("cursor", "")),
                now=now,
                commute=_commute(person),
            )
        except (BadInput, PeerRefused) as error:
            errors["near" if error.field in {None, "near", "station", "municipality", "lat", "lon"} else "day"] = (
                wished.what(error)
            )
    page = render_template("search.html", line=line, found=found, errors=errors, choices=wished, said=said)
    return make_response(page, HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK)


def _registry() -> RemoteRegistry:
    return RemoteRegistry(town().peer, town().config.registry)


def _commute(person: Staff) -> Commute:
    """Return the person's commute; which lines stop at a station of theirs is asked once, and kept."""
    now = town().clock()
    asked = {name: commute.ask(_registry().search, name, now=now) for name in commute.unknown(person)}
    found = {name: lines for name, lines in asked.items() if lines is not None}
    if not found:
        return commute.of(person)
    with town().storage.transaction(write=True) as db:
        return commute.remember(db, person.id, found)


@blueprint.get("/notices")
def read_notices() -> str:
    """Show what the person has been told."""
    with town().storage.transaction() as db:
        shown = [told(notice) for notice in notices.latest(db, me().id)]
    return render_template("notices.html", notices=shown)


@blueprint.post("/notices")
def mark_read() -> Response:
    """Mark everything as read."""
    with town().storage.transaction(write=True) as db:
        notices.mark_read(db, me().id, now=town().clock())
    return redirect(url_for("staff.read_notices"), HTTPStatus.SEE_OTHER)


@blueprint.get("/me")
def own_data() -> str:
    """Show what the town and its hosts know of the person."""
    with town().storage.transaction() as db:
        known, confirmed = pasttrips.learned(db, me().id), houserules.of(db, me().id)
    return render_template("me.html", person=me(), learned=known, confirmed=confirmed, commute=commute.of(me()))


@blueprint.post("/me")
def change_stations() -> Response:
    """Keep the stations that prefill the search, and learn which lines stop there."""
    with town().storage.transaction(write=True) as db:
        person = directory.get(db, me().id)
        person.home_station = request.form.get("home_station", "").strip()[:100]
        person.work_station = request.form.get("work_station", "").strip()[:100]
        commute.remember(db, person.id, {})
    flash(say(phrase("最寄り駅を保存しました。")), "success")
    _commute(person)
    return redirect(url_for("staff.own_data"), HTTPStatus.SEE_OTHER)
