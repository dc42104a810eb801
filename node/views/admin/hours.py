"""利用時間: the weekly hours of a site, a room or a desk, for good or for a season, its holidays and its units."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from http import HTTPStatus
from typing import get_args

from flask import Blueprint, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import BadInput
from federation.messages.listing import Slots
from federation.web.tongue import say
from federation.wording import phrase
from node.host import opening, sites, timetables
from node.host.opening import Hours
from node.host.ruling import Stretch
from node.host.sites import Place
from node.models.sites import Desk, Site
from node.views import edits, town
from node.views.admin.facts import clock
from node.views.admin.places import kind_of, page_of, path_to
from node.views.filled import Filled
from node.views.session import me

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
UNITS: Mapping[str, str] = {
    "15": phrase("15分単位"),
    "30": phrase("30分単位"),
    "60": phrase("60分単位"),
    "half_day": phrase("午前・午後（施設の時間による）"),
    "day": phrase("1日"),
}
"""In which units a place is booked, in words."""
SEASON = ("first_day", "last_day")
_TOO_MANY = phrase("期間を決めた利用時間は、1か所に20件までです。終わったものを削除してください。")
STRETCHES = (1, 2)
"""A day may have two stretches, such as 午前 and 午後 around the council's lunch."""


@blueprint.get("/admin/places/<uuid:place_id>/hours")
def hours(place_id: object) -> Response:
    """Show the weekly hours as they are, a place's own or those it follows; with ``first_day`` those of a season."""
    asked = Filled(request.args)
    first, last = asked.day("first_day"), asked.day("last_day")
    with town().storage.transaction() as db:
        place = sites.get_place(db, str(place_id))
        return _form(db, edits.sealed(_as_stored(db, place, first, last)), place)


def _as_stored(db: Session, place: Place, first: date | None, last: date | None) -> Filled:
    own, effective = _hours_of(db, place, first, last)
    days = {name: day.isoformat() if day else "" for name, day in zip(SEASON, (first, last), strict=True) if first}
    return Filled(MultiDict(_typed(effective, own=own) | days | _choices(place)))


@blueprint.post("/admin/places/<uuid:place_id>/hours")
def change(place_id: object) -> Response:
    """Replace the weekly hours, or let the place follow what is around it."""
    filled = edits.came_back()
    follows = filled.choice("own", ("0", "1")) == "0"
    wanted = [] if follows else _read(filled)
    first, last = _season(filled)
    if not (follows or wanted):
        filled.wrong(
            "day0_1_opens",
            phrase("1日以上の時間を入力してください。しばらく閉める場合は、カレンダーで休止を登録してください。"),
        )
    with town().storage.transaction(write=not filled.errors) as db:
        place = sites.get_place(db, str(place_id))
        _check_choices(filled, place)
        if follows:
            _keep_typed(db, filled, place, (first, last))
        if filled.errors:
            return _form(db, filled, place)
        sites.lock(db, place)
        if clash := _clash(db, filled, place, (first, last)):
            return clash
        try:
            _keep(db, filled, place, wanted, (first, last))
        except BadInput as error:
            filled.refused(error, otherwise="first_day", words={"first_day": _TOO_MANY})
            return _form(db, filled, place)
        name, address = path_to(place), page_of(place)
    flash(say(phrase("%(name)sの利用時間を保存しました。"), name=name), "success")
    return redirect(address, HTTPStatus.SEE_OTHER)


def _clash(db: Session, filled: Filled, place: Place, season: tuple[date | None, date | None]) -> Response | None:
    """Return the page of the difference where somebody else has saved these hours meanwhile.

    A season that is new is compared with the week it was made from, one that is there already with itself.
    """
    showed = edits.showed(filled)
    first, last = (showed.day(name) for name in SEASON)
    if season != (first, last) and _is_season(db, place, *season):
        first, last = season
    ends = {"opens": phrase("%(day)sの時間帯%(number)sの開始"), "closes": phrase("%(day)sの時間帯%(number)sの終了")}
    labels = {
        f"day{day}_{number}_{end}": str(say(words, day=say(name), number=number))
        for day, name in enumerate(WEEKDAYS)
        for number in STRETCHES
        for end, words in ends.items()
    }
    labels |= {"holidays": phrase("祝日・年末年始の利用"), "slots": phrase("予約の単位")}
    words: dict[str, Mapping[str, str]] = {
        "own": {"0": phrase("施設や部屋の時間に合わせる"), "1": phrase("曜日ごとに決める")},
        "holidays": {"0": phrase("休み"), "1": phrase("ほかの日と同じように開く")},
        "slots": UNITS,
    }
    stored = _as_stored(db, place, first, last)
    return edits.conflict(filled, stored, what=path_to(place), back=page_of(place), labels=labels, words=words)


def _is_season(db: Session, place: Place, first: date | None, last: date | None) -> bool:
    rules = opening.rules_by_place(db, [place.id])
    weeks = rules[place.id].weeks if place.id in rules else ()
    return first is not None and any((one.first, one.last) == (first, last or date.max) for one in weeks)


def _keep_typed(db: Session, filled: Filled, place: Place, season: tuple[date | None, date | None]) -> None:
    """Refuse to let a place follow what is around it where somebody has also typed hours: they would be lost."""
    typed, (_own, stored) = sorted(_read(filled)), _hours_of(db, place, *season)
    if typed and typed not in (sorted(stored), sorted(_read(edits.showed(filled)))):
        words = phrase(
            "入力した時間を使うには「曜日ごとに決める」を選んでください。使わない場合は、時間を元に戻してください。"
        )
        filled.wrong("own", words)


def _keep(
    db: Session, filled: Filled, place: Place, wanted: list[Hours], season: tuple[date | None, date | None]
) -> None:
    now = town().clock()
    timetables.set_week(db, place, wanted, now, first=season[0], last=season[1])
    if "holidays" in filled.form:
        timetables.open_on_holidays(db, place, {"1": True, "0": False}.get(filled.typed("holidays")), now)
    if "slots" in filled.form and not isinstance(place, Desk):
        chosen = next((each for each in get_args(Slots) if each == filled.typed("slots")), None)
        timetables.choose_slots(db, place, chosen)
    who, what = f"staff:{me().id}", f"place:{place.id}"
    audit.record(db, event="hours-changed", actor=who, subject=what, verdict="allowed", now=now)


def _check_choices(filled: Filled, place: Place) -> None:
    follows = [] if isinstance(place, Site) else [""]
    if "holidays" in filled.form:
        filled.choice("holidays", [*follows, "0", "1"])
    if "slots" in filled.form:
        filled.choice("slots", [*follows, *timetables.SLOTS])


def _choices(place: Place) -> dict[str, str]:
    """Return what a place chose of holidays and units, as the form writes it."""
    holidays = {True: "1", False: "0", None: ""}[place.opens_on_holidays]
    own = "" if isinstance(place, Desk) else place.slots or ("15" if isinstance(place, Site) else "")
    return {"holidays": holidays, "slots": own}


def _season(filled: Filled) -> tuple[date | None, date | None]:
    """Read the days for which the week is valid; none for good."""
    first, last = filled.day("first_day"), filled.day("last_day")
    if last is not None and first is None and not filled.typed("first_day"):
        filled.wrong("first_day", phrase("期間の終わりだけでは保存できません。開始日も入力してください。"))
    elif first is not None and last is not None and last < first:
        filled.wrong("last_day", phrase("終了日は開始日以後の日にしてください。"))
    return first, last


def _hours_of(db: Session, place: Place, first: date | None, last: date | None) -> tuple[bool, Sequence[Hours]]:
    """Return whether a place has hours of its own for the season, and the hours that hold there without."""
    chain = opening.around_of(place)
    rules = opening.rules_by_place(db, [one.id for one in chain])
    if first is not None:
        weeks = rules[place.id].weeks if place.id in rules else ()
        season = next((one for one in weeks if (one.first, one.last) == (first, last or date.max)), None)
        if season is not None:
            return True, season.hours
    known = opening.hours_by_place(db, [one.id for one in chain])
    found = next((known[one.id] for one in chain if one.id in known), None)
    own = first is not None or place.id in known
    return own, opening.usual_hours(sites.site_of(place)) if found is None else found


def _typed(found: Iterable[Hours], *, own: bool) -> dict[str, str]:
    form: dict[str, str] = {"own": "1" if own else "0"}
    used: dict[int, int] = {}
    for weekday, opens, closes in sorted(found):
        used[weekday] = number = used.get(weekday, 0) + 1
        form[f"day{weekday}_{number}_opens"], form[f"day{weekday}_{number}_closes"] = clock(opens), clock(closes)
    return form


def _read(filled: Filled) -> list[Hours]:
    return [(weekday, *one) for weekday in range(7) for one in read_stretches(filled, f"day{weekday}")]


def read_stretches(filled: Filled, day: str) -> list[Stretch]:
    """Read the stretches of one day from the fields ``{day}_1_opens`` and so on, in order and apart; notes what is wrong."""
    found: list[Stretch] = []
    for number in STRETCHES:
        name = f"{day}_{number}_closes"
        opens, closes = filled.time(f"{day}_{number}_opens"), filled.time(name)
        if opens is None and closes is None:
            continue
        if opens is None or closes is None:
            filled.wrong(name, phrase("開始と終了の両方を入力してください。"))
        elif (closes or 1440) <= opens:
            filled.wrong(name, phrase("終了は開始より後の時刻にしてください。"))
        elif found and opens < found[-1][1]:
            filled.wrong(name, phrase("前の時間帯と重なっています。"))
        else:
            found.append((opens, closes or 1440))
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


def _form(db: Session, filled: Filled, place: Place) -> Response:
    rules = opening.rules_by_place(db, [place.id]).get(place.id)
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
        seasons=[one for one in rules.weeks if one.first != date.min] if rules else [],
        endless=date.max,
        units=UNITS,
        exceptions=len(rules.dated) if rules else 0,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)
