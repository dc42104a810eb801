"""相互利用: two agreements under one number, one each way, shown on both sides as the pair they are."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from node.home import offered
from node.models.agreements import Agreement
from node.models.offered import OfferedAgreement, OfferedVersion


def of_ours(db: Session, found: Sequence[Agreement]) -> Mapping[str, str]:
    """Return for our agreements (by id) the other town's that goes with it (by our own id of it); few statements."""
    theirs = offered.every(db)
    versions = offered.versions_of(db, [one.id for one in theirs])
    hosts = offered.names(db, {one.host for one in theirs})
    numbered = {
        (hosts[one.host].code, _number(versions[one.id])): one.id
        for one in theirs
        if one.host in hosts and _number(versions[one.id])
    }
    pairs = {one.id: [numbered.get((code, one.number.strip())) for code in one.named] for one in found}
    return {id_: next(filter(None, each)) for id_, each in pairs.items() if any(each)}


def of_theirs(
    db: Session, found: Sequence[OfferedAgreement], versions: Mapping[str, Sequence[OfferedVersion]]
) -> Mapping[str, str]:
    """Return for what others offer us (by our own id of it) the agreement of ours that goes with it."""
    hosts = offered.names(db, {one.host for one in found})
    numbers = {one.id: _number(versions[one.id]) for one in found}
    question = select(Agreement).where(Agreement.number.in_({number for number in numbers.values() if number}))
    ours = {(code, one.number.strip()): one.id for one in db.scalars(question) for code in one.named}
    keys = {one.id: (hosts[one.host].code if one.host in hosts else "", numbers[one.id]) for one in found}
    return {id_: ours[key] for id_, key in keys.items() if key in ours}


def _number(versions: Sequence[OfferedVersion]) -> str:
    return str(versions[0].terms.get("number") or "").strip() if versions else ""
