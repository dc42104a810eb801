"""The agreements of the demo, confirmed by both towns: over the running nodes, as a 人事担当 does it, and never for them unasked."""

import time
from collections.abc import Iterator, Mapping

from sqlalchemy import select

from deploy.demo.seed import ENTERED_BY
from node.home import offered
from node.models.agreements import Agreement, AgreementVersion, Confirmation
from node.models.offered import OfferedVersion
from node.models.staff import StaffRole
from node.town import Town

PATIENCE = 90.0
"""Seconds that the nodes have to carry everything to and fro."""


def confirm(towns: Mapping[str, Town], *, patience: float = PATIENCE) -> int:
    """Confirm what the towns (by code) offer each other since they were filled, and wait until it is in force.

    Returns how many versions still await a word when the patience is over: 0 when all is well.
    """
    deadline = time.monotonic() + patience
    while (left := sum(1 for _ in _awaited(towns))) and time.monotonic() < deadline:
        for town in towns.values():
            _say_yes(town, {(towns[host].config.entity_id, id_) for host, id_, home in _awaited(towns)})
        time.sleep(0.3)
    return left


def _awaited(towns: Mapping[str, Town]) -> Iterator[tuple[str, str, str]]:
    """Yield host, agreement and home of what the seed has entered and nobody has confirmed."""
    question = (
        select(Confirmation.agreement_id, Confirmation.home_code)
        .join(Agreement, Agreement.id == Confirmation.agreement_id)
        .join(AgreementVersion, AgreementVersion.agreement_id == Agreement.id)
        .where(AgreementVersion.entered_by == ENTERED_BY, Confirmation.number == AgreementVersion.number)
        .where(Confirmation.state == "awaited", Confirmation.home_code.in_(towns))
    )
    for code, town in towns.items():
        with town.storage.transaction() as db:
            rows = db.execute(question).all()
        for agreement_id, home_code in rows:
            yield code, agreement_id, home_code


def _say_yes(town: Town, asked: set[tuple[str, str]]) -> None:
    with town.storage.transaction(write=True) as db:
        by = db.scalars(select(StaffRole.staff_id).where(StaffRole.role == "personnel")).first()
        waiting = [one for one in offered.every(db) if (one.host, one.agreement_id) in asked]
        for one in waiting:
            newest = db.scalars(select(OfferedVersion).where(OfferedVersion.offered_id == one.id)).first()
            if newest is not None and newest.state == "awaiting":
                offered.confirm(db, town, one.id, newest.number, newest.digest, by=f"staff:{by}", now=town.clock())
