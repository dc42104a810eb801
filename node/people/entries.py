"""Entries that come just in time: what the town's own source of people says of somebody becomes their row in the directory.

A source is an OpenID Provider's issuer, a directory's URL, or a trusted proxy's header. A person is who the source's own
subject says they are. An e-mail address is never a key: it is given to the next of the same name.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from federation import audit
from federation.envelope import shown
from federation.errors import EntryRefused
from federation.storage import Storage
from node.models.staff import OutsideAccount, Staff
from node.people import staff as directory
from node.people.signin import has_left

T = TypeVar("T")

_LENGTHS = {"number": 32, "name": 100, "name_kana": 100, "section": 100, "authority": 40, "employment": 40}
_LONGEST_KEY = 255


@dataclass(frozen=True)
class Said:
    """What a source says of a person who has just shown who they are; None where it says nothing of it.

    ``subject`` is the source's own lasting key for the person. ``roles`` are words out of ``models.staff.ROLES``; said
    at all, they are all the roles there are, and one that is missing is taken away.
    """

    source: str
    subject: str
    number: str
    name: str
    name_kana: str | None = None
    section: str | None = None
    authority: str | None = None
    employment: str | None = None
    roles: frozenset[str] | None = None

    @property
    def facts(self) -> dict[str, str]:
        """What is said, by the names of the directory's columns, each in one spelling and of a length that fits."""
        said = {name: getattr(self, name) for name in _LENGTHS}
        return {name: _plain(value, _LENGTHS[name]) for name, value in said.items() if value is not None}


def entering(storage: Storage, work: Callable[[Session], T]) -> T:
    """Do ``work`` that enters somebody, in a transaction of its own; return what it returns.

    A person who comes in by two tabs at the same moment, for the first time, is entered by one of them and found by the
    other: the database refuses a second row, and the work is done once more.
    """
    try:
        with storage.transaction(write=True) as db:
            return work(db)
    except IntegrityError:
        with storage.transaction(write=True) as db:
            return work(db)


def enter(db: Session, said: Said, *, link_numbers: bool, now: datetime) -> Staff:
    """Return the person's row in the directory, made or brought up to date; raise ``EntryRefused`` for one not let in.

    ``link_numbers`` allows a person unknown so far to take over the row that has the same 職員番号. Without it the number
    must be free, since a source that lets people choose it would give away other people's rows.
    """
    facts = said.facts
    if not facts["number"] or not facts["name"] or not 0 < len(said.subject) <= _LONGEST_KEY:
        raise EntryRefused(f"{said.source} says no subject, number or name")
    account = db.get(OutsideAccount, (said.source, said.subject))
    holder = directory.find(db, facts["number"])
    if account is None:
        staff = _taken_over(db, said, holder, now) if holder and link_numbers else _new(db, facts, holder, now)
        db.add(OutsideAccount(source=said.source, subject=said.subject, staff_id=staff.id, since=now))
    else:
        staff = directory.get(db, account.staff_id)
        _refuse_anothers_number(staff, holder)
    if has_left(staff, now):
        raise EntryRefused(f"staff {staff.id} has left, and {said.source} does not know it")
    _bring_up_to_date(db, staff, said, facts, now)
    return staff


def unlink(db: Session, staff: Staff) -> int:
    """Forget as whom outside sources know a person, and end their sessions; returns how many sources there were.

    For an account that was made anew there: its new subject is somebody else until then.
    """
    staff.session_epoch += 1
    known = delete(OutsideAccount).where(OutsideAccount.staff_id == staff.id)
    return len(db.scalars(known.returning(OutsideAccount.source)).all())


def _plain(text: str, longest: int) -> str:
    """Return one spelling of ``text`` without what no page can show; raise ``EntryRefused`` for what is too long."""
    folded = unicodedata.normalize("NFKC", text).strip()
    if len(folded) > longest or any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} for letter in folded):
        raise EntryRefused(f"a fact is too long or cannot be shown: {shown(text)}")
    return folded


def _new(db: Session, facts: dict[str, str], holder: Staff | None, now: datetime) -> Staff:
    _refuse_anothers_number(None, holder)
    return directory.add(db, now=now, **facts)


def _taken_over(db: Session, said: Said, holder: Staff, now: datetime) -> Staff:
    """Return the row that has the number already, unless another subject of the same source has taken it over before."""
    taken = select(OutsideAccount).where(OutsideAccount.source == said.source, OutsideAccount.staff_id == holder.id)
    if db.scalar(taken):
        raise EntryRefused(f"staff {holder.id} is another subject of {said.source}")
    who = f"staff:{holder.id}"
    audit.record(db, event="entry-linked", actor=said.source, subject=who, verdict="allowed", now=now)
    return holder


def _refuse_anothers_number(staff: Staff | None, holder: Staff | None) -> None:
    if holder is not None and holder is not staff:
        raise EntryRefused(f"staff {holder.id} has this number already")


def _bring_up_to_date(db: Session, staff: Staff, said: Said, facts: dict[str, str], now: datetime) -> None:
    """Write what is said; a change of roles leaves a line, since it decides what somebody may do."""
    for name, value in facts.items():
        setattr(staff, name, value)
    roles = None if said.roles is None else said.roles | {"staff"}
    if roles is not None and roles != staff.role_names:
        directory.give_roles(staff, roles)
        who, words = f"staff:{staff.id}", " ".join(sorted(roles))
        audit.record(db, event="roles", actor=said.source, subject=who, verdict="allowed", reason=words, now=now)
    db.flush()
