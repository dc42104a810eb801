"""施設・部屋・座席: the tree of what we offer, a site's facts, and offering or withdrawing any of it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation.errors import BadInput
from federation.web.tongue import say, zone
from federation.wording import phrase
from node.host import inventory, sites
from node.models.sites import Room, Site
from node.views import town
from node.views.admin.places import get_site, kind_of, page_of, path_to
from node.views.filled import Filled, shown

blueprint = Blueprint("admin_sites", __name__)
"""For ``Audience.ADMIN``."""

WORDS = ("entrance", "reception", "extension", "bring", "lunch", "welcome")
TIMES = ("morning_start", "noon_end", "noon_start", "evening_end")
_STATION = phrase("%(line)s行目を「駅名, 徒歩分, 路線」の形で入力してください。例：新宿駅, 8, JR中央線")
_REFUSED = {"lat": phrase("緯度と経度を確認してください。"), "lon": phrase("緯度と経度を確認してください。")}


@blueprint.get("/admin/sites")
def tree() -> str:
    """Show all sites with their rooms and desks, problems first."""
    today = town().clock().astimezone(zone()).date()
    with town().storage.transaction() as db:
        counted = inventory.tree(db, today)
    return render_template("admin/sites.html", counted=counted)


@blueprint.get("/admin/sites/new")
def new() -> Response:
    """Ask for a new site's facts."""
    usual = {"morning_start": "08:30", "noon_end": "12:00", "noon_start": "13:00", "evening_end": "17:15"}
    return _form(shown(usual))


@blueprint.post("/admin/sites/new")
def add() -> Response:
    """Add a site, not published yet."""
    filled = Filled(request.form)
    facts = _facts(filled)
    if not filled.errors:
        try:
            with town().storage.transaction(write=True) as db:
                added = sites.add_site(db, town().config, facts)
        except BadInput as error:
            filled.refused(error, otherwise="name", words=_REFUSED)
        else:
            flash(say(phrase("%(name)sを追加しました。続けて部屋を追加してください。"), name=added.name), "success")
            return redirect(url_for("admin_sites.site", site_id=added.id), HTTPStatus.SEE_OTHER)
    return _form(filled)


@blueprint.get("/admin/sites/<uuid:site_id>")
def site(site_id: object) -> str:
    """Show a site with its rooms, its facts and what can be done."""
    today = town().clock().astimezone(zone()).date()
    with town().storage.transaction() as db:
        found = get_site(db, site_id)
        counted = inventory.count(found, today)
    return render_template("admin/site.html", site=found, counted=counted)


@blueprint.get("/admin/sites/<uuid:site_id>/edit")
def edit(site_id: object) -> Response:
    """Show a site's facts to be changed."""
    with town().storage.transaction() as db:
        found = get_site(db, site_id)
    columns = {name: getattr(found, name) for name in Site.__table__.columns.keys()}  # noqa: SIM118 - no mapping.
    return _form(shown({**columns, "stations": "\n".join(_station_line(one) for one in found.stations)}), found)


@blueprint.post("/admin/sites/<uuid:site_id>/edit")
def change(site_id: object) -> Response:
    """Change a site's facts."""
    filled = Filled(request.form)
    facts = _facts(filled)
    try:
        with town().storage.transaction(write=not filled.errors) as db:
            found = get_site(db, site_id)
            if not filled.errors:
                sites.edit(db, town().config, found, facts)
    except BadInput as error:
        filled.refused(error, otherwise="name", words=_REFUSED)
        with town().storage.transaction() as db:
            found = get_site(db, site_id)
    if filled.errors:
        return _form(filled, found)
    flash(say(phrase("%(name)sの内容を保存しました。"), name=found.name), "success")
    return redirect(url_for("admin_sites.site", site_id=found.id), HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/places/<uuid:place_id>/publish")
def publish(place_id: object) -> Response:
    """掲載する: offer a site, room or desk, and with ``all`` everything in it."""
    with town().storage.transaction(write=True) as db:
        place = sites.get_place(db, str(place_id))
        for one in _with_all_inside(db, place) if request.form.get("all") else [place]:
            sites.publish(db, one)
        name, address = path_to(place), page_of(place)
    flash(say(phrase("%(name)sを掲載しました。"), name=name), "success")
    return redirect(address, HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/places/<uuid:place_id>/withdraw")
def withdraw(place_id: object) -> Response:
    """掲載をやめる: offer it no longer; what is booked stays booked."""
    with town().storage.transaction(write=True) as db:
        place = sites.get_place(db, str(place_id))
        sites.withdraw(db, place)
        name, address = path_to(place), page_of(place)
    words = phrase(
        "%(name)sの掲載をやめました。すでにある予約は残ります。取り消す場合は、カレンダーで休止を登録してください。"
    )
    flash(say(words, name=name), "success")
    return redirect(address, HTTPStatus.SEE_OTHER)


def _with_all_inside(db: Session, place: sites.Place) -> list[sites.Place]:
    rooms: list[Room] = list(place.rooms) if isinstance(place, Site) else []
    inside = sites.desks_in(db, place) if kind_of(place) != "desk" else []
    return [place, *rooms, *inside]


def _form(filled: Filled, site: Site | None = None) -> Response:
    page = render_template("admin/site_form.html", filled=filled, site=site)
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)


def _facts(filled: Filled) -> Mapping[str, Any]:
    """Read what makes a site."""
    facts: dict[str, Any] = {
        "name": filled.text("name", longest=100, needed=True),
        "name_kana": filled.text("name_kana", longest=300),
        "name_en": filled.text("name_en", longest=300),
        "address": filled.text("address", longest=300, needed=True),
        "lat": filled.decimal("lat", 20, 46),
        "lon": filled.decimal("lon", 122, 154),
        "stations": _stations(filled),
        "opens_on_holidays": filled.ticked("opens_on_holidays"),
        "description": filled.text("description", longest=4000, lines=True),
    }
    facts |= {name: filled.text(name, longest=300) for name in WORDS}
    return facts | _half_days(filled)


def _half_days(filled: Filled) -> dict[str, str]:
    """Read 午前 and 午後, which follow each other within one day."""
    times = [filled.time(name, needed=True) for name in TIMES]
    known = [time for time in times if time is not None]
    in_order = len(known) < 4 or (known[0] < known[1] <= known[2] < known[3] < 1440)
    if not in_order:
        filled.wrong(
            "evening_end", phrase("午前の開始、午前の終了、午後の開始、午後の終了の順になるように入力してください。")
        )
    return {name: clock(time or 0) for name, time in zip(TIMES, times, strict=True)}


def clock(minutes: int) -> str:
    """Write minutes after midnight as HH:MM."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _stations(filled: Filled) -> list[dict[str, Any]]:
    """Read one station a line: its name, the minutes on foot, and the lines that stop there."""
    found: list[dict[str, Any]] = []
    text = filled.text("stations", longest=2000, lines=True)
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, *rest = (part.strip() for part in line.replace("、", ",").replace("，", ",").split(","))
        one = Filled(MultiDict({"minutes": rest[0] if rest else ""}))
        walk = one.whole("minutes", 0, 180, needed=True)
        lines = [part for part in rest[1:] if part]
        if not name or one.errors or any(len(part) > 100 for part in (name, *lines)):
            filled.wrong("stations", _STATION, line=number)
        else:
            found.append({"name": name.removesuffix("駅") or name, "walk_minutes": walk or 0, "lines": lines})
    if len(found) > 10:
        filled.wrong("stations", phrase("駅は10駅までです。近いものを残してください。"))
    return found


def _station_line(station: Mapping[str, Any]) -> str:
    return ", ".join([station["name"], str(station.get("walk_minutes", 0)), *station.get("lines", ())])
