"""Where a reader stands in the feeds of others, and what it holds from each."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from federation.storage import Base, UtcTime


class FeedCursor(Base):
    """Where we stand in one feed of one party, and how it went last time.

    ``run`` counts the readings from the beginning; ``sweeping`` says that the present one ends with a sweep: each that began
    at the beginning does, the first one too.
    ``read_at`` is when a page was last taken in, ``moved_at`` when one last had items.
    """

    __tablename__ = "feed_cursors"
    __table_args__ = (UniqueConstraint("member_id", "feed"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int]
    feed: Mapped[str]
    next: Mapped[str]
    run: Mapped[int] = mapped_column(default=1)
    sweeping: Mapped[bool] = mapped_column(default=True)
    read_at: Mapped[datetime | None] = mapped_column(UtcTime)
    moved_at: Mapped[datetime | None] = mapped_column(UtcTime)
    error: Mapped[str] = mapped_column(default="")
    failed_at: Mapped[datetime | None] = mapped_column(UtcTime)


class FeedMet(Base):
    """One thing we hold from a feed: its change number, and the run that last met it."""

    __tablename__ = "feed_met"

    cursor_id: Mapped[int] = mapped_column(ForeignKey(FeedCursor.id, ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    modified: Mapped[int] = mapped_column(BigInteger)
    run: Mapped[int]


def met(db: Session, source: int, feed: str) -> frozenset[tuple[str, str]]:
    """Return the things (kind, id) that the present reading of a party's feed has met."""
    here = (FeedMet.cursor_id == FeedCursor.id, FeedMet.run == FeedCursor.run)
    mine = (FeedCursor.member_id == source, FeedCursor.feed == feed)
    return frozenset((kind, id_) for kind, id_ in db.execute(select(FeedMet.kind, FeedMet.id).where(*here, *mine)))


def hand_over(db: Session, old: int, new: int) -> None:
    """Let the reading of one party's feeds go on with the party that has taken its place.

    It begins anew there, as another address does, and sweeps: what was held of the old one and is not met at the new
    one is put away as after a restored backup.
    """
    for cursor in db.scalars(select(FeedCursor).where(FeedCursor.member_id == old)):
        theirs = db.scalar(select(FeedCursor).filter_by(member_id=new, feed=cursor.feed))
        if theirs is None:
            cursor.member_id, cursor.next = new, ""
            continue
        met = {(row.kind, row.id) for row in db.scalars(select(FeedMet).where(FeedMet.cursor_id == theirs.id))}
        for row in db.scalars(select(FeedMet).where(FeedMet.cursor_id == cursor.id)).all():
            if (row.kind, row.id) not in met:
                db.add(FeedMet(cursor_id=theirs.id, kind=row.kind, id=row.id, modified=0, run=0))
        theirs.next = ""
        db.delete(cursor)
    db.flush()
