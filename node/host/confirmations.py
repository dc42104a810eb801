"""Asking the towns an agreement names to confirm its terms, and what they say: nobody comes before their town has signed.

Each town gets our own signature of the newest version, and gives back its own of the very same, or what does not match. What
is in force stays so until then. Nothing here believes a word that is not signed, for us, by the town that brings it.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import agreed, audit, remote_agreements
from federation.agreed import Signed
from federation.errors import BadInput, Conflict, NotFound, TokenRefused
from federation.members import Member
from federation.messages.agreement import (
    HomeSuspension,
    OfferedTerms,
    SignedAgreement,
    SignersChain,
    Suspended,
    TermsAnswer,
)
from federation.outbox import Carrier
from federation.trust import VerifiedMember
from federation.wording import phrase
from node import notices, signing
from node.host import agreements, versions
from node.host.homes import Home
from node.models.agreements import Agreement, AgreementVersion, Confirmation
from node.models.staff import StaffRole
from node.town import Town

PAGE = "/admin/agreements"
JAPAN = ZoneInfo("Asia/Tokyo")
"""Agreements begin and end with Japan's civil days."""
_CONFIRMED = phrase("%(town)sが協定「%(name)s」の内容を確認しました（第%(number)s版）。")
_OBJECTED = phrase(
    "%(town)sから、協定「%(name)s」の内容が協定書と合わないという連絡がありました。内容を確認してください。"
)
_STOPPED = phrase(
    "%(town)sが協定「%(name)s」による職員の利用を停止しました。予告期間より後の予約%(count)s件を取り消しました。"
)
_STARTED = phrase("%(town)sが協定「%(name)s」による職員の利用を再開しました。")


def of(db: Session, agreement_ids: Collection[str]) -> Mapping[str, Sequence[Confirmation]]:
    """Return what towns have said (by agreement), the newest version first; one statement."""
    question = select(Confirmation).where(Confirmation.agreement_id.in_(agreement_ids))
    found: dict[str, list[Confirmation]] = {id_: [] for id_ in agreement_ids}
    for one in db.scalars(question.order_by(Confirmation.number.desc(), Confirmation.home_code)):
        found[one.agreement_id].append(one)
    return found


# --- What we tell -------------------------------------------------------------------------------------------------


def carriers(town: Town) -> Mapping[str, Carrier]:
    """Return who carries agreements to the towns they name, for ``outbox.deliver``."""
    return {versions.OFFER: lambda parcel: offer(town, str(parcel.payload["agreement"]), parcel.target)}


def offer(town: Town, agreement_id: str, home_code: str) -> None:
    """Tell one town how an agreement stands, as it does now; raises what it refuses with, or kept us from it."""
    now = town.clock()
    if home_code == town.config.code:
        _agree_with_ourselves(town, agreement_id, now)
        return
    home = town.members.by_code(home_code, now)
    with town.storage.transaction(write=True) as db:
        message = _word(db, town, agreement_id, home, now)
    if message is None:
        return
    remote_agreements.put(town.peer, home, agreement_id, "offer", message)
    with town.storage.transaction(write=True) as db:
        row = _newest(db, agreement_id, home_code)
        if row is not None:
            row.sent_at = row.sent_at or now


def _agree_with_ourselves(town: Town, agreement_id: str, now: datetime) -> None:
    """Let an agreement that names this town itself, for its own staff, be in force: there is nobody else to ask."""
    with town.storage.transaction(write=True) as db:
        agreement, row = agreements.locked(db, agreement_id), _newest(db, agreement_id, town.config.code)
        if row is not None and row.state == "awaited":
            confirmed(db, agreement, row, now=now)
            _log_yes(db, agreement, row, now=now)


def _word(db: Session, town: Town, agreement_id: str, home: VerifiedMember, now: datetime) -> OfferedTerms | None:
    """Return our word, signing the newest version where that town has none of ours yet; None where there is none to tell."""
    agreement = agreements.locked(db, agreement_id)
    row = _newest(db, agreement_id, home.code)
    if row is None:
        return None
    version = db.get_one(AgreementVersion, (agreement_id, row.number))
    ends_on = agreement.ends_on
    if agreement.version > row.number and not agreement.admits(home.code):
        # A later version is in force, and is not open to that town: for it, the agreement ended the day before.
        since = db.get_one(AgreementVersion, (agreement_id, agreement.version)).in_force_at or now
        ends_on = since.astimezone(JAPAN).date() - timedelta(days=1)
    if not row.offer or (row.state != "confirmed" and agreed.said_by(row.offer)[1] != home.entity_id):
        row.offer_chain = signing.own_chain(db, town, now).wire()
        row.offer = agreed.sign(
            town.keys.protocol.current,
            side="host",
            issuer=town.config.entity_id,
            audience=home.entity_id,
            agreement=agreement_id,
            version=row.number,
            terms=version.terms,
            now=now,
        )
    return OfferedTerms(
        id=agreement_id,
        revision=max(1, agreement.revision),
        in_force=agreement.version if home.code in agreement.confirmed_by else 0,
        token=row.offer,
        chain=SignersChain.model_validate(row.offer_chain),
        ends_on=ends_on.isoformat() if ends_on else None,
        suspended=Suspended(at=agreement.suspended_at, reason=agreement.suspended_reason)
        if agreement.suspended_at
        else None,
    )


def _newest(db: Session, agreement_id: str, home_code: str) -> Confirmation | None:
    theirs = (Confirmation.agreement_id == agreement_id, Confirmation.home_code == home_code)
    return db.scalar(select(Confirmation).where(*theirs).order_by(Confirmation.number.desc()).limit(1))


# --- What they say ------------------------------------------------------------------------------------------------


def take_answer(db: Session, town: Town, home: Home, uuid: str, answer: TermsAnswer, *, now: datetime) -> None:
    """Take a town's word on one version of an agreement that names it.

    Raises ``NotFound`` for any other agreement, ``Conflict`` for a version that is not the newest or was decided otherwise,
    ``TokenRefused`` and ``TrustBroken`` for a signature that is not that town's of these terms.
    """
    agreement, row = _theirs(db, home, uuid, answer.version)
    if answer.token is None and answer.chain is None:
        _object(db, agreement, row, answer.objection, now=now)
        _tell(db, _OBJECTED, agreement, home, row.number, now=now)
        return
    if answer.token is None or answer.chain is None:
        raise BadInput("a signature comes with its chain", field="chain")
    proven = _proven(town, row, (answer.token, answer.chain), home, now)
    if row.state == "confirmed":
        if agreed.said_by(row.acceptance) != (proven.issuer, proven.audience):
            raise Conflict("confirmed before")
        return
    row.acceptance, row.acceptance_chain = answer.token, answer.chain.wire()
    confirmed(db, agreement, row, now=now)
    _log_yes(db, agreement, row, now=now)
    _tell(db, _CONFIRMED, agreement, home, row.number, now=now)


def _theirs(db: Session, home: Home, uuid: str, number: int) -> tuple[Agreement, Confirmation]:
    row = _newest(db, uuid, home.code)
    if row is None:
        raise NotFound("no such agreement of this home")
    agreement = agreements.locked(db, uuid)
    db.refresh(row)
    last = versions.newest(db, uuid)
    if row.number != number or last is None or last.number != number:
        raise Conflict(f"version {number} is not the newest", field="version")
    return agreement, row


def _proven(town: Town, row: Confirmation, said: tuple[str, SignersChain], home: Home, now: datetime) -> Signed:
    own, pins = town.config.entity_id, town.members.pins
    theirs, signer = agreed.chained(*said, pins, side="home", audience=own)
    if (signer.entity_id, signer.code) != (home.entity_id, home.code):
        raise TokenRefused("signed by another town than the one that brings it")
    if theirs.at > now + agreed.LEEWAY:
        raise TokenRefused("signed at a time still to come")
    if not row.offer:
        raise Conflict("nothing was offered yet", field="version")
    ours = agreed.kept(row.offer)
    if not theirs.matches(ours):
        raise TokenRefused("the signature is of other terms than ours")
    return theirs


def confirmed(db: Session, agreement: Agreement, row: Confirmation, *, now: datetime) -> None:
    """Write a town's yes down, and let the version be in force once all that had the one before have said yes.

    The first version opens for each town as it confirms. The caller has the agreement locked and has proven the signature.
    """
    row.state, row.said_at, row.said = "confirmed", now, ""
    db.flush()
    version = db.get_one(AgreementVersion, (row.agreement_id, row.number))
    same = (Confirmation.agreement_id == row.agreement_id, Confirmation.number == row.number)
    yes = set(db.scalars(select(Confirmation.home_code).where(*same, Confirmation.state == "confirmed")))
    homes = set(versions.named(version.terms))
    if agreement.version in {0, row.number} or homes <= yes:
        left = versions.put_in_force(db, agreement, version, yes & homes, now=now)
        versions.tell(db, agreement, yes & homes, now=now)
        agreements.left_out(db, agreement, left, now)


def _log_yes(db: Session, agreement: Agreement, row: Confirmation, *, now: datetime) -> None:
    version = db.get_one(AgreementVersion, (row.agreement_id, row.number))
    audit.record(
        db,
        event="agreement-confirmed",
        actor=row.home_code,
        subject=f"agreement:{agreement.id}",
        verdict="allowed",
        reason=f"version {row.number} {version.digest}",
        now=now,
    )


def _object(db: Session, agreement: Agreement, row: Confirmation, said: str, *, now: datetime) -> None:
    if not said.strip():
        raise BadInput("neither a signature nor what does not match", field="objection")
    if row.state == "confirmed":
        raise Conflict("confirmed before")
    row.state, row.said, row.said_at = "objected", said, now
    audit.record(
        db,
        event="agreement-objected",
        actor=row.home_code,
        subject=f"agreement:{agreement.id}",
        verdict="refused",
        reason=f"version {row.number}",
        now=now,
    )


def take_suspension(db: Session, home: Home, uuid: str, said: HomeSuspension, *, now: datetime) -> None:
    """Stop or take again one town's people as it says; raises ``NotFound``, and ``Conflict`` for an older word than the last."""
    row = _newest(db, uuid, home.code)
    if row is None:
        raise NotFound("no such agreement of this home")
    agreement = agreements.locked(db, uuid)
    theirs = select(Confirmation).where(Confirmation.agreement_id == uuid, Confirmation.home_code == home.code)
    rows = db.scalars(theirs.execution_options(populate_existing=True)).all()
    # A version entered since has heard nothing yet; the word before it still counts.
    heard = max(one.heard for one in rows)
    if said.word < heard:
        raise Conflict("an older word than the last one", field="word")
    if said.word == heard:
        return
    for one in rows:
        one.heard = said.word
    count = 0
    if said.suspended is not None:
        ended = agreements.suspended_by_home(db, agreement, home, said.suspended, now)
        count = len(ended)
    elif home.code in agreement.suspended_by:
        agreements.resumed_by_home(db, agreement, home)
    audit.record(
        db,
        event="agreement-suspended-by-home",
        actor=home.entity_id,
        subject=f"agreement:{uuid}",
        verdict="allowed",
        reason=f"suspended, {count} cancelled" if said.suspended else "resumed",
        now=now,
    )
    _tell(db, _STOPPED if said.suspended else _STARTED, agreement, home, count, now=now)


def _tell(db: Session, words: str, agreement: Agreement, home: Home, number: int, *, now: datetime) -> None:
    facts = {"town": town_name(db, home.code), "name": agreement.name}
    for staff_id in db.scalars(select(StaffRole.staff_id).where(StaffRole.role == "site_admin")).all():
        notices.tell(
            db, staff_id, words, now=now, link=f"{PAGE}/{agreement.id}/record", number=number, count=number, **facts
        )


def town_name(db: Session, code: str) -> str:
    """Return what the registry calls a town, or its code."""
    return db.scalar(select(Member.name).where(Member.code == code, ~Member.gone)) or code


def file_of(row: Confirmation) -> SignedAgreement:
    """Return both signatures of a confirmed version with their chains; raises ``NotFound`` where there are none."""
    if row.state != "confirmed" or not row.offer or not row.acceptance:
        raise NotFound("not confirmed by signature")
    return signing.both(row.offer, row.offer_chain, row.acceptance, row.acceptance_chain)
