"""The registry's word about its members, kept fresh: statements re-signed, configurations taken in anew."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from federation import audit, entity, feed, replaced
from federation.claims import moment
from federation.errors import Conflict, NotAMember, NotFound, TokenRefused, TrustBroken
from federation.kept import Spoken, spoken_keys
from federation.members import AnchorSeen, Member, find, keep
from federation.messages.member import MemberEntry
from federation.policy import Metadata
from federation.replaced import Replaced
from federation.statement import Statement, keys_of, read_statement
from federation.tokens import ENTITY_STATEMENT, peek
from federation.trust import signed_at, verify_member
from registry.membership.anchor import Seal
from registry.models import Admission, Enrolment, Invitation

FEED = "members"
SIGN_EVERY = timedelta(hours=6)


def pinned_for(body: Member | Invitation, replaces: Iterable[Replaced] = ()) -> Metadata:
    """Return the metadata the registry pins about a body: its code, its names, and whose place it has taken."""
    return entity.pinned(
        code=body.code, name=body.name, name_en=body.name_en, name_kana=body.name_kana, replaces=replaces
    )


def get_member(db: Session, entity_id: str) -> Member:
    """Return the member of that entity id; raise ``NotAMember``."""
    member = find(db, entity_id)
    if member is None or member.gone:
        raise NotAMember(entity_id[:255])
    return member


def due(db: Session, seal: Seal, now: datetime) -> list[int]:
    """Return the ids of members whose statement is six hours old or signed with a former key."""
    old = or_(Admission.signed_at <= now - SIGN_EVERY, Admission.signed_with != seal.federation.current.kid)
    return list(db.scalars(select(Admission.member_id).where(old).order_by(Admission.member_id)))


def sign_again(db: Session, seal: Seal, member_id: int, now: datetime) -> Member:
    """Sign a member's statement anew, from what was attested before, and tell the feed; return the member.

    A member whose own configuration has expired keeps it: its statement is fresh, and its next configuration completes
    the chain again.
    """
    member, admission = db.get_one(Member, member_id), db.get_one(Admission, member_id)
    member.statement = _signed(seal, member, admission, now)
    member.issued = signed_at(member.statement)
    member.expires = min(expires_at(member.statement), expires_at(member.configuration))
    admission.signed_at, admission.signed_with = now, seal.federation.current.kid
    feed.changed(db, FEED, "member", member.entity_id)
    return member


def _signed(seal: Seal, member: Member, admission: Admission, now: datetime) -> str:
    return seal.statement(
        member.entity_id,
        jwks=json.loads(admission.jwks),
        pinned=pinned_for(member, replaced.loads(admission.replaces)),
        status_index=member.status_index,
        now=now,
    )


def expires_at(statement: str) -> datetime:
    """Return when a statement of ours, or one that was verified before, ends."""
    return moment(peek(statement).claims["exp"])


def sign_own(db: Session, seal: Seal, now: datetime) -> str:
    """Sign the anchor's configuration, keep it where this process looks for the anchor's keys, and return it."""
    seen = db.get(AnchorSeen, seal.entity_id) or AnchorSeen(entity_id=seal.entity_id, status_list="", status_etag="")
    seen.configuration, seen.online = seal.configuration(now), seal.federation.current.kid
    seen.issued, seen.seen_at = signed_at(seen.configuration), now
    db.add(seen)
    db.flush()
    return seen.configuration


def names_our_keys(seen: AnchorSeen, seal: Seal) -> bool:
    """Say whether the anchor's configuration is signed with the present key, and names just the keys that are published."""
    published = Spoken(frozenset(seal.federation.public()), frozenset(seal.protocol.public()))
    return seen.online == seal.federation.current.kid and spoken_keys(seen.configuration) == published


def own(db: Session, seal: Seal) -> str:
    """Return the anchor's configuration as last signed; raise ``NotFound`` before that."""
    seen = db.get(AnchorSeen, seal.entity_id)
    if seen is None:
        raise NotFound("the registry has not signed its configuration yet")
    return seen.configuration


def take_configuration(db: Session, seal: Seal, member_id: int, configuration: str, now: datetime) -> bool:
    """Take what a member says of itself now; return False for one that is not newer than the last.

    It must verify with a key attested before; new keys it names beside that one are attested from now on, which is how
    a member rotates (11.2). Raises ``TrustBroken``, and ``Conflict`` while the member asks for other keys altogether.
    """
    member, admission = db.get_one(Member, member_id), db.get_one(Admission, member_id)
    _refuse_while_asked(db, member)
    said = _attested(configuration, member, admission, now)
    if said.issued <= admission.configured_at:
        return False
    jwks = json.dumps(said.keys.jwks(), separators=(",", ":"))
    if spoken_keys(configuration) != spoken_keys(member.configuration):
        note_keys(db, member, admission, configuration, now)
    admission.jwks, admission.configured_at = jwks, said.issued
    statement = _signed(seal, member, admission, now)
    verified = verify_member(
        anchor=seal.anchor, entity_configuration=configuration, subordinate_statement=statement, now=now
    )
    keep(db, verified, statement=statement, configuration=configuration, now=now)
    admission.signed_at, admission.signed_with = now, seal.federation.current.kid
    feed.changed(db, FEED, "member", member.entity_id)
    return True


def note_keys(db: Session, member: Member, admission: Admission, configuration: str, now: datetime) -> None:
    """Log that a member has other keys from now on, and have all members told."""
    admission.keyed_at, spoken = now, spoken_keys(configuration)
    reason = f"federation {' '.join(sorted(spoken.federation))}; protocol {' '.join(sorted(spoken.protocol))}"
    subject = f"{member.entity_id} {member.code}"
    audit.record(
        db, event="keys", actor=member.entity_id, subject=subject, verdict="allowed", reason=reason[:500], now=now
    )


def _refuse_while_asked(db: Session, member: Member) -> None:
    """Take no word under the keys attested while the member, by an invitation, has told that it lost them."""
    question = select(Enrolment.id).where(Enrolment.entity_id == member.entity_id, Enrolment.state == "pending")
    if db.scalar(question) is not None:
        raise Conflict(f"{member.entity_id} asks for other keys, and an operator has yet to decide")


def _attested(configuration: str, member: Member, admission: Admission, now: datetime) -> Statement:
    keys = keys_of(json.loads(admission.jwks))
    try:
        claims = ENTITY_STATEMENT.verify(configuration, keys, now=now, issuer=member.entity_id)
    except TokenRefused as error:
        raise TrustBroken(f"configuration of {member.entity_id}: {error.detail}") from None
    statement = read_statement(claims, claims.kid)
    if not statement.own:
        raise TrustBroken(f"{member.entity_id} speaks of somebody else")
    if not statement.signed_with_own_key:
        raise TrustBroken(f"{member.entity_id} signs with a key it no longer publishes")
    return statement


def member_of(db: Session, configuration: str) -> Member:
    """Return the member that a configuration claims to be of; it is yet to be verified. Raises ``NotAMember``."""
    try:
        return get_member(db, str(peek(configuration).claims.get("iss")))
    except TokenRefused as error:
        raise NotAMember(error.detail) from None


def entry(db: Session, entity_id: str) -> MemberEntry | None:
    """Render a member for the members feed, whose items are named by entity id; None when there is no such member."""
    member = find(db, entity_id)
    if member is None or member.gone:
        return None
    facts = {name: getattr(member, name) for name in MemberEntry.model_fields}
    return MemberEntry.model_validate({name: value for name, value in facts.items() if value is not None})
