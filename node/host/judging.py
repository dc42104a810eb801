"""Judging what is asked for: locks in their order, then every rule, then the desks' and the visitors' calendars.

The same path serves a quote (without locks), a first PUT, a move and an extension.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from federation.errors import BadInput, BookingRefused, DeskTaken
from federation.messages.booking import Alternative, Place, Quote, QuoteRequest
from federation.rules import No
from node import reasons
from node.host import alternatives, claims, house, terms
from node.host.homes import Home
from node.host.spans import Span
from node.host.terms import Asked, Terms
from node.host.visitors import lock_visitors, refuse_elsewhere
from node.models.agreements import Agreement
from node.models.bookings import Booking, Visitor
from node.models.sites import Desk

_TAKEN = No(DeskTaken.code, DeskTaken.words)
"""Its words say what would do instead."""


def quote(db: Session, home: Home, request: QuoteRequest, now: datetime) -> Quote:
    """Say what would happen if this were asked: the verdict with reasons, the price, the rules, what would do instead.

    Raises ``BadInput`` with the field's path for a desk this host does not have, or a booking that is not home's.
    """
    desks = find_desks(db, request.places)
    instead_of = _besides(db, home, request)
    judged_by = request.authority if instead_of is None else None
    named = None if judged_by is None else {place.sub: judged_by for place in request.places}
    asked = Asked(home, request.places, request.work_kind, request.confidentiality, authorities=named)
    if instead_of is not None:
        asked = replace(asked, besides=instead_of.id, agreed=instead_of.agreement_id)
    given = terms.judged(db, asked, desks, now)
    seen = all(terms.reaches(db, asked, place, desk) for place, desk in zip(asked.places, desks, strict=True))
    clash = first_clash(db, asked) if seen else None
    why = reasons.reasons(given.verdict, "host") + ((reasons.reason(_TAKEN, "host"),) if clash is not None else ())
    return Quote(
        allowed=not why,
        outcome="refused" if why else "requested" if given.needs_approval else "confirmed",
        reasons=why,
        price_yen=given.price_yen,
        house_rules=house.in_force(db, now),
        alternatives=_instead(db, asked, desks, clash or 0, now) if why else (),
    )


def _besides(db: Session, home: Home, request: QuoteRequest) -> Booking | None:
    """Return the booking in whose place it would be; a move names nobody's 任命権者, and neither does its quote judge by one."""
    if request.besides is None:
        return None
    found = db.get(Booking, request.besides)
    if found is None or found.home_id != home.id:
        raise BadInput("no booking of this home", field="besides")
    return found


def find_desks(db: Session, places: Sequence[Place]) -> list[Desk]:
    """Return the places' desks in their order; raise ``BadInput`` with the path of the first one we do not have."""
    desks = [db.get(Desk, place.desk) for place in places]
    for number, desk in enumerate(desks):
        if desk is None:
            raise BadInput("no desk of this host", field=f"places.{number}.desk")
    return [desk for desk in desks if desk is not None]


def lock(db: Session, asked: Asked, desks: Sequence[Desk], *, also: Iterable[str] = ()) -> dict[str, Visitor]:
    """Take every lock the decision needs, in their order, and forget what was read before. Returns visitors by subject.

    ``also`` are desks that a booking leaves.
    """
    for id_ in terms.counted(db, asked, desks):
        lock = update(Agreement).where(Agreement.id == id_)
        db.execute(lock.values(lock_version=Agreement.lock_version + 1))
    visitors = lock_visitors(db, asked.home, {place.sub for place in asked.places})
    claims.lock_desks(db, {place.desk for place in asked.places} | set(also))
    _forget_all_but(db, visitors.values())
    return visitors


def _forget_all_but(db: Session, locked: Iterable[Visitor]) -> None:
    """Have everything read anew, except for rows that were read by locking them."""
    kept = set(locked)
    for one in db:
        if one not in kept:
            db.expire(one)


def agree(db: Session, asked: Asked, desks: Sequence[Desk], now: datetime) -> Terms:
    """Return the terms if everything holds, under the locks; raise what forbids it, with reasons and alternatives."""
    given = terms.judged(db, asked, desks, now)
    clash = first_clash(db, asked)
    if not given.verdict:
        error: BookingRefused | DeskTaken = BookingRefused(", ".join(no.code for no in given.verdict.refusals))
        error.reasons = reasons.reasons(given.verdict, "host")
    elif clash is not None:
        error = DeskTaken("a live claim overlaps", field=f"places.{clash}.desk")
        error.reasons = (reasons.reason(_TAKEN, "host"),)
    else:
        refuse_elsewhere(db, asked)
        return given
    error.alternatives = _instead(db, asked, desks, clash or 0, now)
    raise error


def _instead(db: Session, asked: Asked, desks: Sequence[Desk], number: int, now: datetime) -> tuple[Alternative, ...]:
    """Return what would do instead of one place; nothing to whom no agreement brings there."""
    place, desk = asked.places[number], desks[number]
    alone = replace(asked, places=(place,))
    return alternatives.instead_of(db, alone, desk, now) if terms.reaches(db, asked, place, desk) else ()


def first_clash(db: Session, asked: Asked) -> int | None:
    """Return the number of the first place whose desk somebody holds, or None; raise ``BadInput`` for places that clash
    among themselves.
    """
    spans = [Span(place.start, place.end) for place in asked.places]
    whole = Span(min(span.start for span in spans), max(span.end for span in spans))
    desk_ids = {place.desk for place in asked.places}
    held = claims.taken(db, desk_ids, whole, besides=asked.besides, walk_ins_of=asked.home.code)
    for number, (place, span) in enumerate(zip(asked.places, spans, strict=True)):
        if any(span.overlaps(other) for other in held[place.desk]):
            return number
        for earlier in range(number):
            twice = place.desk == asked.places[earlier].desk or place.sub == asked.places[earlier].sub
            if twice and span.overlaps(spans[earlier]):
                raise BadInput("a desk or a person twice at one time", field=f"places.{number}")
    return None
