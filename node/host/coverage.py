"""Which agreements cover a wish, and what each of them asks of it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import rules
from federation.rules import Wish
from node.host import opening
from node.host.homes import Home
from node.models.agreements import Agreement


def resting(db: Session, home: Home, wish: Wish) -> Sequence[Agreement | None]:
    """Return the agreements a wish may rest on, the home's own before those for everyone.

    Where none covers it, the first of them, so that its reason can be told; None for our own staff or without any.
    """
    if home.is_own:
        return (None,)
    candidates = agreements_with(db, home.code)
    return [one for one in candidates if covers(one, wish)] or candidates[:1] or (None,)


def agreements_with(db: Session, home_code: str) -> Sequence[Agreement]:
    """Return the agreements, in force or to come, that a town has confirmed or need not: of a disaster first, then its own."""
    question = (
        select(Agreement)
        .where((Agreement.home_code == home_code) | Agreement.home_code.is_(None), Agreement.suspended_at.is_(None))
        .where(Agreement.version > 0)
        .order_by(Agreement.closes_at.is_(None), Agreement.starts_on.desc(), Agreement.id)
    )
    found = [one for one in db.scalars(question) if one.stands_for(home_code)]
    return sorted(found, key=lambda one: (one.closes_at is None, one.home_code is None, one.everyone))


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
    return (*spells(agreement), rules.WorkAgreed(tuple(agreement.work_kinds)))


def spells(agreement: Agreement) -> tuple[rules.Condition, ...]:
    """Return what an agreement asks of the hours and the length of a use."""
    return (
        rules.HoursAgreed(agreement.opens, agreement.closes),
        rules.LengthAgreed(agreement.shortest_minutes, agreement.longest_minutes),
    )


def limits(agreement: Agreement | None, wish: Wish, now: datetime) -> tuple[datetime, timedelta]:
    """Return the moment up to which one may book under an agreement, and how long before the start one has to ask."""
    until = opening.horizon(now, wish.zone)
    if agreement is None:
        return until, timedelta(0)
    if agreement.closes_at is not None:
        return min(until, agreement.closes_at), timedelta(0)
    if agreement.horizon_days is not None:
        last = (now + timedelta(days=agreement.horizon_days)).astimezone(wish.zone).date()
        until = min(until, opening.moment(last, 1440, wish.zone))
    return until, timedelta(minutes=agreement.lead_minutes)


def _is_in_time(agreement: Agreement, wish: Wish) -> bool:
    """Say whether all of the wish lies before the moment at which an offer made in a disaster closes."""
    return agreement.closes_at is None or wish.end <= agreement.closes_at


def covers(agreement: Agreement, wish: Wish) -> bool:
    """Say whether an agreement covers a wish: its town, site, day and time."""
    return _is_in_time(agreement, wish) and bool(covered(agreement).judge(wish))


def reach(agreement: Agreement, wish: Wish, now: datetime) -> datetime:
    """Return the moment up to which an agreement lets its towns book, as it stands ``now``."""
    return limits(agreement, wish, now)[0]


def covered(agreement: Agreement | None) -> rules.Covered:
    """Return an agreement as the condition it is; without one nothing is covered."""
    if agreement is None:
        return rules.Covered(everyone=False)
    return rules.Covered(
        everyone=agreement.everyone,
        homes=agreement.homes,
        site_ids=tuple(agreement.site_ids),
        room_ids=tuple(agreement.room_ids),
        weekdays=tuple(agreement.weekdays),
        starts_on=agreement.starts_on,
        ends_on=agreement.ends_on,
    )
