"""配置図の画像: the drawing under a room's seats, put there, changed and taken away."""

from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import BadInput
from federation.web.headers import accepts_up_to
from federation.web.tongue import say
from federation.wording import phrase
from node.host import pdfpages, planpictures
from node.host.pictures import Size
from node.models.sites import Room
from node.views import town
from node.views.admin.places import get_room
from node.views.filled import Filled
from node.views.session import me
from node.views.uploads import uploaded

blueprint = Blueprint("admin_plan_pictures", __name__)
"""For ``Audience.ADMIN``."""

_AROUND = 64 * 1024
"""Bytes of the other fields, and of the form around them."""


@blueprint.get("/admin/rooms/<uuid:room_id>/plan/picture")
def picture(room_id: object) -> Response:
    """Show the picture that lies there, and ask for another."""
    with town().storage.transaction() as db:
        return _page(get_room(db, room_id), Filled(request.args))


@blueprint.post("/admin/rooms/<uuid:room_id>/plan/picture")
@accepts_up_to(planpictures.MAX_BYTES + _AROUND)
def put(room_id: object) -> Response:
    """Lay a picture, or a page of a PDF, under the seats. What lies there stays if it cannot be read."""
    filled = Filled(request.form)
    with town().storage.transaction() as db:
        get_room(db, room_id)
    made = _read(filled)
    if made is None:
        with town().storage.transaction() as db:
            return _page(get_room(db, room_id), filled)
    now = town().clock()
    with town().storage.transaction(write=True) as db:
        room = get_room(db, room_id)
        if request.form.get("digest", "") != (room.plan_picture.digest if room.plan_picture else ""):
            filled.wrong("picture", phrase("画像は、ほかの担当者がすでに変更していました。内容を確認してください。"))
            return _page(room, filled, HTTPStatus.CONFLICT)
        planpictures.put(db, room, made, now)
        who = f"staff:{me().id}"
        audit.record(db, event="plan-picture-put", actor=who, subject=room.id, verdict="allowed", now=now)
    flash(say(phrase("配置図の画像を保存しました。座席を置いてください。")), "success")
    return redirect(url_for("admin_plans.plan", room_id=room_id), HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/rooms/<uuid:room_id>/plan/picture/delete")
def delete(room_id: object) -> Response:
    """Take the picture away that this person saw; one that somebody else has laid there since stays."""
    now = town().clock()
    with town().storage.transaction(write=True) as db:
        room = get_room(db, room_id)
        there = room.plan_picture
        seen = there is not None and there.digest == request.form.get("digest")
        if seen:
            planpictures.take_away(db, room)
            who = f"staff:{me().id}"
            audit.record(db, event="plan-picture-deleted", actor=who, subject=room.id, verdict="allowed", now=now)
    if seen:
        flash(say(phrase("配置図の画像を削除しました。座席の位置はそのままです。")), "success")
        return redirect(url_for("admin_plans.plan", room_id=room_id), HTTPStatus.SEE_OTHER)
    flash(say(phrase("画像は、ほかの担当者がすでに変更していました。内容を確認してください。")), "warning")
    return redirect(url_for("admin_plan_pictures.picture", room_id=room_id), HTTPStatus.SEE_OTHER)


def _read(filled: Filled) -> Size | None:
    """Decode the file that was sent; None, with what is wrong in ``filled``, where there is nothing to keep."""
    content = uploaded("picture")
    if not content:
        filled.wrong("picture", phrase("画像かPDFのファイルを選んでください。"))
    page = filled.whole("page", 1, pdfpages.MOST_PAGES) or 1
    if filled.errors:
        return None
    try:
        return planpictures.read(content, page)
    except BadInput as error:
        filled.refused(error, otherwise="picture")
        return None


def _page(room: Room, filled: Filled, wrong: HTTPStatus = HTTPStatus.BAD_REQUEST) -> Response:
    page = render_template("admin/plan_picture.html", room=room, picture=room.plan_picture, filled=filled)
    return make_response(page, wrong if filled.errors else HTTPStatus.OK)
