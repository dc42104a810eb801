"""How many of one's own town will be in a building then: a number, never a name, for those who would not like to sit alone."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from node.models.trips import Trip

_COMING = ("confirmed", "checked_in")
_COUNTED = 1000
"""So many trips are looked at; a town with more of them at one time has company everywhere."""


def at_sites(db: Session, start: datetime, end: datetime, *, besides: int) -> Mapping[str, int]:
    """Return by site id how many others than the staff member ``besides`` have a desk there at any time of [start, end)."""
    coming = (Trip.state.in_(_COMING), Trip.start < end, Trip.end > start, Trip.staff_id != besides)
    people = select(Trip.staff_id, Trip.site_listing).where(*coming).limit(_COUNTED)
    found = {(json.loads(site)["id"], staff_id) for staff_id, site in db.execute(people)}
    return Counter(site for site, _ in found)
