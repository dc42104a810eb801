"""日付ごとの例外: the days of a place that differ from its week, one-off openings among them, and 祝日 a year ahead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from typing import get_args
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import BadInput, NotFound
from federation.web.tongue import say
from federation.wording import phrase
from node.host import opening, ruling, sites, timetables
from node.host.ruling import DayPlan, Stretch
from node.host.sites import Place
from node.host.timetables import DatedWish
from node.models.opening import DatedException, ExceptionKind
from node.views import edits, town
from node.views.admin.facts import clock
from node.views.admin.holidays import named
from node.views.admin.hours import STRETCHES, WEEKDAYS, read_stretches
from node.views.admin.places import kind_of, page_of, path_to
from node.views.filled import Filled, shown
from node.views.session import me

blueprint = Blueprint("admin_exceptions", __name__)
"""For ``Audience.ADMIN``."""

KINDS: Mapping[str, tuple[str, str]] = {
    "closed": (phrase("終日休み"), phrase("この日は利用できません。")),
    "hours": (phrase("ほかの時間"), phrase("曜日ごとの時間の代わりに、下の時間だけ開きます。")),
    "usual": (phrase("祝日でも開く"), phrase("祝日や年末年始でも、その曜日のいつもの時間に開きます。")),
    "extra": (phrase("臨時に開く"), phrase("いつもの時間に加えて、下の時間も開きます。土曜日の開放などに使います。")),
}
"""What an exception does: its name, and what that means."""
_AHEAD = 366
_FIELDS = ("kind", "first_day", "last_day", "weekdays", "yearly", "day_1_closes", "day_2_closes", "words")
_REFUSED = {
    "last_day": phrase("終了日は開始日以後、3年以内にしてください。"),
    "weekdays": phrase("選んだ曜日は、この期間にありません。"),
    "yearly": phrase("毎年くり返す期間は、1年より短くしてください。"),
    "first_day": phrase("例外は1か所に200件までです。終わったものを削除してください。"),
}


@dataclass(frozen=True)
class Listed:
    """An exception with the place it belongs to, and whether that is the one whose page this is."""

    exception: DatedException
    place: str
    own: bool


@blueprint.get("/admin/places/<uuid:place_id>/exceptions")
def every(place_id: object) -> str:
    """Show a place's exceptions with those it follows, and the days of the next twelve months closed by default."""
    with town().storage.transaction() as db:
        place = sites.get_place(db, str(place_id))
        chain = opening.chains_of(db, [place])[place.id]
        around = {one.id: one for one in opening.around_of(place)}
        found = timetables.standing(db, around)
        zone = ZoneInfo(sites.site_of(place).zone)
        today = town().clock().astimezone(zone).date()
        listed = [Listed(one, path_to(around[one.place_id]), one.place_id == place.id) for one in found]
        return render_template(
            "admin/exceptions.html",
            place=place,
            kind=kind_of(place),
            name=path_to(place),
            back=page_of(place),
            listed=[one for one in listed if one.exception.last_day >= today or one.exception.yearly],
            over=[one for one in listed if one.exception.last_day < today and not one.exception.yearly and one.own],
            holidays=_holidays(chain, today),
            kinds=KINDS,
            weekdays=WEEKDAYS,
            clock=clock,
        )


def _holidays(chain: ruling.Chain, today: date) -> Sequence[tuple[DayPlan, str]]:
    """Return the 祝日 and days of the turn of the year ahead with what holds on them, and their names."""
    days = (today + timedelta(days=number) for number in range(_AHEAD))
    return [(ruling.plan(chain, day), named(ruling.holiday_name(day))) for day in days if ruling.is_holiday(day)]


@blueprint.get("/admin/places/<uuid:place_id>/exceptions/new")
def new(place_id: object) -> Response:
    """Ask for an exception; ``kind``, ``first_day`` and ``words`` may be filled in by the link that leads here."""
    given = {name: request.args.get(name, "")[:100] for name in ("kind", "first_day", "words")}
    with town().storage.transaction() as db:
        place = sites.get_place(db, str(place_id))
        return _form(shown({**given, "kind": given["kind"] or "closed"}), place)


@blueprint.post("/admin/places/<uuid:place_id>/exceptions/new")
def add(place_id: object) -> Response:
    """Add an exception."""
    filled = Filled(request.form)
    wish = _read(filled)
    with town().storage.transaction(write=not filled.errors) as db:
        place = sites.get_place(db, str(place_id))
        if wish is None:
            return _form(filled, place)
        try:
            added = timetables.add(db, place, wish, town().clock())
        except BadInput as error:
            filled.refused(error, otherwise="first_day", words=_REFUSED)
            return _form(filled, place)
        return _done(db, place, added, phrase("%(name)sの例外を登録しました。"))


@blueprint.get("/admin/places/<uuid:place_id>/exceptions/<int:number>")
def edit(place_id: object, number: int) -> Response:
    """Show an exception to be changed."""
    with town().storage.transaction() as db:
        place, found = _found(db, place_id, number)
        return _form(edits.sealed(_as_stored(found)), place, found)


def _as_stored(found: DatedException) -> Filled:
    facts = {
        "kind": found.kind,
        "first_day": found.first_day.isoformat(),
        "last_day": found.last_day.isoformat() if found.last_day != found.first_day else "",
        "weekdays": found.weekdays,
        "yearly": found.yearly,
        "words": found.words,
    }
    for each, (opens, closes) in zip(STRETCHES, found.stretches, strict=False):
        facts |= {f"day_{each}_opens": clock(opens), f"day_{each}_closes": clock(closes)}
    return shown(facts)


def _clash(filled: Filled, found: DatedException, place: Place) -> Response | None:
    """Return the page of the difference where somebody else has changed this exception meanwhile."""
    ends = {"opens": phrase("時間帯%(number)sの開始"), "closes": phrase("時間帯%(number)sの終了")}
    labels: dict[str, str] = {
        f"day_{number}_{end}": str(say(words, number=number)) for number in STRETCHES for end, words in ends.items()
    }
    labels |= {"kind": phrase("この日の扱い"), "first_day": phrase("開始日"), "last_day": phrase("終了日")}
    labels |= {"weekdays": phrase("曜日"), "yearly": phrase("毎年くり返す"), "words": phrase("理由")}
    words = {
        "kind": {kind: name for kind, (name, _) in KINDS.items()},
        "weekdays": {str(number): name for number, name in enumerate(WEEKDAYS)},
    }
    back = url_for("admin_exceptions.every", place_id=place.id)
    return edits.conflict(filled, _as_stored(found), what=path_to(place), back=back, labels=labels, words=words)


@blueprint.post("/admin/places/<uuid:place_id>/exceptions/<int:number>")
def change(place_id: object, number: int) -> Response:
    """Change an exception; who comes second is shown the difference."""
    filled = edits.came_back()
    wish = _read(filled)
    with town().storage.transaction(write=not filled.errors) as db:
        place, found = _found(db, place_id, number)
        if wish is None:
            return _form(filled, place, found)
        sites.lock(db, place)
        db.refresh(found)
        if found.ended_at is not None:
            raise NotFound("the exception was taken back")
        if clash := _clash(filled, found, place):
            return clash
        try:
            timetables.edit(db, found, place, wish, town().clock())
        except BadInput as error:
            filled.refused(error, otherwise="first_day", words=_REFUSED)
            return _form(filled, place, found)
        return _done(db, place, found, phrase("%(name)sの例外を変更しました。"))


@blueprint.post("/admin/places/<uuid:place_id>/exceptions/<int:number>/end")
def end(place_id: object, number: int) -> Response:
    """Take an exception back."""
    with town().storage.transaction(write=True) as db:
        place, found = _found(db, place_id, number)
        timetables.end(db, found, place, town().clock())
        return _done(db, place, found, phrase("%(name)sの例外を取り消しました。"))


def _done(db: Session, place: Place, exception: DatedException, words: str) -> Response:
    """Write down who did it, say so, and say how many bookings now lie outside the hours."""
    now = town().clock()
    who, what = f"staff:{me().id}", f"exception:{exception.id}"
    audit.record(db, event="exception-changed", actor=who, subject=what, verdict="allowed", now=now)
    flash(say(words, name=path_to(place)), "success")
    outside = timetables.outside(db, place, now)
    if outside:
        kept = phrase(
            "利用時間の外になった予約が%(count)s件あります。予約は残ります。取り消す場合は、休止を登録してください。"
        )
        flash(say(kept, count=outside), "warning")
    return redirect(url_for("admin_exceptions.every", place_id=place.id), HTTPStatus.SEE_OTHER)


def _found(db: Session, place_id: object, number: int) -> tuple[Place, DatedException]:
    """Return a place and one of its standing exceptions; raise ``NotFound``."""
    place = sites.get_place(db, str(place_id))
    found = db.get(DatedException, number) if number < 2**31 else None
    if found is None or found.place_id != place.id or found.ended_at is not None:
        raise NotFound("no such exception")
    return place, found


def _read(filled: Filled) -> DatedWish | None:
    """Read what is wanted; None where something is wrong, which then stands in ``filled.errors``."""
    kind = next((each for each in get_args(ExceptionKind) if each == filled.choice("kind", KINDS)), None)
    first, last = filled.day("first_day", needed=True), filled.day("last_day")
    weekdays = filled.choices("weekdays", [str(number) for number in range(7)])
    words = filled.text("words", longest=100, needed=True)
    stretches = _stretches(filled) if kind in {"hours", "extra"} else ()
    if first is not None and last is not None and last < first:
        filled.wrong("last_day", _REFUSED["last_day"])
    if filled.errors or kind is None or first is None:
        return None
    return DatedWish(
        kind, first, last or first, words, stretches, tuple(map(int, weekdays)), yearly=filled.ticked("yearly")
    )


def _stretches(filled: Filled) -> tuple[Stretch, ...]:
    """Read up to two stretches; at least one."""
    found = read_stretches(filled, "day")
    if not found:
        filled.wrong("day_1_closes", phrase("開く時間を入力してください。"))
    return tuple(found)


def _form(filled: Filled, place: Place, exception: DatedException | None = None) -> Response:
    page = render_template(
        "admin/exception_form.html",
        filled=filled,
        place=place,
        name=path_to(place),
        exception=exception,
        kinds=KINDS,
        weekdays=WEEKDAYS,
        stretches=STRETCHES,
        summary=filled.summary(_FIELDS),
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)
