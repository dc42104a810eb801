"""Reading every host's visits feed: how a trip's state, the attendance record and the person hear of what the host did."""

import json
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from federation import cursors, follow, outbox
from federation.errors import TachiyoriError
from federation.messages.booking import Booking
from federation.messages.feed import FeedItem, FeedPage
from federation.messages.rollcall import RollCallReport
from federation.positions import position
from node.home import rollcalls, trips
from node.models.bookings import OWN_TOWN
from node.models.trips import Trip
from node.town import Town

_log = logging.getLogger(__name__)
FEED = "visits"
_OWN_CURSOR = -1
"""Our own town's number among the cursors: members count from 1, and 0 is the registry."""
_AFTERWARDS = timedelta(days=8)
"""A host may still correct a visit for so long after it; tombstones stand as long."""

Source = Callable[[str], "tuple[int, str, Callable[[str], FeedPage]]"]
"""From a host's entity id to the number its cursor has here, its feed's address, and how to fetch a page."""


def sources(town: Town, *, no_cache: bool = False) -> Source:
    """Return where to read each host's feed: over the wire, or for our own desks in this process.

    ``no_cache`` is for a reader that was pinged.
    """

    def source(host: str) -> "tuple[int, str, Callable[[str], FeedPage]]":
        if host == town.config.entity_id:
            first = f"{host}/feeds/visits"
            return _OWN_CURSOR, first, lambda url: _own_page(town, first, url)
        member = town.members.verified(host, town.clock())
        with town.storage.transaction() as db:
            number = town.members.row(db, host).id
        return (
            number,
            str(member.metadata["desk_exchange"]["visits_feed"]),
            lambda url: town.peer.feed_page(
                url,
                audience=host,
                token_endpoint=str(member.metadata["oauth_authorization_server"]["token_endpoint"]),
                no_cache=no_cache,
            ),
        )

    return source


def _own_page(town: Town, first: str, url: str) -> FeedPage:
    epoch, after = position(url)
    with town.storage.transaction() as db:
        return town.feeds.page(db, f"{FEED}:{OWN_TOWN}", first, epoch=epoch, after=after)


def hosts_to_follow(db: Session, *, now: datetime) -> Sequence[str]:
    """Return the entity ids of hosts where we have, or lately had, a booking."""
    current = or_(Trip.end > now - _AFTERWARDS, Trip.state.in_(trips.OUR_OWN))
    return db.scalars(select(Trip.host).where(current).distinct().order_by(Trip.host)).all()


def follow_host(town: Town, host: str, source: Source, *, now: datetime) -> follow.Followed:
    """Read one host's visits feed on to its end; raises what kept us from it, noted on the cursor."""
    number, first, fetch = source(host)
    return follow.follow(
        town.storage,
        source=number,
        feed=FEED,
        first=first,
        fetch=fetch,
        apply=follow.each(lambda db, item: take(db, host, item, now=now)),
        sweep=lambda db, _unmet: ask_anew(db, host, cursors.met(db, number, FEED), now=now),
        kinds=("booking", rollcalls.KIND),
        now=now,
    )


def follow_all(town: Town, source: Source, *, now: datetime) -> dict[str, str]:
    """Read every host's feed; one that fails, however it fails, does not hold up the others.

    Returns the failures: host to code. A job.
    """
    with town.storage.transaction() as db:
        hosts = hosts_to_follow(db, now=now)
    failures = {}
    for host in hosts:
        try:
            follow_host(town, host, source, now=now)
        except TachiyoriError as error:
            failures[host] = error.code
        except Exception as broken:  # noqa: BLE001 - One host's words must not keep the others' from being read.
            _log.exception("the visits feed of %s failed", host)
            failures[host] = type(broken).__name__
    return failures


def take(db: Session, host: str, item: FeedItem, *, now: datetime) -> None:
    """Take one item in. A host speaks of its own bookings only; those gone from the feed are past, and stay as they were."""
    if item.data is None:
        return
    if item.kind == rollcalls.KIND:
        rollcalls.take(db, host, RollCallReport.read(json.dumps(item.data)), now=now)
    if item.kind != "booking":
        return
    booking = Booking.read(json.dumps(item.data))
    trip = trips.locked(db, booking.id)
    if trip is not None and trip.host == host:
        trips.follow(db, trip, booking, now=now, unasked=True)


def ask_anew(db: Session, host: str, met: frozenset[tuple[str, str]], *, now: datetime) -> None:
    """Ask again for the bookings of ours that a host did not name in all of its feed, as after a restored backup.

    That we heard of one from the host's own answer is enough: its feed may not have come before the host lost it. One that
    was made while the feed was read is asked for in vain; the same request is never judged twice.
    """
    live = (Trip.host == host, Trip.end > now, Trip.state.in_(trips.LIVE - trips.OUR_OWN))
    known = {id_ for _kind, id_ in met}
    for trip_id in db.scalars(select(Trip.id).where(*live).order_by(Trip.id)).all():
        trip = trips.locked(db, trip_id) if trip_id not in known else None
        if trip is None or trip.state not in trips.LIVE - trips.OUR_OWN:
            continue
        trip.state, trip.version, trip.changed_at = "asking", 0, now
        trip.not_after = min(trip.end, now + timedelta(days=1))
        outbox.promise(db, trips.ASK, host, {"trip": trip.id}, now=now)
