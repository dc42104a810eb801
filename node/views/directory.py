"""職員名簿の取り込み: is this file what I think it is? A list is shown as a difference first, then taken over whole."""

import base64
import binascii
import zlib
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import BadInput, TachiyoriError, UnreadableFile
from federation.web.headers import accepts_up_to
from federation.web.tongue import say
from federation.wording import phrase
from node import leaving
from node.home.wishes import JAPAN
from node.people import staff as directory
from node.people import stafflist
from node.people.staff import Difference
from node.people.stafflist import StaffList
from node.views import town
from node.views.filled import Filled
from node.views.session import me
from node.views.uploads import uploaded

blueprint = Blueprint("directory", __name__)
"""For ``Audience.PERSONNEL``."""

_MOST_SENT = 8 * 1024 * 1024
SHOWN = 50
"""How many lines of each kind the preview lists."""


@blueprint.get("/personnel/staff")
def choose() -> Response:
    """Show where to choose a file, and what it must look like."""
    return _choosing()


def _choosing(error: TachiyoriError | None = None) -> Response:
    page = render_template("staff_list.html", error=error, columns=list(stafflist.COLUMNS), needed=stafflist.NEEDED)
    return make_response(page, error.status if error else HTTPStatus.OK)


@blueprint.post("/personnel/staff")
@accepts_up_to(_MOST_SENT)
def check() -> Response:
    """Show what taking the file over would do; nothing is changed yet."""
    content = uploaded("file")
    try:
        return _preview(stafflist.read(content), content)
    except TachiyoriError as error:
        return _choosing(error)


@blueprint.post("/personnel/staff/take-over")
@accepts_up_to(_MOST_SENT)
def take_over() -> Response:
    """Take the list over, all of it, effective on the day given."""
    form = Filled(request.form)
    effective = form.day("effective", needed=True)
    try:
        content = _unpacked(request.form.get("content", ""))
        listed = stafflist.read(content)
        if form.errors or effective is None:
            return _preview(listed, content, form)
        with town().storage.transaction(write=True) as db:
            done = directory.take_over(db, listed, effective=effective, by=me().id, now=town().clock())
            _log(db, done)
            leaving.follow_departures(db, now=town().clock())
    except BadInput as error:
        return _choosing(error)
    words = phrase("名簿を取り込みました（追加%(joining)s名、変更%(changing)s名、退職・転出%(leaving)s名）。")
    flash(say(words, joining=len(done.joining), changing=len(done.changing), leaving=len(done.leaving)), "success")
    return redirect(url_for("directory.choose"), HTTPStatus.SEE_OTHER)


def _log(db: Session, done: Difference) -> None:
    """Write down who took a list over: it decides who may do what."""
    counts = f"joining {len(done.joining)}, changing {len(done.changing)}, leaving {len(done.leaving)}"
    who, now = f"staff:{me().id}", town().clock()
    audit.record(db, event="staff-list", actor=who, subject="own staff", verdict="allowed", reason=counts, now=now)


def _preview(listed: StaffList, content: bytes, form: Filled | None = None) -> Response:
    with town().storage.transaction() as db:
        listed = directory.refusing_own_roles(db, listed, me().id)
        difference = directory.compare(db, listed)
        names = directory.names_of(db, difference.leaving[:SHOWN])
    known = {line.number: line for line in listed.lines}
    today = town().clock().astimezone(JAPAN).date()
    page = render_template(
        "staff_preview.html",
        listed=listed,
        difference=difference,
        joining=[known[number] for number in difference.joining[:SHOWN]],
        changing=[known[number] for number in difference.changing[:SHOWN]],
        leaving=[(number, names.get(number, "")) for number in difference.leaving[:SHOWN]],
        shown=SHOWN,
        content=base64.b64encode(zlib.compress(content)).decode("ascii"),
        effective=form.typed("effective") if form else today.isoformat(),
        errors=form.errors if form else {},
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if form and form.errors else HTTPStatus.OK)


def _unpacked(text: str) -> bytes:
    """Return the file that the preview was made of; never more than a list may have, whatever was sent."""
    try:
        packed = zlib.decompressobj()
        content = packed.decompress(base64.b64decode(text, validate=True), stafflist.MOST_BYTES + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise UnreadableFile(
            f"{type(error).__name__}", facts={"what": say(phrase("もう一度ファイルを選択してください"))}
        ) from None
    return content
