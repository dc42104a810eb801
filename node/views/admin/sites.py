"""施設・部屋・座席: the tree of what we offer, a site's facts, and offering or withdrawing any of it."""

from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.errors import BadInput
from federation.messages.space import VIEWPOINTS
from federation.web.tongue import say, zone
from federation.wording import phrase
from node.host import inventory, readiness, sites
from node.host.sites import Place
from node.models.sites import Desk, Site
from node.views import edits, town
from node.views.admin import facts as facts_of
from node.views.admin.places import get_site, page_of, path_to
from node.views.admin.publications import undoable
from node.views.filled import Filled, shown
from node.views.space import ACCESS, FACILITY_TYPES

blueprint = Blueprint("admin_sites", __name__)
"""For ``Audience.ADMIN``."""

_REFUSED = {"lat": phrase("緯度と経度を確認してください。"), "lon": phrase("緯度と経度を確認してください。")}


@blueprint.get("/admin/sites")
def tree() -> str:
    """Show all sites with their rooms and desks, problems first; with ``q`` what has these words in its name instead."""
    today, wish = town().clock().astimezone(zone()).date(), request.args.get("q", "")[:200]
    with town().storage.transaction() as db:
        counted = inventory.tree(db, today)
        found = [(path_to(place), _address(place)) for place in inventory.named(counted, wish)]
    return render_template(
        "admin/sites.html",
        counted=counted,
        wish=wish,
        found=found,
        most=inventory.MOST_FOUND,
        most_shown=inventory.MOST_SHOWN,
    )


def _address(place: Place) -> str:
    return f"/admin/desks/{place.id}" if isinstance(place, Desk) else page_of(place)


@blueprint.get("/admin/sites/new")
def new() -> Response:
    """Ask for a new site's facts."""
    return _form(shown(facts_of.USUAL))


@blueprint.post("/admin/sites/new")
def add() -> Response:
    """Add a site, not published yet."""
    filled = Filled(request.form)
    facts = facts_of.of_site(filled)
    if not filled.errors:
        try:
            with town().storage.transaction(write=True) as db:
                added = sites.add_site(db, town().config, facts)
        except BadInput as error:
            filled.refused(error, otherwise="name", words=_REFUSED)
        else:
            flash(say(phrase("%(name)sを追加しました。続けて部屋を追加してください。"), name=added.name), "success")
            return redirect(url_for("admin_sites.site", site_id=added.id), HTTPStatus.SEE_OTHER)
    return _form(filled)


@blueprint.get("/admin/sites/<uuid:site_id>")
def site(site_id: object) -> str:
    """Show a site with its rooms, its facts and what can be done."""
    today = town().clock().astimezone(zone()).date()
    with town().storage.transaction() as db:
        found = get_site(db, site_id)
        counted, undo = inventory.count(found, today), undoable(db)
        ready = readiness.of(db, found, today)
    return render_template("admin/site.html", site=found, counted=counted, ready=ready, undo=undo)


@blueprint.get("/admin/sites/<uuid:site_id>/edit")
def edit(site_id: object) -> Response:
    """Show a site's facts to be changed."""
    with town().storage.transaction() as db:
        found = get_site(db, site_id)
    return _form(edits.sealed(_as_stored(found)), found)


def _as_stored(found: Site) -> Filled:
    return shown(facts_of.shown_of_site(found))


@blueprint.post("/admin/sites/<uuid:site_id>/edit")
def change(site_id: object) -> Response:
    """Change a site's facts."""
    filled = edits.came_back()
    facts = facts_of.of_site(filled)
    try:
        with town().storage.transaction(write=not filled.errors) as db:
            found = get_site(db, site_id)
            if not filled.errors:
                sites.lock(db, found)
                back = url_for("admin_sites.site", site_id=found.id)
                if clash := edits.conflict(filled, _as_stored(found), what=found.name, back=back):
                    return clash
                sites.edit(db, town().config, found, facts)
    except BadInput as error:
        filled.refused(error, otherwise="name", words=_REFUSED)
        with town().storage.transaction() as db:
            found = get_site(db, site_id)
    if filled.errors:
        return _form(filled, found)
    flash(say(phrase("%(name)sの内容を保存しました。"), name=found.name), "success")
    return redirect(url_for("admin_sites.site", site_id=found.id), HTTPStatus.SEE_OTHER)


def _form(filled: Filled, site: Site | None = None) -> Response:
    page = render_template(
        "admin/site_form.html",
        filled=filled,
        site=site,
        times=facts_of.TIMES,
        words=(*facts_of.WORDS, *facts_of.RECEPTION, "phone"),
        viewpoints=VIEWPOINTS,
        access_words=ACCESS,
        facility_types=FACILITY_TYPES,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)
