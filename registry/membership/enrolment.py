"""Enrolment: a node proves that it holds its key, and an operator who compared thumbprints admits it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from federation import audit, feed, replay
from federation.endpoints import check_endpoints
from federation.errors import AlreadyAMember, Conflict, NotFound, TokenRefused, TrustBroken
from federation.members import Member, find, keep
from federation.messages.enrolment import EnrolmentRequest
from federation.replaced import Replaced, dumps, loads
from federation.statement import Statement, keys_of, protocol_jwks, read_statement
from federation.status import MAX_MEMBERS
from federation.tokens import CLIENT_ASSERTION, ENTITY_STATEMENT, Claims, peek
from federation.trust import verify_member
from registry.membership import succession
from registry.membership.anchor import Seal
from registry.membership.invitations import hashed, redeem
from registry.membership.standing import in_force
from registry.membership.statements import FEED, pinned_for
from registry.models import Admission, Enrolment, FeedReading, Invitation


@dataclass(frozen=True)
class Waiting:
    """An enrolment with the invitation that says which town it is."""

    enrolment: Enrolment
    invitation: Invitation


@dataclass(frozen=True)
class Own:
    """What a node says of itself, verified with the key it names itself, and the thumbprint of that key."""

    statement: Statement
    thumbprint: str
    jwks: str


def read_own(configuration: str, registry: str, now: datetime) -> Own:
    """Verify a configuration that nobody has attested yet; raise ``TrustBroken`` saying what is wrong with it."""
    claims = _self_signed(configuration, now)
    statement = read_statement(claims, claims.kid)
    if not statement.own or registry not in statement.authority_hints:
        raise TrustBroken(f"{statement.issuer} does not name {registry} as its authority")
    protocol = keys_of(protocol_jwks(statement.metadata))
    mixed = {key.thumbprint for key in protocol.values()} & {key.thumbprint for key in statement.keys.values()}
    if mixed:
        raise TrustBroken("one key for the federation and the protocol")
    check_endpoints(statement.subject, statement.metadata)
    jwks = json.dumps(statement.keys.jwks(), separators=(",", ":"))
    return Own(statement, statement.keys[claims.kid].thumbprint, jwks)


def _self_signed(configuration: str, now: datetime) -> Claims:
    try:
        claimed = peek(configuration).claims
        keys = keys_of(claimed.get("jwks"))
        return ENTITY_STATEMENT.verify(configuration, keys, now=now, issuer=str(claimed.get("iss")))
    except TokenRefused as error:
        raise TrustBroken(f"configuration: {error.detail}") from None


def enrol(db: Session, seal: Seal, request: EnrolmentRequest, now: datetime) -> Waiting:
    """Take a town's request in; raises ``InvitationRefused``, ``TrustBroken``, ``TokenRefused`` or ``AlreadyAMember``.

    The proof is a client assertion to us, made once, with the very key that signed the configuration. A node that asks
    again with its invitation learns how its first request stands.
    """
    own = read_own(request.configuration, seal.entity_id, now)
    entity_id = own.statement.subject
    proof = CLIENT_ASSERTION.verify(
        request.proof, own.statement.keys, now=now, issuer=entity_id, audience=seal.entity_id
    )
    if own.statement.keys[proof.kid].thumbprint != own.thumbprint:
        raise TokenRefused("the proof is signed with another key than the configuration")
    before = _asked_before(db, request.invitation, entity_id, own.thumbprint)
    if before is not None:
        return before
    invitation = redeem(db, request.invitation, now)
    _refuse_second(db, entity_id, invitation)
    replay.once(db, issuer=entity_id, jti=proof.jti, expires=proof.expires, now=now)
    again = update(Enrolment).where(Enrolment.entity_id == entity_id, Enrolment.state == "pending")
    db.execute(again.values(state="declined", decided_at=now, decided_by="replaced by a newer one"))
    enrolment = Enrolment(
        invitation_id=invitation.id,
        entity_id=entity_id,
        configuration=request.configuration,
        thumbprint=own.thumbprint,
        state="pending",
        asked_at=now,
        decided_by="",
    )
    db.add(enrolment)
    db.flush()
    audit.record(
        db, event="enrol", actor=entity_id, subject=invitation.code, verdict="allowed", reason=own.thumbprint, now=now
    )
    return Waiting(enrolment, invitation)


def _asked_before(db: Session, secret: str, entity_id: str, thumbprint: str) -> Waiting | None:
    """Return the enrolment the same node made with the same invitation: its answer may have been lost."""
    same = (Invitation.secret_hash == hashed(secret), Enrolment.entity_id == entity_id)
    row = db.execute(
        select(Enrolment, Invitation)
        .join(Invitation, Invitation.id == Enrolment.invitation_id)
        .where(*same, Enrolment.thumbprint == thumbprint)
    ).first()
    return None if row is None else Waiting(*row)


def _refuse_second(db: Session, entity_id: str, invitation: Invitation) -> None:
    """One issuer speaks for one code, both ways. The same pair may enrol again, to replace keys it has lost.

    So may a town on another domain, where the operator has invited it to take the place of the one it had.
    """
    code = invitation.code
    same = or_(Member.entity_id == entity_id, Member.code == code)
    for member in db.scalars(select(Member).where(same, ~Member.gone, Member.entity_id != invitation.replaces)):
        if (member.entity_id, member.code) != (entity_id, code):
            raise AlreadyAMember(f"{entity_id} for {code}: there is {member.entity_id} for {member.code}")


def waiting(db: Session) -> list[Waiting]:
    """Return the enrolments that wait for a decision, oldest first."""
    rows = db.execute(
        select(Enrolment, Invitation)
        .join(Invitation, Invitation.id == Enrolment.invitation_id)
        .where(Enrolment.state == "pending")
        .order_by(Enrolment.asked_at)
    )
    return [Waiting(*row) for row in rows]


def _pending(db: Session, enrolment_id: int) -> Waiting:
    enrolment = db.scalar(select(Enrolment).where(Enrolment.id == enrolment_id).with_for_update())
    invitation = db.get(Invitation, enrolment.invitation_id) if enrolment else None
    if enrolment is None or invitation is None:
        raise NotFound(f"enrolment {enrolment_id}")
    if enrolment.state != "pending":
        raise Conflict(f"enrolment {enrolment_id} is {enrolment.state}")
    return Waiting(enrolment, invitation)


def decline(db: Session, enrolment_id: int, *, by: str, now: datetime) -> None:
    """Turn an enrolment down; raises ``NotFound`` or ``Conflict``."""
    asked = _pending(db, enrolment_id)
    asked.enrolment.state, asked.enrolment.decided_at, asked.enrolment.decided_by = "declined", now, by
    subject = f"{asked.enrolment.entity_id} {asked.invitation.code}"
    audit.record(db, event="admit", actor=by, subject=subject, verdict="refused", now=now)


def admit(db: Session, seal: Seal, enrolment_id: int, *, thumbprint: str, by: str, now: datetime) -> Member:
    """Make a town a member and sign its statement; ``thumbprint`` is the one the operator has compared.

    The chain is verified as every node will before anything is written. Raises ``NotFound``, ``Conflict`` when the
    thumbprint is another by now or the enrolment was decided, ``AlreadyAMember`` and ``TrustBroken``.
    """
    asked = _pending(db, enrolment_id)
    if asked.enrolment.thumbprint != thumbprint:
        raise Conflict("the thumbprint compared is not the one that asks")
    _refuse_second(db, asked.enrolment.entity_id, asked.invitation)
    replaces = _replaces(db, asked, by=by, now=now)
    own = read_own(asked.enrolment.configuration, seal.entity_id, now)
    configuration = asked.enrolment.configuration
    statement = seal.statement(
        own.statement.subject,
        jwks=json.loads(own.jwks),
        pinned=pinned_for(asked.invitation, replaces),
        status_index=_status_index(db, own.statement.subject),
        now=now,
    )
    verified = verify_member(
        anchor=seal.anchor, entity_configuration=configuration, subordinate_statement=statement, now=now
    )
    member = keep(db, verified, statement=statement, configuration=configuration, now=now)
    member.kind, member.lat, member.lon = asked.invitation.kind, asked.invitation.lat, asked.invitation.lon
    member.status = "suspended" if in_force(db, member.id) else "valid"
    _note_admission(db, member, own, seal, by=by, now=now).replaces = dumps(replaces)
    succession.stands_again(db, member.entity_id)
    asked.enrolment.state, asked.enrolment.decided_at, asked.enrolment.decided_by = "admitted", now, by
    subject = f"{member.entity_id} {member.code}"
    audit.record(db, event="admit", actor=by, subject=subject, verdict="allowed", reason=thumbprint, now=now)
    feed.changed(db, FEED, "member", member.entity_id)
    return member


def _replaces(db: Session, asked: Waiting, *, by: str, now: datetime) -> Sequence[Replaced]:
    """Return whose place the town takes: as before, and now of the member its invitation names, whose standing ends."""
    entity_id, old = asked.enrolment.entity_id, asked.invitation.replaces
    member = find(db, entity_id)
    admission = db.get(Admission, member.id) if member else None
    former = loads(admission.replaces) if admission else ()
    if not old or any(one.entity_id == old for one in former):
        return former
    return [*succession.take_place(db, old, by=by, now=now, successor=entity_id), *former]


def _status_index(db: Session, entity_id: str) -> int:
    """Return the member's place in the status list, or the next for a new one; a place is never given twice."""
    member = find(db, entity_id)
    if member is not None:
        return member.status_index
    last = db.scalar(select(func.max(Member.status_index)))
    index = 0 if last is None else last + 1
    if index >= MAX_MEMBERS:
        raise Conflict("the status list is full")
    return index


def _note_admission(db: Session, member: Member, own: Own, seal: Seal, *, by: str, now: datetime) -> Admission:
    admission = db.get(Admission, member.id) or Admission(member_id=member.id, admitted_at=now, admitted_by=by)
    admission.keyed_at = now
    admission.thumbprint, admission.jwks = own.thumbprint, own.jwks
    admission.signed_at, admission.signed_with = now, seal.federation.current.kid
    admission.configured_at = own.statement.issued
    db.add(admission)
    for name in ("listings", "offers"):
        reading = db.get(FeedReading, (member.id, name)) or FeedReading(
            member_id=member.id, feed=name, failures=0, error=""
        )
        reading.due_at = now
        db.add(reading)
    return admission
