"""座席の状況: which seats of our own rooms are free now, as a plan and as a list. The same for staff, reception and admins.

Nobody's name is on it. What belongs to a person stands on the pages of reception alone.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager
from werkzeug.wrappers import Response as AnyResponse

from federation.errors import NotFound
from federation.web.tongue import current
from federation.wording import phrase
from node.host import planpictures, plans, vacancy
from node.host.pictures import TYPE
from node.host.plans import Plan, Seat
from node.host.vacancy import Vacancy
from node.host.wholes import WHOLE
from node.models.sites import Desk, Room, Site
from node.views import town

blueprint = Blueprint("seating", __name__)
"""For ``Audience.STAFF``."""

STATES: Mapping[str, str] = {
    "free": phrase("空き"),
    "taken": phrase("予約あり"),
    "present": phrase("利用中"),
    "shut": phrase("休止"),
    "outside": phrase("時間外"),
}
_A_DAY = 24 * 60 * 60
_SECONDS = 15
"""Between two questions of an open page."""


@dataclass(frozen=True)
class Live:
    """A seat, its state by the names of ``STATES``, and until when that lasts (aware UTC; None where nobody waits for it)."""

    seat: Seat
    state: str
    until: datetime | None


@dataclass(frozen=True)
class Counted:
    """A room, and how many of its seats are free now."""

    room: Room
    free: int
    seats: int


@blueprint.get("/rooms")
def rooms() -> str:
    """Show the rooms of one building with how many seats are free in each; the first building where none is chosen."""
    now = town().clock()
    with town().storage.transaction() as db:
        sites = db.scalars(select(Site).where(Site.published).order_by(Site.name, Site.id)).all()
        site = next((one for one in sites if one.id == request.args.get("site")), sites[0] if sites else None)
        counted = _counted(db, site, now) if site else []
        return render_template("rooms.html", sites=sites, site=site, rooms=counted, now=now)


@blueprint.get("/rooms/<uuid:room_id>/plan")
def plan(room_id: object) -> str:
    """Show a room's seats as they are now."""
    with town().storage.transaction() as db:
        room = _room(db, room_id)
        stands, seats = _live(db, room, town().clock())
        return render_template("room_plan.html", room=room, seconds=_SECONDS, **_shown(stands, seats, room))


@blueprint.get("/rooms/<uuid:room_id>/plan/now")
def now(room_id: object) -> AnyResponse:
    """Send the changing part of that page; 304 while every seat is as the page has it (RFC 9110, 13.1.2)."""
    with town().storage.transaction() as db:
        room = _room(db, room_id)
        stands, seats = _live(db, room, town().clock())
        tag = _digest(stands, seats)
        if request.if_none_match.contains(tag):
            response = Response(status=HTTPStatus.NOT_MODIFIED)
        else:
            response = make_response(render_template("room_plan_now.html", room=room, **_shown(stands, seats, room)))
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie"
    return response


@blueprint.get("/rooms/<uuid:room_id>/plan/<digest>")
def picture(room_id: object, digest: str) -> AnyResponse:
    """Send a room's picture, for those who are signed in: a drawing of a public building is not for everybody.

    It is named by its contents (SHA-256), so a browser that has it never asks again.
    """
    with town().storage.transaction() as db:
        data = planpictures.data_of(db, str(room_id), digest)
    response = Response(data, mimetype=TYPE)
    response.headers["Cache-Control"] = f"private, max-age={_A_DAY}, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    response.set_etag(digest)
    return response.make_conditional(request)


def _room(db: Session, room_id: object) -> Room:
    room = db.get(Room, str(room_id))
    if room is None or not (room.published and room.site.published):
        raise NotFound("no such room, or withdrawn")
    return room


def _live(db: Session, room: Room, at: datetime) -> tuple[Plan, tuple[Live, ...]]:
    desks = {desk.id: desk for desk in room.desks if desk.published and desk.kind != WHOLE}
    stands = plans.of(db, room)
    found = vacancy.of_desks(db, desks.values(), at)
    seats = (seat for seat in stands.seats if seat.desk_id in desks)
    return stands, tuple(Live(seat, _state(one), one.until) for seat in seats if (one := found[str(seat.desk_id)]))


def _state(one: Vacancy) -> str:
    return "present" if one.present else one.state


def _counted(db: Session, site: Site, at: datetime) -> list[Counted]:
    question = select(Desk).join(Desk.room).options(contains_eager(Desk.room)).where(Room.site_id == site.id)
    offered = question.where(Room.published, Desk.published, Desk.kind != WHOLE).order_by(Room.name, Room.id)
    desks = db.scalars(offered).all()
    found = vacancy.of_desks(db, desks, at)
    by_room: dict[str, list[Desk]] = {}
    for desk in desks:
        by_room.setdefault(desk.room_id, []).append(desk)
    return [
        Counted(own[0].room, sum(found[desk.id].state == "free" for desk in own), len(own)) for own in by_room.values()
    ]


def _shown(stands: Plan, seats: Sequence[Live], room: Room) -> dict[str, object]:
    return {
        "raster": stands.raster,
        "seats": seats,
        "states": STATES,
        "tag": _digest(stands, seats),
        "now": town().clock(),
        "zone": ZoneInfo(room.site.zone),
    }


def _digest(stands: Plan, seats: Sequence[Live]) -> str:
    """Return what differs for another state, place or name of any seat, another drawing, or another language of the reader."""
    picture = stands.raster.picture.digest if stands.raster.picture else ""
    told = [[one.seat.desk_id, one.state, one.until.isoformat() if one.until else ""] for one in seats]
    return hashlib.sha256(json.dumps([str(current()), picture, stands.digest, told]).encode()).hexdigest()[:32]
