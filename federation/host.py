"""What a home may ask of a host: one verb for each request of the booking API, whoever answers it.

A host elsewhere is reached through ``federation.remote``; a town's own desks answer the same verbs in its own process, so
there is one booking path and not two. Verbs raise the errors of ``federation.errors`` as the host named them, and
``PeerUnreachable`` where no answer came.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from federation.messages.booking import Availability, Booking, BookingChange, BookingRequest, Quote, QuoteRequest
from federation.messages.feedback import Feedback
from federation.messages.incident import Incident
from federation.messages.listing import DeskListing, SiteListing
from federation.messages.plan import RoomPlan
from federation.messages.trail import Trail


@dataclass(frozen=True)
class Person:
    """Who asks, as far as this one host may know: the home's word about a sign-in.

    ``sub`` is the pairwise subject for that host, ``acr`` one of our own URIs for 当人認証保証レベル, ``auth_time`` the
    aware UTC moment of the sign-in.
    """

    sub: str
    acr: str
    auth_time: datetime


class HostVerbs(Protocol):
    """One host, as its visitors' home speaks to it."""

    def quote(self, request: QuoteRequest) -> Quote:
        """Ask what would happen: a verdict with reasons, the price, and the house rules to agree to."""
        ...

    def put_booking(self, uuid: str, request: BookingRequest, person: Person | None) -> Booking:
        """Ask for places under the home's own ``uuid``, once however often it is sent.

        ``person`` is the visitor at the keyboard; None where the home asks again while nobody is there.
        """
        ...

    def get_booking(self, uuid: str) -> Booking:
        """Return a booking's present state; raise ``NotFound`` where the host never heard of it."""
        ...

    def patch_booking(self, uuid: str, change: BookingChange, version: int) -> Booking:
        """Move, confirm, extend, arrive or leave; raise ``PreconditionFailed`` unless ``version`` is the present one."""
        ...

    def delete_booking(self, uuid: str) -> Booking | None:
        """Cancel, as often as needed; None where the host had never heard of it and will now refuse it."""
        ...

    def put_feedback(self, uuid: str, said: Feedback) -> None:
        """Say how a visit was, in place of what was said before; raise ``FeedbackClosed`` before its end and long after."""
        ...

    def availability(self, desk: str, start: datetime, end: datetime) -> Availability:
        """Return the host's own word on when ``desk`` (its UUID) is free within [start, end)."""
        ...

    def desk_by_code(self, code: str) -> tuple[SiteListing, DeskListing]:
        """Return the desk whose printed code was typed, and its site; raise ``NotFound``, or ``TooMany`` after many tries."""
        ...

    def listing(self, desk: str) -> tuple[SiteListing, DeskListing]:
        """Return what the host publishes of one desk (its UUID) and of the site it stands in."""
        ...

    def plan(self, desk: str) -> RoomPlan:
        """Return the plan of the room in which a desk (its UUID) stands; raise ``NotFound`` where it is not offered to us."""
        ...

    def drawing(self, desk: str) -> bytes:
        """Return the picture under that plan, as it comes: a room's drawing is for its guests, so it is asked for as one."""
        ...

    def views(self, sub: str, before: int | None = None) -> Trail:
        """Return who at the host had the name or card of its visitor ``sub`` before them, newest first, below ``before``."""
        ...

    def trail(self, uuid: str, before: int | None = None) -> Trail:
        """Return what the host's log says of a booking, newest first, below the line ``before``."""
        ...

    def put_incident(self, uuid: str, said: Incident) -> None:
        """Tell of an incident of a visit between us, whole, as often as needed."""
        ...
