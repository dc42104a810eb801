"""座席 as a sheet: read, compared, carried out by the functions that forms use, and written."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from federation.errors import BadInput
from federation.wording import phrase
from node.config import Config
from node.host import lending, sites
from node.host.sheets import tree, vocabulary
from node.host.sheets.cells import clean, is_renamed
from node.host.sheets.rows import Remark, Row
from node.host.wholes import WHOLE
from node.models.imports import ImportRow
from node.models.sites import Desk, Room

ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("座席ID", "ID"),
    **tree.ALIASES,
    "privacy": ("部屋の種別", "種別"),
    "kind": ("座席の種類",),
    "capacity": ("定員",),
    "features": ("設備",),
    "pool": ("対象", "利用対象"),
    "note": ("備考",),
    "published": ("掲載",),
}
TITLES: Mapping[str, str] = {
    "site": phrase("施設"),
    "room": phrase("部屋"),
    "privacy": phrase("部屋の種別"),
    "desk": phrase("座席"),
    "kind": phrase("座席の種類"),
    "capacity": phrase("定員"),
    "features": phrase("設備"),
    "pool": phrase("対象"),
    "note": phrase("備考"),
    "published": phrase("掲載"),
}
_FACTS = ("features", "pool", "note")


def fill(row: Row, given: Mapping[str, str], _own_code: str) -> None:
    """Read a row; a column that the file does not have says nothing."""
    tree.read_names(row, given)
    if not row.facts["desk"]:
        row.wrong(phrase("座席の名称がありません。"), TITLES["desk"])
    elif len(row.facts["desk"]) > 200:
        row.wrong(phrase("200文字以内にしてください。"), TITLES["desk"], row.facts["desk"])
    _words(row, given)
    _whole(row, given)
    if "note" in given:
        row.facts["note"] = clean(given["note"])
        if len(row.facts["note"]) > 300:
            row.wrong(phrase("300文字以内にしてください。"), TITLES["note"], row.facts["note"])
    if given.get("published", "").strip():
        row.facts["published"] = vocabulary.is_published(row, TITLES["published"], given["published"])


def _words(row: Row, given: Mapping[str, str]) -> None:
    if "features" in given:
        row.facts["features"] = vocabulary.several(row, vocabulary.FEATURES, TITLES["features"], given["features"])
    for field, words in (("pool", vocabulary.POOLS), ("privacy", vocabulary.PRIVACY), ("kind", vocabulary.KINDS)):
        if given.get(field, "").strip():
            row.facts[field] = vocabulary.word(row, words, TITLES[field], given[field])


def _whole(row: Row, given: Mapping[str, str]) -> None:
    """Read for how many people a room is lent as a whole; of a single desk that says nothing."""
    if row.facts.get("kind") != WHOLE:
        return
    typed = given.get("capacity", "")
    row.facts["capacity"] = vocabulary.whole(row, TITLES["capacity"], typed, most=lending.MOST_PEOPLE) or None
    if row.facts["capacity"] is None and not row.is_wrong:
        row.wrong(phrase("まとめて貸す場合は、定員を入力してください。"), TITLES["capacity"], typed)


def finish(rows: Sequence[Row], _own_code: str) -> Sequence[Remark]:
    """Mark a desk that stands twice."""
    tree.mark_twins(rows, phrase("%(line)s行目と同じ座席です。"), TITLES["desk"])
    return ()


def compare(db: Session, rows: Sequence[Row], _now: datetime) -> None:
    """Say of each row whether it is a new desk or what it changes."""
    known = tree.Tree(db)
    for row in rows:
        if row.is_wrong:
            continue
        desk = _find(known, row, row.facts)
        if desk is not None and row.facts.get("kind") not in (None, desk.kind):
            row.wrong(phrase("座席の種類は変えられません。"), TITLES["kind"], vocabulary.KINDS[row.facts["kind"]])
        elif desk is not None:
            row.target = desk.id
            row.differences = list(_differences(desk, row.facts))
            row.verdict = "update" if row.differences else "same"


def _find(known: tree.Tree, row: Row, facts: Mapping[str, Any]) -> Desk | None:
    """Return the desk that a row means; None for a new one, or one with a problem."""
    by_id = known.by_id.get(facts["id"])
    if isinstance(by_id, Desk):
        return by_id
    site = known.site(row, facts)
    room = known.room(row, facts, site) if site is not None else None
    if site is not None and room is None and not row.is_wrong and not facts.get("privacy"):
        row.wrong(
            phrase("この部屋はまだありません。「部屋の種別」も書くと、部屋を追加します。"),
            TITLES["room"],
            facts["room"],
        )
    if site is not None and not facts["room"]:
        row.wrong(phrase("部屋の名称がありません。"), TITLES["room"])
    if room is not None and facts.get("kind") == WHOLE:
        return next((one for one in room.desks if one.kind == WHOLE), None)
    return known.desk(row, facts, room) if room is not None else None


def _differences(desk: Desk, facts: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if is_renamed(desk.name, facts["desk"]):
        yield {"field": "desk", "now": desk.name, "file": facts["desk"], "by_hand": False}
    for field in (*_FACTS, "capacity", "published"):
        now = getattr(desk, field)
        same = (
            sorted(facts[field]) == sorted(now) if field == "features" and field in facts else facts.get(field) == now
        )
        if field in facts and not same:
            yield {"field": field, "now": now, "file": facts[field], "by_hand": False}


def apply(db: Session, config: Config, rows: Sequence[ImportRow], _options: Mapping[str, Any], _now: datetime) -> None:
    """Add or change the desks of these rows. Raises ``BadInput``."""
    known = tree.Tree(db)
    new: dict[bool, list[ImportRow]] = {}
    for kept in rows:
        row = Row(kept.line, ())
        desk = _find(known, row, kept.facts)
        if row.is_wrong:
            raise BadInput("the place is no more", field="name")
        if desk is None:
            new.setdefault(bool(kept.facts.get("published")), []).append(kept)
            continue
        if wanted := {one["field"]: one["file"] for one in _differences(desk, kept.facts)}:
            _change(db, config, desk, wanted)
        kept.target, kept.outcome = desk.id, "done"
    for published, added in new.items():
        _add(db, known, added, published=published)


def _add(db: Session, known: tree.Tree, rows: Sequence[ImportRow], *, published: bool) -> None:
    """Add the desks of these rows, with the rooms that are not there yet."""
    desks = sites.add_desks(db, [(_room(db, known, kept), _columns(kept.facts)) for kept in rows], published=published)
    for kept, desk in zip(rows, desks, strict=True):
        kept.target, kept.outcome = desk.id, "done"


def _room(db: Session, known: tree.Tree, kept: ImportRow) -> Room:
    row = Row(kept.line, ())
    site = known.site(row, kept.facts)
    if site is None:
        raise BadInput("no such site", field="site")
    room: Room | None = known.room(row, kept.facts, site)
    if room is None:
        room = sites.add_room(db, site, {"name": kept.facts["room"], "privacy": kept.facts["privacy"]})
    return room


def _columns(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    columns = {"name": facts["desk"]} | {field: facts[field] for field in (*_FACTS, "capacity") if facts.get(field)}
    return columns | ({"kind": WHOLE} if facts.get("kind") == WHOLE else {})


def _change(db: Session, config: Config, desk: Desk, wanted: dict[str, Any]) -> None:
    published = wanted.pop("published", None)
    if "desk" in wanted:
        wanted["name"] = wanted.pop("desk")
    if wanted:
        sites.edit(db, config, desk, wanted)
    if published is not None:
        (sites.publish if published else sites.withdraw)(db, desk)


def rows_of(db: Session, _now: datetime) -> Iterator[tuple[str, ...]]:
    """Write all desks, in the order of ``ALIASES``."""
    for site in sorted(tree.Tree(db).sites, key=lambda one: (one.name, one.id)):
        for room in site.rooms:
            for desk in room.desks:
                whole = "" if desk.capacity is None else str(desk.capacity)
                yield (
                    *(desk.id, site.name, room.name, desk.name),
                    vocabulary.PRIVACY.get(room.privacy, ""),
                    *(vocabulary.KINDS[desk.kind], whole if desk.kind == WHOLE else ""),
                    "・".join(vocabulary.FEATURES[word] for word in desk.features if word in vocabulary.FEATURES),
                    *(vocabulary.POOLS.get(desk.pool, ""), desk.note, vocabulary.published(desk.published)),
                )
