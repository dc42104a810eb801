"""Our own 利用条件: what we let our staff do elsewhere, judged before a host is troubled."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, lazyload

from federation import audit, rules
from federation.errors import PreconditionFailed
from federation.messages.booking import Reason
from federation.messages.listing import DeskListing, Privacy, SiteListing
from federation.storage import insert
from federation.wording import phrase
from node.home import budgets, stopped
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
class Radius:
    """So many kilometres around one of the town's own sites: its id, name, lat and lon."""

    km: int
    centre: Mapping[str, Any]


_ASK_PERSONNEL = phrase("対象となる職員は、所属団体の人事担当に確認してください。")


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
            _ASK_PERSONNEL,
        )


@dataclass(frozen=True)
class ServesUnder:
    """The person's 任命権者 is not among those whose staff stay."""

    authority: str
    barred: Collection[str]

    def judge(self, wish: rules.Wish) -> rules.Answer:
        """Look the person's 任命権者 up."""
        if not self.authority or self.authority not in self.barred:
            return rules.Yes()
        return rules.No(
            "authority-barred",
            phrase("所属団体の利用条件により、「%(authority)s」の職員は利用できません。"),
            {"authority": self.authority},
            _ASK_PERSONNEL,
        )


@dataclass(frozen=True)
class Judge:
    """Our conditions for one person, read once and asked about many desks."""

    home_code: str
    conditions: tuple[rules.Condition, ...]
    work_kinds: tuple[str, ...] = ()
    rooms_for: Mapping[str, Collection[str]] = field(default_factory=dict)
    """By 自治体機密性, which rooms are private enough."""
    _known: dict[object, tuple[Reason, ...]] = field(default_factory=dict, init=False, compare=False)
    """What was answered already: of a hundred desks of a search most stand in the same few rooms."""

    def reasons(
        self,
        site: SiteListing,
        desk: DeskListing,
        start: datetime,
        end: datetime,
        *,
        price_yen: int = 0,
        work_kind: str | None = None,
        confidentiality: str | None = None,
    ) -> tuple[Reason, ...]:
        """Return why we say no to this desk in [start, end); nothing when we say yes.

        ``work_kind`` and ``confidentiality`` are None while nobody has declared them, as in a search.
        """
        declared = {"work_kind": work_kind, "confidentiality": confidentiality}
        return self.of_room(site, desk.privacy, start, end, price_yen=price_yen, **declared)

    def of_room(
        self,
        site: SiteListing,
        privacy: Privacy,
        start: datetime,
        end: datetime,
        *,
        price_yen: int = 0,
        work_kind: str | None = None,
        confidentiality: str | None = None,
    ) -> tuple[Reason, ...]:
        """Return the same for any desk of a site in rooms of this privacy."""
        declared: list[rules.Condition] = [] if work_kind is None else [rules.WorkKindsAllowed(self.work_kinds)]
        if confidentiality is not None:
            declared += [rules.NotMyNumber(), rules.PrivacyFits(self.rooms_for)]
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
            confidentiality=confidentiality or "2",
            facility_type=site.facility_type or "",
            position=(site.lat, site.lon),
        )
        key = (wish, work_kind, confidentiality)
        if key not in self._known:
            self._known[key] = reasons(rules.judge((*self.conditions, *declared), wish), "home")
        return self._known[key]


_NEWEST = select(HomeConditions).order_by(HomeConditions.id.desc()).limit(1)
_JUDGED = _NEWEST.options(lazyload(HomeConditions.by))
"""Every search asks for them, and not for who laid them down."""
_USED = select(Trip.start).where(
    Trip.staff_id == bindparam("who"),
    Trip.state.in_(sorted(COUNTED)),
    Trip.start >= bindparam("since"),
    Trip.id != bindparam("besides"),
)


def in_force(db: Session) -> HomeConditions | None:
    """Return the conditions in force; None while the town has set none, and everything is allowed."""
    return db.scalar(_NEWEST)


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
    authorities_barred: Collection[str] = (),
    days_a_month: int | None = None,
    lead_hours: int | None = None,
    private_levels: Collection[str] = (),
    semi_private_levels: Collection[str] = (),
    facility_types: Collection[str] = (),
    sites: Mapping[str, str] | None = None,
    radius: Radius | None = None,
    approval: Approving | None = None,
    on_top_of: int | None = None,
    by: int,
    now: datetime,
) -> None:
    """Make these the conditions in force from now on. What is booked already stays booked, and the version before readable.

    ``sites`` are names by id. ``on_top_of`` is the version that whoever writes has read, 0 for none; raises
    ``PreconditionFailed`` where another has come since, or comes at this moment.
    """
    before, approval = in_force(db), approval or Approving()
    version = before.id if before is not None else 0
    if on_top_of is not None and on_top_of != version:
        raise PreconditionFailed(f"version {version}, not {on_top_of}")
    values = {
        "id": version + 1,
        "privacy": sorted(privacy),
        "work_kinds": sorted(work_kinds),
        "host_codes": sorted(host_codes),
        "employments_barred": sorted(employments_barred),
        "days_a_week": days_a_week,
        "limit_yen": limit_yen,
        "authorities_barred": sorted(authorities_barred),
        "days_a_month": days_a_month,
        "lead_hours": lead_hours,
        "private_levels": sorted(private_levels),
        "semi_private_levels": sorted(semi_private_levels),
        "facility_types": sorted(facility_types),
        "sites": [{"id": site, "name": name} for site, name in sorted((sites or {}).items())],
        "radius_km": radius.km if radius else None,
        "radius_from": radius.centre if radius else {},
        "approval_by": approval.by,
        "escalate_hours": approval.escalate_hours,
        "approval_work_kinds": sorted(approval.work_kinds),
        "approval_employments": sorted(approval.employments),
        "changed_by": by,
        "changed_at": now,
    }
    row = insert(db, HomeConditions).values(values).on_conflict_do_nothing().returning(HomeConditions.id)
    if db.scalar(row) is None:
        raise PreconditionFailed(f"version {version + 1} was laid down at the same moment")
    who, said = f"staff:{by}", f"version {version + 1}"
    audit.record(db, event="home-conditions", actor=who, subject="own staff", verdict="allowed", reason=said, now=now)


def judge_for(db: Session, staff: Staff, home_code: str, *, now: datetime, besides: str = "") -> Judge:
    """Return our conditions as they are for one person at ``now``; the trip ``besides`` counts for nothing."""
    row = db.scalar(_JUDGED)
    used = _days(db, staff, now, besides) if row and (row.days_a_week or row.days_a_month) else frozenset()
    judge = judge_by(row, staff, home_code, used, budgets.condition_for(db, staff.section, besides), now=now)
    return replace(judge, conditions=(*judge.conditions, *stopped.conditions(db)))


def judge_by(
    row: HomeConditions | None,
    staff: Staff,
    home_code: str,
    used: Collection[date],
    budget: rules.WithinBudget,
    *,
    now: datetime,
) -> Judge:
    """Return one version of the conditions for one person, who has ``used`` these days, with what their section has left."""
    own = (rules.NotPast(now), *_own(staff, row, used, now), budget)
    return Judge(home_code, own, tuple(row.work_kinds) if row else (), _rooms_for(row))


def _rooms_for(row: HomeConditions | None) -> Mapping[str, Collection[str]]:
    """Return which rooms are private enough, by 自治体機密性; what is named twice needs the more private one."""
    if row is None:
        return {}
    half = dict.fromkeys(row.semi_private_levels, ("private", "semi_private"))
    return {**half, **dict.fromkeys(row.private_levels, ("private",))}


def _own(
    staff: Staff, row: HomeConditions | None, used: Collection[date], now: datetime
) -> tuple[rules.Condition, ...]:
    if row is None:
        return ()
    conditions: list[rules.Condition] = [
        MayGo(staff.employment, row.employments_barred),
        ServesUnder(staff.authority, row.authorities_barred),
        rules.RoomsAllowed(row.privacy),
        rules.HostsAllowed(row.host_codes),
        rules.FacilitiesAllowed(row.facility_types),
        rules.SitesAllowed([site["id"] for site in row.sites]),
    ]
    if row.radius_km is not None:
        centre = row.radius_from
        conditions.append(rules.WithinRadius(row.radius_km, (centre["lat"], centre["lon"]), centre["name"]))
    if row.days_a_week is not None:
        conditions.append(rules.DaysAWeek(row.days_a_week, used))
    if row.days_a_month is not None:
        conditions.append(rules.DaysAMonth(row.days_a_month, used))
    if row.lead_hours is not None:
        conditions.append(rules.BeforeDeadline(now, timedelta(hours=row.lead_hours)))
    if row.limit_yen is not None:
        conditions.append(rules.CostCeiling(row.limit_yen))
    return tuple(conditions)


def _days(db: Session, staff: Staff, now: datetime, besides: str) -> frozenset[date]:
    """Return the days the person has used or booked, from the beginning of this month or last week on."""
    starts = db.scalars(_USED, {"who": staff.id, "since": now - timedelta(days=32), "besides": besides})
    return frozenset(start.astimezone(ZoneInfo("Asia/Tokyo")).date() for start in starts)
