"""利用枠: for whom a room's desks are kept on which weekday, and when what is left is anybody's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import audit
from federation.web.tongue import say
from federation.wording import phrase
from node.host import claims, listings, pools, sites
from node.host.pools import Kept
from node.host.wholes import WHOLE
from node.models.sites import Desk, Room
from node.views import edits, town
from node.views.admin.hours import WEEKDAYS
from node.views.admin.places import get_room, get_site
from node.views.filled import Filled
from node.views.session import me

blueprint = Blueprint("admin_pools", __name__)
"""For ``Audience.ADMIN``."""

DAYS = range(7)


@dataclass(frozen=True)
class Line:
    """A room with what it keeps on each weekday; ``desks`` are those that say nothing by themselves."""

    room: Room
    desks: int
    days: Sequence[Kept]


@blueprint.get("/admin/sites/<uuid:site_id>/pools")
def site(site_id: object) -> str:
    """Show all rooms of a site by weekday."""
    with town().storage.transaction() as db:
        found = get_site(db, site_id)
        rooms = db.scalars(select(Room).where(Room.site_id == found.id).order_by(Room.name, Room.id)).all()
        lines = _lines(db, rooms)
    return render_template("admin/pools.html", site=found, lines=lines, weekdays=WEEKDAYS, counts=pools.counts)


@blueprint.get("/admin/rooms/<uuid:room_id>/pools")
def room(room_id: object) -> Response:
    """Ask what a room keeps, as it stands."""
    with town().storage.transaction() as db:
        found = get_room(db, room_id)
        (line,) = _lines(db, [found])
        return _form(edits.sealed(Filled(_typed(line.days))), line)


@blueprint.post("/admin/rooms/<uuid:room_id>/pools")
def change(room_id: object) -> Response:
    """Keep desks from now on as the form says; who comes second is shown the difference. What is booked stays booked."""
    filled = _spread(edits.came_back())
    with town().storage.transaction(write=True) as db:
        found = get_room(db, room_id)
        sites.lock(db, found)
        (line,) = _lines(db, [found])
        rules = _read(filled, line.desks)
        if filled.errors:
            return _form(filled, line)
        if clash := _clash(filled, line):
            return clash
        # Who is being judged now is judged by the old rules or the new, never by both.
        claims.lock_desks(db, [desk.id for desk in sites.desks_in(db, found)])
        pools.set_rules(db, found.id, rules)
        listings.room_changed(db, found)
        who, what = f"staff:{me().id}", f"room:{found.id}"
        audit.record(db, event="pools-changed", actor=who, subject=what, verdict="allowed", now=town().clock())
        name, site_id = found.name, found.site_id
    flash(say(phrase("%(name)sの利用枠を保存しました。すでにある予約はそのまま残ります。"), name=name), "success")
    return redirect(url_for("admin_pools.site", site_id=site_id), HTTPStatus.SEE_OTHER)


def _spread(filled: Filled) -> Filled:
    """Return the form with Monday's fields on all working days where that is asked for."""
    form = MultiDict(filled.form)
    if form.poplist("spread"):
        for name in ("own", "walk_in", "release"):
            for day in range(1, 5):
                form[f"{name}_{day}"] = form.get(f"{name}_0", "")
    return Filled(form)


def _clash(filled: Filled, line: Line) -> Response | None:
    """Return the page of the difference where somebody else has saved this room's pools meanwhile."""
    fields = {"own": phrase("自団体の職員に取り置く席数"), "walk_in": phrase("当日利用に取り置く席数")}
    fields |= {"release": phrase("開放する時間（半日の開始の何時間前）")}
    labels = {
        f"{name}_{day}": str(say(phrase("%(field)s：%(words)s"), field=say(WEEKDAYS[day]), words=say(words)))
        for day in DAYS
        for name, words in fields.items()
    }
    back = url_for("admin_pools.site", site_id=line.room.site_id)
    return edits.conflict(filled, Filled(_typed(line.days)), what=line.room.name, back=back, labels=labels)


def _lines(db: Session, rooms: Sequence[Room]) -> list[Line]:
    ids = [room.id for room in rooms]
    rules = pools.rules_of(db, ids)
    spread = select(Desk.room_id, func.count()).where(Desk.room_id.in_(ids), Desk.published, Desk.pool == "guests")
    counted = {row[0]: row[1] for row in db.execute(spread.where(Desk.kind != WHOLE).group_by(Desk.room_id))}
    empty: Mapping[int, Kept] = {}
    return [
        Line(one, counted.get(one.id, 0), [rules.get(one.id, empty).get(day, Kept()) for day in DAYS]) for one in rooms
    ]


def _typed(days: Sequence[Kept]) -> MultiDict[str, str]:
    form: MultiDict[str, str] = MultiDict()
    for day, kept in enumerate(days):
        form[f"own_{day}"], form[f"walk_in_{day}"] = str(kept.own or ""), str(kept.walk_in or "")
        form[f"release_{day}"] = "" if kept.release is None else str(kept.release // timedelta(hours=1))
    return form


def _read(filled: Filled, desks: int) -> Mapping[int, Kept]:
    """Read the weekdays; more than the room has cannot be kept."""
    found: dict[int, Kept] = {}
    for day in DAYS:
        own = filled.whole(f"own_{day}", 0, pools.MOST_DESKS) or 0
        walk_in = filled.whole(f"walk_in_{day}", 0, pools.MOST_DESKS) or 0
        hours = filled.whole(f"release_{day}", 0, pools.MOST_HOURS)
        if own + walk_in > desks:
            words = phrase("割り当てられる座席は%(count)s席です。合計がそれ以下になるように入力してください。")
            filled.wrong(f"own_{day}", words, count=desks)
        found[day] = Kept(own, walk_in, None if hours is None else timedelta(hours=hours))
    return found


def _form(filled: Filled, line: Line) -> Response:
    page = render_template(
        "admin/pool_form.html",
        filled=filled,
        mistakes=_mistakes(filled),
        line=line,
        weekdays=WEEKDAYS,
        counts=pools.counts,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)


def _mistakes(filled: Filled) -> list[tuple[str, str]]:
    """Return the mistakes for the head of the form, each under its weekday."""
    return [
        (name, say(phrase("%(field)s：%(words)s"), field=say(WEEKDAYS[int(name[-1])]), words=words))
        for name, words in filled.errors.items()
    ]
