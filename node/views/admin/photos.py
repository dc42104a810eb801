"""写真: added to a site, a room or a desk, described, put in order and deleted."""

from collections.abc import Sequence
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import BadInput, Conflict
from federation.web.headers import accepts_up_to
from federation.web.tongue import say
from federation.wording import phrase
from node.host import photos, pictures, sites
from node.models.photos import Photo
from node.models.sites import Desk, Room, Site
from node.views import edits, town
from node.views.admin.places import kind_of, page_of, path_to
from node.views.filled import Filled, shown
from node.views.session import me
from node.views.space import SHOWS
from node.views.uploads import uploaded

blueprint = Blueprint("admin_photos", __name__)
"""For ``Audience.ADMIN``."""

_AROUND = 64 * 1024
"""Bytes of the other fields, and of the form around them."""
_MOVES = {"first": photos.put_first, "earlier": photos.put_earlier}
_MOVED = {"first": phrase("写真を先頭に移しました。"), "earlier": phrase("写真を1つ前に移しました。")}
_OTHERWISE = phrase("写真は、ほかの担当者がすでに変更していました。いまの順番を確認してください。")
_USUAL = {Site: "door", Room: "room", Desk: "desk"}


@blueprint.get("/admin/places/<uuid:place_id>/photos")
def choose(place_id: object) -> Response:
    """Show a place's photos, and ask for another."""
    with town().storage.transaction() as db:
        place = sites.get_place(db, str(place_id))
        return _page(place, photos.of(db, place), shown({"shows": _USUAL[type(place)]}))


@blueprint.post("/admin/places/<uuid:place_id>/photos")
@accepts_up_to(pictures.MAX_BYTES + _AROUND)
def add(place_id: object) -> Response:
    """Add a photo. What was typed is kept if it cannot be read; the file itself has to be chosen again."""
    filled = Filled(request.form)
    facts, made = _facts(filled), _read(filled)
    try:
        with town().storage.transaction(write=made is not None) as db:
            place = sites.get_place(db, str(place_id))
            if made is None:
                return _page(place, photos.of(db, place), filled)
            photos.add(db, place, made, facts, town().clock())
            _note(db, event="photo-added", place_id=place.id)
            name = path_to(place)
    except Conflict as error:
        filled.refused(error, otherwise="photo")
        with town().storage.transaction() as db:
            place = sites.get_place(db, str(place_id))
            return _page(place, photos.of(db, place), filled)
    flash(say(phrase("%(name)sに写真を追加しました。"), name=name), "success")
    return redirect(url_for("admin_photos.choose", place_id=place_id), HTTPStatus.SEE_OTHER)


@blueprint.get("/admin/photos/<uuid:photo_id>")
def photo(photo_id: object) -> Response:
    """Show a photo's words to be changed, and offer to delete it."""
    with town().storage.transaction() as db:
        found = photos.get(db, str(photo_id))
        return _one(found, photos.place_of(db, found), edits.sealed(_as_stored(found)))


def _as_stored(found: Photo) -> Filled:
    return shown({"shows": found.shows, "alt": found.alt, "alt_en": found.alt_en})


@blueprint.post("/admin/photos/<uuid:photo_id>")
def change(photo_id: object) -> Response:
    """Change what is said of a photo; who comes second is shown the difference."""
    filled = edits.came_back()
    facts = _facts(filled)
    with town().storage.transaction(write=not filled.errors) as db:
        found = photos.get(db, str(photo_id))
        place = photos.place_of(db, found)
        if filled.errors:
            return _one(found, place, filled)
        sites.lock(db, place)
        db.refresh(found)
        back = url_for("admin_photos.choose", place_id=place.id)
        words = {"shows": SHOWS}
        if clash := edits.conflict(filled, _as_stored(found), what=path_to(place), back=back, words=words):
            return clash
        photos.describe(db, found, facts)
        place_id = found.place_id
        _note(db, event="photo-described", place_id=place_id)
    flash(say(phrase("写真の説明を保存しました。")), "success")
    return redirect(url_for("admin_photos.choose", place_id=place_id), HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/photos/<uuid:photo_id>/<any(first, earlier):where>")
def move(photo_id: object, where: str) -> Response:
    """Put a photo before the others of its place, or before the one before it, if they stand as they were shown."""
    with town().storage.transaction(write=True) as db:
        found = photos.get(db, str(photo_id))
        place, place_id = photos.place_of(db, found), found.place_id
        sites.lock(db, place)
        seen = photos.digest(photos.of(db, place)) == request.form.get("seen")
        if seen:
            _MOVES[where](db, found)
            _note(db, event="photo-moved", place_id=place_id)
    flash(say(_MOVED[where] if seen else _OTHERWISE), "success" if seen else "warning")
    return redirect(url_for("admin_photos.choose", place_id=place_id), HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/photos/<uuid:photo_id>/delete")
def delete(photo_id: object) -> Response:
    """Delete a photo for good."""
    with town().storage.transaction(write=True) as db:
        found = photos.get(db, str(photo_id))
        place_id = found.place_id
        photos.take_away(db, found)
        _note(db, event="photo-deleted", place_id=place_id)
    flash(say(phrase("写真を削除しました。")), "success")
    return redirect(url_for("admin_photos.choose", place_id=place_id), HTTPStatus.SEE_OTHER)


def _note(db: Session, *, event: str, place_id: str) -> None:
    now = town().clock()
    audit.record(db, event=event, actor=f"staff:{me().id}", subject=place_id, verdict="allowed", now=now)


def _facts(filled: Filled) -> dict[str, str]:
    return {
        "shows": filled.choice("shows", SHOWS),
        "alt": filled.text("alt", longest=200, needed=True),
        "alt_en": filled.text("alt_en", longest=200),
    }


def _read(filled: Filled) -> pictures.Pictures | None:
    """Decode the file that was sent; None, with what is wrong in ``filled``, where nothing may be added."""
    content = uploaded("photo")
    if not content:
        filled.wrong("photo", phrase("写真のファイルを選んでください。"))
    if filled.errors:
        filled.wrong("photo", phrase("ファイルは保存していません。もう一度選んでください。"))
        return None
    try:
        return pictures.read(content)
    except BadInput as error:
        filled.wrong("photo", error.words)
        return None


def _page(place: sites.Place, found: Sequence[Photo], filled: Filled) -> Response:
    page = render_template(
        "admin/photos.html",
        place=place,
        path=path_to(place),
        back=page_of(place) if not isinstance(place, Desk) else f"/admin/desks/{place.id}",
        kind=kind_of(place),
        photos=found,
        seen=photos.digest(found),
        most=photos.MOST[type(place)],
        shows=SHOWS,
        filled=filled,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)


def _one(found: Photo, place: sites.Place, filled: Filled) -> Response:
    page = render_template("admin/photo.html", photo=found, path=path_to(place), shows=SHOWS, filled=filled)
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)
