"""Sites, rooms and desks found by what a sheet calls them: by id, or by their names one inside the other."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from federation.wording import phrase
from node.host.sheets.cells import clean, is_renamed, searchable
from node.host.sheets.rows import Row
from node.host.sites import Place
from node.models.sites import Desk, Room, Site

T = TypeVar("T", Site, Room, Desk)

ALIASES: Mapping[str, tuple[str, ...]] = {
    "site": ("施設", "施設名", "施設名称", "施設の名称", "site"),
    "room": ("部屋", "部屋名", "部屋の名称", "会議室", "room"),
    "desk": ("座席", "座席名", "席", "座席の名称", "desk"),
}
"""The columns that name a place."""
SITE, ROOM, DESK = phrase("施設"), phrase("部屋"), phrase("座席")
_UNKNOWN = phrase("この名前は登録されていません。")
_SEVERAL = phrase("同じ名前が複数あります。IDの列で指定してください。")


def read_names(row: Row, given: Mapping[str, str]) -> None:
    """Read the names of a place into a row's facts."""
    for field in ALIASES:
        row.facts[field] = clean(given.get(field, ""))
    row.facts["id"] = clean(given.get("id", "")).lower()
    row.name = row.facts["label"] = (
        " ".join(row.facts[field] for field in ALIASES if row.facts[field]) or row.facts["id"]
    )


def mark_twins(rows: Sequence[Row], words: str, title: str) -> None:
    """Mark the second of two rows that mean one place: by its ID, else by its names. ``words`` has a place for ``line``."""
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = key_of(row)
        if key in seen:
            row.wrong(words, title, row.name, line=seen[key])
        seen.setdefault(key, row.line)


def key_of(row: Row) -> tuple[str, ...]:
    """Return what tells the place of a row from others: its ID, else its names."""
    return (row.facts["id"],) if row.facts["id"] else tuple(searchable(row.facts[field]) for field in ALIASES)


class Tree:
    """All places of the town, asked for at once."""

    def __init__(self, db: Session) -> None:
        """Load them."""
        found = select(Site).options(selectinload(Site.rooms).selectinload(Room.desks)).order_by(Site.id)
        self.sites = list(db.scalars(found))
        self.by_id: dict[str, Place] = {}
        for site in self.sites:
            self.by_id[site.id] = site
            for room in site.rooms:
                self.by_id[room.id] = room
                self.by_id |= {desk.id: desk for desk in room.desks}

    def site(self, row: Row, facts: Mapping[str, Any]) -> Site | None:
        """Return the site of that name; what is wrong is noted in the row."""
        return _only(row, _called(self.sites, facts["site"]), SITE, facts["site"])

    def room(self, row: Row, facts: Mapping[str, Any], site: Site) -> Room | None:
        """Return the room of that name, None for one that is not there yet."""
        found = _called(site.rooms, facts["room"])
        return _only(row, found, ROOM, facts["room"]) if len(found) > 1 else next(iter(found), None)

    def desk(self, row: Row, facts: Mapping[str, Any], room: Room) -> Desk | None:
        """Return the desk of that name, None for one that is not there yet."""
        found = _called(room.desks, facts["desk"])
        return _only(row, found, DESK, facts["desk"]) if len(found) > 1 else next(iter(found), None)

    def place(self, row: Row, facts: Mapping[str, Any]) -> Place | None:
        """Return the site, room or desk that a row names; what is wrong is noted in the row."""
        if facts.get("id") in self.by_id:
            return self.by_id[facts["id"]]
        site = self.site(row, facts)
        if site is None or not facts["room"]:
            return site
        room = self.room(row, facts, site)
        if room is None:
            row.wrong(_UNKNOWN, ROOM, facts["room"])
            return None
        if not facts["desk"]:
            return room
        desk = self.desk(row, facts, room)
        if desk is None:
            row.wrong(_UNKNOWN, DESK, facts["desk"])
        return desk


def missing_rooms(db: Session, rows: Sequence[Row]) -> Sequence[str]:
    """Return the rooms that none of these rows means, of the sites in which they mean any."""
    there = {row.target for row in rows}
    sites = [site for site in Tree(db).sites if any(room.id in there for room in site.rooms)]
    return [f"{site.name} {room.name}" for site in sites for room in site.rooms if room.id not in there]


def missing_desks(db: Session, rows: Sequence[Row]) -> Sequence[str]:
    """Return the desks that none of these rows means, of the rooms in which they mean any."""
    there = {row.target for row in rows}
    rooms = [room for site in Tree(db).sites for room in site.rooms if any(desk.id in there for desk in room.desks)]
    return [" ".join(names_of(desk)) for room in rooms for desk in room.desks if desk.id not in there]


def names_of(place: Place) -> tuple[str, str, str]:
    """Return the names of the site, room and desk, each empty where the place has none."""
    if isinstance(place, Site):
        return place.name, "", ""
    if isinstance(place, Room):
        return place.site.name, place.name, ""
    return place.room.site.name, place.room.name, place.name


def _called(places: Sequence[T], name: str) -> list[T]:
    """Return the places of a name, else those whose name Excel would save as this one."""
    wanted = searchable(name)
    exactly = [one for one in places if searchable(one.name) == wanted]
    return exactly or [one for one in places if not is_renamed(one.name, name)]


def _only(row: Row, found: list[T], column: str, name: str) -> T | None:
    if len(found) == 1:
        return found[0]
    row.wrong(_SEVERAL if found else _UNKNOWN, column, name)
    return None
