"""Every feed of the registry, written by eight at once over the real tables: nothing is lost to whoever reads meanwhile."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.members import Member
from federation.messages.emergency import EmergencyNotice
from federation.messages.feed import FeedItem
from registry import emergencies
from registry.bureau import Bureau
from registry.harvest import Source, take
from registry.membership import statements
from registry.models import Emergency
from tests.lossless import AT_A_TIME, CHANGES, TURNS, WRITERS, read_while_written
from tests.registry.towns import Clock, Town

PLACES = WRITERS * AT_A_TIME
"""So many sites have declared something; each is heard again and again, from one writer as from one harvest."""


def site_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def site(town: Town, number: int) -> dict[str, Any]:
    return {
        "id": site_id(number),
        "url": f"{town.entity_id}/sites/{site_id(number)}",
        "municipality_code": town.code,
        "name": f"第{number}庁舎",
        "address": "埼玉県さいたま市",
        "lat": 35.86,
        "lon": 139.65,
    }


def declared(number: int, clock: Clock) -> EmergencyNotice:
    place = number // (TURNS * AT_A_TIME) * AT_A_TIME + number % AT_A_TIME
    name, since = f"第{place}庁舎", clock()
    until = since + timedelta(hours=1, seconds=number)
    return EmergencyNotice(site_id=site_id(place), site_name=name, kind="opening", since=since, until=until)


def test_nothing_of_2000_changes_is_lost_on_any_feed(bureau: Bureau, clock: Clock, join: Callable[..., Town]) -> None:
    town = join("埼玉県")
    with bureau.storage.transaction() as db:
        member = db.scalars(select(Member.id).where(Member.entity_id == town.entity_id)).one()
    source = Source(member, town.entity_id, town.code, clock())

    def write(db: Session, number: int) -> None:
        """A site of the member for the catalogue, a word about a disaster, and the member's own statement."""
        item = FeedItem(state="updated", kind="site", id=site_id(number), modified=number + 1, data=site(town, number))
        take(db, source, "listings", [item], clock())
        emergencies.keep(db, member, declared(number, clock), clock())
        if number % 5 == 0:  # Signing is slow, and one transaction tells a member once.
            statements.sign_again(db, bureau.seal, member, clock() + timedelta(seconds=number))

    names = ("catalogue", emergencies.FEED, "members")
    held = read_while_written(bureau.storage, bureau.feeds, names, write)
    assert {one["name"] for one in held["catalogue"].values()} == {f"第{number}庁舎" for number in range(CHANGES)}
    with bureau.storage.transaction() as db:
        stand = {row.id: json.loads(json.dumps(row.data))["until"] for row in db.scalars(select(Emergency))}
        statement = db.get_one(Member, member).statement
    assert {one["site_id"]: one["until"] for one in held[emergencies.FEED].values()} == stand
    assert len(stand) == PLACES
    assert held["members"]["member", town.entity_id]["statement"] == statement
