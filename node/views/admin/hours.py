"""開館時間: the weekly hours of a site, a room or a desk; the nearest that has any decides."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation.web.tongue import say
from federation.wording import phrase
from node.host import opening, sites
from node.host.opening import Hours
from node.host.sites import Place
from node.models.sites import Desk, Room, Site
from node.views import town
from node.views.admin.places import kind_of, page_of, path_to
from node.views.admin.sites import clock
from node.views.filled import Filled

blueprint = Blueprint("admin_hours", __name__)
"""For ``Audience.ADMIN``."""

WEEKDAYS = (
    phrase("月曜日"),
    phrase("火曜日"),
    phrase("水曜日"),
    phrase("木曜日"),
    phrase("金曜日"),
    phrase("土曜日"),
    phrase("日曜日"),
)
STRETCHES = (1, 2)
"""A day may have two stretches, such as 午前 and 午後 around the council's lunch."""


@blueprint.get("/admin/places/<uuid:place_id>/hours")
def hours(place_id: object) -> Response:
    """Show the weekly hours as they are, a place's own or those it follows."""
    with town().storage.transaction() as db:
        place = sites.get_place(db, str(place_id))
        own, effective = _hours_of(db, place)
        return _form(Filled(_typed(effective, own=own)), place)


@blueprint.post("/admin/places/<uuid:place_id>/hours")
def change(place_id: object) -> Response:
    """Replace the weekly hours, or let the place follow what is around it."""
    filled = Filled(request.form)
    follows = filled.choice("own", ("0", "1")) == "0"
    wanted = [] if follows else _read(filled)
    if not (follows or wanted):
        filled.wrong(
            "day0_1_opens",
            phrase("1日以上の時間を入力してください。しばらく閉める場合は、カレンダーで休止を登録してください。"),
        )
    with town().storage.transaction(write=not filled.errors) as db:
        place = sites.get_place(db, str(place_id))
        if filled.errors:
            return _form(filled, place)
        opening.set_hours(db, place.id, wanted)
        sites.changed(db, place)
        name, address = path_to(place), page_of(place)
    flash(say(phrase("%(name)sの利用時間を保存しました。"), name=name), "success")
    return redirect(address, HTTPStatus.SEE_OTHER)


def _hours_of(db: Session, place: Place) -> tuple[bool, Sequence[Hours]]:
    """Return whether a place has hours of its own, and the hours that hold there."""
    chain = _around(place)
    known = opening.hours_by_place(db, [one.id for one in chain])
    found = next((known[one.id] for one in chain if one.id in known), None)
    return place.id in known, opening.usual_hours(sites.site_of(place)) if found is None else found


def _around(place: Place) -> list[Place]:
    if isinstance(place, Desk):
        return [place, place.room, place.room.site]
    return [place, place.site] if isinstance(place, Room) else [place]


def _typed(found: Iterable[Hours], *, own: bool) -> MultiDict[str, str]:
    form: MultiDict[str, str] = MultiDict({"own": "1" if own else "0"})
    used: dict[int, int] = {}
    for weekday, opens, closes in sorted(found):
        used[weekday] = number = used.get(weekday, 0) + 1
        form[f"day{weekday}_{number}_opens"], form[f"day{weekday}_{number}_closes"] = clock(opens), clock(closes)
    return form


def _read(filled: Filled) -> list[Hours]:
    return [one for weekday in range(7) for one in _read_day(filled, weekday)]


def _read_day(filled: Filled, weekday: int) -> list[Hours]:
    """Read a day's stretches, in order and apart."""
    found: list[Hours] = []
    for number in STRETCHES:
        name = f"day{weekday}_{number}_closes"
        opens, closes = filled.time(f"day{weekday}_{number}_opens"), filled.time(name)
        if opens is None and closes is None:
            continue
        if opens is None or closes is None:
            filled.wrong(name, phrase("開始と終了の両方を入力してください。"))
        elif (closes or 1440) <= opens:
            filled.wrong(name, phrase("終了は開始より後の時刻にしてください。"))
        elif found and opens < found[-1][2]:
            filled.wrong(name, phrase("前の時間帯と重なっています。"))
        else:
            found.append((weekday, opens, closes or 1440))
    return found


def _mistakes(filled: Filled) -> list[tuple[str, str]]:
    """Return the mistakes for the head of the form: one a stretch, under its day's name."""
    found: dict[str, tuple[str, str]] = {}
    for name, words in filled.errors.items():
        stretch, _, end = name.rpartition("_")
        if end in {"opens", "closes"}:
            day = say(WEEKDAYS[int(stretch[len("day")])])
            found.setdefault(stretch, (name, say(phrase("%(field)s：%(words)s"), field=day, words=words)))
        else:
            found[name] = (name, words)
    return list(found.values())


def _form(filled: Filled, place: Place) -> Response:
    page = render_template(
        "admin/hours.html",
        filled=filled,
        mistakes=_mistakes(filled),
        place=place,
        kind=kind_of(place),
        name=path_to(place),
        back=page_of(place),
        weekdays=WEEKDAYS,
        stretches=STRETCHES,
        is_site=isinstance(place, Site),
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)
