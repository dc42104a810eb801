"""部屋: one room with its desks, its facts, and its セキュリティ確認表."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation.web.tongue import say, zone
from federation.wording import phrase
from node.host import codes, listings, sites, space
from node.models.sites import Room, Site
from node.views import edits, sheetwords, town
from node.views.admin import facts as facts_of
from node.views.admin import lent
from node.views.admin.places import FEATURES, POOLS, PRIVACY, get_room, get_site
from node.views.admin.publications import undoable
from node.views.filled import Filled, shown
from node.views.space import (
    ACCESS,
    CARRIERS,
    EATING,
    OF_ROOMS,
    SCREEN,
    SIGNALS,
    TALKING,
    WEB_MEETING,
    manners,
    mobile_line,
    room_access_lines,
)

blueprint = Blueprint("admin_rooms", __name__)
"""For ``Audience.ADMIN``."""


@blueprint.get("/admin/rooms/<uuid:room_id>")
def room(room_id: object) -> str:
    """Show a room with its desks and their printed codes."""
    with town().storage.transaction() as db:
        found = get_room(db, room_id)
        place, desks, undo = found.site, list(found.desks), undoable(db)
    return render_template(
        "admin/room.html",
        room=found,
        site=place,
        desks=desks,
        undo=undo,
        printed=codes.shown,
        privacy=PRIVACY,
        features=FEATURES,
        pools=POOLS,
        published_sheet=sheetwords.shown(listings.sheet_of(found), town().clock().astimezone(zone()).date()),
        manners=manners(space.facts_of(found)),
        mobile=mobile_line(space.facts_of(found).mobile),
        access=room_access_lines(space.facts_of(found).access),
    )


@blueprint.get("/admin/sites/<uuid:site_id>/rooms/new")
def new(site_id: object) -> Response:
    """Ask for a new room's facts."""
    with town().storage.transaction() as db:
        site = get_site(db, site_id)
    return _form(shown({"privacy": "private", "talking": "quiet"}), site)


@blueprint.post("/admin/sites/<uuid:site_id>/rooms/new")
def add(site_id: object) -> Response:
    """Add a room, not published yet."""
    filled = Filled(request.form)
    facts = _facts(filled)
    with town().storage.transaction(write=not filled.errors) as db:
        site = get_site(db, site_id)
        if filled.errors:
            return _form(filled, site)
        added = sites.add_room(db, site, facts)
    flash(say(phrase("%(name)sを追加しました。続けて座席を追加してください。"), name=added.name), "success")
    return redirect(url_for("admin_rooms.room", room_id=added.id), HTTPStatus.SEE_OTHER)


@blueprint.get("/admin/rooms/<uuid:room_id>/edit")
def edit(room_id: object) -> Response:
    """Show a room's facts to be changed."""
    with town().storage.transaction() as db:
        found = get_room(db, room_id)
        filled = edits.sealed(_as_stored(db, found))
        return _form(filled, found.site, found)


def _as_stored(db: Session, found: Room) -> Filled:
    whole = lent.facts(db, found)
    facts = {
        **whole,
        "name": found.name,
        "privacy": found.privacy,
        "talking": found.talking,
        "usual_staff": found.usual_staff,
        **facts_of.shown_of_room(found),
    }
    return shown(facts)


@blueprint.post("/admin/rooms/<uuid:room_id>/edit")
def change(room_id: object) -> Response:
    """Change a room's facts."""
    filled = edits.came_back()
    facts, capacity = _facts(filled), lent.read(filled)
    with town().storage.transaction(write=not filled.errors) as db:
        found = get_room(db, room_id)
        if filled.errors:
            return _form(filled, found.site, found)
        sites.lock(db, found)
        if clash := _clash(db, filled, found):
            return clash
        sites.edit(db, town().config, found, facts)
        lent.apply(db, found, capacity)
    flash(say(phrase("%(name)sの内容を保存しました。"), name=found.name), "success")
    return redirect(url_for("admin_rooms.room", room_id=found.id), HTTPStatus.SEE_OTHER)


def _clash(db: Session, filled: Filled, found: Room) -> Response | None:
    """Return the page of the difference where somebody else has saved this room meanwhile."""
    return edits.conflict(
        filled,
        _as_stored(db, found),
        what=found.name,
        back=url_for("admin_rooms.room", room_id=found.id),
        labels={},
        words={"privacy": PRIVACY, "talking": TALKING},
    )


def _form(filled: Filled, site: Site, room: Room | None = None) -> Response:
    page = render_template(
        "admin/room_form.html",
        filled=filled,
        site=site,
        room=room,
        privacy=PRIVACY,
        talking=TALKING,
        features=FEATURES,
        use={"web_meeting": WEB_MEETING, "screen": SCREEN, "eating": EATING},
        carriers=CARRIERS,
        signals=SIGNALS,
        viewpoints=OF_ROOMS,
        access_words=ACCESS,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)


def _facts(filled: Filled) -> Mapping[str, Any]:
    """Read what makes a room; its セキュリティ確認表 has a page of its own."""
    use = facts_of.of_room(filled, FEATURES)
    if (measured := use["mobile_measured_on"]) is not None and measured > town().clock().astimezone(zone()).date():
        filled.wrong("mobile_measured_on", phrase("測定日は今日までの日付を入力してください。"))
    return {
        "name": filled.text("name", longest=200, needed=True),
        "privacy": filled.choice("privacy", PRIVACY),
        "talking": filled.choice("talking", TALKING),
        "usual_staff": filled.whole("usual_staff", 0, 9999) or 0,
        **use,
    }
