"""The terms on which a home may have some places: its agreement, every condition judged, the price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from federation import rules
from federation.messages.booking import Place
from federation.rules import No, Verdict, Wish
from node.host import absences, admission, coverage, opening, pools, slots, tallies, wholes
from node.host.homes import Home
from node.host.spans import Span
from node.models.agreements import Agreement
from node.models.blocks import Block
from node.models.sites import Desk


@dataclass(frozen=True)
class Asked:
    """What a home asks for: places, and what is known of the work. ``besides`` is a booking that is being moved,
    ``underway`` that it is only extended, for which no lead time is asked.
    """

    home: Home
    places: Sequence[Place]
    work_kind: str = "satellite"
    confidentiality: str = "2"
    besides: str = ""
    underway: bool = False
    acr: str | None = None
    """How surely who books has signed in, empty for a home's word alone; None where it was asked before, or is later."""
    authorities: Mapping[str, str] | None = None
    """By subject the 任命権者 that the home has named; None where it was asked before, or is later."""
    approved: bool = False
    """Whether it only extends a stay to which everybody has said yes: an agreement under which the host approves wants another."""
    agreed: str | None = ""
    """The agreement (by id) of the booking that is changed: only under another one is asked anew what was asked before."""

    def authority(self, sub: str, agreement: Agreement | None) -> str | None:
        """Return the 任命権者 by which a person is judged under an agreement; None where they are not."""
        if self.authorities is not None:
            return self.authorities.get(sub, "")
        return "" if self.besides and agreement is not None and agreement.id != self.agreed else None


@dataclass(frozen=True)
class Terms:
    """The answer to what was asked: a verdict, the agreement it rests on (None for our own staff), and the price."""

    verdict: Verdict
    agreement: Agreement | None
    price_yen: int

    @property
    def needs_approval(self) -> bool:
        """Whether the host's own 施設担当者 has to say yes first."""
        return self.agreement is not None and self.agreement.host_approves


def judged(db: Session, asked: Asked, desks: Sequence[Desk], now: datetime) -> Terms:
    """Judge each place on its desk (in the same order) and return the terms for all of them together.

    One agreement has to let all of it be: the cheapest that does, of equal ones the first in their order, as a search tells
    the price. Where none does, the first that covers it says why not.
    """
    wishes = [wish_of(asked, place, desk) for place, desk in zip(asked.places, desks, strict=True)]
    facts = _facts(db, asked, desks, wishes, now)
    resting = coverage.resting(db, asked.home, wishes[0])
    refused: dict[int, Terms] = {}
    for number in sorted(range(len(resting)), key=lambda one: price(resting[one], asked.places)):
        given = _under(db, resting[number], asked, desks, facts)
        if given.verdict:
            return given
        refused[number] = given
    return refused[0]


@dataclass(frozen=True)
class _Facts:
    """What is so whatever was agreed: the wishes, when each desk (by id) is open, and may be had, who is blocked, as of now."""

    wishes: Sequence[Wish]
    open_times: Mapping[str, Sequence[Span]]
    had: Mapping[str, Sequence[Span]]
    barred: Sequence[Block]
    missed: Mapping[tuple[str, str], rules.FewNoShows]
    """What sites that bound it hold against people (by site id and subject) who did not come."""
    now: datetime


def _facts(db: Session, asked: Asked, desks: Sequence[Desk], wishes: Sequence[Wish], now: datetime) -> _Facts:
    days = Span(
        min(wish.start for wish in wishes) - timedelta(days=1), max(wish.end for wish in wishes) + timedelta(days=1)
    )
    barred = admission.against(db, asked.home, {place.sub for place in asked.places})
    open_times = opening.open_of(db, list(dict.fromkeys(desks)), days)
    people = [(desk.room.site, place.sub) for place, desk in zip(asked.places, desks, strict=True)]
    missed = {} if asked.underway else absences.conditions(db, asked.home.id, people, now)
    return _Facts(wishes, open_times, _had(db, asked, desks, wishes, now), barred, missed, now)


def _under(db: Session, agreement: Agreement | None, asked: Asked, desks: Sequence[Desk], facts: _Facts) -> Terms:
    """Judge everything that is asked for under one agreement."""
    tally = tallies.under(db, agreement, facts.wishes, besides=asked.besides)
    sure = admission.sureness(agreement, asked.acr)
    refusals: list[No] = []
    weights = wholes.seats(db, {place.desk for place in asked.places} | tally.desks)
    for place, desk, wish in zip(asked.places, desks, facts.wishes, strict=True):
        whose = (asked.home.id, place.sub)
        agreed = coverage.shares(agreement, tally.seats(weights, wish.day, place.desk), tally.uses(whose))
        conditions = _conditions(desk, wish, asked=asked, agreement=agreement, facts=facts)
        missed = facts.missed.get((wish.site_id, place.sub), rules.FewNoShows(0, None))
        serves = admission.serving(agreement, asked.authority(place.sub, agreement))
        let_in = (
            sure,
            serves,
            rules.StayApproved(_wants_another_yes(agreement, asked)),
            admission.condition(facts.barred, place.sub, wish.day),
            missed,
        )
        refusals += rules.judge((*let_in, *conditions, *agreed, rules.InPool(facts.had[desk.id])), wish).refusals
        tally.add(wish.day, place.desk, whose)
    once = tuple({(no.code, tuple(no.facts.items())): no for no in refusals}.values())
    return Terms(Verdict(once), agreement, price(agreement, asked.places))


def _wants_another_yes(agreement: Agreement | None, asked: Asked) -> bool:
    return asked.approved and agreement is not None and agreement.host_approves


def _had(
    db: Session, asked: Asked, desks: Sequence[Desk], wishes: Sequence[Wish], now: datetime
) -> Mapping[str, Sequence[Span]]:
    """Return by desk when whoever asks may have it; where it is not offered to them at all, that is the reason told."""
    window = Span(min(wish.start for wish in wishes), max(wish.end for wish in wishes))
    theirs = [desk for desk in desks if _is_open_to(desk, asked.home)]
    had = pools.when(db, theirs, "own" if asked.home.is_own else "guests", window, now)
    return {desk.id: had.get(desk.id, (window,)) for desk in desks}


def price(agreement: Agreement | None, places: Sequence[Place]) -> int:
    """Return the price in yen: per use, or per begun hour, for every place."""
    if agreement is None:
        return 0
    hours = (-((place.start - place.end) // timedelta(hours=1)) for place in places)
    return agreement.price_yen * (sum(hours) if agreement.per == "hour" else len(places))


def reaches(db: Session, asked: Asked, place: Place, desk: Desk) -> bool:
    """Say whether an agreement covers the place's site and day, or it is our own staff who ask.

    Whom no agreement brings here learns neither what is taken nor what would do instead.
    """
    if asked.home.is_own:
        return True
    wish = wish_of(asked, place, desk)
    return _is_open_to(desk, asked.home) and any(coverage.covers(one, wish) for one in _known(db, asked.home, wish))


def _known(db: Session, home: Home, wish: Wish) -> Sequence[Agreement]:
    return [one for one in coverage.resting(db, home, wish) if one is not None]


def counted(db: Session, asked: Asked, desks: Sequence[Desk]) -> Sequence[str]:
    """Return the agreements (by id, in order) that the places may rest on and whose seats are shared: locked before counting."""
    known = _known(db, asked.home, wish_of(asked, asked.places[0], desks[0]))
    return sorted(one.id for one in known if one.counts_seats)


def knows(db: Session, home: Home, desk: Desk, now: datetime) -> bool:
    """Say whether a home may ask when a desk is free: this town itself, and whom an agreement brings to its room."""
    if home.is_own:
        return desk.offered
    today = now.astimezone(ZoneInfo(desk.room.site.zone)).date()
    standing = (one for one in coverage.agreements_with(db, home.code) if one.ends_on is None or one.ends_on >= today)
    return _is_open_to(desk, home) and any(_is_there(one, desk) for one in standing)


def _is_there(agreement: Agreement, desk: Desk) -> bool:
    at_site = not agreement.site_ids or desk.room.site_id in agreement.site_ids
    return at_site and (not agreement.room_ids or desk.room_id in agreement.room_ids)


def wish_of(asked: Asked, place: Place | Span, desk: Desk) -> Wish:
    """Return one place, or a time at its desk, as the rules look at it."""
    site = desk.room.site
    return Wish(
        home_code=asked.home.code,
        host_code="",
        site_id=site.id,
        room_id=desk.room_id,
        start=place.start,
        end=place.end,
        zone=ZoneInfo(site.zone),
        privacy=desk.room.privacy,
        work_kind=asked.work_kind,
        confidentiality=asked.confidentiality,
    )


def _conditions(
    desk: Desk, wish: Wish, *, asked: Asked, agreement: Agreement | None, facts: _Facts
) -> tuple[rules.Condition, ...]:
    until, lead = coverage.limits(agreement, wish, facts.now)
    open_times = facts.open_times[desk.id]
    return (
        rules.NotMyNumber(),
        rules.Published(_is_open_to(desk, asked.home)),
        rules.NotPast(facts.now),
        rules.WithinHorizon(until),
        rules.BeforeDeadline(facts.now, timedelta(0) if asked.underway else lead),
        rules.WithinOpenHours(open_times),
        slots.rule(desk, open_times, Span(wish.start, wish.end), facts.now, from_start=not asked.underway),
        coverage.covered(agreement) if not asked.home.is_own else rules.Covered(everyone=True),
    )


def _is_open_to(desk: Desk, home: Home) -> bool:
    return desk.offered and (desk.pool == "guests" or (home.is_own and desk.pool == "own"))
