"""What has happened to a booking here, for the town's own programs: the difference between its last word to its home and now."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.feed import FeedEntry
from federation.members import Member
from federation.messages.base import written
from node.host.listings import visits_of
from node.models.bookings import OWN_TOWN, Booking, BookingPlace
from node.webhooks import kinds
from node.webhooks.promising import Happening, Party, Spot, promise, wanted

_OVER = frozenset({"cancelled", "lapsed", "refused"})


def of_first(db: Session, booking: Booking) -> None:
    """Promise to tell of a booking that has just been made."""
    _tell(db, booking, kinds.MADE)


def of_change(db: Session, booking: Booking) -> None:
    """Promise to tell what has become of a booking; nothing where it is nothing that anybody may hear of."""
    if not wanted(db, *kinds.HERE):
        return
    before = _last_word(db, booking)
    kind = _kind(before, booking) if before is not None else ""
    if kind:
        _tell(db, booking, kind)


def _last_word(db: Session, booking: Booking) -> Mapping[str, Any] | None:
    """Return the booking as its home's feed has it, which is as it was before this transaction."""
    said = select(FeedEntry.data).where(
        FeedEntry.feed == visits_of(booking.home_id), FeedEntry.kind == "booking", FeedEntry.id == booking.id
    )
    return db.scalar(said)


def _kind(before: Mapping[str, Any], booking: Booking) -> str:
    was, now = before["state"], booking.state
    if now in _OVER:
        return kinds.CANCELLED if was not in _OVER else ""
    if now == "no_show":
        return kinds.NO_SHOW if was != "no_show" else ""
    if now == "checked_in" and was == "confirmed":
        return kinds.CHECKED_IN
    decided = was != now and was in {"held", "requested"}
    return kinds.CHANGED if decided or _seats(before) != [_seat(place) for place in booking.places] else ""


def _seats(before: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [(place["desk"], place["start"], place["end"]) for place in before["places"]]


def _seat(place: BookingPlace) -> tuple[str, str, str]:
    return place.desk_id, written(place.start), written(place.end)


def _tell(db: Session, booking: Booking, kind: str) -> None:
    if not wanted(db, kind):
        return
    what = Happening(
        kind=kind,
        booking=booking.id,
        state=booking.state,
        spots=[_spot(place) for place in booking.places],
        host=None,
        home=_home(db, booking.home_id),
        cause=booking.cause,
    )
    promise(db, what, now=booking.changed_at)


def _spot(place: BookingPlace) -> Spot:
    room, site = place.desk.room, place.desk.room.site
    return Spot(site.name, room.name, place.desk.name, place.desk_id, place.start, place.end, site.zone)


def _home(db: Session, home_id: int) -> Party | None:
    member = None if home_id == OWN_TOWN else db.get(Member, home_id)
    return Party(member.code, member.name) if member is not None else _nobody(home_id)


def _nobody(home_id: int) -> Party | None:
    """Return our own town, or a member whose row is gone: another town without a name."""
    return None if home_id == OWN_TOWN else Party("", "")
