"""Where somebody wants to sit, as they arrive at the entrance with a desk's own address in hand."""

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.claims import is_entity_id
from federation.members import Member
from registry.models import Desk, Site

_ADDRESS = re.compile(r"(?P<origin>[^/]+//[^/]+)/desks/(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.ASCII)


@dataclass(frozen=True)
class Destination:
    """A desk of a valid member; ``site`` and ``desk`` are its published names, empty where nothing was read of it yet."""

    address: str
    host: str
    host_en: str
    site: str = ""
    site_en: str = ""
    desk: str = ""


def find(db: Session, address: str) -> Destination | None:
    """Return the desk whose address this is, letter by letter; None for whatever is no desk of a valid member."""
    match = _ADDRESS.fullmatch(address)
    if match is None or not is_entity_id(match["origin"]):
        return None
    host = db.scalar(select(Member).where(Member.entity_id == match["origin"], Member.status == "valid", ~Member.gone))
    return None if host is None else _named(db, host, address, match["id"])


def _named(db: Session, host: Member, address: str, desk_id: str) -> Destination:
    """Name the desk as its host publishes it."""
    desk = db.get(Desk, (host.id, desk_id))
    site = db.get(Site, (host.id, desk.site_id)) if desk else None
    if desk is None or site is None:
        return Destination(address, host.name, host.name_en)
    words = f"{desk.data['room_name']} {desk.data['name']}"
    return Destination(address, host.name, host.name_en, site.data["name"], site.data.get("name_en", ""), words)
