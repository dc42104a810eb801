"""座席配置: the desks of a room put on a plan, with the pointer, with the keyboard, or by the numbers of column and row."""

import re
from collections.abc import Sequence
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import audit
from federation.web.headers import accepts_up_to
from federation.web.tongue import say
from federation.wording import phrase
from node.host import plans
from node.host.plans import Plan, Seat
from node.host.rasters import Cell, Raster
from node.models.sites import Room
from node.views import town
from node.views.admin.places import get_room
from node.views.filled import Filled
from node.views.session import me

blueprint = Blueprint("admin_plans", __name__)
"""For ``Audience.ADMIN``."""

_NEW = re.compile(r"name-(new(?:-[0-9]{1,3})?)")
"""The fields of desks to add: one where there are no scripts, and as many more as were put on the plan."""
_MOST_NEW = 100
_LARGEST = 262_144


@blueprint.get("/admin/rooms/<uuid:room_id>/plan")
def plan(room_id: object) -> Response:
    """Show where a room's desks stand."""
    with town().storage.transaction() as db:
        room = get_room(db, room_id)
        stands = plans.of(db, room)
        return _page(Filled(_as_form(stands)), room, stands)


@blueprint.post("/admin/rooms/<uuid:room_id>/plan")
@accepts_up_to(_LARGEST)
def arrange(room_id: object) -> Response:
    """Save names and places of all desks at once; 409 where somebody else has saved others in between."""
    filled, now = Filled(request.form), town().clock()
    with town().storage.transaction(write=True) as db:
        room = get_room(db, room_id)
        plans.lock(db, room)
        stands = plans.of(db, room)
        if request.form.get("raster", stands.raster.word) != stands.raster.word:
            # Another picture lies there now: the numbers of the form say nothing on its raster.
            return _page(Filled(_as_form(stands)), room, stands, theirs=stands.seats)
        wanted = _wanted(filled, stands)
        if filled.errors:
            return _page(filled, room, stands)
        if request.form.get("seen") != stands.digest:
            return _page(filled, room, stands, theirs=_otherwise(stands.seats, wanted))
        touched = plans.arrange(db, town().config, room, stands.raster, wanted)
        who = f"staff:{me().id}"
        audit.record(db, event="plan-changed", actor=who, subject=room.id, verdict="allowed", now=now)
    flash(say(phrase("座席配置を保存しました（変更%(count)s席）。"), count=touched), "success")
    return redirect(url_for("admin_plans.plan", room_id=room.id), HTTPStatus.SEE_OTHER)


def _as_form(stands: Plan) -> MultiDict[str, str]:
    form: MultiDict[str, str] = MultiDict()
    for seat in stands.seats:
        form[f"name-{seat.desk_id}"] = seat.name
        if seat.cell is not None:
            form[f"column-{seat.desk_id}"], form[f"row-{seat.desk_id}"] = str(seat.cell.column), str(seat.cell.row)
    return form


def _wanted(filled: Filled, stands: Plan) -> list[Seat]:
    """Read the whole form. What it does not have of a desk, such as one that was added meanwhile, stays as it is."""
    read = [
        (str(seat.desk_id), _seat(filled, str(seat.desk_id), seat.desk_id, stands.raster))
        if f"name-{seat.desk_id}" in filled.form
        else (str(seat.desk_id), seat)
        for seat in stands.seats
    ]
    for key in _new_ones(filled):
        if any(filled.typed(f"{field}-{key}").strip() for field in ("name", "column", "row")):
            read.append((key, _seat(filled, key, None, stands.raster)))
    taken: dict[Cell, str] = {}
    for key, seat in read:
        if seat.cell is not None and seat.cell in taken:
            filled.wrong(
                f"column-{key}", phrase("「%(name)s」と同じ位置です。別の列か行にしてください。"), name=taken[seat.cell]
            )
        elif seat.cell is not None:
            taken[seat.cell] = seat.name
    return [seat for _, seat in read]


def _new_ones(filled: Filled) -> list[str]:
    """Return the keys of the desks to add that the form has, the one that is always there last."""
    found = (_NEW.fullmatch(field) for field in filled.form)
    keys = [match[1] for match in found if match is not None and match[1] != "new"][:_MOST_NEW]
    return [*sorted(keys, key=lambda key: int(key.removeprefix("new-"))), "new"]


def _seat(filled: Filled, key: str, desk_id: str | None, raster: Raster) -> Seat:
    name = filled.text(f"name-{key}", longest=200, needed=True)
    column, row = filled.whole(f"column-{key}", 1, raster.columns), filled.whole(f"row-{key}", 1, raster.rows)
    if (column is None) != (row is None):
        missing = "column" if column is None else "row"
        filled.wrong(f"{missing}-{key}", phrase("列と行の両方を入力するか、両方を空欄にしてください。"))
    return Seat(desk_id, name, None if column is None or row is None else Cell(column, row))


def _otherwise(stored: Sequence[Seat], wanted: Sequence[Seat]) -> list[Seat]:
    """Return the stored seats that the form would change."""
    asked = {seat.desk_id: seat for seat in wanted}
    return [seat for seat in stored if asked.get(seat.desk_id) != seat]


def _page(filled: Filled, room: Room, stands: Plan, theirs: Sequence[Seat] | None = None) -> Response:
    page = render_template(
        "admin/plan.html",
        filled=filled,
        room=room,
        site=room.site,
        stands=stands,
        new=_new_ones(filled),
        seen=stands.digest if theirs is not None or not filled.errors else request.form.get("seen", ""),
        theirs=theirs,
    )
    status = HTTPStatus.OK if theirs is None else HTTPStatus.CONFLICT
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else status)
