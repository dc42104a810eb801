"""今日: who comes, which desks are free, what is to be done, and after five whether everybody has left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation.web.tongue import say, zone
from federation.wording import phrase
from node.host import approvals, claims, inventory, opening, reception
from node.host.inventory import Counted
from node.host.spans import SLOT, Span
from node.host.wholes import WHOLE
from node.models.sites import Site
from node.views import evening, town
from node.views.admin import tasks, utilisation
from node.views.admin.publications import undoable

blueprint = Blueprint("admin_today", __name__)
"""For ``Audience.ADMIN``."""

FIRST, MOST = 8, 60
"""So many things to do are shown, and so many more of them on a press; the rest stand with their sites."""


@dataclass(frozen=True)
class FreeSeats:
    """How many of a site's published desks are free now, and all through what is left of this afternoon."""

    site: str
    free: int
    afternoon: int
    published: int


@blueprint.get("/admin")
def today() -> str:
    """Show the day. Names stand on the day list alone, where every look at them is logged."""
    now = town().clock()
    with town().storage.transaction() as db:
        guests = reception.seats_today(db, now)
        tree = inventory.tree(db, now.astimezone(zone()).date())
        free = _free(db, tree, now)
        todo = tasks.of(db, tree, now)
        waiting, undo = approvals.waiting(db, now), undoable(db)
        weeks = utilisation.counted(db)
    return render_template(
        "admin/today.html",
        now=now,
        guests=guests,
        here=[one for one in guests if one.is_here],
        expected=[one for one in guests if one.arrived_at is None and now < one.end],
        evening=evening.line(guests, now),
        free=free,
        tasks=todo[:FIRST],
        later=todo[FIRST:MOST],
        left=len(todo[MOST:]),
        undo=undo,
        weeks=weeks,
        chart=utilisation.chart(weeks),
        waiting=waiting,
    )


@blueprint.post("/admin/requests/<uuid:booking_id>/approve")
def approve(booking_id: object) -> Response:
    """Say yes to a booking that asks for it."""
    with town().storage.transaction(write=True) as db:
        approvals.approve(db, str(booking_id), town().clock())
    flash(say(phrase("予約を承認しました。所属団体へ通知します。")), "success")
    return redirect(url_for("admin_today.today"), HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/requests/<uuid:booking_id>/refuse")
def refuse(booking_id: object) -> Response:
    """Say no to a booking that asks."""
    with town().storage.transaction(write=True) as db:
        approvals.refuse(db, str(booking_id), town().clock())
    flash(say(phrase("予約を不承認にしました。所属団体へ通知します。")), "success")
    return redirect(url_for("admin_today.today"), HTTPStatus.SEE_OTHER)


def _free(db: Session, tree: Sequence[Counted], now: datetime) -> list[FreeSeats]:
    """Count, for each published site, the desks that are free in the quarter of an hour that now lies in, and this afternoon.

    Of an afternoon that has begun, what is left of it counts; of one that is over, nothing.
    """
    desks = [
        desk for one in tree for room in one.site.rooms for desk in room.desks if desk.offered and desk.kind != WHOLE
    ]
    offset = (now - now.replace(hour=0, minute=0, second=0, microsecond=0)) % SLOT
    quarter = Span(now - offset, now - offset + SLOT)
    afternoons = {one.site.id: _afternoon(one.site, quarter) for one in tree}
    last = max((span.end for span in afternoons.values() if span is not None), default=quarter.end)
    ahead = Span(quarter.start - timedelta(hours=1), max(quarter.end, last) + timedelta(hours=1))
    free = claims.free_of(db, desks, ahead)
    return [
        FreeSeats(
            one.site.name,
            sum(_is_free(free.get(desk.id, ()), quarter) for room in one.site.rooms for desk in room.desks),
            sum(
                _is_free(free.get(desk.id, ()), afternoons[one.site.id])
                for room in one.site.rooms
                for desk in room.desks
            ),
            one.published,
        )
        for one in tree
        if one.site.published
    ]


def _afternoon(site: Site, quarter: Span) -> Span | None:
    """Return what is left of the site's own 午後 of the day, from the present quarter on; None once it is over."""
    at = ZoneInfo(site.zone)
    day = quarter.start.astimezone(at).date()
    start, end = (opening.moment(day, opening.minutes(text), at) for text in (site.noon_start, site.evening_end))
    return Span(max(start, quarter.start), end) if quarter.start < end else None


def _is_free(spans: Sequence[Span], wanted: Span | None) -> bool:
    return wanted is not None and any(span.contains(wanted) for span in spans)
