"""職員名簿の取り込み: is this file what I think it is? A list is shown as a difference first, then taken over whole.

A list for a day to come waits for it; until then its difference can be looked at anew, and it can be withdrawn.
"""

import base64
import binascii
import zlib
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.errors import BadInput, TachiyoriError, UnreadableFile
from federation.web.headers import accepts_up_to
from federation.web.tongue import say
from federation.wording import phrase
from node import yearlists
from node.home.wishes import JAPAN
from node.models.stafflists import PlannedList
from node.people import staff as directory
from node.people import stafflist
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
_DAYS = {"effective": phrase("名簿の日付は、今日から400日以内にしてください。")}
STATES = {
    "done": (phrase("取り込み済み"), "green"),
    "withdrawn": (phrase("取下げ"), "neutral"),
    "failed": (phrase("取り込めませんでした"), "red"),
}
"""What became of a list that is over: words and the tone of their chip."""


@dataclass(frozen=True)
class Looked:
    """What a list is looked at with: the file as it was sent, or the list that waits."""

    content: bytes = b""
    planned: PlannedList | None = None


@blueprint.get("/personnel/staff")
def choose() -> Response:
    """Show where to choose a file, what it must look like, and the lists that wait."""
    return _choosing()


def _choosing(error: TachiyoriError | None = None) -> Response:
    with town().storage.transaction() as db:
        waiting, over = yearlists.waiting(db), yearlists.over(db)
    page = render_template(
        "staff_list.html",
        error=error,
        columns=list(stafflist.COLUMNS),
        needed=stafflist.NEEDED,
        waiting=waiting,
        over=over,
        states=STATES,
    )
    return make_response(page, error.status if error else HTTPStatus.OK)


@blueprint.post("/personnel/staff")
@accepts_up_to(_MOST_SENT)
def check() -> Response:
    """Show what taking the file over would do; nothing is changed yet."""
    content = uploaded("file")
    try:
        return _preview(stafflist.read(content), Looked(content))
    except TachiyoriError as error:
        return _choosing(error)


@blueprint.post("/personnel/staff/take-over")
@accepts_up_to(_MOST_SENT)
def take_over() -> Response:
    """Take the list over, all of it, now or on the day given."""
    form = Filled(request.form)
    effective = form.day("effective", needed=True)
    try:
        content = _unpacked(request.form.get("content", ""))
        listed = stafflist.read(content)
        if form.errors or effective is None:
            return _preview(listed, Looked(content), form)
        if effective > town().clock().astimezone(JAPAN).date():
            return _plan(listed, content, form)
        with town().storage.transaction(write=True) as db:
            done = yearlists.take_over(db, listed, effective=effective, by=me().id, now=town().clock())
    except BadInput as error:
        return _choosing(error)
    words = phrase("名簿を取り込みました（追加%(joining)s名、変更%(changing)s名、退職・転出%(leaving)s名）。")
    flash(say(words, joining=len(done.joining), changing=len(done.changing), leaving=len(done.leaving)), "success")
    return redirect(url_for("directory.choose"), HTTPStatus.SEE_OTHER)


def _plan(listed: StaffList, content: bytes, form: Filled) -> Response:
    """Keep the list until its day; what is wrong with the day is said beside it."""
    effective = form.day("effective", needed=True)
    try:
        with town().storage.transaction(write=True) as db:
            if effective is not None:
                yearlists.plan(db, content, listed, effective=effective, by=me().id, now=town().clock())
    except BadInput as error:
        if error.field != "effective":
            raise
        form.refused(error, otherwise="effective", words=_DAYS)
        return _preview(listed, Looked(content), form)
    flash(say(phrase("名簿を受け付けました。その日に取り込み、人事担当にお知らせします。")), "success")
    return redirect(url_for("directory.choose"), HTTPStatus.SEE_OTHER)


@blueprint.get("/personnel/staff/planned/<uuid:list_id>")
def planned(list_id: object) -> Response:
    """Show what a list that waits would do today."""
    with town().storage.transaction() as db:
        row = yearlists.get(db, str(list_id))
    return _preview(yearlists.read(row), Looked(planned=row))


@blueprint.post("/personnel/staff/planned/<uuid:list_id>/withdraw")
def withdraw(list_id: object) -> Response:
    """Let a list that waits come to nothing."""
    with town().storage.transaction(write=True) as db:
        yearlists.withdraw(db, str(list_id), by=me().id, now=town().clock())
    flash(say(phrase("名簿を取り下げました。")), "success")
    return redirect(url_for("directory.choose"), HTTPStatus.SEE_OTHER)


def _preview(listed: StaffList, looked: Looked, form: Filled | None = None) -> Response:
    sent_at = looked.planned.made_at if looked.planned else None
    with town().storage.transaction() as db:
        listed = directory.refusing_own_roles(db, listed, me().id)
        difference = directory.compare(db, listed, sent_at=sent_at)
        names = directory.names_of(db, difference.leaving[:SHOWN])
        moved = directory.sections_of(db, difference.moving[:SHOWN])
    known = {line.number: line for line in listed.lines}
    today = town().clock().astimezone(JAPAN).date()
    others = [number for number in difference.changing if number not in set(difference.moving)]
    page = render_template(
        "staff_preview.html",
        listed=listed,
        difference=difference,
        joining=[known[number] for number in difference.joining[:SHOWN]],
        moving=[(known[number], moved.get(number, "")) for number in difference.moving[:SHOWN]],
        changing=[known[number] for number in others[:SHOWN]],
        leaving=[(number, names.get(number, "")) for number in difference.leaving[:SHOWN]],
        shown=SHOWN,
        planned=looked.planned,
        content=base64.b64encode(zlib.compress(looked.content)).decode("ascii"),
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
