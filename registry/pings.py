"""Telling the members that one of them was admitted, suspended or restored, so that they learn it in seconds.

A ping saves time and carries nothing (protocol of the design, section 4): what counts is the signed status list, which
every node fetches each minute anyway. So nothing is written down about pings, and one that is lost is not repeated.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from federation.errors import TachiyoriError
from federation.members import Member
from registry.bureau import Bureau
from registry.membership.statements import FEED

AT_ONCE = 16
_log = logging.getLogger(__name__)


class Pings:
    """Notices that somebody's standing has changed since this process last looked; ``send`` is a job."""

    def __init__(self, bureau: Bureau) -> None:
        """Begin with the members as they are."""
        self._bureau = bureau
        self._lock = threading.Lock()
        self._told: dict[str, str] | None = None

    def send(self) -> int:
        """Ping every valid member when anybody's standing has changed; return how many were reached."""
        with self._lock:
            standing = self._standing()
            moved = self._told is not None and standing != self._told
            self._told = standing
        if not moved:
            return 0
        valid = [entity_id for entity_id, status in standing.items() if status == "valid"]
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ping") as pool:
            return sum(pool.map(self._ping, valid))

    def _standing(self) -> dict[str, str]:
        with self._bureau.storage.transaction() as db:
            return dict(db.execute(select(Member.entity_id, Member.status).where(~Member.gone)).all())

    def _ping(self, entity_id: str) -> bool:
        try:
            member = self._bureau.members.verified(entity_id, self._bureau.clock())
            self._bureau.peer.ping(member.endpoint("desk_exchange", "ping_endpoint"), entity_id, FEED)
        except TachiyoriError as error:
            _log.info("%s was not reached: %s %s", entity_id, error.code, error.detail)
            return False
        return True
