"""What hosts tell us of our own people after a roll call (在館者確認): checked, kept, and told to our 人事担当.

The feed only brings the signed report. It is believed once its signature is the host's and it is addressed to us; of people
it can only speak of those who had a booking there, by the subject that host knows them by.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from federation import audit, outbox
from federation.errors import BadInput, TokenRefused
from federation.keys import PublicKeys
from federation.messages.base import as_text
from federation.messages.rollcall import AccountedFor, RollCall, RollCallReport
from federation.outbox import Carrier, Parcel
from federation.storage import insert
from federation.tokens import ROLL_CALL
from federation.wording import phrase
from node import notices
from node.models.rollcalls import HeardPerson, HeardRollCall
from node.models.staff import Staff, StaffRole
from node.models.trips import Trip
from node.town import Town

KIND = "roll_call"
"""What a host's visits feed calls it."""
CHECK = "roll-call-check"
"""The kind of promise: to check a report that the feed brought."""
SHOWN = 50
LINK = "/personnel/rollcalls"
_TOLD = phrase(
    "%(host)sから在館者確認の報告が届きました：当団体の職員%(count)s名、うち未確認%(missing)s名、庁舎待機%(sheltering)s名"
)
_DRILL = phrase(
    "【訓練】%(host)sから在館者確認の報告が届きました：当団体の職員%(count)s名、うち未確認%(missing)s名、庁舎待機%(sheltering)s名"
)
_log = logging.getLogger(__name__)


def take(db: Session, host: str, report: RollCallReport, *, now: datetime) -> None:
    """Take in what the feed brought, to be checked once no transaction is open; one that is known is not checked again."""
    if db.get(HeardRollCall, report.id) is None:
        outbox.promise(db, CHECK, host, {"id": report.id, "token": report.token}, now=now, most=1)


def carriers(town: Town) -> Mapping[str, Carrier]:
    """Return who checks reports, for ``outbox.deliver``."""
    return {CHECK: lambda parcel: _check(town, parcel)}


def _check(town: Town, parcel: Parcel) -> None:
    host, now, token = parcel.target, town.clock(), str(parcel.payload["token"])
    keys = _keys_of(town, host, now)
    try:
        claims = ROLL_CALL.verify(token, keys, now=now, issuer=host, audience=town.config.entity_id)
        report = RollCall.read(as_text(claims["report"]))
    except (TokenRefused, BadInput) as error:
        # It will not become true by waiting; the host's own log has what it sent.
        _log.warning("a roll call of %s is not believed: %s", host, error.detail)
        return
    with town.storage.transaction(write=True) as db:
        signed = Signed(host, _name_of(town, db, host), str(parcel.payload["id"]), token)
        hear(db, signed, report, now=now)


def _keys_of(town: Town, host: str, now: datetime) -> PublicKeys:
    if host == town.config.entity_id:
        return town.keys.protocol.public()
    return town.members.verified(host, now).protocol_keys


def _name_of(town: Town, db: Session, host: str) -> str:
    return town.config.name if host == town.config.entity_id else town.members.row(db, host).name


@dataclass(frozen=True)
class Signed:
    """Whose report it is (entity id and name), under which id its feed has it, and the proof."""

    host: str
    name: str
    id: str
    token: str


def hear(db: Session, signed: Signed, report: RollCall, *, now: datetime) -> None:
    """Keep a report that was checked, once, and tell every 人事担当."""
    host, id_ = signed.host, signed.id
    new = {"id": id_, "host": host, "host_name": signed.name, "is_drill": report.is_drill, "token": signed.token}
    times = {"begun_at": report.begun_at, "ended_at": report.ended_at, "heard_at": now}
    row = insert(db, HeardRollCall).values(**new, **times).on_conflict_do_nothing(index_elements=["id"])
    if db.scalar(row.returning(HeardRollCall.id)) is None:
        return
    trips = _trips(db, host, report.people)
    for one in report.people:
        trip = trips.get(one.booking or "")
        place = " ".join(part for part in (one.site_name, one.room_name, one.desk_name) if part)
        person = HeardPerson(heard_roll_call_id=id_, place=place, outcome=one.outcome, companions=one.companions)
        person.staff_id, person.at = trip.staff_id if trip is not None and trip.sub == one.sub else None, one.at
        db.add(person)
    audit.record(db, event="roll-call-heard", actor=host, subject=report.id, verdict="allowed", now=now)
    _tell(db, signed.name, report, now)


def _trips(db: Session, host: str, people: Sequence[AccountedFor]) -> Mapping[str, Trip]:
    ids = {one.booking for one in people if one.booking}
    return {trip.id: trip for trip in db.scalars(select(Trip).where(Trip.host == host, Trip.id.in_(ids)))}


def _tell(db: Session, name: str, report: RollCall, now: datetime) -> None:
    states = [one.outcome for one in report.people]
    serving = select(Staff.id).join(StaffRole).where(StaffRole.role == "personnel", Staff.left_on.is_(None))
    for staff_id in db.scalars(serving.order_by(Staff.id)).all():
        words = _DRILL if report.is_drill else _TOLD
        notices.tell(
            db,
            staff_id,
            words,
            now=now,
            link=LINK,
            kind="changed",
            host=name,
            count=len(states),
            missing=states.count("missing"),
            sheltering=states.count("sheltering"),
        )


def heard(db: Session) -> Sequence[HeardRollCall]:
    """Return the reports, newest first, with whom they are about."""
    question = select(HeardRollCall).options(selectinload(HeardRollCall.people))
    return db.scalars(question.order_by(HeardRollCall.ended_at.desc(), HeardRollCall.id).limit(SHOWN)).all()
