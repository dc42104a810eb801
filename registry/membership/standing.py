"""Suspending and lifting: the operator's decisions, and the status list that carries them."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import audit, status
from federation.errors import BadInput, Conflict, NotFound, SecondOperatorNeeded
from federation.members import Member
from registry import catalogue, emergencies
from registry.membership.anchor import Seal
from registry.membership.statements import sign_again
from registry.models import Signed, Suspension

STATUS_LIST = "status-list"


def suspend(db: Session, member_id: int, *, reason: str, emergency: bool, by: str, now: datetime) -> Suspension:
    """Ask for a member to be stopped; an emergency is in force at once and is confirmed afterwards.

    ``reason`` is what the member will be told. Raises ``BadInput``, ``NotFound``, or ``Conflict`` while another stands.
    """
    if not reason.strip():
        raise BadInput("a suspension needs a reason", field="reason")
    member = _member(db, member_id)
    if standing(db, member_id) is not None:
        raise Conflict(f"{member.entity_id} is suspended, or about to be")
    asked = Suspension(
        member_id=member_id,
        reason=reason.strip()[:1000],
        emergency=emergency,
        asked_at=now,
        asked_by=by,
        confirmed_by="",
        lifted_by="",
        lift_reason="",
    )
    db.add(asked)
    db.flush()
    _record(db, "suspend", member, by=by, reason=asked.reason, now=now)
    _apply(db, member, asked)
    return asked


def confirm(db: Session, suspension_id: int, *, by: str, now: datetime) -> None:
    """Confirm a suspension as a second operator; raises ``SecondOperatorNeeded``, ``NotFound`` or ``Conflict``."""
    asked = _open(db, suspension_id)
    if asked.asked_by == by:
        raise SecondOperatorNeeded(f"{by} asked for it")
    if asked.confirmed_at is not None:
        raise Conflict(f"suspension {suspension_id} is confirmed")
    asked.confirmed_at, asked.confirmed_by = now, by
    member = _member(db, asked.member_id)
    _record(db, "suspend confirmed", member, by=by, reason=asked.reason, now=now)
    _apply(db, member, asked)


def lift(db: Session, suspension_id: int, *, reason: str, by: str, now: datetime) -> None:
    """End a suspension, or withdraw one that was only asked for; raises ``BadInput``, ``NotFound`` or ``Conflict``."""
    if not reason.strip():
        raise BadInput("lifting needs a reason", field="reason")
    asked = _open(db, suspension_id)
    asked.lifted_at, asked.lifted_by, asked.lift_reason = now, by, reason.strip()[:1000]
    member = _member(db, asked.member_id)
    _record(db, "lift", member, by=by, reason=asked.lift_reason, now=now)
    _apply(db, member, asked)


def standing(db: Session, member_id: int) -> Suspension | None:
    """Return the suspension of a member that has not been lifted, asked for or in force; None when there is none."""
    return db.scalar(select(Suspension).where(Suspension.member_id == member_id, Suspension.lifted_at.is_(None)))


def in_force(db: Session, member_id: int) -> bool:
    """Say whether the member is stopped now."""
    asked = standing(db, member_id)
    return asked is not None and asked.in_force


def standing_all(db: Session) -> dict[int, Suspension]:
    """Return the suspensions that have not been lifted, by member."""
    return {row.member_id: row for row in db.scalars(select(Suspension).where(Suspension.lifted_at.is_(None)))}


def _open(db: Session, suspension_id: int) -> Suspension:
    asked = db.scalar(select(Suspension).where(Suspension.id == suspension_id).with_for_update())
    if asked is None:
        raise NotFound(f"suspension {suspension_id}")
    if asked.lifted_at is not None:
        raise Conflict(f"suspension {suspension_id} was lifted")
    return asked


def _member(db: Session, member_id: int) -> Member:
    member = db.scalar(select(Member).where(Member.id == member_id).with_for_update())
    if member is None:
        raise NotFound(f"member {member_id}")
    return member


def _apply(db: Session, member: Member, asked: Suspension) -> None:
    """Give the member the status that the decision means; out of the catalogue with it, or in again."""
    before, member.status = member.status, "suspended" if asked.in_force else "valid"
    if member.status != before:
        catalogue.note_member(db, member.id)
        emergencies.note_member(db, member.id)


def _record(db: Session, event: str, member: Member, *, by: str, reason: str, now: datetime) -> None:
    audit.record(
        db,
        event=event,
        actor=by,
        subject=f"{member.entity_id} {member.code}",
        verdict="allowed",
        reason=reason,
        now=now,
    )


# --- The status list ------------------------------------------------------------------------------------------


def statuses(db: Session) -> Mapping[int, status.Status]:
    """Return every member's status by its place in the list."""
    rows = db.execute(select(Member.status_index, Member.status))
    return {
        index: "suspended" if word == "suspended" else "valid" if word == "valid" else "invalid" for index, word in rows
    }


def sign_status_list(db: Session, seal: Seal, now: datetime) -> Signed:
    """Sign the status list for all workers to serve; called every minute, and at once when a status changes."""
    signed = db.get(Signed, STATUS_LIST) or Signed(name=STATUS_LIST)
    signed.token = seal.status_list(statuses(db), now)
    signed.issued_at, signed.expires_at = now, now + status.LIFE
    db.add(signed)
    db.flush()
    return signed


def publish(db: Session, seal: Seal, member_id: int, now: datetime) -> None:
    """Tell everybody what was decided about a member: in a new status list, and by moving its entry in the members feed.

    A node that is pinged reads the feed, and what moved there makes it fetch the status list.
    """
    sign_again(db, seal, member_id, now)
    sign_status_list(db, seal, now)


def current_status_list(db: Session) -> Signed:
    """Return the last status list signed; raise ``NotFound`` before the first."""
    signed = db.get(Signed, STATUS_LIST)
    if signed is None:
        raise NotFound("no status list was signed yet")
    return signed


def etag(signed: Signed) -> str:
    """Return the entity tag of a signed document (RFC 9110, 8.8.3), without its quotes."""
    return hashlib.sha256(signed.token.encode()).hexdigest()[:32]
