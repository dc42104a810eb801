"""The terms of an agreement as numbered versions: what was entered by whom, which is in force, what a change changes.

Every column of ``Agreement`` that two towns agree on is one member of the terms, under its own name; a version keeps them
as they were entered, so that what was signed can be read for ever. Bookkeeping of this town's own is none of them.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, select
from sqlalchemy.orm import Session

from federation import agreed, outbox
from federation.errors import BadInput
from federation.storage import UtcTime
from node.host import listings
from node.models.agreements import PREFECTURE, Agreement, AgreementVersion, Confirmation
from node.models.sites import Room, Site

OWN = frozenset({"decision_number"})
"""What is entered with the terms and is none of them."""
_BOOKKEEPING = frozenset(
    {"id", "lock_version", "suspended_at", "suspended_reason", "suspended_by", "version", "confirmed_by", "revision"}
)
COLUMNS = frozenset(Agreement.__table__.columns.keys()) - _BOOKKEEPING - OWN
"""What two towns agree."""
_SAID_IF_ASKED = frozenset({"authorities"})
"""Members that terms have only where they bound something: what was signed before there were such terms reads as ever."""
MOST = 500
"""So many versions an agreement may have."""
OFFER = "agreement-offer"
"""The kind of promise that carries an agreement to a home."""


def terms_of(db: Session, agreement: Agreement) -> Mapping[str, Any]:
    """Return the terms as they are signed: every column, the towns named, and what sites and rooms are called."""
    sites = db.execute(select(Site.id, Site.name).where(Site.id.in_(agreement.site_ids))) if agreement.site_ids else ()
    rooms = db.execute(select(Room.id, Room.name).where(Room.id.in_(agreement.room_ids))) if agreement.room_ids else ()
    unsaid = {name for name in _SAID_IF_ASKED if not getattr(agreement, name)}
    return {
        **{name: _plain(getattr(agreement, name)) for name in sorted(COLUMNS - unsaid)},
        "homes": sorted(agreement.homes),
        "site_names": {row.id: row.name for row in sites},
        "room_names": {row.id: row.name for row in rooms},
    }


def named(terms: Mapping[str, Any]) -> Sequence[str]:
    """Return the codes of the towns that confirm these terms."""
    return [code for code in terms.get("homes", ()) if len(code) > PREFECTURE]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def apply(agreement: Agreement, terms: Mapping[str, Any]) -> None:
    """Write terms into the columns; what an older version did not know of keeps its default."""
    for name in _SAID_IF_ASKED - terms.keys():
        setattr(agreement, name, [])
    for name in COLUMNS & terms.keys():
        value, kind = terms[name], Agreement.__table__.columns[name].type
        reads = datetime if isinstance(kind, UtcTime) else date if isinstance(kind, Date) else None
        setattr(agreement, name, reads.fromisoformat(value) if reads and value else value)


def copy(agreement: Agreement) -> Agreement:
    """Return an agreement that belongs to no session, to be changed and looked at."""
    return Agreement(**{column.key: getattr(agreement, column.key) for column in Agreement.__table__.columns})


def of(db: Session, agreement_ids: Collection[str]) -> Mapping[str, Sequence[AgreementVersion]]:
    """Return the versions of agreements (by id), the newest first; one statement."""
    question = select(AgreementVersion).where(AgreementVersion.agreement_id.in_(agreement_ids))
    found: dict[str, list[AgreementVersion]] = {id_: [] for id_ in agreement_ids}
    for one in db.scalars(question.order_by(AgreementVersion.number.desc())):
        found[one.agreement_id].append(one)
    return found


def newest(db: Session, agreement_id: str) -> AgreementVersion | None:
    """Return the version entered last, or None."""
    theirs = select(AgreementVersion).where(AgreementVersion.agreement_id == agreement_id)
    return db.scalar(theirs.order_by(AgreementVersion.number.desc()).limit(1))


def proposed(db: Session, agreement: Agreement) -> Agreement:
    """Return the agreement as its newest version would have it, in force or not; it belongs to no session."""
    made, last = copy(agreement), newest(db, agreement.id)
    if last is not None and last.terms and last.number > agreement.version > 0:
        apply(made, last.terms)
    return made


def awaits(agreement: Agreement, version: AgreementVersion | None) -> bool:
    """Say whether a version is proposed that is not in force for all its towns."""
    if version is None or version.earlier:
        return False
    return version.number > agreement.version or not set(agreement.named) <= set(agreement.confirmed_by)


def enter(db: Session, agreement: Agreement, made: Agreement, *, by: str, now: datetime) -> AgreementVersion:
    """Enter the terms of ``made`` as the next version, and ask each town it names; an offer to all is in force at once."""
    last = newest(db, agreement.id)
    number = last.number + 1 if last else 1
    if number > MOST:
        raise BadInput(f"more than {MOST} versions", field="name")
    if last is not None and last.earlier and not last.terms:
        last.terms = dict(terms_of(db, agreement))
        last.digest = agreed.digest(last.terms)
    terms = dict(terms_of(db, made))
    digest = agreed.digest(terms)
    version = AgreementVersion(
        agreement_id=agreement.id, number=number, terms=terms, digest=digest, entered_at=now, entered_by=by
    )
    db.add(version)
    db.flush()
    if not made.named:
        put_in_force(db, agreement, version, (), now=now)
        return version
    if agreement.version == 0:
        apply(agreement, terms)
    for code in made.named:
        db.add(Confirmation(agreement_id=agreement.id, number=number, home_code=code))
    tell(db, agreement, made.named, now=now)
    db.flush()
    return version


def put_in_force(
    db: Session, agreement: Agreement, version: AgreementVersion, codes: Collection[str], *, now: datetime
) -> Collection[str]:
    """Let the agreement be this version for the towns that have confirmed it; the caller has it locked.

    Returns the towns to which it is open no longer; they are told that too.
    """
    before = set(agreement.confirmed_by)
    apply(agreement, version.terms)
    agreement.version, agreement.confirmed_by = version.number, sorted(codes)
    version.in_force_at = version.in_force_at or now
    db.flush()
    listings.agreement_changed(db, agreement)
    left = {code for code in before if not agreement.admits(code)}
    if left:
        tell(db, agreement, left, now=now)
    return left


def tell(db: Session, agreement: Agreement, codes: Collection[str], *, now: datetime) -> None:
    """Promise to tell towns how the agreement stands now."""
    agreement.revision += 1
    for code in sorted(codes):
        outbox.promise(db, OFFER, code, {"agreement": agreement.id}, now=now, most=1)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Sequence[str]:
    """Return the names of the terms that differ; what only says the same in other words is left out."""
    derived = {"homes", "site_names", "room_names"}
    return sorted(name for name in (before.keys() | after.keys()) - derived if before.get(name) != after.get(name))
