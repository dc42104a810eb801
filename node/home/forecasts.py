"""What would come of asking for a desk: our own conditions, the person's time and the host's word, before anybody asks."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.orm import Session

from federation.errors import DeskTaken, PersonElsewhere, TachiyoriError
from federation.messages.booking import Alternative, HouseRules, Place, Quote, QuoteRequest, Reason
from federation.rules import No
from node.home import conditions, houserules, needs, offered, persontime, trips
from node.people import staff as directory
from node.reasons import reason
from node.town import Town

Outcome = Literal["free", "approval", "taken", "closed", "refused", "elsewhere", "unread", "silent"]
"""``free`` would be confirmed at once, ``approval`` waits for an approval of home or host, ``unread`` asks for 利用上の注意 to be confirmed first,
and ``silent`` is a host that does not answer.
"""
BOOKABLE: frozenset[str] = frozenset({"free", "approval", "silent"})
"""Outcomes that do not keep anybody from asking."""


@dataclass(frozen=True)
class Forecast:
    """The outcome with its reasons, what would do instead, and the 利用上の注意 the person has yet to confirm, if any."""

    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    unconfirmed: HouseRules | None = None
    rules_version: str = ""
    price_yen: int | None = None
    """What its host would ask for it; None where it did not say."""
    asks: bool = False
    """Whether our own town would have to approve it."""

    @property
    def is_bookable(self) -> bool:
        """Whether asking makes sense; a silent host is asked until it answers."""
        return self.outcome in BOOKABLE


def foresee(town: Town, wish: trips.Wish, *, besides: str = "") -> Forecast:
    """Say what would come of a wish, changing nothing. No transaction is open while the host is asked.

    ``besides`` is a trip that the wish would take the place of: it does not stand in its own way.
    """
    now = town.clock()
    with town.storage.transaction() as db:
        elsewhere, person = _elsewhere(db, wish, besides), directory.get(db, wish.staff_id)
        judge = conditions.judge_for(db, person, town.config.code, now=now, besides=besides)
        need = needs.of(db, person, wish.site, wish.start, wish.end, work_kind=wish.work_kind)
    if elsewhere is not None:
        return Forecast("elsewhere", (elsewhere,))
    declared = {"work_kind": wish.work_kind, "confidentiality": wish.confidentiality}
    own = judge.reasons(wish.site, wish.desk, wish.start, wish.end, price_yen=wish.price_yen, **declared)
    quote = ask_quote(town, wish, besides=besides)
    if quote is None:
        return (
            Forecast("refused", own) if own else Forecast("silent", rules_version=wish.consent_version, asks=need.asks)
        )
    rules = quote.house_rules
    with town.storage.transaction() as db:
        new = rules is not None and houserules.confirmed_at(db, wish.staff_id, wish.host, rules.version) is None
    return Forecast(
        _outcome(own, quote, asks=need.asks),
        (*own, *quote.reasons) if not quote.allowed else own,
        quote.alternatives,
        rules if new else None,
        rules.version if rules else "",
        quote.price_yen,
        need.asks,
    )


def _elsewhere(db: Session, wish: trips.Wish, besides: str) -> Reason | None:
    try:
        persontime.refuse_elsewhere(db, wish.staff_id, wish.start, wish.end, besides=besides)
    except PersonElsewhere as error:
        return reason(No(error.code, error.words, error.facts), "home")
    return None


@dataclass(frozen=True)
class Beyond:
    """Several seats of which each would do alone: why not all of them under one agreement, and how many of them would do."""

    reasons: tuple[Reason, ...]
    would_do: int


def beyond(town: Town, wishes: Sequence[trips.Wish]) -> Beyond | None:
    """Ask one host for all of several seats at once, each of which would do alone; None where they do together.

    None too where the host does not answer. What is said is of any one agreement that lets most of them be: where a town has
    several with that host, each seat may yet rest on another.
    """
    quote = _ask(town, wishes)
    if quote is None or quote.allowed:
        return None
    for number in range(len(wishes) - 1, 1, -1):
        fewer = _ask(town, wishes[:number])
        if fewer is None:
            return None
        if fewer.allowed:
            return Beyond(quote.reasons, number)
    return Beyond(quote.reasons, 1)


def ask_quote(town: Town, wish: trips.Wish, *, besides: str = "") -> Quote | None:
    """Ask the host what would happen, in the place of the trip ``besides`` if there is one; None where it does not answer."""
    return _ask(town, (wish,), besides=besides)


def _ask(town: Town, wishes: Sequence[trips.Wish], *, besides: str = "") -> Quote | None:
    """Ask for a place of each wish, at one host and with one declaration; the host learns nobody's own subject."""
    first = wishes[0]
    places = (Place(desk=one.desk.id, start=one.start, end=one.end, sub=secrets.token_urlsafe(24)) for one in wishes)
    with town.storage.transaction() as db:
        people = [directory.get(db, one) for one in sorted({wish.staff_id for wish in wishes})]
        serving = {offered.authority_for(db, first.host, person) for person in people}
    asked = QuoteRequest(
        places=tuple(places),
        work_kind=first.work_kind,  # type: ignore[arg-type]  # The model checks the word.
        confidentiality=first.confidentiality,  # type: ignore[arg-type]  # The model checks the word.
        besides=besides or None,
        authority=serving.pop() if len(serving) == 1 else None,
    )
    try:
        return town.hosts(first.host).quote(asked)
    except TachiyoriError:
        return None


def _outcome(own: tuple[Reason, ...], quote: Quote, *, asks: bool) -> Outcome:
    codes = {one.code for one in quote.reasons}
    if own:
        return "refused"
    if quote.allowed:
        return "approval" if asks or quote.outcome == "requested" else "free"
    if codes == {DeskTaken.code}:
        return "taken"
    return "closed" if codes == {"closed"} else "refused"
