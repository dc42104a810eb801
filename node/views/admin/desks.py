"""座席: added several at once, changed one by one, and the stickers that are put on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

import segno
from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from federation.web.tongue import say
from federation.wording import phrase
from node.host import codes, sites
from node.models.sites import Desk, Room, Site
from node.views import edits, town
from node.views.admin.places import FEATURES, POOLS, get_desk, get_room, get_site
from node.views.filled import Filled, shown

blueprint = Blueprint("admin_desks", __name__)
"""For ``Audience.ADMIN``."""

AT_ONCE = 50
"""Desks added in one go; nobody numbers more by mistake and has to take them all back."""


@dataclass(frozen=True)
class Sticker:
    """What is printed and put on one desk: where it is, the code to type, and the QR of the desk's own address."""

    site: str
    room: str
    desk: str
    code: str
    url: str
    qr: Markup


@blueprint.get("/admin/rooms/<uuid:room_id>/desks/new")
def new(room_id: object) -> Response:
    """Ask how many desks, and how they are named."""
    with town().storage.transaction() as db:
        room = get_room(db, room_id)
        first = len(room.desks) + 1
        return _several(shown({"prefix": "", "first": first, "count": 1, "pool": "guests", "publish": True}), room)


@blueprint.post("/admin/rooms/<uuid:room_id>/desks/new")
def add(room_id: object) -> Response:
    """Add one desk or several, all or none of them."""
    filled = Filled(request.form)
    prefix = filled.text("prefix", longest=90)
    first, count = filled.whole("first", 0, 9999, needed=True), filled.whole("count", 1, AT_ONCE, needed=True)
    facts = {"features": filled.choices("features", FEATURES), "pool": filled.choice("pool", POOLS)}
    names = _names(prefix, first, count) if first is not None and count is not None else []
    with town().storage.transaction(write=not filled.errors) as db:
        room = get_room(db, room_id)
        if taken := [desk.name for desk in room.desks if desk.name in names]:
            filled.wrong(
                "first", phrase("この部屋には「%(name)s」がすでにあります。別の番号から始めてください。"), name=taken[0]
            )
        if filled.errors:
            return _several(filled, room)
        for name in names:
            added = sites.add_desk(db, room, {"name": name, **facts})
            if filled.ticked("publish"):
                sites.publish(db, added)
    flash(say(phrase("座席を%(count)s席追加しました。"), count=len(names)), "success")
    return redirect(url_for("admin_rooms.room", room_id=room.id), HTTPStatus.SEE_OTHER)


def _names(prefix: str, first: int, count: int) -> list[str]:
    """Return the desks' names, their numbers equally long: A-08, A-09, A-10."""
    width = max(2, len(str(first + count - 1)))
    return [f"{prefix}{number:0{width}}" for number in range(first, first + count)]


def _several(filled: Filled, room: Room) -> Response:
    page = render_template(
        "admin/desks_form.html",
        filled=filled,
        room=room,
        site=room.site,
        features=FEATURES,
        pools=POOLS,
        first_of_site=not room.site.published,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)


@blueprint.get("/admin/desks/<uuid:desk_id>")
def desk(desk_id: object) -> Response:
    """Show a desk's facts to be changed."""
    with town().storage.transaction() as db:
        found = get_desk(db, desk_id)
        return _one(edits.sealed(_as_stored(found)), found)


def _as_stored(found: Desk) -> Filled:
    return shown({"name": found.name, "features": found.features, "pool": found.pool, "note": found.note})


@blueprint.post("/admin/desks/<uuid:desk_id>")
def change(desk_id: object) -> Response:
    """Change a desk's facts; its printed code stays."""
    filled = edits.came_back()
    facts = {
        "name": filled.text("name", longest=200, needed=True),
        "features": filled.choices("features", FEATURES),
        "pool": filled.choice("pool", POOLS),
        "note": filled.text("note", longest=300),
    }
    with town().storage.transaction(write=not filled.errors) as db:
        found = get_desk(db, desk_id)
        if filled.errors:
            return _one(filled, found)
        sites.lock(db, found)
        back = url_for("admin_rooms.room", room_id=found.room_id)
        words = {"features": FEATURES, "pool": POOLS}
        if clash := edits.conflict(filled, _as_stored(found), what=found.name, back=back, words=words):
            return clash
        sites.edit(db, town().config, found, facts)
    flash(say(phrase("%(name)sの内容を保存しました。"), name=found.name), "success")
    return redirect(url_for("admin_rooms.room", room_id=found.room_id), HTTPStatus.SEE_OTHER)


def _one(filled: Filled, desk: Desk) -> Response:
    page = render_template(
        "admin/desk_form.html",
        filled=filled,
        desk=desk,
        room=desk.room,
        site=desk.room.site,
        code=codes.shown(desk.code),
        features=FEATURES,
        pools=POOLS,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)


@blueprint.get("/admin/rooms/<uuid:room_id>/stickers")
def stickers_of_room(room_id: object) -> str:
    """Show the stickers of a room's desks, or of those that are chosen, ready to print."""
    with town().storage.transaction() as db:
        room = get_room(db, room_id)
        return _print([room], room.site, room)


@blueprint.get("/admin/sites/<uuid:site_id>/stickers")
def stickers_of_site(site_id: object) -> str:
    """Show the stickers of all desks of a site, or of those that are chosen, ready to print."""
    with town().storage.transaction() as db:
        site = get_site(db, site_id)
        return _print(site.rooms, site, None)


def _print(rooms: Sequence[Room], site: Site, room: Room | None) -> str:
    desks = [(desk, one) for one in rooms for desk in one.desks]
    chosen = {desk.id for desk, _ in desks} & set(request.args.getlist("desk"))
    made = [_sticker(desk, one) for desk, one in desks if not chosen or desk.id in chosen]
    choices = [(desk.id, desk.name if room else f"{one.name} {desk.name}") for desk, one in desks]
    return render_template("admin/stickers.html", stickers=made, choices=choices, chosen=chosen, room=room, site=site)


def _sticker(desk: Desk, room: Room) -> Sticker:
    """Draw a sticker; the QR is a plain address and never changes, so that it can be printed once."""
    url = f"{town().config.entity_id}/desks/{desk.id}"
    drawn = segno.make(url, error="m", micro=False)
    svg = drawn.svg_inline(border=0, omitsize=True, svgclass="dads-sticker__qr", lineclass=None)
    return Sticker(room.site.name, room.name, desk.name, codes.shown(desk.code), url, Markup(svg))  # noqa: S704 - drawn here.
