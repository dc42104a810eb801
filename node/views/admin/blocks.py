"""利用停止: whom do we take in no more, until when, and why? A town by its code, a person from the page of a booking."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import municipality
from federation.errors import BadInput, NotFound
from federation.members import Member
from federation.web.tongue import say, zone
from federation.wording import phrase
from node.host import blocks
from node.host.blocks import Whom
from node.models.blocks import Block
from node.models.bookings import OWN_TOWN, Booking, BookingPlace
from node.views import town
from node.views.filled import Filled
from node.views.session import me

blueprint = Blueprint("admin_blocks", __name__)
"""For ``Audience.ADMIN``."""

LONGEST = 500
_DAYS = {"until_on": phrase("終わりの日は、今日以降で、始まりの日から3年以内にしてください。")}
_OWN = phrase("自団体の職員は、利用条件で制限してください。")
_ORDER = ("home_code", "from_on", "until_on", "reason", "place")


@dataclass(frozen=True)
class Seat:
    """One place of a booking as the page shows it; never a name."""

    position: int
    where: str


@blueprint.get("/admin/blocks")
def every() -> Response:
    """Show what stands, and the form for a town."""
    return _every(Filled(MultiDict({"from_on": _today()})))


@blueprint.post("/admin/blocks")
def block_town() -> Response:
    """Take nobody of a town in for a time."""
    form = Filled(request.form)
    code = _code(form)
    if not form.errors and _laid_down(form, Whom(code)):
        return redirect(url_for("admin_blocks.every"), HTTPStatus.SEE_OTHER)
    return _every(form)


@blueprint.post("/admin/blocks/<int(max=2147483647):block_id>/lift")
def lift(block_id: int) -> Response:
    """Let them come again."""
    with town().storage.transaction(write=True) as db:
        blocks.lift(db, block_id, by=me().id, now=town().clock())
    flash(say(phrase("利用停止を解除しました。取り消した予約は元に戻りません。")), "success")
    return redirect(url_for("admin_blocks.every"), HTTPStatus.SEE_OTHER)


@blueprint.get("/admin/bookings/<uuid:booking_id>")
def booking(booking_id: object) -> Response:
    """Show one booking of another town without a name, and the form that blocks who made it."""
    return _booking(str(booking_id), Filled(MultiDict({"from_on": _today(), "place": "0"})))


@blueprint.post("/admin/bookings/<uuid:booking_id>/block")
def block_person(booking_id: object) -> Response:
    """Take the person of a booking in no more for a time."""
    form = Filled(request.form)
    with town().storage.transaction() as db:
        found, home = _found(db, str(booking_id))
        subs = {str(place.position): place.visitor.sub for place in found.places}
    place = form.choice("place", subs)
    if home is None:
        form.wrong("reason", _OWN)
    if not form.errors and home is not None and _laid_down(form, Whom(home.code, subs[place])):
        return redirect(url_for("admin_blocks.every"), HTTPStatus.SEE_OTHER)
    return _booking(str(booking_id), form)


def _laid_down(form: Filled, whom: Whom) -> bool:
    """Lay a block down as the form says, and cancel what it is to cancel; say whether nothing was wrong."""
    from_on, until_on = form.day("from_on", needed=True), form.day("until_on", needed=True)
    reason, now = form.text("reason", longest=LONGEST, needed=True), town().clock()
    if form.errors or from_on is None or until_on is None:
        return False
    try:
        with town().storage.transaction(write=True) as db:
            blocks.block(db, whom, from_on, until_on, reason, by=me().id, now=now)
            ended = blocks.call_off(db, whom, from_on, until_on, now=now) if form.ticked("cancel") else 0
    except BadInput as error:
        form.refused(error, otherwise="until_on", words=_DAYS)
        return False
    flash(say(phrase("利用停止を登録しました（取り消した予約%(count)s件）。"), count=ended), "success")
    return True


def _code(form: Filled) -> str:
    try:
        code = municipality.repair(form.text("home_code", longest=20, needed=True)).code
    except BadInput as error:
        form.refused(error, otherwise="home_code")
        return ""
    if code == town().config.code:
        form.wrong("home_code", _OWN)
    return code


def _today() -> str:
    return town().clock().astimezone(zone()).date().isoformat()


def _every(form: Filled) -> Response:
    with town().storage.transaction() as db:
        rows = blocks.standing(db, town().clock())
        names = _names(db, {row.home_code for row in rows})
    page = render_template(
        "admin/blocks.html",
        rows=[(row, names.get(row.home_code, row.home_code), _whom(row)) for row in rows],
        form=form,
        errors=form.errors,
        summary=form.summary(_ORDER),
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK)


def _whom(row: Block) -> str:
    return say(phrase("この団体の1名（%(mark)s）"), mark=row.sub[:8]) if row.sub else say(phrase("この団体の全員"))


def _names(db: Session, codes: set[str]) -> Mapping[str, str]:
    found = select(Member.code, Member.name).where(Member.code.in_(codes), ~Member.gone)
    return {row.code: row.name for row in db.execute(found)} if codes else {}


def _found(db: Session, booking_id: str) -> tuple[Booking, Member | None]:
    """Return a booking with places, and its home; None for our own."""
    found = db.get(Booking, booking_id)
    if found is None or not found.places:
        raise NotFound(f"booking {booking_id}")
    return found, None if found.home_id == OWN_TOWN else db.get(Member, found.home_id)


def _booking(booking_id: str, form: Filled) -> Response:
    with town().storage.transaction() as db:
        found, home = _found(db, booking_id)
        seats = [Seat(place.position, _where(place)) for place in found.places]
    first = found.places[0]
    page = render_template(
        "admin/booking.html",
        booking=found,
        home=home,
        seats=seats,
        pairs=[(str(seat.position), seat.where) for seat in seats],
        start=min(place.start for place in found.places),
        end=max(place.end for place in found.places),
        zone=ZoneInfo(first.desk.room.site.zone),
        form=form,
        errors=form.errors,
        summary=form.summary(_ORDER),
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK)


def _where(place: BookingPlace) -> str:
    room = place.desk.room
    return f"{room.site.name} {room.name} {place.desk.name}"
