"""Two agreements with one town at one time and place: nobody can say which holds, so that is asked before it is saved."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.wording import phrase
from node.host import versions
from node.models.agreements import Agreement
from node.views.filled import Filled

FIELD = "overlap"
"""The box that says it is meant so."""


def warn(db: Session, facts: Mapping[str, Any], filled: Filled, *, besides: str = "") -> None:
    """Note in ``filled`` that another agreement covers the same towns, days and sites, unless the box says it is meant so."""
    if filled.errors or filled.ticked(FIELD):
        return
    wished = Agreement(**{"home_codes": [], **{name: facts[name] for name in facts.keys() & versions.COLUMNS}})
    question = select(Agreement).where(
        Agreement.id != besides, Agreement.suspended_at.is_(None), Agreement.closes_at.is_(None)
    )
    for other in db.scalars(question.order_by(Agreement.name, Agreement.id)):
        if _overlap(wished, other):
            words = phrase(
                "協定「%(name)s」と、相手・期間・施設が重なっています。このまま保存する場合は、下の欄に印を付けてください。"
            )
            filled.wrong(FIELD, words, name=other.name)
            return


def _overlap(one: Agreement, other: Agreement) -> bool:
    parties = (one.everyone and other.everyone) or any(
        first.startswith(second) or second.startswith(first) for first in one.homes for second in other.homes
    )
    first = max(one.starts_on or date.min, other.starts_on or date.min)
    last = min(one.ends_on or date.max, other.ends_on or date.max)
    places = _meet(one.site_ids, other.site_ids) and _meet(one.room_ids, other.room_ids)
    return parties and first <= last and places


def _meet(some: Sequence[str] | None, others: Sequence[str] | None) -> bool:
    """Say whether two lists have something in common, an empty one meaning all."""
    return not some or not others or not set(some).isdisjoint(others)
