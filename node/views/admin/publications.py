"""掲載する, 掲載をやめる, and taking the last of it back. Where somebody is booked, withdrawing asks first."""

import hashlib
from collections.abc import Sequence
from http import HTTPStatus
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation.errors import Conflict
from federation.members import Member
from federation.web.tongue import say
from federation.wording import phrase
from node.host import publications, sites
from node.models.bookings import OWN_TOWN, BookingPlace
from node.views import town
from node.views.admin.places import page_of, path_to
from node.views.session import me

blueprint = Blueprint("admin_publications", __name__)
"""For ``Audience.ADMIN``."""


@blueprint.post("/admin/places/<uuid:place_id>/publish")
def publish(place_id: object) -> Response:
    """掲載する: offer a site, room or desk, and with ``all`` everything in it."""
    with town().storage.transaction(write=True) as db:
        place = sites.get_place(db, str(place_id))
        publications.publish(db, place, everything=bool(request.form.get("all")), by=_by(), now=town().clock())
        name, address = path_to(place), page_of(place)
    flash(say(phrase("%(name)sを掲載しました。"), name=name), "success")
    return redirect(address, HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/places/<uuid:place_id>/withdraw")
def withdraw(place_id: object) -> Response:
    """掲載をやめる: offer it no longer. Whom it concerns is shown first, with the way to a closure."""
    with town().storage.transaction(write=True) as db:
        place = sites.get_place(db, str(place_id))
        sites.lock(db, place)
        booked = publications.booked_in(db, place, town().clock())
        if booked and request.form.get("seen") != digest(booked):
            return _ask(db, place, booked)
        publications.withdraw(db, place, by=_by(), now=town().clock())
        name, address = path_to(place), page_of(place)
    words = phrase("%(name)sの掲載をやめました。予約%(count)s件はそのまま残ります。")
    flash(say(words if booked else phrase("%(name)sの掲載をやめました。"), name=name, count=len(booked)), "success")
    return redirect(address, HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/publications/<int:change_id>/undo")
def undo(change_id: int) -> Response:
    """元に戻す: take back the last publish or withdraw of whoever presses it."""
    try:
        with town().storage.transaction(write=True) as db:
            place = publications.undo(db, min(change_id, 2**31 - 1), by=_by(), now=town().clock())
            name, address = path_to(place), page_of(place)
    except Conflict:
        flash(say(phrase("その後に変更されているため、元に戻せません。いまの状態を確認してください。")), "warning")
        return redirect(url_for("admin_sites.tree"), HTTPStatus.SEE_OTHER)
    flash(say(phrase("%(name)sの掲載を元に戻しました。"), name=name), "success")
    return redirect(address, HTTPStatus.SEE_OTHER)


def digest(booked: Sequence[BookingPlace]) -> str:
    """Return a word for exactly these bookings, so that nothing is withdrawn under one that was not shown."""
    text = "\n".join(f"{one.id} {one.start} {one.end}" for one in booked)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def undoable(db: Session, place: sites.Place | None = None) -> tuple[int, bool, str] | None:
    """Return the change that whoever reads the page may take back: its number, whether it published, and what."""
    change = publications.last_of(db, _by(), town().clock(), place)
    if change is None:
        return None
    return change.id, change.published, path_to(sites.get_place(db, change.place_id))


def _ask(db: Session, place: sites.Place, booked: Sequence[BookingPlace]) -> Response:
    homes = {one.booking.home_id for one in booked} - {OWN_TOWN}
    towns = {row.id: row.name for row in db.scalars(select(Member).where(Member.id.in_(homes)))} if homes else {}
    page = render_template(
        "admin/withdraw.html",
        place=place,
        name=path_to(place),
        zone=ZoneInfo(sites.site_of(place).zone),
        booked=booked,
        towns=towns,
        back=page_of(place),
        seen=digest(booked),
    )
    return make_response(page, HTTPStatus.CONFLICT)


def _by() -> str:
    return f"staff:{me().id}"
