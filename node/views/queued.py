"""How a place in a queue is shown: plain values in the reader's language."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from federation.messages.listing import DeskListing, SiteListing
from federation.web.tongue import between
from node.models.waiting import Waiting


@dataclass(frozen=True)
class Queued:
    """What somebody waits for; ``place`` counts from 1, ``offered_until`` stands while a desk is held for them."""

    id: str
    host_name: str
    site: SiteListing
    desk: DeskListing
    when: Markup
    anywhere: bool
    place: int
    trip_id: str | None
    offered_until: datetime | None
    zone: ZoneInfo


def queued(row: Waiting, before: int) -> Queued:
    """Return a place in a queue with ``before`` others of our people in front of it."""
    site = SiteListing.read(row.site_listing)
    zone = ZoneInfo(site.zone)
    held = row.state == "offered" and row.trip is not None and row.trip.state == "held"
    return Queued(
        id=row.id,
        host_name=row.host_name,
        site=site,
        desk=DeskListing.read(row.desk_listing),
        when=between(row.start, row.end, zone),
        anywhere=row.anywhere,
        place=before + 1,
        trip_id=row.trip_id if held else None,
        offered_until=row.offered_until if held else None,
        zone=zone,
    )
