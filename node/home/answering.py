"""How our word on other towns' agreements reaches them: from the outbox, as it stands when it is carried."""

from collections.abc import Mapping

from federation import remote_agreements
from federation.errors import Conflict, NotFound
from federation.messages.agreement import HomeSuspension, SignersChain, Suspended, TermsAnswer
from federation.outbox import Carrier
from node.home.offered import ANSWER, STOP, locked
from node.models.offered import OfferedAgreement, OfferedVersion
from node.town import Town


def carriers(town: Town) -> Mapping[str, Carrier]:
    """Return who carries our word to hosts, for ``outbox.deliver``."""
    return {
        ANSWER: lambda parcel: _answer(town, str(parcel.payload["offered"]), int(parcel.payload["number"])),
        STOP: lambda parcel: _stop(town, str(parcel.payload["offered"])),
    }


def _answer(town: Town, id_: str, number: int) -> None:
    """Bring one version's answer; that a newer version is on its way meanwhile is an answer too."""
    with town.storage.transaction() as db:
        found, version = db.get(OfferedAgreement, id_), db.get(OfferedVersion, (id_, number))
    if found is None or version is None or version.state not in {"confirmed", "objected"}:
        return
    signed = version.state == "confirmed"
    message = TermsAnswer(
        id=found.agreement_id,
        version=number,
        token=version.acceptance if signed else None,
        chain=SignersChain.model_validate(version.acceptance_chain) if signed else None,
        objection=version.said,
    )
    host = town.members.verified(found.host, town.clock())
    try:
        remote_agreements.put(town.peer, host, found.agreement_id, "answer", message)
    except (Conflict, NotFound):
        return


def _stop(town: Town, id_: str) -> None:
    """Bring our newest word on our own people; an older one is not brought at all."""
    with town.storage.transaction() as db:
        found = db.get(OfferedAgreement, id_)
    if found is None:
        return
    stopped = Suspended(at=found.suspended_at, reason=found.suspended_reason) if found.suspended_at else None
    message = HomeSuspension(id=found.agreement_id, word=max(1, found.word), suspended=stopped)
    host = town.members.verified(found.host, town.clock())
    try:
        remote_agreements.put(town.peer, host, found.agreement_id, "suspension", message)
    except NotFound:
        return
    with town.storage.transaction(write=True) as db:
        row = locked(db, id_)
        row.told = max(row.told, message.word)
