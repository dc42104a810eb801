"""消去 and 利用停止 asked for by a visitor: 施設担当者 finds them by 受付番号, a walk-in by name and day. No name is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation.web.tongue import say
from federation.wording import phrase
from node.host import codes, erasing, withholding
from node.models.bookings import Booking, BookingPlace, Visitor
from node.models.withheld import Withheld
from node.retention import Prospect
from node.views import town
from node.views.filled import Filled
from node.views.privacy.erasures import LONGEST, sure_reason, told
from node.views.session import me

blueprint = Blueprint("admin_erasures", __name__, url_prefix="/admin/erasures")
"""For ``Audience.ADMIN``."""

_UNKNOWN = phrase("この受付番号の予約はありません。利用証の番号を確認してください。")
_NOBODY = phrase("この日に、この氏名で受け付けた記録はありません。すでに削除されているか、氏名または日付が違います。")
_WHICH = phrase("この予約には複数の方がいます。請求した方の座席を選んでください。")


@dataclass(frozen=True)
class Asked:
    """What the page shows below its two questions: of a visitor, or of a walk-in; ``seats`` where a booking has several."""

    prospect: Prospect | None = None
    is_walk_in: bool = False
    withheld: Withheld | None = None
    seats: tuple[tuple[str, str], ...] = ()


@blueprint.get("")
def ask() -> Response:
    """Ask for a 受付番号, or a walk-in's name and day."""
    with town().storage.transaction() as db:
        return _page(db, Filled(MultiDict()), Asked())


@blueprint.post("")
def foresee() -> Response:
    """Show what would go of the visitor with a 受付番号 and what stays, by counts."""
    return _of_visitor("")


@blueprint.post("/erase")
def erase() -> Response:
    """Erase what may go."""
    return _of_visitor("erase")


@blueprint.post("/withhold")
def withhold() -> Response:
    """Show the visitor's name to nobody from now on."""
    return _of_visitor("withhold")


@blueprint.post("/lift")
def lift() -> Response:
    """Show it again."""
    return _of_visitor("lift")


@blueprint.post("/walkins")
def foresee_walk_in() -> Response:
    """Show what would go of a walk-in and what stays."""
    return _of_walk_in(erases=False)


@blueprint.post("/walkins/erase")
def erase_walk_in() -> Response:
    """Erase what may go of a walk-in."""
    return _of_walk_in(erases=True)


def _of_visitor(act: str) -> Response:
    filled, now, by = Filled(request.form), town().clock(), f"staff:{me().id}"
    code = filled.text("code", longest=20, needed=True)
    with town().storage.transaction(write=True) as db:
        seats = _seats(db, code) if code else ()
        if code and not seats:
            filled.wrong("code", _UNKNOWN)
        visitor = _chosen(filled, seats)
        if visitor is None:
            several = tuple((str(one.position), f"{one.desk.room.name} {one.desk.name}") for one in seats)
            return _page(db, filled, Asked(seats=several if len(several) > 1 else ()))
        reason = _reason(filled, act)
        if filled.errors or not act:
            asked = Asked(erasing.foresee(db, visitor, now), withheld=withholding.of(db, visitor))
            return _page(db, filled, asked)
        if act == "erase":
            return told(erasing.erase(db, visitor, reason, by=by, now=now), url_for("admin_erasures.ask"))
        if act == "withhold":
            withholding.stop(db, visitor, reason, by=by, now=now)
            done = phrase("個人情報の利用を停止しました。受付には「利用停止中」と表示します。")
        else:
            withholding.lift(db, visitor, by=by, now=now)
            done = phrase("個人情報の利用停止を解除しました。")
    flash(say(done), "success")
    return redirect(url_for("admin_erasures.ask"), HTTPStatus.SEE_OTHER)


def _reason(filled: Filled, act: str) -> str:
    if act == "erase":
        return sure_reason(filled)
    return filled.text("why", longest=LONGEST, needed=True) if act == "withhold" else ""


def _seats(db: Session, code: str) -> Sequence[BookingPlace]:
    """Return the booking's places, one for each visitor."""
    found = select(BookingPlace).join(Booking).where(Booking.short_code == codes.folded(code))
    places = db.scalars(found.order_by(BookingPlace.position)).all()
    return tuple({place.visitor_id: place for place in reversed(places)}.values())[::-1]


def _chosen(filled: Filled, seats: Sequence[BookingPlace]) -> Visitor | None:
    """Return whom the request is about; None where a choice among several is missing."""
    if len(seats) == 1:
        return seats[0].visitor
    typed = filled.typed("seat")
    found = next((one.visitor for one in seats if str(one.position) == typed), None)
    if seats and found is None:
        filled.wrong("seat", _WHICH)
    return found


def _of_walk_in(*, erases: bool) -> Response:
    filled, now = Filled(request.form), town().clock()
    name, day = filled.text("name", longest=100, needed=True), filled.day("day", needed=True)
    reason = sure_reason(filled) if erases else ""
    with town().storage.transaction(write=True) as db:
        found = erasing.walk_ins(db, name, day) if name and day else ()
        if erases and not filled.errors:
            count = erasing.erase_walk_ins(db, found, reason, by=f"staff:{me().id}", now=now)
            return told(count, url_for("admin_erasures.ask"))
        if name and day and not found:
            filled.wrong("name", _NOBODY)
        asked = Asked(erasing.foresee_walk_ins(db, found, now) if found else None, is_walk_in=True)
        return _page(db, filled, asked)


def _page(db: Session, filled: Filled, asked: Asked) -> Response:
    standing = [(one.since, *_latest(db, visitor)) for one, visitor in withholding.standing(db)]
    page = render_template("admin/erasures.html", filled=filled, asked=asked, standing=standing, longest=LONGEST)
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)


def _latest(db: Session, visitor: Visitor) -> tuple[str, str]:
    """Return the 受付番号 and the seat by which a visitor is found again."""
    theirs = (
        select(Booking.short_code, BookingPlace.position).join(Booking).where(BookingPlace.visitor_id == visitor.id)
    )
    found = db.execute(theirs.where(Booking.short_code.is_not(None)).order_by(BookingPlace.id.desc()).limit(1)).first()
    return (codes.shown(found[0] or ""), str(found[1])) if found else ("", "")
