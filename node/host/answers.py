"""What a host says of a booking: the answer to PUT, GET and PATCH, and the visits feed's item."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session, object_session

from federation import feed
from federation.errors import BookingGone, NotFound
from federation.messages import booking as wire
from federation.messages.base import Message
from federation.messages.booking import Dispute
from node.host import codes, happenings, rollreports
from node.host.causes import why
from node.host.homes import Home
from node.host.listings import VISITS, visits_of
from node.host.passes import Passes
from node.models.bookings import Booking, BookingPlace
from node.models.noshows import NoShowDispute

ADMITTED = frozenset({"confirmed", "checked_in"})
"""The states in which a booking opens the door: it has a pass."""

CAUSES = frozenset(
    {"home", "host", "closure", "closure-lifted", "lapsed", "withdrawn", "agreement-ended", "home-suspended", "no-show"}
)
"""Why a booking ended, or was moved (``closure``): words for programs; pages have the sentences."""


def answer(booking: Booking, passes: Passes, now: datetime) -> wire.Booking:
    """Return the booking's present state as it crosses the wire."""
    return wire.Booking(
        id=booking.id,
        state=booking.state,
        version=booking.version,
        places=tuple(_place(place) for place in booking.places),
        work_kind=booking.work_kind,
        hold_until=booking.hold_until if booking.state == "held" else None,
        price_yen=booking.price_yen,
        short_code=codes.shown(booking.short_code or ""),
        visit_pass=passes.issue(booking, now) if booking.state in ADMITTED else "",
        cause=booking.cause,
        reasons=why(booking),
        alternatives=tuple(wire.Alternative.model_validate(one, strict=False) for one in booking.alternatives),
        dispute=_dispute(booking),
        changed_at=booking.changed_at,
    )


def _place(place: BookingPlace) -> wire.PlaceNow:
    site = place.desk.room.site
    return wire.PlaceNow(
        desk=place.desk_id,
        desk_name=place.desk.name,
        room_name=place.desk.room.name,
        site=site.id,
        site_name=site.name,
        start=place.start,
        end=place.end,
        sub=place.visitor.sub,
        arrived_at=place.arrived_at,
        left_at=place.left_at,
    )


def _dispute(booking: Booking) -> Dispute:
    """Return how it stands with a visitor's word that they came; only of a booking nobody came to is there any."""
    db = object_session(booking)
    said = db.get(NoShowDispute, booking.id) if db is not None and booking.state == "no_show" else None
    if said is None:
        return ""
    return "open" if said.struck is None else "struck" if said.struck else "upheld"


def get_booking(db: Session, home: Home, uuid: str) -> Booking:
    """Return the home's own booking; raise ``NotFound``, or ``BookingGone`` if it was taken back before it arrived."""
    booking = find_booking(db, home, uuid)
    if booking is None:
        raise NotFound("no such booking of this home")
    if not booking.places:
        raise BookingGone("taken back before it arrived")
    return booking


def find_booking(db: Session, home: Home, uuid: str) -> Booking | None:
    """Return the home's own booking or tombstone, or None; another home's is as unknown as one that never was."""
    booking = db.get(Booking, uuid)
    return booking if booking is not None and booking.home_id == home.id else None


def touched(db: Session, booking: Booking, now: datetime) -> None:
    """Count the change of a booking, and note it for its home and for the town's own programs."""
    booking.version += 1
    booking.changed_at = now
    noted(db, booking)
    happenings.of_change(db, booking)


def noted(db: Session, booking: Booking, told: wire.Booking | None = None) -> None:
    """Note a booking in the feed of its home; ``told`` is the answer where it is made already and nobody else can change it."""
    feed.changed(db, visits_of(booking.home_id), "booking", booking.id, reads=told)


def renderers(passes: Passes, clock: Callable[[], datetime]) -> Mapping[str, Mapping[str, feed.Renderer]]:
    """Return the renderer of the visits feeds, one feed a home."""

    def booking(db: Session, uuid: str) -> Message | None:
        found = db.get(Booking, uuid)
        return answer(found, passes, clock()) if found is not None and found.places else None

    return {VISITS: {"booking": feed.singly(booking), rollreports.KIND: feed.singly(rollreports.read)}}
