"""What one of our people says of a visit that is over: carried to its host, and kept here only until that has it."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from federation import outbox
from federation.errors import (
    BadInput,
    BookingGone,
    FeedbackClosed,
    FeedbackNotTaken,
    Forbidden,
    NotAMember,
    NotFound,
    PeerRefused,
    TachiyoriError,
)
from federation.messages.feedback import GIVEN_WITHIN, Feedback
from federation.outbox import Carrier
from node.home import trips
from node.models.feedback import TripFeedback
from node.models.trips import Trip
from node.town import Town

GIVE = "trip-feedback"
"""The kind of promise."""
_NO = (BadInput, BookingGone, FeedbackClosed, FeedbackNotTaken, Forbidden, NotAMember, PeerRefused)
"""Answers after which it makes no sense to send it again."""
_HEAD_START = timedelta(seconds=20)


def may_be_given(trip: Trip, *, now: datetime) -> bool:
    """Say whether the person may say how it was: they were there, it is over, and not for longer than 30 days."""
    ended = trip.left_at or trip.end
    return trip.state == "completed" and trip.arrived_at is not None and now < ended + GIVEN_WITHIN


def of(db: Session, trip_ids: Collection[str]) -> Mapping[str, TripFeedback]:
    """Return how it stands with what was said of these trips; those of which nobody was asked are absent."""
    rows = db.scalars(select(TripFeedback).where(TripFeedback.trip_id.in_(trip_ids)))
    return {row.trip_id: row for row in rows}


def give(town: Town, trip_id: str, staff_id: int, said: Feedback, *, now: datetime) -> bool:
    """Say how one's own visit was, in place of what was said before; False where the host hears of it later.

    Raises ``NotFound`` for somebody else's trip, ``FeedbackClosed`` before its end and long after, and what the host
    refuses with.
    """
    with town.storage.transaction(write=True) as db:
        trips.locked(db, trip_id)
        trip = trips.get(db, trip_id, staff_id)
        if not may_be_given(trip, now=now):
            raise FeedbackClosed(f"a trip in state {trip.state}, until {trip.end}")
        row = db.get(TripFeedback, trip_id) or TripFeedback(trip_id=trip_id, asked_at=now)
        row.state, row.said, row.said_at = "sending", said.text(), now
        db.add(row)
        outbox.promise(db, GIVE, trip.host, {"trip": trip_id}, now=now, not_before=now + _HEAD_START)
    try:
        send(town, trip_id)
    except _NO:
        raise
    except TachiyoriError:
        return False
    return True


def send(town: Town, trip_id: str) -> None:
    """Tell the host what waits to be told, and keep it no longer; raises what the host refused with, or kept us from it."""
    with town.storage.transaction() as db:
        row, trip = db.get(TripFeedback, trip_id), db.get(Trip, trip_id)
    if row is None or trip is None or row.state != "sending":
        return
    try:
        _put(town, trip, Feedback.read(row.said))
    except _NO:
        _settle(town, row, "refused")
        raise
    _settle(town, row, "sent")


def _put(town: Town, trip: Trip, said: Feedback) -> None:
    try:
        town.hosts(trip.host).put_feedback(trip.id, said)
    except NotFound as error:
        raise FeedbackNotTaken(f"{trip.host}: {error.detail}") from error


def _settle(town: Town, row: TripFeedback, state: str) -> None:
    """Drop what was said, unless the person has said something else meanwhile."""
    same = (TripFeedback.trip_id == row.trip_id, TripFeedback.said_at == row.said_at)
    with town.storage.transaction(write=True) as db:
        db.execute(update(TripFeedback).where(*same).values(state=state, said=""))


def carriers(town: Town) -> Mapping[str, Carrier]:
    """Return who carries it, for ``outbox.deliver``."""
    return {GIVE: lambda parcel: _carry(town, str(parcel.payload["trip"]))}


def _carry(town: Town, trip_id: str) -> None:
    """Send it again; a refusal has been written down and is an answer too."""
    try:
        send(town, trip_id)
    except _NO:
        return


def forget(db: Session, now: datetime) -> None:
    """Drop what never reached its host, when the host would take it no more. Part of a job."""
    late = (TripFeedback.state == "sending", TripFeedback.said_at < now - GIVEN_WITHIN)
    db.execute(update(TripFeedback).where(*late).values(state="refused", said=""))
