"""所属長: who approves for whom. Read from the staff list as it is now, so that a transfer changes the approver by itself.

A person's approver is the 承認者 the list names for them, else whoever is 所属長 of their 所属, else 人事担当. Nobody approves
what they asked for themselves. Who stands in for somebody (代理) may decide what that person may, and passes it on to nobody.
"""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import Session, aliased

from node.models.approvals import Approval, Deputy
from node.models.staff import Staff, StaffRole


def of(db: Session, person: Staff, whose: str, *, escalated: bool, today: date) -> Sequence[Staff]:
    """Return who may decide what a person asked for, with those who stand in for them; by 職員番号.

    ``whose`` is ``superior`` or ``personnel``; what is ``escalated`` may be decided by 人事担当 as well.
    """
    chiefs = _chiefs(db, person, today) if whose == "superior" else ()
    if escalated or not chiefs:
        chiefs = (*chiefs, *_personnel(db, person, today))
    standing_in = select(Staff).join(Deputy, Deputy.deputy_id == Staff.id)
    standing_in = standing_in.where(
        Deputy.staff_id.in_([one.id for one in chiefs]), *_on(today), _serving(Staff, today)
    )
    found = {one.id: one for one in (*chiefs, *db.scalars(standing_in)) if one.id != person.id}
    return sorted(found.values(), key=lambda one: one.number)


def principals(db: Session, by: Staff, today: date) -> Sequence[Staff]:
    """Return in whose place somebody may decide: their own, and that of those they stand in for."""
    absent = select(Staff).join(Deputy, Deputy.staff_id == Staff.id)
    absent = absent.where(Deputy.deputy_id == by.id, *_on(today), _serving(Staff, today))
    return (by, *db.scalars(absent.order_by(Staff.id)))


def decides(by: Staff, for_whom: Collection[Staff], today: date) -> ColumnElement[bool]:
    """Return the condition under which ``by`` may decide an ``Approval`` joined with its ``Staff``; the same as ``of``.

    ``for_whom`` are the ``principals`` of ``by``.
    """
    return and_(or_(false(), *(_of_principal(one, today) for one in for_whom)), Staff.id != by.id)


def _of_principal(one: Staff, today: date) -> ColumnElement[bool]:
    named, chief = aliased(Staff), aliased(Staff)
    is_named = exists().where(named.number == Staff.approver, named.id != Staff.id, _serving(named, today))
    is_chief = exists().where(
        chief.section == Staff.section,
        chief.section != "",
        chief.id != Staff.id,
        _serving(chief, today),
        exists().where(StaffRole.staff_id == chief.id, StaffRole.role == "manager"),
    )
    superior, ways = Approval.whose == "superior", [and_(Approval.whose == "superior", Staff.approver == one.number)]
    if "manager" in one.role_names and one.section:
        ways.append(and_(superior, ~is_named, Staff.section == one.section))
    if "personnel" in one.role_names:
        ways.append(or_(~superior, Approval.escalated_at.is_not(None), and_(~is_named, ~is_chief)))
    return and_(or_(*ways), Staff.id != one.id)


def _chiefs(db: Session, person: Staff, today: date) -> Sequence[Staff]:
    others = (Staff.id != person.id, _serving(Staff, today))
    named = db.scalars(select(Staff).where(Staff.number == person.approver, *others)).all() if person.approver else ()
    if named or not person.section:
        return named
    return db.scalars(select(Staff).where(Staff.section == person.section, _has("manager"), *others)).all()


def _personnel(db: Session, person: Staff, today: date) -> Sequence[Staff]:
    return db.scalars(select(Staff).where(_has("personnel"), Staff.id != person.id, _serving(Staff, today))).all()


def _has(role: str) -> ColumnElement[bool]:
    return exists().where(StaffRole.staff_id == Staff.id, StaffRole.role == role)


def _serving(who: type[Staff], today: date) -> ColumnElement[bool]:
    return or_(who.left_on.is_(None), who.left_on > today)


def _on(today: date) -> tuple[ColumnElement[bool], ...]:
    return Deputy.ended_at.is_(None), Deputy.from_on <= today, Deputy.until_on >= today
