"""The desks our people have seen: remembered as their hosts publish them, so that a host can be asked without the registry."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.messages.listing import DeskListing, SiteListing
from federation.messages.search import FreeDesk
from federation.storage import insert
from node.models.sites import Site
from node.models.trips import KnownDesk

SITES = 40
"""So many sites that our people have seen are offered for a choice."""
OWN_SITES = 500
_REFRESH = timedelta(hours=1)
"""A desk seen again sooner is not written again: every search would write otherwise."""


@dataclass(frozen=True)
class Seen:
    """A desk and its site as their host published them; ``seen_at`` is when, aware UTC."""

    host: str
    host_name: str
    site: SiteListing
    desk: DeskListing
    price_yen: int
    seen_at: datetime


def unseen(db: Session, desks: Iterable[FreeDesk], *, now: datetime) -> Sequence[FreeDesk]:
    """Return those that ``remember`` would write: new ones, changed ones, and those not seen for an hour."""
    found = list(desks)
    ids = [desk.desk.id for desk in found]
    known = {(row.host, row.desk_id): row for row in db.scalars(select(KnownDesk).where(KnownDesk.desk_id.in_(ids)))}
    return [desk for desk in found if _is_news(known.get((desk.host.entity_id, desk.desk.id)), desk, now)]


def remember(db: Session, desks: Iterable[FreeDesk], *, now: datetime) -> None:
    """Write down what was seen, in one order so that two searches do not wait for each other in a circle."""
    for found in sorted(desks, key=lambda desk: (desk.host.entity_id, desk.desk.id)):
        values = {
            "host_name": found.host.name,
            "site_listing": found.site.text(),
            "desk_listing": found.desk.text(),
            "price_yen": found.price_yen,
            "seen_at": now,
        }
        statement = insert(db, KnownDesk).values(host=found.host.entity_id, desk_id=found.desk.id, **values)
        db.execute(statement.on_conflict_do_update(index_elements=["host", "desk_id"], set_=values))


def find(db: Session, host: str, desk_id: str) -> Seen | None:
    """Return a desk of ``host`` (entity id) as last seen, or None."""
    row = db.get(KnownDesk, (host, desk_id))
    return _seen(row) if row else None


def recent(db: Session, limit: int) -> Sequence[Seen]:
    """Return the desks seen last, newest first."""
    rows = db.scalars(select(KnownDesk).order_by(KnownDesk.seen_at.desc(), KnownDesk.desk_id).limit(limit))
    return [_seen(row) for row in rows]


def sites_seen(db: Session) -> Mapping[str, str]:
    """Return the sites our people have seen, at most ``SITES``: town and name by id, in the order of these words."""
    names = {one.site.id: f"{one.host_name} {one.site.name}" for one in recent(db, 10 * SITES)}
    return dict(sorted(names.items(), key=lambda pair: pair[1])[:SITES])


def own_sites(db: Session) -> Mapping[str, Mapping[str, Any]]:
    """Return this town's own sites by id, in the order of their names: id, name, lat and lon."""
    found = db.execute(select(Site.id, Site.name, Site.lat, Site.lon).order_by(Site.name, Site.id).limit(OWN_SITES))
    return {row.id: dict(row._mapping) for row in found}


def _is_news(row: KnownDesk | None, found: FreeDesk, now: datetime) -> bool:
    if row is None or now - row.seen_at >= _REFRESH:
        return True
    return (row.site_listing, row.desk_listing, row.price_yen) != (
        found.site.text(),
        found.desk.text(),
        found.price_yen,
    )


def _seen(row: KnownDesk) -> Seen:
    site, desk = SiteListing.read(row.site_listing), DeskListing.read(row.desk_listing)
    return Seen(row.host, row.host_name, site, desk, row.price_yen, row.seen_at)
