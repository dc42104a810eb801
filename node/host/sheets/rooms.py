"""部屋 as a sheet: all that the form asks of a room, read, compared, carried out by the same functions, and written."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from federation.errors import BadInput
from federation.wording import phrase
from node.config import Config
from node.host import lending, sites
from node.host.sheets import dates, tree, vocabulary
from node.host.sheets.cells import is_renamed
from node.host.sheets.rows import Remark, Row
from node.host.sheets.vocabulary import CARRIERS
from node.host.wholes import WHOLE
from node.models.imports import ImportRow
from node.models.sites import Room

_MOBILE = {f"mobile.{carrier}": carrier for carrier in CARRIERS}
_ACCESS = ("wheelchair", "step_free", "hearing_loop", "captions", "light_alarm", "quiet")
ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("部屋ID", "ID"),
    "site": tree.ALIASES["site"],
    "room": tree.ALIASES["room"],
    "privacy": ("部屋の種別", "種別"),
    "talking": ("会話",),
    "usual_staff": ("ふだんの職員数", "職員数"),
    "features": ("設備",),
    "web_meeting": ("Web会議",),
    "screen": ("画面の見え方", "画面"),
    "eating": ("飲食",),
    **{field: (f"電波_{CARRIERS[carrier]}", CARRIERS[carrier]) for field, carrier in _MOBILE.items()},
    "mobile_measured_on": ("電波の測定日", "測定日"),
    "access.wheelchair": ("車椅子で利用できる", "車椅子"),
    "access.step_free": ("入口から段差がない", "段差なし"),
    "access.hearing_loop": ("ヒアリングループ",),
    "access.captions": ("文字や字幕での案内", "字幕"),
    "access.light_alarm": ("光で知らせる火災警報", "光警報"),
    "access.quiet": ("静かに過ごせる場所",),
    "capacity": ("まとめて貸す定員", "部屋全体の定員"),
    "published": ("掲載",),
}
TITLES: Mapping[str, str] = {
    "site": phrase("施設"),
    "room": phrase("部屋"),
    "privacy": phrase("部屋の種別"),
    "talking": phrase("会話"),
    "usual_staff": phrase("ふだんの職員数"),
    "features": phrase("設備"),
    "web_meeting": phrase("Web会議"),
    "screen": phrase("画面の見え方"),
    "eating": phrase("飲食"),
    "mobile.docomo": phrase("ドコモ"),
    "mobile.au": phrase("au"),
    "mobile.softbank": phrase("ソフトバンク"),
    "mobile.rakuten": phrase("楽天モバイル"),
    "mobile_measured_on": phrase("電波の測定日"),
    "access.wheelchair": phrase("車椅子で利用できる"),
    "access.step_free": phrase("入口から段差がない"),
    "access.hearing_loop": phrase("ヒアリングループ"),
    "access.captions": phrase("文字や字幕での案内"),
    "access.light_alarm": phrase("光で知らせる火災警報"),
    "access.quiet": phrase("静かに過ごせる場所"),
    "capacity": phrase("まとめて貸す定員"),
    "published": phrase("掲載"),
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "privacy": vocabulary.PRIVACY,
    "talking": vocabulary.TALKING,
    "web_meeting": vocabulary.WEB_MEETING,
    "screen": vocabulary.SCREEN,
    "eating": vocabulary.EATING,
}
_NEEDED = ("privacy", "talking", "published")
"""Facts that a room always has: an empty cell says nothing of them."""


def fill(row: Row, given: Mapping[str, str], _own_code: str) -> None:
    """Read a row; a column that the file does not have says nothing, an empty cell that it is not known."""
    tree.read_names(row, given)
    facts = row.facts
    if not facts["room"]:
        row.wrong(phrase("部屋の名称がありません。"), TITLES["room"])
    elif len(facts["room"]) > 200:
        row.wrong(phrase("200文字以内にしてください。"), TITLES["room"], facts["room"])
    _use(row, given)
    _mobile(row, given)
    if "capacity" in given:
        typed = given["capacity"]
        facts["capacity"] = vocabulary.whole(row, TITLES["capacity"], typed, most=lending.MOST_PEOPLE) or None
    if given.get("published", "").strip():
        facts["published"] = vocabulary.is_published(row, TITLES["published"], given["published"])


def _use(row: Row, given: Mapping[str, str]) -> None:
    for field, words in WORDS.items():
        if field in given and (given[field].strip() or field not in _NEEDED):
            row.facts[field] = vocabulary.word(row, words, TITLES[field], given[field])
    if "features" in given:
        row.facts["features"] = vocabulary.several(row, vocabulary.FEATURES, TITLES["features"], given["features"])
    if "usual_staff" in given:
        row.facts["usual_staff"] = vocabulary.whole(row, TITLES["usual_staff"], given["usual_staff"], most=9999) or 0
    for viewpoint in _ACCESS:
        if (field := f"access.{viewpoint}") in given:
            row.facts[field] = vocabulary.known(row, TITLES[field], given[field])


def _mobile(row: Row, given: Mapping[str, str]) -> None:
    for field in _MOBILE:
        if field in given:
            row.facts[field] = vocabulary.signal(row, TITLES[field], given[field])
    typed = given.get("mobile_measured_on", "")
    measured = dates.day(typed)
    if typed.strip() and measured is None:
        row.wrong(phrase("日付を「2026-11-24」の形で書いてください。"), TITLES["mobile_measured_on"], typed)
    elif measured is None and any(row.facts.get(field) for field in _MOBILE):
        row.wrong(phrase("電波の測定日も書いてください。"), TITLES["mobile_measured_on"])
    if "mobile_measured_on" in given:
        row.facts["mobile_measured_on"] = measured.isoformat() if measured else ""


def finish(rows: Sequence[Row], _own_code: str) -> Sequence[Remark]:
    """Mark a room that stands twice."""
    tree.mark_twins(rows, phrase("%(line)s行目と同じ部屋です。"), TITLES["room"])
    return ()


def compare(db: Session, rows: Sequence[Row], now: datetime) -> None:
    """Say of each row whether it is a new room or what it changes."""
    known = tree.Tree(db)
    for row in rows:
        if row.is_wrong:
            continue
        room = _find(known, row, row.facts)
        today = now.astimezone(ZoneInfo(room.site.zone if room is not None else "Asia/Tokyo")).date()
        if row.facts.get("mobile_measured_on", "") > today.isoformat():
            row.wrong(
                phrase("測定日は今日までの日付を入力してください。"),
                TITLES["mobile_measured_on"],
                row.facts["mobile_measured_on"],
            )
        elif room is not None:
            row.target = room.id
            row.differences = list(_differences(room, row.facts))
            row.verdict = "update" if row.differences else "same"
        elif not row.is_wrong and not row.facts.get("privacy"):
            row.wrong(vocabulary.CHOICES, TITLES["privacy"], "", choices="」「".join(vocabulary.PRIVACY.values()))


def _find(known: tree.Tree, row: Row, facts: Mapping[str, Any]) -> Room | None:
    by_id = known.by_id.get(facts["id"])
    if isinstance(by_id, Room):
        return by_id
    site = known.site(row, facts)
    return known.room(row, facts, site) if site is not None else None


def _differences(room: Room, facts: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if is_renamed(room.name, facts["room"]):
        yield {"field": "room", "now": room.name, "file": facts["room"], "by_hand": False}
    for field in TITLES:
        if field not in facts or field in tree.ALIASES:
            continue
        now = _now(room, field)
        if sorted(facts[field]) != sorted(now) if field == "features" else facts[field] != now:
            yield {"field": field, "now": now, "file": facts[field], "by_hand": False}


def _now(room: Room, field: str) -> Any:
    """Return a fact as ``fill`` reads it."""
    if field in _MOBILE:
        return room.mobile.get(_MOBILE[field], "")
    if field.startswith("access."):
        return room.access.get(field.removeprefix("access."))
    if field == "mobile_measured_on":
        return room.mobile_measured_on.isoformat() if room.mobile_measured_on else ""
    if field == "capacity":
        return next((desk.capacity for desk in room.desks if desk.kind == WHOLE and desk.published), None)
    return getattr(room, field)


def apply(db: Session, config: Config, rows: Sequence[ImportRow], _options: Mapping[str, Any], _now: datetime) -> None:
    """Add or change the rooms of these rows. Raises ``BadInput``."""
    known = tree.Tree(db)
    for kept in rows:
        row, facts = Row(kept.line, ()), kept.facts
        room = _find(known, row, facts)
        if row.is_wrong:
            raise BadInput("the place is no more", field="name")
        if room is None:
            site = known.site(row, facts)
            if site is None:
                raise BadInput("no such site", field="site")
            room = sites.add_room(db, site, _columns(facts, {}, {}))
            _offer(db, room, {field: facts[field] for field in ("capacity", "published") if facts.get(field)})
        elif wanted := {one["field"]: one["file"] for one in _differences(room, facts)}:
            if set(wanted) - {"capacity", "published"}:
                sites.edit(db, config, room, _columns(wanted, room.mobile, room.access))
            _offer(db, room, wanted)
        kept.target, kept.outcome = room.id, "done"


def _columns(facts: Mapping[str, Any], mobile: Mapping[str, Any], access: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts as columns of ``Room``; what is said of carriers and accessibility comes onto what is known."""
    columns = {name: facts[name] for name in (*WORDS, "features", "usual_staff") if name in facts}
    if "room" in facts:
        columns["name"] = facts["room"]
    if "mobile_measured_on" in facts:
        measured = facts["mobile_measured_on"]
        columns["mobile_measured_on"] = date.fromisoformat(measured) if measured else None
    signals = dict(mobile) | {_MOBILE[field]: facts[field] for field in _MOBILE if field in facts}
    viewpoints = dict(access) | {one: facts[f"access.{one}"] for one in _ACCESS if f"access.{one}" in facts}
    columns["mobile"] = {carrier: said for carrier, said in signals.items() if said}
    columns["access"] = {one: said for one, said in viewpoints.items() if said is not None}
    return columns


def _offer(db: Session, room: Room, wanted: Mapping[str, Any]) -> None:
    """Lend the room as a whole or no longer, and offer it or no longer, where that is said."""
    if "capacity" in wanted and wanted["capacity"] is None:
        lending.withdraw(db, room)
    elif "capacity" in wanted:
        lending.offer(db, room, capacity=wanted["capacity"])
    if "published" in wanted:
        (sites.publish if wanted["published"] else sites.withdraw)(db, room)


def rows_of(db: Session, _at: datetime) -> Iterator[tuple[str, ...]]:
    """Write all rooms, in the order of ``ALIASES``."""
    for site in sorted(tree.Tree(db).sites, key=lambda one: (one.name, one.id)):
        for room in site.rooms:
            facts = {field: _written(field, _now(room, field)) for field in TITLES if field not in tree.ALIASES}
            yield (room.id, site.name, room.name, *facts.values())


def _written(field: str, value: Any) -> str:
    if field in WORDS:
        return WORDS[field].get(value, "")
    if field in _MOBILE:
        return vocabulary.SIGNALS.get(value, "")
    if field == "features":
        return "・".join(vocabulary.FEATURES[one] for one in value if one in vocabulary.FEATURES)
    if field == "published":
        return vocabulary.published(value)
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    return "" if value is None else str(value)
