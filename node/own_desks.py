"""Who answers for a host: a town elsewhere by the protocol, and this town itself by the same verbs without leaving.

There is one booking path. One of our own staff at one of our own desks is asked for, judged and recorded like any visitor;
only the wire between the two halves is missing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from federation.host import HostVerbs, Person
from federation.keys import KeyRing
from federation.members import Members
from federation.messages.booking import Availability, Booking, BookingChange, BookingRequest, Quote, QuoteRequest
from federation.messages.feedback import Feedback
from federation.messages.incident import Incident
from federation.messages.listing import DeskListing, SiteListing
from federation.messages.plan import RoomPlan
from federation.messages.trail import Trail
from federation.peer import Peer
from federation.remote import RemoteHost
from federation.storage import Storage
from node.config import Config
from node.host import bookings, changes, claims, feedback, judging, listings, plans, sites, trails
from node.host.homes import Home
from node.host.passes import Passes


@dataclass(frozen=True)
class Hosts:
    """From an entity id to the verbs of that host. ``ring`` holds the protocol keys that vouch for our people."""

    config: Config
    storage: Storage
    peer: Peer
    members: Members
    ring: KeyRing
    passes: Passes
    clock: Callable[[], datetime]

    def __call__(self, entity_id: str) -> HostVerbs:
        """Return the host's verbs; raises ``NotAMember`` and kin for one that cannot be trusted now."""
        if entity_id == self.config.entity_id:
            return OwnDesks(self.config, self.storage, self.passes, self.clock)
        return RemoteHost(self.peer, self.members.verified(entity_id, self.clock()), self.ring, self.clock)


@dataclass(frozen=True)
class OwnDesks:
    """This town as the host of its own staff. Every verb is a transaction of its own, as a request would be."""

    config: Config
    storage: Storage
    passes: Passes
    clock: Callable[[], datetime]

    @property
    def _home(self) -> Home:
        return Home(None, self.config.entity_id, self.config.code)

    def quote(self, request: QuoteRequest) -> Quote:
        """Say what would happen."""
        with self.storage.transaction() as db:
            return judging.quote(db, self._home, request, self.clock())

    def put_booking(self, uuid: str, request: BookingRequest, person: Person | None) -> Booking:
        """Judge it once; who is at the keyboard has signed in at this very node."""
        with self.storage.transaction(write=True) as db:
            return bookings.decide(db, self.passes, self._home, uuid, request, now=self.clock())

    def get_booking(self, uuid: str) -> Booking:
        """Return the present state."""
        with self.storage.transaction() as db:
            return bookings.show(db, self.passes, self._home, uuid, now=self.clock())

    def patch_booking(self, uuid: str, change: BookingChange, version: int) -> Booking:
        """Change exactly this version."""
        with self.storage.transaction(write=True) as db:
            return changes.change(db, self.passes, self._home, uuid, change, version=version, now=self.clock())

    def delete_booking(self, uuid: str) -> Booking | None:
        """Cancel."""
        with self.storage.transaction(write=True) as db:
            return bookings.cancel(db, self.passes, self._home, uuid, now=self.clock())

    def put_feedback(self, uuid: str, said: Feedback) -> None:
        """Take in how a visit was."""
        with self.storage.transaction(write=True) as db:
            feedback.take(db, self._home, uuid, said, now=self.clock())

    def availability(self, desk: str, start: datetime, end: datetime) -> Availability:
        """Return when the desk is free."""
        with self.storage.transaction() as db:
            return claims.availability(db, self._home, desk, start, end, now=self.clock())

    def desk_by_code(self, code: str) -> tuple[SiteListing, DeskListing]:
        """Return the desk that bears a code."""
        with self.storage.transaction() as db:
            return sites.listing_by_code(db, self._home, code, self.config, self.clock())

    def listing(self, desk: str) -> tuple[SiteListing, DeskListing]:
        """Return what is published of the desk and its site."""
        with self.storage.transaction() as db:
            return listings.listing_of(db, desk, self.config)

    def plan(self, desk: str) -> RoomPlan:
        """Return the plan of the desk's room."""
        with self.storage.transaction() as db:
            return plans.shown(db, self._home, desk, now=self.clock())

    def drawing(self, desk: str) -> bytes:
        """Return the picture under that plan."""
        with self.storage.transaction() as db:
            return plans.drawing(db, self._home, desk, now=self.clock())

    def views(self, sub: str, before: int | None = None) -> Trail:
        """Return who here had our visitor's name before them."""
        with self.storage.transaction() as db:
            return trails.views(db, self._home, sub, before=before)

    def trail(self, uuid: str, before: int | None = None) -> Trail:
        """Return what our log says of the booking."""
        with self.storage.transaction() as db:
            return trails.of_booking(db, self._home, uuid, before=before)

    def put_incident(self, uuid: str, said: Incident) -> None:
        """Keep nothing more: an incident among our own people is told to nobody else."""
