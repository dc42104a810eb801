"""From a town's file to its node's database: sites, rooms, desks, people, agreements and house rules."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from deploy.demo import album
from federation import municipality
from federation.messages.sheet import Answered, SheetAnswers
from node.config import Config
from node.host import agreements, house, opening, rasters, securitysheets, sites, timetables
from node.host.timetables import DatedWish
from node.models.sites import Room, Site
from node.models.staff import Staff
from node.people import staff
from node.town import Town

PASSWORD = "tachiyori-demo-2026"
ENTERED_BY = "demo"
"""Who the agreements of the file were entered by; their homes have still to confirm them."""
FOLDER = Path(__file__).parent / "towns"
_IN_A_ROW = 12
_CHECKED = timedelta(days=60)
"""So long ago somebody went through each room with its セキュリティ確認表."""
ROLE_NAMES = {
    "staff": "利用職員",
    "manager": "所属長",
    "site_admin": "施設担当者",
    "reception": "受付・守衛",
    "personnel": "人事担当",
}
_SITE_FACTS = (
    "name", "name_kana", "name_en", "address", "lat", "lon", "stations", "entrance", "reception", "extension", "bring",
    "lunch", "welcome", "description", "night_entrance", "wifi", "facility_type", "contact", "phone", "access",
)  # fmt: skip


@dataclass(frozen=True)
class TownFile:
    """A town as its file describes it."""

    code: str
    name: str
    name_en: str
    data: Mapping[str, Any]

    @property
    def people(self) -> Sequence[Mapping[str, Any]]:
        """The staff, each with number, name, section and roles."""
        return tuple(self.data["staff"])

    def accounts(self) -> Iterator[dict[str, str]]:
        """Yield one account for each role: the person for whom it is the highest."""
        for person in self.people:
            role = person["roles"][-1]
            yield {"role": role, "name": person["name"], "username": person["number"], "password": PASSWORD}


def read(code: str) -> TownFile:
    """Read the file of one town."""
    data = tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    return TownFile(data["code"], data["name"], data["name_en"], data)


def is_sown(town: Town) -> bool:
    """Say whether the town has people already, so that a second start keeps what was done in the first."""
    with town.storage.transaction() as db:
        return db.scalar(select(Staff.id).limit(1)) is not None


def sow(town: Town, file: TownFile, now: datetime) -> int:
    """Write everything in the file into an empty node, in one transaction; return the number of desks."""
    door = album.draw()
    with town.storage.transaction(write=True) as db:
        _people(db, file, now)
        rules = file.data["house_rules"]
        house.publish(db, rules["version"], rules["ja"].strip(), rules["en"].strip(), now - timedelta(days=1))
        built = [_site(db, town.config, facts, now) for facts in file.data["site"]]
        album.hang(db, built, door, now)
        for facts in file.data["agreement"]:
            _agreement(db, facts, {site.name: site.id for site in built}, now)
        return sum(len(sites.desks_in(db, site)) for site in built)


def _people(db: Session, file: TownFile, now: datetime) -> None:
    for person in file.people:
        added = staff.add(
            db,
            number=person["number"],
            name=person["name"],
            now=now,
            roles=person["roles"],
            password=PASSWORD,
            name_kana=person.get("name_kana", ""),
            section=person["section"],
            authority="知事部局" if municipality.is_prefecture(file.code) else "市長部局",
            employment="常勤",
        )
        added.home_station, added.work_station = person.get("home_station", ""), person.get("work_station", "")


def _site(db: Session, config: Config, facts: Mapping[str, Any], now: datetime) -> Site:
    site = sites.add_site(db, config, {name: facts[name] for name in _SITE_FACTS if name in facts})
    site.opens_on_holidays = facts.get("holidays", False)
    opening.set_hours(db, site.id, _hours(facts.get("hours", ())))
    for one in facts.get("exception", ()):
        timetables.add(db, site, DatedWish(**one), now)
    for room in facts["room"]:
        _sheet(db, _room(db, site, room), now)
    sites.publish(db, site)
    return site


def _sheet(db: Session, room: Room, now: datetime) -> None:
    """Sign a sheet of what was noted of the room."""
    said = room.security
    answers: dict[str, Answered] = {
        name: "no" if said.get(name, "なし") == "なし" else "partly" if "のみ" in said[name] else "yes"
        for name in ("partition", "lock", "camera", "printer", "shredder")
    }
    day = (now - _CHECKED).date()
    made = securitysheets.fill_in(
        db, room, SheetAnswers.model_validate(answers), day, by=1, today=now.date(), now=now - _CHECKED
    )
    securitysheets.sign(db, room, made.version, "site_admin", by=1, now=now - _CHECKED)


def _hours(stretches: Sequence[Mapping[str, Any]]) -> Iterator[opening.Hours]:
    for stretch in stretches:
        for day in stretch["days"]:
            yield day, opening.minutes(stretch["opens"]), opening.minutes(stretch["closes"])


def _room(db: Session, site: Site, facts: Mapping[str, Any]) -> Room:
    known = (
        "name",
        "privacy",
        "talking",
        "usual_staff",
        "security",
        "web_meeting",
        "screen",
        "eating",
        "mobile",
        "access",
    )
    described = {name: facts[name] for name in known if name in facts}
    room = sites.add_room(db, site, {**described, "mobile_measured_on": facts.get("mobile_measured_on")})
    for number in range(1, facts["count"] + 1):
        desk = {"name": f"{facts['desks']}-{number:02d}", "features": facts["features"]}
        sites.publish(db, sites.add_desk(db, room, {**desk, **_spot(room, number)}))
    sites.publish(db, room)
    return room


def _spot(room: Room, number: int) -> Mapping[str, float]:
    """Put a desk on the plan: rows of twelve with a way between them, as far as the plan goes."""
    behind, along = divmod(number - 1, _IN_A_ROW)
    raster, cell = rasters.raster_of(room), rasters.Cell(3 + along, 2 + 2 * behind)
    if cell.row > raster.rows:
        return {}
    x, y = raster.spot(cell)
    return {"plan_x": x, "plan_y": y}


def _agreement(db: Session, facts: Mapping[str, Any], site_ids: Mapping[str, str], now: datetime) -> None:
    terms = {
        "number": facts["number"],
        "name": facts["name"],
        "home_code": facts["home"],
        "site_ids": [site_ids[name] for name in facts.get("sites", ())],
        "seats_a_day": facts.get("seats_a_day"),
        "concluded_on": now.date().replace(month=3, day=1),
        "starts_on": now.date().replace(month=4, day=1)
        if now.month >= 4
        else now.date().replace(year=now.year - 1, month=4, day=1),
    }
    agreements.conclude(db, terms, by=ENTERED_BY, now=now)
