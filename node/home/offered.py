"""協定 as the home sees them: what other towns offer our people, our word on it, and our own stop, which holds here at once.

A host's word is believed only when it is signed for us by the host that brings it, under the registry we pinned. What we
confirm is exactly the version on the page; our signature is of the same terms, and both are kept with their chains.
"""

import uuid as uuids
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session

from federation import agreed, audit, outbox
from federation.errors import BadInput, Conflict, NotFound, TokenRefused
from federation.members import Member
from federation.messages.agreement import (
    OfferedTerms,
    SignedAgreement,
)
from federation.trust import VerifiedMember
from federation.wording import phrase
from node import notices, signing
from node.home.wishes import JAPAN
from node.models.offered import OfferedAgreement, OfferedVersion
from node.models.staff import Staff, StaffRole
from node.town import Town

PAGE = "/personnel/agreements"
ANSWER, STOP = "agreement-answer", "agreement-suspension"
"""The kinds of promise that carry our word to the host."""
MOST, MOST_VERSIONS = 200, 500
"""So many agreements of one host, and versions of one agreement, are kept."""
_ARRIVED = phrase(
    "%(town)sから協定「%(name)s」（第%(number)s版）の内容が届きました。協定書と照らし合わせて確認してください。"
)
_LEFT = phrase(
    "%(town)sの協定「%(name)s」は改定され、当団体の職員は対象ではなくなりました。予告期間より後の予約は取り消されます。"
)


def every(db: Session) -> Sequence[OfferedAgreement]:
    """Return what other towns offer us, by host."""
    return db.scalars(select(OfferedAgreement).order_by(OfferedAgreement.host, OfferedAgreement.id)).all()


def versions_of(db: Session, ids: Collection[str]) -> Mapping[str, Sequence[OfferedVersion]]:
    """Return the versions of agreements (by our own id), the newest first; one statement."""
    question = select(OfferedVersion).where(OfferedVersion.offered_id.in_(ids))
    found: dict[str, list[OfferedVersion]] = {id_: [] for id_ in ids}
    for one in db.scalars(question.order_by(OfferedVersion.number.desc())):
        found[one.offered_id].append(one)
    return found


def awaiting(db: Session) -> int:
    """Count the versions that await our word."""
    return db.scalar(select(func.count()).select_from(OfferedVersion).where(OfferedVersion.state == "awaiting")) or 0


def locked(db: Session, id_: str) -> OfferedAgreement:
    """Return one, locked until the transaction ends; raise ``NotFound``."""
    question = select(OfferedAgreement).where(OfferedAgreement.id == id_).with_for_update()
    found = db.scalar(question.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("no such agreement")
    return found


def authority_for(db: Session, host: str, person: Staff) -> str | None:
    """Return the 任命権者 of one of our people, empty where the list has none; None where no agreement with the host asks.

    It is named to nobody who did not agree with us to be told; one statement, whoever books.
    """
    asks = any(terms.get("authorities") for terms in _in_force(db, host))
    return person.authority if asks else None


def is_nameless(db: Session, host: str) -> bool:
    """Say whether all that is agreed with a host has a pseudonymous manifest: then it is told nobody's name."""
    found = _in_force(db, host)
    return bool(found) and not any(terms.get("named_manifest", True) for terms in found)


def _in_force(db: Session, host: str) -> Sequence[Mapping[str, Any]]:
    in_force = (OfferedVersion.offered_id == OfferedAgreement.id, OfferedVersion.number == OfferedAgreement.in_force)
    agreed_terms = select(OfferedVersion.terms).join(OfferedAgreement, and_(*in_force))
    return db.scalars(agreed_terms.where(OfferedAgreement.host == host)).all()


def standing(found: OfferedAgreement, versions: Sequence[OfferedVersion], today: date) -> str:
    """Say where it stands: ``suspended``, ``ended``, ``awaiting``, ``coming`` or ``valid``."""
    if found.suspended_at is not None or found.host_suspended_at is not None:
        return "suspended"
    if found.ends_on is not None and found.ends_on < today:
        return "ended"
    if not found.in_force:
        return "awaiting"
    starts = next((one.terms.get("starts_on") for one in versions if one.number == found.in_force), None)
    return "coming" if starts and starts > today.isoformat() else "valid"


# --- What hosts say ---------------------------------------------------------------------------------------------------


def take(db: Session, town: Town, host: VerifiedMember, uuid: str, said: OfferedTerms, *, now: datetime) -> None:
    """Take a host's word about one of its agreements.

    Raises ``TokenRefused`` or ``TrustBroken`` for terms that are not signed by that host for us or do not name us,
    ``Conflict`` for an older word than the last one, and for a version that reads otherwise than before.
    """
    own = town.config
    signed, signer = agreed.chained(said.token, said.chain, town.members.pins, side="host", audience=own.entity_id)
    if (signer.entity_id, signer.code) != (host.entity_id, host.code):
        raise TokenRefused("signed by another town than the one that brings it")
    if signed.agreement != uuid or said.id != uuid or signed.at > now + agreed.LEEWAY:
        raise TokenRefused("signed of another agreement, or at a time still to come")
    agreed.refuse_unless_named(signed, own.code)
    found = _row(db, host.entity_id, uuid, said, now)
    if said.revision < found.revision:
        raise Conflict("an older word than the last one", field="revision")
    had, found.revision, found.in_force, found.heard_at = found.in_force, said.revision, said.in_force, now
    found.ends_on = date.fromisoformat(said.ends_on) if said.ends_on else None
    found.host_suspended_at = said.suspended.at if said.suspended else None
    found.host_suspended_reason = said.suspended.reason if said.suspended else ""
    if _keep(db, found, signed, said):
        _tell(db, _ARRIVED, found, signed, host=host, now=now)
    elif had and not said.in_force and standing(found, (), now.astimezone(JAPAN).date()) == "ended":
        _tell(db, _LEFT, found, signed, host=host, now=now)


def _row(db: Session, host: str, uuid: str, said: OfferedTerms, now: datetime) -> OfferedAgreement:
    mine = (OfferedAgreement.host == host, OfferedAgreement.agreement_id == uuid)
    found = db.scalar(select(OfferedAgreement).where(*mine).with_for_update())
    if found is not None:
        return found
    if (db.scalar(select(func.count()).where(OfferedAgreement.host == host)) or 0) >= MOST:
        raise BadInput(f"more than {MOST} agreements", field="id")
    found = OfferedAgreement(id=str(uuids.uuid4()), host=host, agreement_id=uuid, revision=said.revision, heard_at=now)
    db.add(found)
    db.flush()
    return found


def _keep(db: Session, found: OfferedAgreement, signed: agreed.Signed, said: OfferedTerms) -> bool:
    """Keep a version that is new; say whether it was."""
    so_far = versions_of(db, [found.id])[found.id]
    same = next((one for one in so_far if one.number == signed.version), None)
    if same is not None and same.digest != signed.digest:
        raise Conflict(f"version {signed.version} reads otherwise than before", field="token")
    if same is not None:
        return False
    if so_far and signed.version < so_far[0].number:
        raise Conflict("an older version than the last one", field="token")
    if len(so_far) >= MOST_VERSIONS:
        raise BadInput(f"more than {MOST_VERSIONS} versions", field="token")
    for one in so_far:
        if one.state in {"awaiting", "objected"}:
            one.state = "superseded"
    db.add(
        OfferedVersion(
            offered_id=found.id,
            number=signed.version,
            terms=dict(signed.terms),
            digest=signed.digest,
            offer=said.token,
            offer_chain=said.chain.wire(),
            heard_at=found.heard_at,
        )
    )
    db.flush()
    return True


def _tell(
    db: Session, words: str, found: OfferedAgreement, signed: agreed.Signed, *, host: VerifiedMember, now: datetime
) -> None:
    """Tell 人事担当: there is a version to compare with the paper, or none is open to us any more."""
    facts = {"town": host.name, "name": str(signed.terms.get("name", ""))[:100]}
    for staff_id in db.scalars(select(StaffRole.staff_id).where(StaffRole.role == "personnel")).all():
        notices.tell(db, staff_id, words, now=now, link=f"{PAGE}/{found.id}", number=signed.version, **facts)


# --- What we say ------------------------------------------------------------------------------------------------------


def confirm(db: Session, town: Town, id_: str, number: int, digest: str, *, by: str, now: datetime) -> None:
    """Sign the version that was read on the page, and promise to send it to the host.

    Raises ``Conflict`` where it is no longer the newest, or was confirmed before, and ``NotAMember`` or ``TrustBroken`` where
    our own standing cannot be proven now.
    """
    found, version = _open(db, id_, number)
    if version.digest != digest:
        raise Conflict("other terms than those on the page")
    version.acceptance_chain = signing.own_chain(db, town, now).wire()
    version.acceptance = agreed.sign(
        town.keys.protocol.current,
        side="home",
        issuer=town.config.entity_id,
        audience=found.host,
        agreement=found.agreement_id,
        version=number,
        terms=version.terms,
        now=now,
    )
    version.state, version.said_at, version.said_by, version.said = "confirmed", now, by, ""
    outbox.promise(db, ANSWER, found.host, {"offered": id_, "number": number}, now=now, most=1)
    _log(db, found, event="agreement-confirmed", by=by, reason=f"version {number} {digest}", now=now)


def object_to(db: Session, id_: str, number: int, said: str, *, by: str, now: datetime) -> None:
    """Promise to tell the host what does not match the 協定書; raises as ``confirm`` does, and ``BadInput`` for nothing said."""
    found, version = _open(db, id_, number)
    if not said.strip():
        raise BadInput("say what does not match", field="said")
    version.state, version.said_at, version.said_by, version.said = "objected", now, by, said
    outbox.promise(db, ANSWER, found.host, {"offered": id_, "number": number}, now=now, most=1)
    _log(db, found, event="agreement-objected", by=by, reason=f"version {number}", now=now)


def _open(db: Session, id_: str, number: int) -> tuple[OfferedAgreement, OfferedVersion]:
    found = locked(db, id_)
    newest = next(iter(versions_of(db, [id_])[id_]), None)
    if newest is None or newest.number != number or newest.state not in {"awaiting", "objected"}:
        raise Conflict("not the version that awaits our word", field="number")
    return found, newest


def suspend(db: Session, id_: str, reason: str, *, by: str, now: datetime) -> OfferedAgreement:
    """Let none of our people book under it any more, from this moment on; the host is told when it can be reached."""
    found = locked(db, id_)
    if found.suspended_at is None:
        found.suspended_at, found.suspended_reason, found.suspended_by = now, reason, by
        _say(db, found, "suspended", by, now)
    return found


def resume(db: Session, id_: str, *, by: str, now: datetime) -> OfferedAgreement:
    """Take our own stop back; what the host has suspended is for the host to resume."""
    found = locked(db, id_)
    if found.suspended_at is not None:
        found.suspended_at, found.suspended_reason, found.suspended_by = None, "", ""
        _say(db, found, "resumed", by, now)
    return found


def _say(db: Session, found: OfferedAgreement, what: str, by: str, now: datetime) -> None:
    found.word += 1
    outbox.promise(db, STOP, found.host, {"offered": found.id}, now=now, most=1)
    _log(db, found, event="agreement-suspension", by=by, reason=what, now=now)


def _log(db: Session, found: OfferedAgreement, *, event: str, by: str, reason: str, now: datetime) -> None:
    subject = f"agreement:{found.agreement_id}"
    audit.record(db, event=event, actor=by, subject=subject, verdict="allowed", reason=reason, now=now)


def after_restore(db: Session) -> None:
    """Count on from where no word of ours has been yet: the hosts have heard newer ones than the backup knows."""
    db.execute(update(OfferedAgreement).values(word=OfferedAgreement.word + 100_000))


def file_of(version: OfferedVersion) -> SignedAgreement:
    """Return both signatures of a version we have confirmed, with their chains; raises ``NotFound``."""
    if version.state != "confirmed":
        raise NotFound("not confirmed")
    return signing.both(version.offer, version.offer_chain, version.acceptance, version.acceptance_chain)


def names(db: Session, hosts: Collection[str]) -> Mapping[str, Member]:
    """Return the members behind entity ids."""
    return {row.entity_id: row for row in db.scalars(select(Member).where(Member.entity_id.in_(hosts)))}
