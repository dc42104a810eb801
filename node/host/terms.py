"""The terms on which a home may have some places: its agreement, every condition judged, the price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import rules
from federation.messages.booking import Place
from federation.rules import No, Verdict, Wish
from node.host import opening, pools, slots, tallies, wholes
from node.host.homes import Home
from node.host.spans import Span
from node.models.agreements import Agreement
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
    """Judge each place on its desk (in the same order) and return the terms for all of them together."""
    wishes = [wish_of(asked, place, desk) for place, desk in zip(asked.places, desks, strict=True)]
    agreement = find_agreement(db, asked.home, wishes[0])
    tally = tallies.under(db, agreement, wishes, besides=asked.besides)
    had = _had(db, asked, desks, wishes, now)
    refusals: list[No] = []
    weights = wholes.seats(db, {place.desk for place in asked.places} | tally.desks)
    for place, desk, wish in zip(asked.places, desks, wishes, strict=True):
        whose = (asked.home.id, place.sub)
        agreed = shares(agreement, tally.seats(weights, wish.day, place.desk), tally.uses(whose))
        conditions = _conditions(db, desk, wish, asked=asked, agreement=agreement, now=now)
        refusals += rules.judge((*conditions, *agreed, rules.InPool(had[desk.id])), wish).refusals
        tally.add(wish.day, place.desk, whose)
    once = tuple({(no.code, tuple(no.facts.items())): no for no in refusals}.values())
    return Terms(Verdict(once), agreement, price(agreement, asked.places))


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


def find_agreement(db: Session, home: Home, wish: Wish) -> Agreement | None:
    """Return the agreement the wish rests on: the first that covers it, the home's own before those for everyone.

    Where none covers it, the first of them, so that its reason can be told; None for our own staff or without any.
    """
    if home.is_own:
        return None
    candidates = agreements_with(db, home.code)
    covering = (one for one in candidates if _is_in_time(one, wish) and covered(one).judge(wish))
    return next(covering, candidates[0] if candidates else None)


def reaches(db: Session, asked: Asked, place: Place, desk: Desk) -> bool:
    """Say whether an agreement covers the place's site and day, or it is our own staff who ask.

    Whom no agreement brings here learns neither what is taken nor what would do instead.
    """
    if asked.home.is_own:
        return True
    wish = wish_of(asked, place, desk)
    return _is_open_to(desk, asked.home) and bool(covered(find_agreement(db, asked.home, wish)).judge(wish))


def knows(db: Session, home: Home, desk: Desk, now: datetime) -> bool:
    """Say whether a home may ask when a desk is free: this town itself, and whom an agreement brings to its site."""
    if home.is_own:
        return desk.offered
    today, site = now.astimezone(ZoneInfo(desk.room.site.zone)).date(), desk.room.site_id
    standing = (one for one in agreements_with(db, home.code) if one.ends_on is None or one.ends_on >= today)
    return _is_open_to(desk, home) and any(not one.site_ids or site in one.site_ids for one in standing)


def agreements_with(db: Session, home_code: str) -> Sequence[Agreement]:
    """Return the agreements in force or to come that are open to a town: what is offered in a disaster, then its own."""
    question = (
        select(Agreement)
        .where((Agreement.home_code == home_code) | Agreement.home_code.is_(None), Agreement.suspended_at.is_(None))
        .order_by(
            Agreement.closes_at.is_(None), Agreement.home_code.is_(None), Agreement.starts_on.desc(), Agreement.id
        )
    )
    return db.scalars(question).all()


def wish_of(asked: Asked, place: Place, desk: Desk) -> Wish:
    """Return one place as the rules look at it."""
    site = desk.room.site
    return Wish(
        home_code=asked.home.code,
        host_code="",
        site_id=site.id,
        start=place.start,
        end=place.end,
        zone=ZoneInfo(site.zone),
        privacy=desk.room.privacy,
        work_kind=asked.work_kind,
        confidentiality=asked.confidentiality,
    )


def _conditions(
    db: Session,
    desk: Desk,
    wish: Wish,
    *,
    asked: Asked,
    agreement: Agreement | None,
    now: datetime,
) -> tuple[rules.Condition, ...]:
    until, lead = _limits(agreement, wish, now)
    day = Span(wish.start - timedelta(days=1), wish.end + timedelta(days=1))
    open_times = opening.open_of(db, [desk], day)[desk.id]
    return (
        rules.NotMyNumber(),
        rules.Published(_is_open_to(desk, asked.home)),
        rules.NotPast(now),
        rules.WithinHorizon(until),
        rules.BeforeDeadline(now, timedelta(0) if asked.underway else lead),
        rules.WithinOpenHours(open_times),
        slots.rule(desk, open_times, Span(wish.start, wish.end), now, from_start=not asked.underway),
        covered(agreement) if not asked.home.is_own else rules.Covered(everyone=True),
    )


def shares(
    agreement: Agreement | None, seats: Mapping[date, int], uses: Mapping[date, int]
) -> tuple[rules.Condition, ...]:
    """Return what an agreement asks of one place beyond covering it; ``seats`` and one person's ``uses`` are those before."""
    if agreement is None:
        return ()
    return (
        *manner(agreement),
        rules.SeatsLeft(agreement.seats_a_day, seats),
        rules.SeatsAWeek(agreement.seats_a_week, seats),
        rules.UsesADay(agreement.uses_a_day, uses),
        rules.UsesAWeek(agreement.uses_a_week, uses),
    )


def manner(agreement: Agreement) -> tuple[rules.Condition, ...]:
    """Return what an agreement asks of each use by itself: hours, length, the kind of work."""
    return (
        rules.HoursAgreed(agreement.opens, agreement.closes),
        rules.LengthAgreed(agreement.shortest_minutes, agreement.longest_minutes),
        rules.WorkAgreed(tuple(agreement.work_kinds)),
    )


def _is_in_time(agreement: Agreement, wish: Wish) -> bool:
    """Say whether all of the wish lies before the moment at which an offer made in a disaster closes."""
    return agreement.closes_at is None or wish.end <= agreement.closes_at


def _is_open_to(desk: Desk, home: Home) -> bool:
    return desk.offered and (desk.pool == "guests" or (home.is_own and desk.pool == "own"))


def _limits(agreement: Agreement | None, wish: Wish, now: datetime) -> tuple[datetime, timedelta]:
    until = opening.horizon(now, wish.zone)
    if agreement is None:
        return until, timedelta(0)
    if agreement.closes_at is not None:
        return min(until, agreement.closes_at), timedelta(0)
    if agreement.horizon_days is not None:
        last = (now + timedelta(days=agreement.horizon_days)).astimezone(wish.zone).date()
        until = min(until, opening.moment(last, 1440, wish.zone))
    return until, timedelta(minutes=agreement.lead_minutes)


def covers(agreement: Agreement, wish: Wish) -> bool:
    """Say whether an agreement covers a wish: its town, site, day and time."""
    return _is_in_time(agreement, wish) and bool(covered(agreement).judge(wish))


def reach(agreement: Agreement, wish: Wish, now: datetime) -> datetime:
    """Return the moment up to which an agreement lets its towns book, as it stands ``now``."""
    return _limits(agreement, wish, now)[0]


def covered(agreement: Agreement | None) -> rules.Covered:
    """Return an agreement as the condition it is; without one nothing is covered."""
    if agreement is None:
        return rules.Covered(everyone=False)
    return rules.Covered(
        everyone=agreement.everyone,
        homes=() if agreement.home_code is None else (agreement.home_code,),
        site_ids=tuple(agreement.site_ids),
        weekdays=tuple(agreement.weekdays),
        starts_on=agreement.starts_on,
        ends_on=agreement.ends_on,
    )
