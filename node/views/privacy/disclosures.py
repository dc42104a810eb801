"""開示請求: 人事担当 gives out what is kept of one of our own people, 施設担当者 what is kept of a visitor."""

from http import HTTPStatus

from flask import Blueprint, current_app, make_response, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import audit
from federation.wording import phrase
from node import disclosures
from node.host import codes
from node.models.bookings import Booking, BookingPlace, Visitor
from node.people import staff as directory
from node.views import town
from node.views.filled import Filled
from node.views.session import me

personnel = Blueprint("own_disclosures", __name__, url_prefix="/personnel/disclosures")
"""For ``Audience.PERSONNEL``."""
admin = Blueprint("admin_disclosures", __name__, url_prefix="/admin/disclosures")
"""For ``Audience.ADMIN``."""


@personnel.get("")
def ask() -> Response:
    """Ask for a 職員番号."""
    return _page(Filled(MultiDict()), own=True)


@admin.get("")
def ask_here() -> Response:
    """Ask for the 受付番号 of a visit."""
    return _page(Filled(MultiDict()), own=False)


@personnel.post("")
def give() -> Response:
    """Give out the file on one of our own people; that it was given out is logged."""
    filled = Filled(request.form)
    number = filled.text("number", longest=32, needed=True)
    with town().storage.transaction(write=True) as db:
        person = directory.find(db, number) if number else None
        if person is None:
            filled.wrong("number", phrase("この職員番号の職員は名簿にいません。番号を確認してください。"))
            return _page(filled, own=True)
        packed = disclosures.packed(disclosures.of_staff(db, person))
        return _sent(db, packed, f"staff:{person.id}")


@admin.post("")
def give_here() -> Response:
    """Give out the file on the visitor with a 受付番号; that it was given out is logged."""
    filled = Filled(request.form)
    code = filled.text("code", longest=20, needed=True)
    with town().storage.transaction(write=True) as db:
        visitor = _visitor(db, code) if code else None
        if visitor is None:
            filled.wrong("code", phrase("この受付番号の予約はありません。利用証の番号を確認してください。"))
            return _page(filled, own=False)
        packed = disclosures.packed(disclosures.of_visitor(db, visitor))
        return _sent(db, packed, visitor.sub)


def _visitor(db: Session, code: str) -> Visitor | None:
    """Find whose visit it is; of a booking for several, the first."""
    found = select(Visitor).join(BookingPlace).join(Booking).where(Booking.short_code == codes.folded(code))
    return db.scalar(found.order_by(BookingPlace.position).limit(1))


def _sent(db: Session, packed: bytes, subject: str) -> Response:
    who = f"staff:{me().id}"
    audit.record(db, event="disclosed", actor=who, subject=subject, verdict="allowed", now=town().clock())
    response: Response = current_app.response_class(packed, mimetype="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="disclosure.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(filled: Filled, *, own: bool) -> Response:
    page = render_template("disclosures.html", filled=filled, own=own)
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)
