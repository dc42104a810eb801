"""Our own 利用条件: what we let our staff do elsewhere, judged before a host is troubled."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import audit, rules
from federation.messages.booking import Reason
from federation.messages.listing import DeskListing, Privacy, SiteListing
from federation.wording import phrase
from node.models.conditions import HomeConditions
from node.models.staff import Staff
from node.models.trips import Trip
from node.reasons import reasons

COUNTED = frozenset({"asking", "held", "requested", "confirmed", "checked_in", "completed"})
"""States of a trip that count as a day used."""


MOST_VERSIONS = 200
"""So many versions of the conditions a page lists, newest first."""


@dataclass(frozen=True)
class Approving:
    """Who approves (``superior``, ``personnel`` or nobody), which work of whom, and when 人事担当 may decide as well."""

    by: str = ""
    work_kinds: Collection[str] = ()
    employments: Collection[str] = ()
    escalate_hours: int | None = None


@dataclass(frozen=True)
class MayGo:
    """The person's 任用区分 is not among those that stay."""

    employment: str
    barred: Collection[str]

    def judge(self, wish: rules.Wish) -> rules.Answer:
        """Look the person's 任用区分 up."""
        if not self.employment or self.employment not in self.barred:
            return rules.Yes()
        return rules.No(
            "employment-barred",
            phrase("所属団体の利用条件により、任用区分「%(employment)s」の職員は利用できません。"),
            {"employment": self.employment},
        )


@dataclass(frozen=True)
class Judge:
    """Our conditions for one person, read once and asked about many desks."""

    home_code: str
    conditions: tuple[rules.Condition, ...]
    work_kinds: tuple[str, ...] = ()

    def reasons(
        self,
        site: SiteListing,
        desk: DeskListing,
        start: datetime,
        end: datetime,
        *,
        price_yen: int = 0,
        work_kind: str | None = None,
    ) -> tuple[Reason, ...]:
        """Return why we say no to this desk in [start, end); nothing when we say yes.

        ``work_kind`` is None while nobody has declared it, as in a search.
        """
        return self.of_room(site, desk.privacy, start, end, price_yen=price_yen, work_kind=work_kind)

    def of_room(
        self,
        site: SiteListing,
        privacy: Privacy,
        start: datetime,
        end: datetime,
        *,
        price_yen: int = 0,
        work_kind: str | None = None,
    ) -> tuple[Reason, ...]:
        """Return the same for any desk of a site in rooms of this privacy."""
        declared = () if work_kind is None else (rules.WorkKindsAllowed(self.work_kinds),)
        wish = rules.Wish(
            home_code=self.home_code,
            host_code=site.municipality_code,
            site_id=site.id,
            start=start,
            end=end,
            zone=ZoneInfo(site.zone),
            privacy=privacy,
            price_yen=price_yen,
            work_kind=work_kind or "satellite",
        )
        return reasons(rules.judge((*self.conditions, *declared), wish), "home")


def in_force(db: Session) -> HomeConditions | None:
    """Return the conditions in force; None while the town has set none, and everything is allowed."""
    return db.scalar(select(HomeConditions).order_by(HomeConditions.id.desc()).limit(1))


def versions(db: Session) -> Sequence[HomeConditions]:
    """Return every version there was, the one in force first."""
    newest_first = select(HomeConditions).order_by(HomeConditions.id.desc()).limit(MOST_VERSIONS)
    return db.scalars(newest_first).all()


def lay_down(
    db: Session,
    *,
    privacy: Collection[str],
    work_kinds: Collection[str],
    host_codes: Collection[str],
    employments_barred: Collection[str],
    days_a_week: int | None,
    limit_yen: int | None,
    approval: Approving | None = None,
    by: int,
    now: datetime,
) -> None:
    """Make these the conditions in force from now on. What is booked already stays booked, and the version before readable."""
    before, approval = in_force(db), approval or Approving()
    row = HomeConditions(id=before.id + 1 if before is not None else 1)
    db.add(row)
    row.approval_by, row.escalate_hours = approval.by, approval.escalate_hours
    row.approval_work_kinds, row.approval_employments = sorted(approval.work_kinds), sorted(approval.employments)
    row.privacy, row.work_kinds = sorted(privacy), sorted(work_kinds)
    row.host_codes, row.employments_barred = sorted(host_codes), sorted(employments_barred)
    row.days_a_week, row.limit_yen = days_a_week, limit_yen
    row.changed_by, row.changed_at = by, now
    db.flush()
    who, version = f"staff:{by}", f"version {row.id}"
    audit.record(
        db, event="home-conditions", actor=who, subject="own staff", verdict="allowed", reason=version, now=now
    )


def judge_for(db: Session, staff: Staff, home_code: str, *, now: datetime) -> Judge:
    """Return our conditions as they are for one person at ``now``."""
    row = in_force(db)
    own = _own(db, staff, row, now)
    return Judge(home_code, (rules.NotPast(now), *own), tuple(row.work_kinds) if row else ())


def _own(db: Session, staff: Staff, row: HomeConditions | None, now: datetime) -> tuple[rules.Condition, ...]:
    if row is None:
        return ()
    conditions: list[rules.Condition] = [
        MayGo(staff.employment, row.employments_barred),
        rules.RoomsAllowed(row.privacy),
        rules.HostsAllowed(row.host_codes),
    ]
    if row.days_a_week is not None:
        conditions.append(rules.DaysAWeek(row.days_a_week, _days(db, staff, now)))
    if row.limit_yen is not None:
        conditions.append(rules.CostCeiling(row.limit_yen))
    return tuple(conditions)


def _days(db: Session, staff: Staff, now: datetime) -> frozenset[date]:
    """Return the days the person has used or booked, from last week on."""
    since = Trip.start >= now - timedelta(days=8)
    starts = db.scalars(select(Trip.start).where(Trip.staff_id == staff.id, Trip.state.in_(COUNTED), since))
    return frozenset(start.astimezone(ZoneInfo("Asia/Tokyo")).date() for start in starts)
