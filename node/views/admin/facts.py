"""What the forms of sites and rooms ask: read into what is stored, and what is stored shown again."""

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from federation.messages.space import VIEWPOINTS
from federation.wording import phrase
from node.models.sites import Room, Site
from node.views.admin import positions
from node.views.filled import Filled
from node.views.space import CARRIERS, EATING, FACILITY_TYPES, KNOWN, OF_ROOMS, SCREEN, SIGNALS, WEB_MEETING, access_of

WORDS = ("entrance", "night_entrance", "reception", "contact", "extension", "bring", "wifi", "lunch", "welcome")
TIMES = ("morning_start", "noon_end", "noon_start", "evening_end")
RECEPTION = ("reception_opens", "reception_closes")
STATIONS = 10
USUAL = {
    "morning_start": "08:30",
    "noon_end": "12:00",
    "noon_start": "13:00",
    "evening_end": "17:15",
    "reception_opens": "08:30",
    "reception_closes": "17:15",
}
"""What a new site begins with: the hours of most town halls."""
_PAIR = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*[,、，\s]\s*(-?\d+(?:\.\d+)?)\s*")


# --- A site ---------------------------------------------------------------------------------------------------


def of_site(filled: Filled) -> Mapping[str, Any]:
    """Read what makes a site."""
    _part_coordinates(filled)
    lat, lon = positions.read(filled)
    facts: dict[str, Any] = {
        "name": filled.text("name", longest=200, needed=True),
        "name_kana": filled.text("name_kana", longest=300),
        "name_en": filled.text("name_en", longest=300),
        "address": filled.text("address", longest=300, needed=True),
        "lat": lat,
        "lon": lon,
        "stations": _stations(filled),
        "opens_on_holidays": filled.ticked("opens_on_holidays"),
        "facility_type": _one_of(filled, "facility_type", FACILITY_TYPES),
        "phone": filled.text("phone", longest=40),
        "description": filled.text("description", longest=4000, lines=True),
        "access": _access(filled, VIEWPOINTS),
    }
    facts |= {name: filled.text(name, longest=300) for name in WORDS}
    in_order = phrase("午前の開始、午前の終了、午後の開始、午後の終了の順になるように入力してください。")
    facts |= _times(filled, TIMES, in_order, equal_at=1)
    return facts | _times(filled, RECEPTION, phrase("受付の終了は、開始より後の時刻を入力してください。"))


def shown_of_site(site: Site) -> dict[str, object]:
    """Return the fields of a site's form."""
    columns = {name: getattr(site, name) for name in Site.__table__.columns.keys()}  # noqa: SIM118 - no mapping.
    stations: dict[str, object] = {}
    for number, station in enumerate(site.stations[:STATIONS], start=1):
        stations[f"station{number}_name"] = station["name"]
        stations[f"station{number}_walk"] = station.get("walk_minutes", 0)
        stations[f"station{number}_lines"] = "、".join(station.get("lines", ()))
    return {**columns, **stations, **_shown_access(site.access, VIEWPOINTS)}


def _part_coordinates(filled: Filled) -> None:
    """Take 「35.7993, 139.4686」 apart: maps give both numbers at once, and people paste them as they are."""
    pair = _PAIR.fullmatch(filled.typed("lat"))
    if pair and not filled.typed("lon").strip():
        form = MultiDict(filled.form)
        form["lat"], form["lon"] = pair.groups()
        filled.form = form


def _stations(filled: Filled) -> list[dict[str, Any]]:
    """Read up to ten rows; those without a name are left out, unless something else stands in them."""
    found: list[dict[str, Any]] = []
    for number in range(1, STATIONS + 1):
        name_field, walk_field, lines_field = (f"station{number}_{part}" for part in ("name", "walk", "lines"))
        name = filled.text(name_field, longest=100)
        walk = filled.whole(walk_field, 0, 180, needed=bool(name))
        typed = filled.text(lines_field, longest=500)
        lines = [line.strip() for line in re.split(r"[,、，/／・]", typed) if line.strip()]
        if not name and (walk is not None or lines):
            filled.wrong(name_field, phrase("駅名を入力するか、この行の入力をすべて消してください。"))
        if len(lines) > 10 or any(len(line) > 100 for line in lines):
            filled.wrong(lines_field, phrase("路線は10路線まで、1路線100文字以内で入力してください。"))
        if name:
            found.append({"name": name.removesuffix("駅") or name, "walk_minutes": walk or 0, "lines": lines})
    return found


def _times(filled: Filled, names: Sequence[str], words: str, *, equal_at: int = -1) -> dict[str, str]:
    """Read times that follow each other within one day; two neighbours may be equal at ``equal_at``."""
    times = [filled.time(name, needed=True) for name in names]
    known = [time for time in times if time is not None]
    if len(known) == len(names):
        steps = list(itertools.pairwise(known))
        ordered = all(a <= b if number == equal_at else a < b for number, (a, b) in enumerate(steps))
        if not ordered or known[-1] >= 1440:
            filled.wrong(names[-1], words)
    return {name: clock(time or 0) for name, time in zip(names, times, strict=True)}


def clock(minutes: int) -> str:
    """Write minutes after midnight as HH:MM."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


# --- A room ---------------------------------------------------------------------------------------------------


def of_room(filled: Filled, features: Mapping[str, str]) -> Mapping[str, Any]:
    """Read how a room is used, and what every desk in it has."""
    signals = {carrier: _one_of(filled, f"mobile_{carrier}", SIGNALS) for carrier in CARRIERS}
    mobile = {carrier: signal for carrier, signal in signals.items() if signal}
    return {
        "features": filled.choices("features", features),
        "web_meeting": _one_of(filled, "web_meeting", WEB_MEETING),
        "screen": _one_of(filled, "screen", SCREEN),
        "eating": _one_of(filled, "eating", EATING),
        "mobile": mobile,
        "mobile_measured_on": filled.day("mobile_measured_on", needed=bool(mobile)),
        "access": _access(filled, OF_ROOMS),
    }


def shown_of_room(room: Room) -> dict[str, object]:
    """Return the fields of a room's form that ``of_room`` reads."""
    same = ("features", "web_meeting", "screen", "eating", "mobile_measured_on")
    return {
        **{name: getattr(room, name) for name in same},
        **{f"mobile_{carrier}": room.mobile.get(carrier, "") for carrier in CARRIERS},
        **_shown_access(room.access, OF_ROOMS),
    }


# --- Both -----------------------------------------------------------------------------------------------------


def _one_of(filled: Filled, name: str, words: Mapping[str, str]) -> str:
    """Read one of the words, or nothing."""
    return filled.choice(name, words) if filled.typed(name) else ""


def _access(filled: Filled, viewpoints: Sequence[str]) -> dict[str, bool]:
    return access_of({name: _one_of(filled, f"access_{name}", KNOWN) for name in viewpoints})


def _shown_access(access: Mapping[str, bool], viewpoints: Sequence[str]) -> dict[str, object]:
    answers = {True: "yes", False: "no", None: ""}
    return {f"access_{name}": answers[access.get(name)] for name in viewpoints}
