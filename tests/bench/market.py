"""A thousand desks of twenty towns with eight weeks of free ranges, the same ones every time, in a registry's database.

The towns are admitted as in life, by invitation and signed statements. What their feeds would have said is written in
bulk, as ``registry.harvest`` writes it. Days count from the one on which the measurement runs.
"""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from federation.messages.enrolment import EnrolmentRequest
from federation.messages.listing import DeskListing, Feature, SiteListing
from federation.municipality import check_digit
from federation.tokens import CLIENT_ASSERTION
from registry.bureau import Bureau
from registry.facets import bits
from registry.membership import enrolment, invitations
from registry.models import Desk, FeedReading, Freedom, FreeRange, Offer, Site
from tests.bench.days import HALF_HOUR, at, weekdays
from tests.federation.world import Town

TOWNS, SITES, DESKS_A_SITE = 20, 50, 20
CENTRE = (35.6812, 139.7671)
"""Tokyo station; the sites lie up to some 60 km around it."""
ASKER = "https://asker.example"
_OPENS, _CLOSES = (8, 30), (17, 15)


@dataclass(frozen=True)
class Market:
    """What was generated: the town that asks, with its keys, and how many rows there are to search."""

    asker: Town
    desks: int
    ranges: int


def fill(bureau: Bureau, now: datetime) -> Market:
    """Admit the towns and write their sites, desks, agreements and free ranges."""
    chance = random.Random(20261124)
    asker = Town(ASKER, code=_code(0), name="問合市")
    hosts = [Town(f"https://host-{number}.example", _code(number), f"第{number}市") for number in range(1, TOWNS + 1)]
    with bureau.storage.transaction(write=True) as db:
        _admit(db, bureau, asker, now)
        members = {_admit(db, bureau, town, now): town for town in hosts}
        db.execute(update(FeedReading).values(complete_at=now))
        db.execute(insert(Offer), [_offer(member_id, chance) for member_id in members])
        sites = [_site(chance, number, *_owner(members, number)) for number in range(SITES)]
        db.execute(insert(Site), sites)
        desks = [_desk(chance, site, members[site["member_id"]]) for site in sites for _ in range(DESKS_A_SITE)]
        db.execute(insert(Desk), desks)
        db.execute(insert(Freedom), [_key(desk) | {"as_of": now, "doubtful": False} for desk in desks])
        ranges = [_key(desk) | row for desk in desks for row in _free(chance, now)]
        db.execute(insert(FreeRange), ranges)
    return Market(asker, len(desks), len(ranges))


def _code(number: int) -> str:
    first_five = f"112{number:02}"
    return first_five + check_digit(first_five)


def _admit(db: Session, bureau: Bureau, town: Town, now: datetime) -> int:
    own = bureau.config.entity_id
    secret = invitations.invite(db, invitations.Body(town.code, town.name), by="bench", now=now)
    claims = {"iss": town.entity_id, "sub": town.entity_id, "aud": own}
    proof = CLIENT_ASSERTION.sign(town.federation, claims, now=now)
    configuration = town.configuration(now, authority_hints=[own])
    asked = enrolment.enrol(
        db, bureau.seal, EnrolmentRequest(invitation=secret, configuration=configuration, proof=proof), now
    )
    number, thumbprint = asked.enrolment.id, town.federation.kid
    return enrolment.admit(db, bureau.seal, number, thumbprint=thumbprint, by="bench", now=now).id


def _owner(members: dict[int, Town], number: int) -> tuple[int, Town]:
    return list(members.items())[number % len(members)]


def _uuid(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def _key(desk: dict[str, Any]) -> dict[str, Any]:
    return {"member_id": desk["member_id"], "desk_id": desk["id"]}


def _offer(member_id: int, chance: random.Random) -> dict[str, Any]:
    return {
        "member_id": member_id,
        "id": _uuid(chance),
        "everyone": True,
        "every_site": True,
        "starts_on": "0001-01-01",
        "ends_on": "9999-12-31",
        "price_yen": chance.choice((0, 0, 300, 500)),
        "per_hour": False,
        "name": "相互利用協定",
    }


def _site(chance: random.Random, number: int, member_id: int, town: Town) -> dict[str, Any]:
    lat, lon = (round(middle + chance.uniform(-0.4, 0.4), 6) for middle in CENTRE)
    listing = SiteListing(
        id=_uuid(chance),
        url=f"{town.entity_id}/sites/{number}",
        municipality_code=town.code,
        name=f"{town.name}役所 第{number}庁舎",
        address=f"{town.name}本町{number}-1",
        lat=lat,
        lon=lon,
        entrance="正面玄関の受付で名前を言ってください。",
    )
    own = {"member_id": member_id, "id": listing.id, "lat": lat, "lon": lon, "zone": listing.zone}
    return own | {"data": listing.wire()}


def _desk(chance: random.Random, site: dict[str, Any], town: Town) -> dict[str, Any]:
    id_ = _uuid(chance)
    listing = DeskListing(
        id=id_,
        url=f"{town.entity_id}/desks/{id_}",
        site_id=site["id"],
        name=f"{chance.choice('ABCDEF')}-{chance.randint(1, 40)}",
        room_id=_uuid(chance),
        room_name="共用執務室",
        privacy=chance.choice(("private", "semi_private", "open")),
        features=tuple(chance.sample(get_args(Feature), 3)),
    )
    own = {"member_id": site["member_id"], "id": id_, "site_id": site["id"], "privacy": listing.privacy}
    return own | {"features": bits(listing.features), "data": listing.wire()}


def _free(chance: random.Random, now: datetime) -> Iterator[dict[str, datetime]]:
    """Leave of every weekday's opening hours what up to three visits do not take."""
    for day in weekdays(now):
        free, closes = at(day, *_OPENS), at(day, *_CLOSES)
        for begins in sorted(chance.sample(range(16), chance.randint(0, 3))):
            start = at(day, *_OPENS) + begins * HALF_HOUR
            if free < start:
                yield {"start": free, "end": start}
            free = max(free, start + chance.randint(1, 4) * HALF_HOUR)
        if free < closes:
            yield {"start": free, "end": closes}


def wished_time(now: datetime) -> tuple[datetime, datetime]:
    """Return two hours of the first weekday that lies two weeks ahead: what every search asks for."""
    day = next(weekdays(now + timedelta(days=14)))
    return at(day, 10), at(day, 12)
