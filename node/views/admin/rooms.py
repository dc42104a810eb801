"""部屋: one room with its desks, its facts, and its セキュリティ確認表."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.web.tongue import say, zone
from federation.wording import phrase
from node.host import codes, sites
from node.models.sites import Room, Site
from node.views import town
from node.views.admin.places import FEATURES, POOLS, PRIVACY, SECURITY, TALKING, get_room, get_site
from node.views.filled import Filled, shown

blueprint = Blueprint("admin_rooms", __name__)
"""For ``Audience.ADMIN``."""


@blueprint.get("/admin/rooms/<uuid:room_id>")
def room(room_id: object) -> str:
    """Show a room with its desks and their printed codes."""
    with town().storage.transaction() as db:
        found = get_room(db, room_id)
        place, desks = found.site, list(found.desks)
    return render_template(
        "admin/room.html",
        room=found,
        site=place,
        desks=desks,
        printed=codes.shown,
        privacy=PRIVACY,
        features=FEATURES,
        pools=POOLS,
        talking=TALKING,
        security=SECURITY,
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
        site = found.site
    facts = {
        "name": found.name,
        "privacy": found.privacy,
        "talking": found.talking,
        "usual_staff": found.usual_staff,
        "security_checked_on": found.security_checked_on,
        **{f"security_{name}": found.security.get(name, "") for name in SECURITY},
    }
    return _form(shown(facts), site, found)


@blueprint.post("/admin/rooms/<uuid:room_id>/edit")
def change(room_id: object) -> Response:
    """Change a room's facts."""
    filled = Filled(request.form)
    facts = _facts(filled)
    with town().storage.transaction(write=not filled.errors) as db:
        found = get_room(db, room_id)
        if filled.errors:
            return _form(filled, found.site, found)
        sites.edit(db, town().config, found, facts)
    flash(say(phrase("%(name)sの内容を保存しました。"), name=found.name), "success")
    return redirect(url_for("admin_rooms.room", room_id=found.id), HTTPStatus.SEE_OTHER)


def _form(filled: Filled, site: Site, room: Room | None = None) -> Response:
    page = render_template(
        "admin/room_form.html", filled=filled, site=site, room=room, privacy=PRIVACY, talking=TALKING, security=SECURITY
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)


def _facts(filled: Filled) -> Mapping[str, Any]:
    """Read what makes a room; the checklist's lines that are filled in, and when somebody looked."""
    lines = {name: filled.text(f"security_{name}", longest=100) for name in SECURITY}
    checked_on = filled.day("security_checked_on", needed=any(lines.values()))
    if checked_on is not None and checked_on > town().clock().astimezone(zone()).date():
        filled.wrong("security_checked_on", phrase("確認日は今日までの日付を入力してください。"))
    return {
        "name": filled.text("name", longest=100, needed=True),
        "privacy": filled.choice("privacy", PRIVACY),
        "talking": filled.choice("talking", TALKING),
        "usual_staff": filled.whole("usual_staff", 0, 9999) or 0,
        "security": {name: line for name, line in lines.items() if line},
        "security_checked_on": checked_on,
    }
