"""Telling the members that one of them was admitted, suspended, restored or has other keys, so that they learn it in seconds.

A signed event says that the status list has changed, and a ping says no more to those that take no events (protocol of
the design, sections 1 and 4). Both are hints: what counts is the signed list, which every node fetches each minute anyway.
So nothing is written down about them, and one that is lost is not repeated.
"""

import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from federation import entity, events
from federation.errors import TachiyoriError
from federation.events import STATUS_CHANGED, SecurityEvent
from federation.feed import PublishedFeed
from federation.kept import Spoken, spoken_keys
from federation.members import Member
from federation.tokens import peek
from federation.trust import VerifiedMember
from registry import emergencies
from registry.bureau import Bureau
from registry.membership import statements
from registry.membership.statements import FEED
from registry.models import Admission

AT_ONCE = 16
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Standing:
    """What members want to hear of at once: each other's status and last change of keys, and the registry's own keys."""

    statuses: frozenset[tuple[str, str]]
    keyed: frozenset[tuple[str, datetime | None]]
    own: Spoken
    online: str
    """The key the registry signs with now: members take it for granted only while the one before it is listed too."""
    emergencies: int = 0
    """The last change number of what members have declared in a disaster."""


class Pings:
    """Notices that somebody's standing or keys have changed since this process last looked; ``send`` is a job."""

    def __init__(self, bureau: Bureau) -> None:
        """Begin with the members as they are."""
        self._bureau = bureau
        self._lock = threading.Lock()
        self._told: Standing | None = None

    def send(self) -> int:
        """Tell every valid member when anybody's standing or keys have changed; return how many were reached."""
        with self._lock:
            told, self._told = self._told, self._standing()
            now = self._told
        if told is None or told == now:
            return 0
        valid = [entity_id for entity_id, status in now.statuses if status == "valid"]
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ping") as pool:
            return sum(pool.map(lambda entity_id: self._tell(entity_id, _news(told, now)), valid))

    def _standing(self) -> Standing:
        question = select(Member.entity_id, Member.status, Admission.keyed_at)
        with self._bureau.storage.transaction() as db:
            rows = db.execute(question.join(Admission, Admission.member_id == Member.id).where(~Member.gone)).all()
            said = statements.own(db, self._bureau.seal)
            declared = db.get(PublishedFeed, emergencies.FEED)
        keyed = frozenset((entity_id, at) for entity_id, _, at in rows)
        number = declared.number if declared is not None else 0
        standing = frozenset((entity_id, status) for entity_id, status, _ in rows)
        return Standing(standing, keyed, spoken_keys(said), str(peek(said).header.get("kid", "")), number)

    def _tell(self, entity_id: str, news: Sequence[str]) -> bool:
        tell = {"status": self._hint, FEED: self._ping, emergencies.FEED: self._ping_emergencies}
        return sum(self._reach(entity_id, tell[one]) for one in news) == len(news)

    def _reach(self, entity_id: str, tell: Callable[[VerifiedMember], None]) -> bool:
        try:
            tell(self._bureau.members.verified(entity_id, self._bureau.clock()))
        except TachiyoriError as error:
            _log.info("%s was not reached: %s %s", entity_id, error.code, error.detail)
            return False
        return True

    def _hint(self, member: VerifiedMember) -> None:
        if "events_endpoint" in member.metadata.get("desk_exchange", {}):
            self._push(member)
        else:
            self._ping(member)

    def _ping(self, member: VerifiedMember) -> None:
        self._bureau.peer.ping(member.endpoint("desk_exchange", "ping_endpoint"), member.entity_id, FEED)

    def _ping_emergencies(self, member: VerifiedMember) -> None:
        endpoint = member.endpoint("desk_exchange", "ping_endpoint")
        self._bureau.peer.ping(endpoint, member.entity_id, emergencies.FEED)

    def _push(self, member: VerifiedMember) -> None:
        seal, now = self._bureau.seal, self._bureau.clock()
        hint = SecurityEvent(STATUS_CHANGED, seal.entity_id, seal.entity_id + entity.STATUS, now)
        token = events.sign(seal.protocol.current, hint, audience=member.entity_id, txn=str(uuid.uuid4()), now=now)
        events.push(self._bureau.peer, member.endpoint("desk_exchange", "events_endpoint"), token)


def _news(told: Standing, now: Standing) -> list[str]:
    """Say what to tell of: the standing, and what was declared in a disaster. Both of them, where both moved.

    Other keys are read about in the members feed, and the status list with it; for that list alone there is a shorter hint.
    """
    news = []
    if (told.keyed, told.own, told.online) != (now.keyed, now.own, now.online):
        news.append(FEED)
    elif told.statuses != now.statuses:
        news.append("status")
    if told.emergencies != now.emergencies:
        news.append(emergencies.FEED)
    return news
