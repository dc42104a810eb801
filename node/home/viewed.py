"""Who saw a person's name or card at a host: asked of that host, by the name under which it knows the person."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.messages.trail import Trail
from node.models.staff import PairwiseSubject
from node.town import Town


def at_host(town: Town, staff_id: int, host: str, *, before: int | None = None) -> Trail:
    """Return what the host's log says of views of this person, newest first; nothing where the host never heard of them.

    Raises what keeps us from the host. No transaction is open while it is asked.
    """
    with town.storage.transaction() as db:
        sub = find_subject(db, staff_id, host)
    return town.hosts(host).views(sub, before) if sub else Trail()


def find_subject(db: Session, staff_id: int, host: str) -> str | None:
    """Return the name under which a host knows the person, or None."""
    mine = (PairwiseSubject.staff_id == staff_id, PairwiseSubject.audience == host)
    return db.scalar(select(PairwiseSubject.sub).where(*mine))
