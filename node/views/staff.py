"""利用職員: the start page, the search, notices and one's own data."""

from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.web.headers import may_locate
from federation.web.tongue import say, zone
from federation.wording import phrase
from node import incidents, notices
from node.home import assistance, commute, favourites, houserules, offered, pasttrips, trips
from node.people import staff as directory
from node.views import declared, gathered, searching, town, wished
from node.views.session import me
from node.views.shown import said, shown, told, upcoming
from node.views.voices import opinions

blueprint = Blueprint("staff", __name__)
"""For ``Audience.STAFF``."""


@blueprint.get("/")
def start() -> Response:
    """Show today's or the next booking, the search line, and the seats this person usually takes."""
    now, person = town().clock(), me()
    line = wished.read(request.args, now=now, near=person.work_station or person.home_station)
    with town().storage.transaction() as db:
        coming = upcoming(trips.of(db, person.id, since=now))
        marked = favourites.of(db, person.id)
        usual = pasttrips.usual_seats(db, person.id, now=now)
        card = shown(coming, now=now) if coming else None
        handles = "personnel" in person.role_names
        awaiting = offered.awaiting(db) if handles else 0
        overdue = incidents.late(db, now.astimezone(zone()).date()) if handles else 0
    page = render_template(
        "start.html",
        line=line,
        coming=card,
        awaiting=awaiting,
        overdue=overdue,
        usual=usual,
        favourites=marked,
        known=searching.known_places(person, marked),
        choices=wished,
        number=declared.number(""),
        from_now=searching.from_now(line, now),
    )
    return may_locate(make_response(page))


@blueprint.get("/search")
def search() -> Response:
    """Show which desks are free there and then, and which of them are not for this person; a script asks for that part alone."""
    now, person = town().clock(), me()
    line = wished.read(request.args, now=now, near=person.work_station or person.home_station)
    found = searching.find(line, person, request.args.get("cursor", ""))
    with town().storage.transaction() as db:
        marked = favourites.of(db, person.id)
    alone = "HX-Request" in request.headers
    page = render_template(
        "found.html" if alone else "search.html",
        line=line,
        found=found.results,
        errors=found.errors,
        ways=found.ways,
        beyond_agreements=found.beyond_agreements,
        from_now=searching.from_now(line, now),
        choices=wished,
        said=said,
        alone=alone,
        favourites=marked,
        known=searching.known_places(person, marked),
        htmx_config=searching.HTMX,
        by_room=searching.by_room,
        beside=searching.beside,
        opinions=opinions,
        as_team=gathered.of_group,
    )
    response = make_response(page, HTTPStatus.BAD_REQUEST if found.errors else HTTPStatus.OK)
    response.vary.add("HX-Request")
    return may_locate(response)


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
        assisted = assistance.of(db, me().id)
    facts = {"learned": known, "confirmed": confirmed, "assisted": assisted}
    return render_template("me.html", person=me(), commute=commute.of(me()), **facts)


@blueprint.post("/me")
def change_stations() -> Response:
    """Keep the stations that prefill the search, and learn which lines stop there."""
    with town().storage.transaction(write=True) as db:
        person = directory.get(db, me().id)
        person.home_station = request.form.get("home_station", "").strip()[:100]
        person.work_station = request.form.get("work_station", "").strip()[:100]
        commute.remember(db, person.id, {})
    flash(say(phrase("最寄り駅を保存しました。")), "success")
    searching.commute_of(person)
    return redirect(url_for("staff.own_data"), HTTPStatus.SEE_OTHER)
