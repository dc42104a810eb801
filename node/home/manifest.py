"""Who comes, as a host is told: name and 所属 by default; where no names were agreed, by what a card is known.

The visitor carries the rest: their own code has the pass, and then name and salt, so that a guard compares card and pass.
"""

from sqlalchemy.orm import Session

from federation import cards
from federation.messages.booking import Visitor
from node.home import assistance, offered
from node.models.trips import Trip

UNNAMED = "-"
"""Stands for a name that is not told."""
_LONGEST = 395
"""So many capitals and digits a QR code of version 10 holds at its lowest correction (ISO/IEC 18004, table 7)."""


def tells_help(db: Session, staff_id: int, host: str) -> bool:
    """Say whether a booking by somebody tells a host what help they need."""
    return assistance.told(db, staff_id) is not None and not offered.is_nameless(db, host)


def of(db: Session, trip: Trip) -> Visitor:
    """Return what the host of a trip is told of its visitor.

    Their 任命権者 where an agreement asks for it; the help they need where they want it told, and never without their name.
    """
    person, serving = trip.staff, offered.authority_for(db, trip.host, trip.staff)
    if offered.is_nameless(db, trip.host):
        card = cards.digest(trip.card_salt, person.name, person.number) if trip.card_salt else None
        return Visitor(sub=trip.sub, name=UNNAMED, authority=serving, card=card)
    helped = assistance.told(db, person.id)
    return Visitor(sub=trip.sub, name=person.name, section=person.section, authority=serving, assistance=helped)


def in_hand(db: Session, trip: Trip) -> str:
    """Return what the visitor shows at the door: the pass, or the short code where there is none yet.

    Where the host was told no name: with salt and name (``federation.cards``). A name too long for the code
    is left out; the guard types it from the card.
    """
    if not (trip.visit_pass and trip.card_salt and offered.is_nameless(db, trip.host)):
        return trip.visit_pass or trip.short_code
    with_name = cards.carried(trip.visit_pass, trip.card_salt, trip.staff.name)
    return with_name if len(with_name) <= _LONGEST else cards.carried(trip.visit_pass, trip.card_salt)
