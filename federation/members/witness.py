"""What a party wants to hear while it reads the registry's words: that trust moved, and what is said of itself."""

import logging

from sqlalchemy.orm import Session

from federation.roster import Member
from federation.trust import VerifiedMember

log = logging.getLogger(__name__)


class Witness:
    """Told inside the transaction that takes a word in; this one writes to the log. A node's own does more."""

    def anchor_moved(self, db: Session, before: str, after: str, *, lost: bool) -> None:
        """Hear that the registry signs with another online key; ``lost`` when the former one counts no longer."""
        log.warning(
            "the registry's online key is now %s, it was %s (%s)", after, before, "ended" if lost else "rotated"
        )

    def replaced(self, db: Session, old: Member, new: Member) -> None:
        """Hear that ``new`` has taken the place of ``old``; told again with each word about ``new``."""

    def own_entry(self, db: Session, held: Member | None, said: VerifiedMember) -> None:
        """Judge a verified word of the registry about this party itself; ``held`` is the row before it."""
