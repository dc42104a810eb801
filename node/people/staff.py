"""The town's directory of staff: finding, adding, leaving, and taking over a yearly list."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from federation.errors import BadInput, NotFound, OwnRoles
from node.models.staff import ROLES, Staff, StaffRole
from node.people import passwords
from node.people.stafflist import BadLine, Line, StaffList


def get(db: Session, staff_id: int) -> Staff:
    """Return a person of the directory, or raise ``NotFound``."""
    staff = db.get(Staff, staff_id)
    if staff is None:
        raise NotFound(f"staff {staff_id}")
    return staff


def find(db: Session, number: str) -> Staff | None:
    """Return the person with this 職員番号, leavers included, or None."""
    # What somebody types may hold a NUL, which a database refuses to compare.
    return db.scalar(select(Staff).where(Staff.number == number)) if "\0" not in number else None


def names_of(db: Session, numbers: Sequence[str]) -> Mapping[str, str]:
    """Return the names behind some 職員番号."""
    return {staff.number: staff.name for staff in db.scalars(select(Staff).where(Staff.number.in_(numbers)))}


def by_ids(db: Session, ids: Collection[int]) -> Sequence[Staff]:
    """Return the people of some rows, leavers included."""
    return db.scalars(select(Staff).where(Staff.id.in_(ids))).all()


def lock(db: Session, staff_id: int) -> None:
    """Take the person's lock until the transaction ends: who writes this person's calendar, writes it alone."""
    db.execute(update(Staff).where(Staff.id == staff_id).values(lock_version=Staff.lock_version + 1))


def add(
    db: Session,
    *,
    number: str,
    name: str,
    now: datetime,
    roles: Iterable[str] = ("staff",),
    password: str | None = None,
    **facts: str,
) -> Staff:
    """Add a person. ``facts`` are name_kana, section, authority, employment; raises ``BadInput`` for an unknown role."""
    staff = Staff(number=number, name=name, created_at=now, **facts)
    give_roles(staff, roles)
    if password is not None:
        staff.password_hash = passwords.hashed(password, number=number)
    db.add(staff)
    db.flush()
    return staff


def give_roles(staff: Staff, roles: Iterable[str]) -> None:
    """Make these the person's roles and no others; raise ``BadInput`` for one that does not exist."""
    wished = frozenset(roles)
    if unknown := wished.difference(ROLES):
        raise BadInput(f"no such role: {sorted(unknown)}", field="roles")
    staff.roles = [role for role in staff.roles if role.role in wished]
    staff.roles += [StaffRole(role=role) for role in sorted(wished - staff.role_names)]


def set_password(db: Session, staff: Staff, password: str) -> None:
    """Give the person a password and end all their sessions; raise ``BadPassword``."""
    staff.password_hash = passwords.hashed(password, number=staff.number)
    staff.session_epoch += 1
    db.flush()


@dataclass(frozen=True)
class Difference:
    """What taking over a list would do: 職員番号 of those who join, change, stay as they are, and leave.

    ``moving`` are those of the changing who serve in another 所属 from then on.
    """

    joining: tuple[str, ...]
    changing: tuple[str, ...]
    staying: tuple[str, ...]
    leaving: tuple[str, ...]
    moving: tuple[str, ...] = ()


def compare(db: Session, listed: StaffList, *, sent_at: datetime | None = None) -> Difference:
    """Compare a list with the directory, changing nothing. Who serves now and is not listed, leaves.

    Who was added after ``sent_at`` does not: the list could not know of them.
    """
    serving = {staff.number: staff for staff in db.scalars(select(Staff).where(Staff.left_on.is_(None)))}
    known = {line.number: line for line in listed.lines}
    both = [number for number in known if number in serving]
    changing = tuple(number for number in both if _differs(serving[number], known[number]))
    return Difference(
        joining=tuple(number for number in known if number not in serving),
        changing=changing,
        staying=tuple(number for number in both if number not in changing),
        leaving=tuple(
            sorted(number for number in serving if number not in known and _is_known(serving[number], sent_at))
        ),
        moving=tuple(
            number
            for number in changing
            if serving[number].section != known[number].facts.get("section", serving[number].section)
        ),
    )


def _is_known(staff: Staff, sent_at: datetime | None) -> bool:
    return sent_at is None or staff.created_at <= sent_at


def sections_of(db: Session, numbers: Sequence[str]) -> Mapping[str, str]:
    """Return the 所属 behind some 職員番号."""
    return {staff.number: staff.section for staff in db.scalars(select(Staff).where(Staff.number.in_(numbers)))}


def refusing_own_roles(db: Session, listed: StaffList, by: int) -> StaffList:
    """Return the list with a line that would change the roles of ``by``, who takes it over, among the wrong ones.

    Who decides what others may do does not decide it of themselves. A line without 権限 changes none.
    """
    own = get(db, by)
    line = next((line for line in listed.lines if line.number == own.number), None)
    if line is None or line.roles is None or line.roles == own.role_names:
        return listed
    return replace(listed, bad=(*listed.bad, BadLine(line.row, "権限", OwnRoles.words, own.number)))


def refuse_wrong(db: Session, listed: StaffList, by: int | None) -> None:
    """Raise ``BadInput`` while any line is wrong, ``OwnRoles`` where it would change what ``by`` may do."""
    if listed.bad:
        raise BadInput(f"{len(listed.bad)} lines are wrong", field="file")
    if by is not None and refusing_own_roles(db, listed, by).bad:
        raise OwnRoles(f"staff {by} lists other roles for themselves", field="file")


def take_over(
    db: Session, listed: StaffList, *, effective: date, by: int | None, sent_at: datetime | None = None, now: datetime
) -> Difference:
    """Make the directory equal to the list from ``effective`` on; raises as ``refuse_wrong``.

    ``by`` is the person who takes it over, None for who runs the server; ``sent_at`` as in ``compare``. Leavers keep their
    rows, for past attendance; their sessions end when the day comes.
    """
    refuse_wrong(db, listed, by)
    difference = compare(db, listed, sent_at=sent_at)
    lines = {line.number: line for line in listed.lines}
    for number in (*difference.joining, *difference.changing):
        _write(db, lines[number], now)
    db.execute(update(Staff).where(Staff.number.in_(difference.leaving)).values(left_on=effective))
    db.flush()
    return difference


def _differs(staff: Staff, line: Line) -> bool:
    other_roles = line.roles is not None and staff.role_names != line.roles
    return other_roles or any(getattr(staff, name) != value for name, value in line.facts.items())


def _write(db: Session, line: Line, now: datetime) -> None:
    staff = find(db, line.number)
    if staff is None:
        add(db, number=line.number, now=now, roles=line.roles or ("staff",), **line.facts)
        return
    for name, value in line.facts.items():
        setattr(staff, name, value)
    staff.left_on = None
    if line.roles is not None:
        give_roles(staff, line.roles)
