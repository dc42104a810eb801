"""予算: what the people of a 所属 may spend on desks elsewhere in a 年度, and what they have.

Money counts from the moment a desk is asked for until its host has acknowledged that nothing is held; what was used, or
kept for nobody who came, has been spent. The lock of a budget comes before the person's own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from federation import audit
from federation.errors import BookingRefused
from federation.messages.booking import OCCUPYING
from federation.rules import No, WithinBudget, Yes, fiscal_year
from federation.storage import insert
from node.home.wishes import JAPAN
from node.models.conditions import Budget
from node.models.staff import Staff
from node.models.trips import Trip
from node.reasons import reason

SPENDING = OCCUPYING | {"asking", "cancelling", "completed", "no_show"}
"""States of a trip whose price counts."""
NEARLY = 0.9
"""The part of a budget from which on it is nearly used."""
LISTED = 500


@dataclass(frozen=True)
class Spent:
    """One budget, and how much of it is booked or used."""

    section: str
    year: int
    yen: int
    used: int

    @property
    def left(self) -> int:
        """What may still be spent; below nothing where prices or budgets changed."""
        return self.yen - self.used

    @property
    def is_over(self) -> bool:
        """Whether more is booked or used than there is: a host named another price later, or the budget was cut."""
        return self.used > self.yen

    @property
    def is_nearly_used(self) -> bool:
        """Whether so much is used that somebody should look at it."""
        return self.used >= self.yen * NEARLY


def set_yen(db: Session, section: str, year: int, yen: int | None, *, by: int, now: datetime) -> None:
    """Give a 所属 so much for a 年度, or no bound with None."""
    if yen is None:
        db.execute(delete(Budget).where(Budget.section == section, Budget.year == year))
    else:
        row = {"section": section, "year": year, "yen": yen, "changed_by": by, "changed_at": now, "lock_version": 0}
        given = insert(db, Budget).values(row)
        news = {"yen": yen, "changed_by": by, "changed_at": now}
        db.execute(given.on_conflict_do_update(index_elements=["section", "year"], set_=news))
    said = f"{year}: {'no bound' if yen is None else f'{yen} yen'}"
    audit.record(db, event="budget", actor=f"staff:{by}", subject=section, verdict="allowed", reason=said, now=now)


def of_year(db: Session, year: int) -> Sequence[Spent]:
    """Return the budgets of a 年度 by 所属, with what is used; two statements, however many there are."""
    rows = db.scalars(select(Budget).where(Budget.year == year).order_by(Budget.section).limit(LISTED)).all()
    used = _used(db, year) if rows else {}
    return [Spent(row.section, year, row.yen, used.get(row.section, 0)) for row in rows]


def sections(db: Session) -> Sequence[str]:
    """Return every 所属 in which somebody serves."""
    serving = select(Staff.section).where(Staff.section != "", Staff.left_on.is_(None)).distinct()
    return db.scalars(serving.order_by(Staff.section)).all()


def condition_for(db: Session, section: str, besides: str = "") -> WithinBudget:
    """Return what a section has left in each 年度 for which it has a budget; the trip ``besides`` is not counted."""
    rows = db.scalars(select(Budget).where(Budget.section == section)).all() if section else ()
    left = {row.year: row.yen - _used(db, row.year, section, besides).get(section, 0) for row in rows}
    return WithinBudget(section, left)


def _used(db: Session, year: int, section: str = "", besides: str = "") -> Mapping[str, int]:
    spending = select(Trip.section, func.sum(Trip.price_yen)).where(
        Trip.start >= _first_moment(year),
        Trip.start < _first_moment(year + 1),
        Trip.state.in_(SPENDING),
        Trip.id != besides,
    )
    if section:
        spending = spending.where(Trip.section == section)
    return {one: int(yen) for one, yen in db.execute(spending.group_by(Trip.section))}


def _first_moment(year: int) -> datetime:
    return datetime(year, 4, 1, tzinfo=JAPAN)


def lock(db: Session, staff_ids: Iterable[int], days: Iterable[date]) -> None:
    """Lock the budgets from which these people's days are paid, in one order; before the people themselves."""
    theirs = select(Staff.section).where(Staff.id.in_(list(staff_ids)), Staff.section != "").distinct()
    years = sorted({fiscal_year(day) for day in days})
    for section in sorted(db.scalars(theirs)):
        for year in years:
            one = update(Budget).where(Budget.section == section, Budget.year == year)
            db.execute(one.values(lock_version=Budget.lock_version + 1))


def refuse_over(db: Session, section: str, start: datetime, yen: int, *, besides: str = "") -> None:
    """Raise ``BookingRefused`` with the reason where a section cannot pay for a stay; its budget is locked.

    The trip ``besides`` is not counted.
    """
    answer = condition_for(db, section, besides).pays(day_of(start), yen) if yen else Yes()
    if isinstance(answer, No):
        error = BookingRefused("over budget")
        error.reasons = (reason(answer, "home"),)
        raise error


def day_of(start: datetime) -> date:
    """Return the civil day on which a stay begins, in whose 年度 it is paid."""
    return start.astimezone(JAPAN).date()


def this_year(now: datetime) -> int:
    """Return the 年度 of now."""
    return fiscal_year(day_of(now))
