"""休止: registered for a site, room or desk, after those it would hit have been shown."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from werkzeug.wrappers import Response

from federation.errors import BadInput, NotFound
from federation.members import Member
from federation.web.tongue import say
from federation.wording import phrase
from node.host import claims, closures, opening, sites
from node.host.closures import TEMPLATES, Hit
from node.host.sites import Place
from node.models.opening import Closure
from node.models.sites import Room, Site
from node.views import town
from node.views.admin.places import path_to
from node.views.filled import Filled

blueprint = Blueprint("admin_closures", __name__)
"""For ``Audience.ADMIN``."""

_LONGEST = 366
"""Days: a slip in the year is noticed, a hall that closes for good is withdrawn."""
_FIELDS = ("place", "template", "start_day", "start_time", "end_day", "end_time", "note")


@dataclass(frozen=True)
class Wish:
    """A closure as it was asked for, readable; times are UTC."""

    place: Place
    start: datetime
    end: datetime
    template: str
    note: str


@blueprint.get("/admin/closures/new")
def new() -> Response:
    """Ask what closes when; once all of it is given, show whom it hits."""
    filled = Filled(request.args)
    asked = "template" in request.args or "start_day" in request.args
    with town().storage.transaction() as db:
        wish = _wish(db, filled) if asked else None
        hits = _preview(db, filled, wish) if wish is not None else ()
        return _page(db, filled, wish if not filled.errors else None, hits)


@blueprint.post("/admin/closures/new")
def register() -> Response:
    """休止を登録: close it, if those it hits are still those that were shown."""
    filled, now = Filled(request.form), town().clock()
    with town().storage.transaction(write=True) as db:
        wish = _wish(db, filled)
        if wish is not None:
            # Nobody books between this look and the closure.
            claims.lock_desks(db, [desk.id for desk in sites.desks_in(db, wish.place)])
        hits = _preview(db, filled, wish) if wish is not None else ()
        if wish is None or filled.errors:
            return _page(db, filled, None, ())
        if request.form.get("seen") != digest(hits):
            return _page(db, filled, wish, hits, changed=True)
        closed = closures.close(db, wish.place, wish.start, wish.end, template=wish.template, note=wish.note, now=now)
        site, name = sites.site_of(wish.place), path_to(wish.place)
    told = phrase("%(name)sの休止を登録しました。予約のある%(count)s件の所属団体へ、理由と代わりの座席を知らせます。")
    flash(
        say(told if closed.hits else phrase("%(name)sの休止を登録しました。"), name=name, count=len(closed.hits)),
        "success",
    )
    month = wish.start.astimezone(ZoneInfo(site.zone)).strftime("%Y-%m")
    return redirect(url_for("admin_calendar.month", site=site.id, month=month), HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/closures/<uuid:closure_id>/lift")
def lift(closure_id: object) -> Response:
    """休止を解除: end a closure; those it hit are not booked again by themselves."""
    with town().storage.transaction(write=True) as db:
        closure = db.get(Closure, str(closure_id))
        if closure is None:
            raise NotFound("no such closure")
        place = sites.get_place(db, closure.place_id)
        closures.lift(db, closure, place, town().clock())
        site, name = sites.site_of(place), path_to(place)
        month = closure.start.astimezone(ZoneInfo(site.zone)).strftime("%Y-%m")
    flash(
        say(phrase("%(name)sの休止を解除しました。取り消された予約は、自動では元に戻りません。"), name=name), "success"
    )
    return redirect(url_for("admin_calendar.month", site=site.id, month=month), HTTPStatus.SEE_OTHER)


def digest(hits: Sequence[Hit]) -> str:
    """Return a word for exactly these bookings at these times, so that nobody is hit whom the preview did not show."""
    text = "\n".join(f"{hit.booking_id} {hit.start} {hit.end}" for hit in hits)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _wish(db: Session, filled: Filled) -> Wish | None:
    """Read what is asked for; None where something is wrong, which then stands in ``filled.errors``."""
    place = _place(db, filled)
    template = filled.choice("template", TEMPLATES)
    note = filled.text("note", longest=300)
    start_day, end_day = filled.day("start_day", needed=True), filled.day("end_day")
    start_time, end_time = filled.time("start_time"), filled.time("end_time")
    if filled.errors or place is None or start_day is None:
        return None
    zone = ZoneInfo(sites.site_of(place).zone)
    start = opening.moment(start_day, start_time or 0, zone)
    end = opening.moment(end_day or start_day, 1440 if end_time is None else end_time, zone)
    if end <= start:
        filled.wrong("end_day", phrase("終了は開始より後にしてください。"))
    elif ((end_day or start_day) - start_day).days > _LONGEST:
        filled.wrong("end_day", phrase("休止は1年以内にしてください。長く閉める場合は、掲載をやめてください。"))
    return None if filled.errors else Wish(place, start, end, template, note)


def _place(db: Session, filled: Filled) -> Place | None:
    typed = filled.typed("place")
    place = sites.find_place(db, typed) if len(typed) == 36 and typed.isprintable() else None
    if place is None:
        filled.wrong("place", phrase("休止する施設、部屋または座席を選んでください。"))
    return place


def _preview(db: Session, filled: Filled, wish: Wish) -> Sequence[Hit]:
    try:
        return closures.preview(db, wish.place, wish.start, wish.end, town().clock())
    except BadInput:
        filled.wrong("end_day", phrase("終了がすでに過ぎています。これからの日時を入力してください。"))
        return ()


def _page(db: Session, filled: Filled, wish: Wish | None, hits: Sequence[Hit], *, changed: bool = False) -> Response:
    every = select(Site).options(selectinload(Site.rooms).selectinload(Room.desks)).order_by(Site.name, Site.id)
    homes = {hit.home_id for hit in hits}
    towns = {row.id: row.name for row in db.scalars(select(Member).where(Member.id.in_(homes)))} if homes else {}
    page = render_template(
        "admin/closure_form.html",
        filled=filled,
        sites=db.scalars(every).all(),
        templates=TEMPLATES,
        wish=wish,
        where=path_to(wish.place) if wish is not None else "",
        zone=ZoneInfo(sites.site_of(wish.place).zone) if wish is not None else None,
        hits=hits,
        towns=towns,
        seen=digest(hits),
        changed=changed,
        kept=[(name, filled.typed(name)) for name in _FIELDS],
    )
    status = HTTPStatus.CONFLICT if changed else HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK
    return make_response(page, status)
