"""Where our own conditions let somebody go: every town and room that our people have seen, judged for one time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from federation.messages.booking import Reason
from federation.messages.listing import Privacy, SiteListing
from node.home import places
from node.home.conditions import Judge

LOOKED_AT = 1000
"""So many desks are looked at, those seen last; the registry alone knows all."""


@dataclass(frozen=True)
class Rooms:
    """The rooms of one kind at one site, and why they are not for this person, if so."""

    site: SiteListing
    privacy: Privacy
    desks: int
    reasons: tuple[Reason, ...]


@dataclass
class Partner:
    """One town: what of it may be used, and what may not."""

    code: str
    name: str
    rooms: list[Rooms] = field(default_factory=list)


def partners(db: Session, judge: Judge, start: datetime, end: datetime) -> Sequence[Partner]:
    """Return the towns by 団体コード with their rooms, judged for [start, end) with the same judge as search and booking."""
    found: dict[str, Partner] = {}
    groups: dict[tuple[str, Privacy], list[places.Seen]] = {}
    for seen in places.recent(db, LOOKED_AT):
        groups.setdefault((seen.site.id, seen.desk.privacy), []).append(seen)
    for (_site, privacy), desks in sorted(groups.items(), key=lambda pair: (pair[1][0].site.name, pair[0][1])):
        site, name = desks[0].site, desks[0].host_name
        cheapest = min(desk.price_yen for desk in desks)
        reasons = judge.of_room(site, privacy, start, end, price_yen=cheapest)
        partner = found.setdefault(site.municipality_code, Partner(site.municipality_code, name))
        partner.rooms.append(Rooms(site, privacy, len(desks), reasons))
    return [found[code] for code in sorted(found)]
