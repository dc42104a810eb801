"""Who comes, as a host is told: name and 所属 by default, and no more than that somebody comes where that was agreed."""

from sqlalchemy.orm import Session

from federation.messages.booking import Visitor
from node.home import offered
from node.models.trips import Trip

UNNAMED = "-"
"""Stands for a name that is not told."""


def of(db: Session, trip: Trip) -> Visitor:
    """Return what the host of a trip is told of its visitor, and their 任命権者 where an agreement asks for it."""
    person, serving = trip.staff, offered.authority_for(db, trip.host, trip.staff)
    if offered.is_nameless(db, trip.host):
        return Visitor(sub=trip.sub, name=UNNAMED, authority=serving)
    return Visitor(sub=trip.sub, name=person.name, section=person.section, authority=serving)
