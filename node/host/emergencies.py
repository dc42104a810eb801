"""災害時臨時開放 and 臨時閉鎖: one confirmed action by which a site is opened to every member, or closed, for so long.

An opening offers more desks, asks for no lead time, and ends by itself; what it offered becomes what it was before. A
closing is a closure. There is one for each site: what is declared takes the place of what stood. Every step is a line in
the audit log, and the offers feed tells the registry, which tells everybody.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import audit
from federation.errors import BadInput, Conflict, NotFound
from federation.messages.booking import OCCUPYING
from federation.messages.emergency import LONGEST
from federation.wording import phrase
from node.host import agreements, claims, closures, extra_desks, holding, listings, sites
from node.host.closures import Hit
from node.host.extra_desks import NOTHING, Extra
from node.models.agreements import Agreement
from node.models.bookings import Booking, BookingPlace
from node.models.emergencies import Emergency, EmergencyKind
from node.models.opening import Closure
from node.models.sites import Site

OPENING = phrase("災害時臨時開放")
_CAUSE = "agreement-ended"


@dataclass(frozen=True)
class Plan:
    """What is to be declared: a site, opened with ``extra`` desks or closed, until a moment, and why."""

    site: Site
    kind: EmergencyKind
    until: datetime
    reason: str
    extra: Extra = NOTHING
    around_the_clock: bool = False


def hits(db: Session, plan: Plan, now: datetime) -> Sequence[Hit]:
    """Say whose bookings a closing would end or cut short; an opening hits nobody. Nothing is changed."""
    _check(plan, now)
    return closures.preview(db, plan.site, now, plan.until, now) if plan.kind == "closing" else ()


def declare(db: Session, plan: Plan, *, by: str, now: datetime) -> Emergency:
    """Open or close the site from now on, in place of what stood there; raises ``BadInput``."""
    _check(plan, now)
    # Two who declare at once do so one after the other, so that one of them stands.
    db.execute(select(Site.id).where(Site.id == plan.site.id).with_for_update())
    earlier = at(db, plan.site.id, now)
    if earlier is not None:
        end(db, earlier, by=by, now=now)
    made = Emergency(
        id=str(uuid.uuid4()),
        site_id=plan.site.id,
        kind=plan.kind,
        reason=plan.reason,
        since=now,
        until=plan.until,
        declared_by=by,
        around_the_clock=plan.kind == "opening" and plan.around_the_clock,
    )
    db.add(made)
    db.flush()
    if plan.kind == "opening":
        made.agreement_id = _offer(db, plan, now).id
        extra_desks.give(db, made, plan.extra)
        sites.changed(db, plan.site)
    else:
        made.closure_ids = [_close(db, made, now, now).id]
    _tell(db, made, "declared", f"{plan.kind} until {plan.until.isoformat()}: {plan.reason}", by=by, now=now)
    return made


def prolong(db: Session, emergency: Emergency, until: datetime, *, by: str, now: datetime) -> None:
    """Let it end later; raises ``Conflict`` for one that is over, ``BadInput`` for what is no later, or too late."""
    _refuse_over(emergency, now)
    if until <= emergency.until or until > now + LONGEST:
        raise BadInput("it ends later than before, and within days", field="until")
    before, emergency.until = emergency.until, until
    db.flush()
    site = db.get_one(Site, emergency.site_id)
    if emergency.kind == "closing":
        emergency.closure_ids = [*emergency.closure_ids, _close(db, emergency, before, now).id]
    elif emergency.agreement_id is not None:
        last = {"closes_at": until, "ends_on": _day(site, until)}
        agreements.amend(db, db.get_one(Agreement, emergency.agreement_id), last, now=now)
    sites.changed(db, site)
    _tell(db, emergency, "prolonged", f"until {until.isoformat()}", by=by, now=now)


def end(db: Session, emergency: Emergency, *, by: str, now: datetime, cancel: bool = False) -> int:
    """End it: what was opened is put back, a closure lifted. What was booked stands, or is cancelled and told.

    Returns how many bookings were cancelled; raises ``Conflict`` for one that is over. ``by`` is empty where it ends by itself.
    """
    if emergency.ended_at is not None:
        raise Conflict("it has ended already")
    emergency.ended_at, emergency.ended_by = now, by
    ended = 0
    if emergency.agreement_id is not None:
        agreement = db.get_one(Agreement, emergency.agreement_id)
        ended = _cancel(db, booked_after(db, emergency, now), now) if cancel else 0
        agreement.suspended_at = agreement.suspended_at or now
        listings.agreement_changed(db, agreement)
        extra_desks.take_back(db, emergency)
    site = db.get_one(Site, emergency.site_id)
    for closure_id in emergency.closure_ids:
        closure = db.get_one(Closure, closure_id)
        if closure.end > now:
            closures.lift(db, closure, site, now)
    db.flush()
    sites.changed(db, site)
    _tell(db, emergency, "ended", f"{ended} cancelled", by=by, now=now)
    return ended


def end_due(db: Session, now: datetime) -> int:
    """End those whose time has come; return how many there were. It may run twice at once without harm."""
    due = select(Emergency).where(Emergency.ended_at.is_(None), Emergency.until <= now).with_for_update()
    found = db.scalars(due.order_by(Emergency.id)).all()
    for one in found:
        end(db, one, by="", now=now)
    return len(found)


def at(db: Session, site_id: str, now: datetime) -> Emergency | None:
    """Return what stands at a site, or None."""
    return next((one for one in standing(db, now) if one.site_id == site_id), None)


def standing(db: Session, now: datetime) -> Sequence[Emergency]:
    """Return what stands now, the newest first."""
    question = select(Emergency).where(Emergency.ended_at.is_(None), Emergency.until > now)
    return db.scalars(question.order_by(Emergency.since.desc(), Emergency.id)).all()


def past(db: Session, now: datetime, *, most: int = 20) -> Sequence[Emergency]:
    """Return what was declared before and is over, the newest first."""
    over = (Emergency.ended_at.is_not(None)) | (Emergency.until <= now)
    return db.scalars(select(Emergency).where(over).order_by(Emergency.since.desc(), Emergency.id).limit(most)).all()


def get(db: Session, emergency_id: str) -> Emergency:
    """Return one, locked until the transaction ends; raise ``NotFound``."""
    found = db.get(Emergency, emergency_id, with_for_update=True)
    if found is None:
        raise NotFound("no such emergency")
    return found


def booked_after(db: Session, emergency: Emergency, now: datetime) -> Sequence[Booking]:
    """Return the bookings under an opening that have not begun."""
    if emergency.agreement_id is None:
        return ()
    question = select(Booking).where(Booking.agreement_id == emergency.agreement_id, Booking.state.in_(OCCUPYING))
    return db.scalars(question.where(~Booking.places.any(BookingPlace.start <= now)).order_by(Booking.id)).all()


def _check(plan: Plan, now: datetime) -> None:
    if plan.until <= now or plan.until > now + LONGEST:
        raise BadInput(f"it ends within {LONGEST.days} days", field="until")
    if not plan.reason.strip() or len(plan.reason) > 200:
        raise BadInput("a reason is needed", field="reason")


def _offer(db: Session, plan: Plan, now: datetime) -> Agreement:
    """Offer the site to every member, free of charge, without lead time or limit of seats, up to the very end."""
    facts = {
        "name": f"{OPENING} {plan.site.name}"[:100],
        "site_ids": [plan.site.id],
        "starts_on": _day(plan.site, now),
        "ends_on": _day(plan.site, plan.until),
        "closes_at": plan.until,
    }
    return agreements.conclude(db, facts, now=now)


def _day(site: Site, moment: datetime) -> object:
    return moment.astimezone(ZoneInfo(site.zone)).date()


def _close(db: Session, emergency: Emergency, start: datetime, now: datetime) -> Closure:
    site = db.get_one(Site, emergency.site_id)
    end_ = emergency.until
    return closures.close(db, site, start, end_, template="disaster", note=emergency.reason, now=now).closure


def _cancel(db: Session, bookings: Sequence[Booking], now: datetime) -> int:
    claims.lock_desks(db, [place.desk_id for booking in bookings for place in booking.places])
    for booking in bookings:
        db.refresh(booking)
    standing_now = [booking for booking in bookings if booking.state in OCCUPYING]
    for booking in standing_now:
        holding.end(db, booking, "cancelled", _CAUSE, now)
    return len(standing_now)


def _refuse_over(emergency: Emergency, now: datetime) -> None:
    if emergency.ended_at is not None or emergency.until <= now:
        raise Conflict("it has ended already")


def _tell(db: Session, emergency: Emergency, what: str, reason: str, *, by: str, now: datetime) -> None:
    listings.emergency_changed(db, emergency.site_id)
    audit.record(
        db,
        event=f"emergency-{what}",
        actor=by or "time",
        subject=f"site {emergency.site_id}",
        verdict="allowed",
        reason=reason[:300],
        now=now,
    )
