"""Favourites: sites and desks that a person has marked, theirs alone to see."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from federation.errors import BadInput, NotFound
from federation.storage import insert
from federation.wording import phrase
from node.home import places
from node.models.favourites import Favourite

MOST = 30
"""So many a person may mark."""


class TooManyFavourites(BadInput):
    """The person has marked as many as may be."""

    words = phrase("お気に入りは30件までです。使わなくなったものを外してから、もう一度お試しください。")


def of(db: Session, staff_id: int) -> Sequence[Favourite]:
    """Return what the person has marked, newest first."""
    own = select(Favourite).where(Favourite.staff_id == staff_id)
    return db.scalars(own.order_by(Favourite.marked_at.desc(), Favourite.url)).all()


def mark(db: Session, staff_id: int, host: str, desk_id: str, *, whole_site: bool, now: datetime) -> None:
    """Mark a desk our people have seen at ``host`` (entity id), or its site; marking twice changes nothing.

    Raises ``NotFound`` for a desk nobody has seen, ``TooManyFavourites`` beyond ``MOST``.
    """
    seen = places.find(db, host, desk_id)
    if seen is None:
        raise NotFound("no desk that anybody has seen")
    if (db.scalar(select(func.count()).where(Favourite.staff_id == staff_id)) or 0) >= MOST:
        raise TooManyFavourites(f"staff {staff_id} has {MOST}")
    row = {
        "staff_id": staff_id,
        "url": seen.site.url if whole_site else seen.desk.url,
        "host_name": seen.host_name,
        "site_name": seen.site.name,
        "desk_name": "" if whole_site else seen.desk.name,
        "marked_at": now,
    }
    db.execute(insert(db, Favourite).values(row).on_conflict_do_nothing())


def unmark(db: Session, staff_id: int, url: str) -> None:
    """Take a mark away; one that is not there is no mistake."""
    db.execute(delete(Favourite).where(Favourite.staff_id == staff_id, Favourite.url == url))
