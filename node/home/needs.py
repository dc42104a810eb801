"""Whether a wish has to be approved at home: by whom, or by which 包括承認 it was approved beforehand."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from federation.messages.base import written
from federation.messages.listing import SiteListing
from federation.wording import phrase
from node import notices
from node.home import conditions, superiors
from node.home.wishes import JAPAN
from node.models.approvals import Approval, ApprovalTrip, StandingApproval
from node.models.staff import Staff
from node.models.trips import Trip

PAGE = "/manager/approvals"
"""Where approvers decide."""
_NAMED = 5
"""So many approvers a notice names."""
_ASKED = phrase("座席を確保し、承認を依頼しました：%(site)s %(when)s。承認する人：%(names)s")
_NOBODY = phrase("座席を確保しましたが、承認する人がいません：%(site)s %(when)s。人事担当に連絡してください。")
_WAITS = phrase("%(name)sさんの予約が承認を待っています：%(site)s %(when)s。座席の確保の期限までに決めてください。")


@dataclass(frozen=True)
class Need:
    """``whose`` approval is needed (``superior``, ``personnel``), or nobody's; ``standing`` approved it beforehand."""

    whose: str = ""
    standing: StandingApproval | None = None

    @property
    def asks(self) -> bool:
        """Whether somebody has to be asked."""
        return bool(self.whose) and self.standing is None


def of(db: Session, person: Staff, site: SiteListing, start: datetime, end: datetime, *, work_kind: str) -> Need:
    """Return what our own conditions ask for a person's stay at a site in [start, end)."""
    row = conditions.in_force(db)
    if row is None or not row.approval_by:
        return Need()
    if row.approval_work_kinds and work_kind not in row.approval_work_kinds:
        return Need()
    if row.approval_employments and person.employment not in row.approval_employments:
        return Need()
    return Need(row.approval_by, _covering(db, person, site, start, end))


def _covering(db: Session, person: Staff, site: SiteListing, start: datetime, end: datetime) -> StandingApproval | None:
    """Return the first 包括承認 that holds all of the stay, or None."""
    zone = ZoneInfo(site.zone)
    first, last = start.astimezone(zone), end.astimezone(zone)
    theirs = (StandingApproval.staff_id == person.id) | (
        StandingApproval.staff_id.is_(None) & (StandingApproval.by_id != person.id)
    )
    day = first.date()
    standing = select(StandingApproval).where(
        theirs,
        StandingApproval.section == person.section,
        StandingApproval.from_on <= day,
        StandingApproval.until_on >= day,
        StandingApproval.ended_at.is_(None),
    )
    ends = 24 * 60 * (last.date() - day).days + last.hour * 60 + last.minute
    for one in db.scalars(standing.order_by(StandingApproval.made_at, StandingApproval.id)):
        at_the_place = site.id in one.site_ids if one.site_ids else True
        in_the_town = site.municipality_code in one.host_codes if one.host_codes else True
        in_the_hours = one.from_minute <= first.hour * 60 + first.minute and ends <= one.until_minute
        if at_the_place and in_the_town and in_the_hours:
            return one
    return None


def enter(db: Session, trip: Trip, need: Need, batch: str, *, untaken: bool, now: datetime) -> None:
    """Write down that a trip needs an approval, or which 包括承認 covers it; nothing where none is needed.

    ``batch`` is what was asked for by one press: it is approved as one.
    """
    if not need.whose:
        return
    alone = batch if need.asks else trip.id
    row = db.scalar(select(Approval).where(Approval.batch == alone, Approval.staff_id == trip.staff_id))
    if row is None:
        row = Approval(
            id=str(uuid.uuid4()),
            batch=alone,
            staff_id=trip.staff_id,
            state="draft" if need.asks else "covered",
            whose=need.whose,
            untaken=untaken and need.asks,
            asked_at=now,
            standing_id=need.standing.id if need.standing else None,
        )
        db.add(row)
        db.flush()
    db.add(ApprovalTrip(trip_id=trip.id, approval_id=row.id))
    db.flush()


def find(db: Session, trip_id: str) -> Approval | None:
    """Return the approval that a trip waits for or has, or None."""
    return db.scalar(select(Approval).join(ApprovalTrip).where(ApprovalTrip.trip_id == trip_id))


def ask(db: Session, trip: Trip, *, now: datetime) -> bool:
    """Put the question to the approvers, once a desk is held; say whether the trip waits for their answer."""
    row = find(db, trip.id)
    if row is None:
        return False
    if row.state == "draft":
        row.state, row.asked_at = "asked", now
        db.flush()
        approvers = who(db, row, now)
        for approver in approvers:
            tell(db, approver.id, trip, _WAITS, now=now, name=row.staff.name, approval=row.id)
        words, names = _ASKED if approvers else _NOBODY, "、".join(one.name for one in approvers[:_NAMED])
        own = {"link": f"/bookings/{trip.id}", "kind": "changed", "trip": trip.id}
        notices.tell(db, trip.staff_id, words, now=now, **own, **about(trip), names=names)
    return row.state == "asked"


def who(db: Session, row: Approval, now: datetime) -> Sequence[Staff]:
    """Return who may decide, as the staff list is at ``now``."""
    today = now.astimezone(JAPAN).date()
    return superiors.of(db, row.staff, row.whose, escalated=row.escalated_at is not None, today=today)


def held(db: Session, trip: Trip, *, now: datetime) -> None:
    """A host holds the desk: ask the approvers, unless somebody has to take it first."""
    row = find(db, trip.id)
    if row is not None and not row.untaken:
        ask(db, trip, now=now)


def tell(db: Session, staff_id: int, trip: Trip, words: str, *, now: datetime, **facts: str) -> None:
    """Leave an approver a notice about somebody's trip, which leads to where they decide.

    With the fact ``approval``, the id of a question, its letter leads to that question alone.
    """
    notices.tell(db, staff_id, words, now=now, link=PAGE, kind="approval", **about(trip), **facts)


def about(trip: Trip) -> Mapping[str, str]:
    """Return a trip's site and time as notices carry them."""
    site = SiteListing.read(trip.site_listing).name
    return {"site": site, "when": f"{written(trip.start)}/{written(trip.end)}"}


def is_open(trip: Trip, now: datetime) -> bool:
    """Say whether a trip can still be approved: its host is asked, or holds the desk."""
    return trip.state == "asking" or (trip.state == "held" and now < (trip.hold_until or trip.start))


def waits(db: Session, *trip_ids: str) -> bool:
    """Say whether any of these trips has not been approved yet."""
    undecided = select(ApprovalTrip.trip_id).join(Approval)
    undecided = undecided.where(
        ApprovalTrip.trip_id.in_(trip_ids), or_(Approval.state == "draft", Approval.state == "asked")
    )
    return db.scalar(undecided.limit(1)) is not None
