"""延長: staying longer at one's desk. What our own town or the host wants approved is asked for as a booking of its own, right after the first.

A host holds desks, not extensions: as a booking the further time is kept while the approver thinks, and what was approved
before stands as it is whatever they say.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from federation.errors import BadInput, BookingRefused
from federation.messages.booking import Reason
from federation.rules import UNAPPROVED
from node.home import asking, forecasts, lengths, needs, trips
from node.home.trips import Wish
from node.models.trips import Trip
from node.people import staff as directory
from node.people.signin import SignedIn
from node.town import Town


def stay_longer(town: Town, trip_id: str, minutes: int, signed_in: SignedIn, *, now: datetime) -> str:
    """Stay ``minutes`` longer, in the desk's units; return the trip that this came to, another one where it waits for approval.

    Raises ``BadInput``, ``PersonElsewhere``, ``BookingRefused``, or what the host says.
    """
    with town.storage.transaction() as db:
        trip = trips.get(db, trip_id, signed_in.staff_id)
        if minutes not in lengths.longer(trip):
            raise BadInput(f"{minutes} minutes", field="minutes")
        end = trip.end + timedelta(minutes=minutes)
        person = directory.get(db, signed_in.staff_id)
        need = needs.of(db, person, trips.site_of(trip), trip.start, end, work_kind=trip.work_kind)
    if not need.asks and _extended(town, trip_id, minutes, signed_in, now=now):
        return trip_id
    return asking.submit(town, _further(town, trip, end), signed_in, now=now)


def _extended(town: Town, trip_id: str, minutes: int, signed_in: SignedIn, *, now: datetime) -> bool:
    """Extend the trip; say whether it is, or its host wants to approve the further time."""
    try:
        asking.extend(town, trip_id, signed_in.staff_id, minutes, now=now)
    except BookingRefused as refusal:
        reasons: Sequence[Reason] = getattr(refusal, "reasons", ())
        if not reasons or any(one.code != UNAPPROVED for one in reasons):
            raise
        return False
    return True


def _further(town: Town, trip: Trip, end: datetime) -> Wish:
    """Return the wish for the same desk from the trip's end on, at the price its host names."""
    wish = Wish(
        staff_id=trip.staff_id,
        host=trip.host,
        host_name=trip.host_name,
        site=trips.site_of(trip),
        desk=trips.desk_of(trip),
        start=trip.end,
        end=end,
        work_kind=trip.work_kind,
        confidentiality=trip.confidentiality,
        consent_version=trip.consent_version,
    )
    quote = forecasts.ask_quote(town, wish)
    return wish if quote is None else replace(wish, price_yen=quote.price_yen)
