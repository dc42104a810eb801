"""セキュリティ確認表 of a room: filled in, compared with the version before, signed in a role, and so published."""

from datetime import date
from http import HTTPStatus
from itertools import zip_longest

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.errors import BadInput
from federation.messages.sheet import SheetAnswers
from federation.web.tongue import say, zone
from federation.wording import phrase
from node.host import listings, securitysheets
from node.views import sheetwords, town
from node.views.admin.places import get_room
from node.views.filled import Filled, shown
from node.views.session import me
from node.views.sheetwords import ANSWERS, ENTRIES, ITEMS, NETWORKS, ROLES

blueprint = Blueprint("admin_security_sheets", __name__)
"""For ``Audience.ADMIN``."""


@blueprint.get("/admin/rooms/<uuid:room_id>/sheet")
def sheet(room_id: object) -> Response:
    """Show the room's sheet, what waits to be signed, the form for a new one, and all versions."""
    with town().storage.transaction() as db:
        newest = securitysheets.newest(db, str(room_id))
    answers = securitysheets.answers_of(newest) if newest else SheetAnswers(printer="no")
    return _page(room_id, shown({**answers.model_dump(), "checked_on": _today()}))


@blueprint.post("/admin/rooms/<uuid:room_id>/sheet")
def fill_in(room_id: object) -> Response:
    """Keep a new version, still to be signed."""
    filled = Filled(request.form)
    answers, day = _answers(filled), filled.day("checked_on", needed=True)
    if filled.errors or day is None:
        return _page(room_id, filled)
    try:
        with town().storage.transaction(write=True) as db:
            room = get_room(db, room_id)
            made = securitysheets.fill_in(db, room, answers, day, by=me().id, today=_today(), now=town().clock())
            version = made.version
    except BadInput:
        filled.wrong("checked_on", phrase("確認日は、今日までの1年以内の日付を入力してください。"))
        return _page(room_id, filled)
    flash(
        say(phrase("第%(version)s版を保存しました。内容を確かめ、署名すると掲載されます。"), version=version), "success"
    )
    return redirect(url_for("admin_security_sheets.sheet", room_id=room_id), HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/rooms/<uuid:room_id>/sheet/sign")
def sign(room_id: object) -> Response:
    """Sign the newest version in a role, which publishes it."""
    filled = Filled(request.form)
    role, version = filled.choice("role", ROLES), filled.whole("version", 1, 999_999, needed=True)
    if filled.errors or version is None:
        with town().storage.transaction() as db:
            newest = securitysheets.newest(db, str(room_id))
        answers = securitysheets.answers_of(newest).model_dump() if newest else {}
        again = shown({**answers, "checked_on": _today()})
        again.errors.update(filled.errors)
        return _page(room_id, again)
    with town().storage.transaction(write=True) as db:
        room = get_room(db, room_id)
        securitysheets.sign(db, room, version, role, by=me().id, now=town().clock())  # type: ignore[arg-type]  # One of the roles: refused above otherwise.
    flash(say(phrase("署名し、セキュリティ確認表（第%(version)s版）を掲載しました。"), version=version), "success")
    return redirect(url_for("admin_security_sheets.sheet", room_id=room_id), HTTPStatus.SEE_OTHER)


def _today() -> date:
    return town().clock().astimezone(zone()).date()


def _answers(filled: Filled) -> SheetAnswers:
    """Read the answers; an item left open is one that nobody knows."""
    given: dict[str, object] = {
        name: filled.choice(name, ("", *(ENTRIES if name == "entry" else ANSWERS))) or None
        for name in ITEMS
        if name != "network"
    }
    given["network"] = tuple(filled.choices("network", NETWORKS))
    return SheetAnswers() if filled.errors else SheetAnswers.model_validate(given)


def _page(room_id: object, filled: Filled) -> Response:
    with town().storage.transaction() as db:
        room = get_room(db, room_id)
        versions, site = securitysheets.history(db, room.id), room.site
        published = listings.sheet_of(room)
    told = []
    for one, before in zip_longest(versions, versions[1:]):
        answers = securitysheets.answers_of(one)
        earlier = securitysheets.answers_of(before) if before else None
        differ = tuple(securitysheets.changes(earlier, answers)) if earlier else ()
        told.append(
            {
                "sheet": one,
                "rows": tuple(sheetwords.rows(answers)),
                "changed": [
                    (say(ITEMS[name]), sheetwords.answer(name, earlier), sheetwords.answer(name, answers))
                    for name in differ
                    if earlier
                ],
                "role": say(ROLES[one.signed_role]) if one.signed_role in ROLES else "",
            }
        )
    page = render_template(
        "admin/security_sheet.html",
        room=room,
        site=site,
        filled=filled,
        told=told,
        published=sheetwords.shown(published, _today()),
        words=sheetwords,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)
