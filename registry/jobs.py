"""What the registry does by itself: one table of jobs, each a plain function that may run twice at once without harm."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from federation import audit, replay
from federation.errors import TachiyoriError
from federation.members import AnchorSeen, Member
from federation.scheduler import Job
from registry import demand, emergencies, reading
from registry.bureau import Bureau
from registry.membership import standing, statements
from registry.models import Admission, FreeRange, Invitation
from registry.pings import Pings

CONFIGURED_EVERY = timedelta(hours=6)
AUDIT_KEPT = timedelta(days=5 * 366)
_log = logging.getLogger(__name__)


def jobs(bureau: Bureau) -> list[Job]:
    """Return the table of jobs."""
    pings = Pings(bureau)
    return [
        Job("pings", pings.send, timedelta(seconds=1)),
        Job("status list", lambda: sign_status_list(bureau), timedelta(seconds=60)),
        Job("statements", lambda: sign_statements(bureau), timedelta(seconds=30)),
        Job("configurations", lambda: fetch_configurations(bureau), timedelta(minutes=10)),
        # With half a second at the node that pings: what is published is to be found within one.
        Job("harvest", lambda: reading.harvest(bureau), timedelta(seconds=0.2)),
        Job("purge", lambda: purge(bureau), timedelta(hours=1)),
    ]


def sign_status_list(bureau: Bureau) -> None:
    """Sign the status list anew."""
    with bureau.storage.transaction(write=True) as db:
        standing.sign_status_list(db, bureau.seal, bureau.clock())


def sign_statements(bureau: Bureau) -> int:
    """Sign the anchor's configuration and every statement that is due, one transaction each; return how many."""
    with bureau.storage.transaction(write=True) as db:
        _sign_own_if_due(db, bureau)
    with bureau.storage.transaction() as db:
        due = statements.due(db, bureau.seal, bureau.clock())
    for member_id in due:
        with bureau.storage.transaction(write=True) as db:
            statements.sign_again(db, bureau.seal, member_id, bureau.clock())
    return len(due)


def _sign_own_if_due(db: Session, bureau: Bureau) -> None:
    seen, now = db.get(AnchorSeen, bureau.seal.entity_id), bureau.clock()
    if seen is None or now - seen.issued >= statements.SIGN_EVERY or not statements.names_our_keys(seen, bureau.seal):
        statements.sign_own(db, bureau.seal, now)


def fetch_configurations(bureau: Bureau) -> int:
    """Ask members for what they say of themselves now, when the last word is six hours old; return how many answered.

    No transaction is open while a member is asked. One that cannot be reached may send it, and is marked meanwhile.
    """
    with bureau.storage.transaction() as db:
        asked = _old_configurations(db, bureau.clock())
    with ThreadPoolExecutor(reading.AT_ONCE, thread_name_prefix="configuration") as pool:
        return sum(pool.map(lambda member: _fetch_configuration(bureau, *member), asked))


def _fetch_configuration(bureau: Bureau, member_id: int, entity_id: str) -> bool:
    try:
        configuration = bureau.peer.fetch_entity_configuration(entity_id)
        with bureau.storage.transaction(write=True) as db:
            statements.take_configuration(db, bureau.seal, member_id, configuration, bureau.clock())
    except TachiyoriError as error:
        _log.warning("the configuration of %s: %s %s", entity_id, error.code, error.detail)
        with bureau.storage.transaction(write=True) as db:
            db.get_one(Member, member_id).trouble = f"{error.code}: {error.detail}"[:500]
        return False
    return True


def _old_configurations(db: Session, now: datetime) -> list[tuple[int, str]]:
    question = (
        select(Member.id, Member.entity_id)
        .join(Admission, Admission.member_id == Member.id)
        .where(or_(Admission.configured_at <= now - CONFIGURED_EVERY, Member.trouble != ""), ~Member.gone)
        .order_by(Admission.configured_at)
        .limit(500)
    )
    return [(row.id, row.entity_id) for row in db.execute(question)]


def purge(bureau: Bureau) -> None:
    """Drop what has served its time: past free ranges, dead tokens' marks, old tombstones, invitations, askers."""
    now = bureau.clock()
    with bureau.storage.transaction(write=True) as db:
        db.execute(delete(FreeRange).where(FreeRange.end < now))
        db.execute(
            delete(Invitation).where(Invitation.expires_at < now - timedelta(days=30), Invitation.used_at.is_(None))
        )
        demand.forget(db, now)
        emergencies.forget(db, now)
        replay.forget(db, now=now)
        bureau.feeds.forget(db, now=now)
        audit.forget(db, before=now - AUDIT_KEPT)
    bureau.proofs.forget(now=now)


def first_words(bureau: Bureau) -> None:
    """Sign what must be there before the first request is answered."""
    sign_statements(bureau)
    sign_status_list(bureau)
