"""Telling the hosts that know a person of ours that something has ended: call one of these where it ends.

Each is a promise in the same transaction, to every host that has ever been given a name for the person; ``node.leaving``
carries it. Who changes a password or another factor calls ``credential_changed``, who ends all sessions ``sessions_ended``.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import outbox
from federation.events import ACCOUNT_DISABLED, CREDENTIAL_CHANGE, SESSION_REVOKED
from node.models.staff import PairwiseSubject

EVENT = "security-event"
"""Kind of promise: to push one event about one of our people to one host."""

Initiator = Literal["admin", "user", "policy", "system"]
Credential = Literal["password", "pin", "x509", "fido2-platform", "fido2-roaming", "app", "phone-sms"]
Change = Literal["create", "revoke", "update", "delete"]


def account_disabled(db: Session, staff_id: int, *, now: datetime) -> int:
    """The person does not serve here any more (RISC 1.0, 2.2). Returns how many hosts will be told."""
    return _announce(db, staff_id, ACCOUNT_DISABLED, {}, now)


def sessions_ended(db: Session, staff_id: int, *, by: Initiator, now: datetime) -> int:
    """All sessions of the person are over (CAEP 1.0, 3.1). Returns how many hosts will be told."""
    return _announce(db, staff_id, SESSION_REVOKED, {"initiating_entity": by}, now)


def credential_changed(
    db: Session, staff_id: int, credential: Credential, change: Change, *, by: Initiator, now: datetime
) -> int:
    """A password or another factor of the person is not what it was (CAEP 1.0, 3.3). Returns how many hosts will be told.

    Hosts believe no sign-in from before. It is dated a second back, so that a session whose ``auth_time`` is ``now``, as
    that of the person who has just shown the old password, goes on.
    """
    now -= timedelta(seconds=1)
    details = {"initiating_entity": by, "credential_type": credential, "change_type": change}
    return _announce(db, staff_id, CREDENTIAL_CHANGE, details, now)


def _announce(db: Session, staff_id: int, kind: str, details: Mapping[str, str], now: datetime) -> int:
    known = db.execute(
        select(PairwiseSubject.audience, PairwiseSubject.sub).where(PairwiseSubject.staff_id == staff_id)
    ).all()
    for audience, sub in known:
        what = {"event": kind, "sub": sub, "at": int(now.timestamp()), "details": dict(details)}
        outbox.promise(db, EVENT, audience, what, now=now)
    return len(known)
