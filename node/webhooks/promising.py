"""The promise to tell: one for each receiver that wants to hear of it, in the transaction in which it happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import outbox
from federation.messages.base import written
from node.models.webhooks import Webhook

WEBHOOK = "webhook"
"""The kind of promise."""
_KNOWN = "webhooks"


@dataclass(frozen=True)
class Spot:
    """One desk for one time, in the words of the site that has it; ``zone`` is the site's own."""

    site: str
    room: str
    desk: str
    desk_id: str
    start: datetime
    end: datetime
    zone: str


@dataclass(frozen=True)
class Party:
    """A town by its 団体コード and its name."""

    code: str
    name: str


@dataclass(frozen=True)
class Happening:
    """What happened to one booking. Nothing here says whose it is; ``host`` and ``home`` are None for this town itself."""

    kind: str
    booking: str
    state: str
    spots: Sequence[Spot]
    host: Party | None
    home: Party | None
    cause: str = ""


def target(webhook_id: int) -> str:
    """Return what its promises are told to: each receiver by itself, so that one that is away delays nobody else."""
    return f"webhook:{webhook_id}"


def wanted(db: Session, *kinds: str) -> bool:
    """Say whether anybody hears of one of these kinds, so that nothing is looked up where nobody does."""
    return any(kind in wishes for _id, wishes in _receivers(db) for kind in kinds)


def promise(db: Session, what: Happening, *, now: datetime) -> None:
    """Promise a message to each receiver that wants its kind and is not stopped; once for a booking in one transaction."""
    said: set[tuple[str, str]] = db.info.setdefault("webhooks said", set())
    if (what.kind, what.booking) in said:
        return
    said.add((what.kind, what.booking))
    for number, wishes in _receivers(db):
        if what.kind in wishes:
            outbox.promise(db, WEBHOOK, target(number), {"webhook": number, **_kept(what, now)}, now=now)


def _receivers(db: Session) -> Sequence[tuple[int, frozenset[str]]]:
    """Return who hears of what, read once in a transaction: a closure may end hundreds of bookings."""
    if _KNOWN not in db.info:
        rows = db.execute(select(Webhook.id, Webhook.kinds).where(Webhook.stopped == "").order_by(Webhook.id))
        db.info[_KNOWN] = [(row.id, frozenset(row.kinds.split())) for row in rows]
    known: Sequence[tuple[int, frozenset[str]]] = db.info[_KNOWN]
    return known


def _kept(what: Happening, now: datetime) -> Mapping[str, object]:
    """Return a happening as the outbox keeps it; the booking's id becomes a pseudonym before it leaves."""
    return {
        "kind": what.kind,
        "at": written(now),
        "booking": what.booking,
        "state": what.state,
        "cause": what.cause,
        "spots": [{**vars(spot), "start": written(spot.start), "end": written(spot.end)} for spot in what.spots],
        "host": vars(what.host) if what.host else None,
        "home": vars(what.home) if what.home else None,
    }
