"""知らせの送信先: programs and chats of the town's own that hear what happens, without hearing to whom."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base

STYLES = ("json", "teams")
"""How a message is written: plain JSON with a signature, or a card for a workflow of Microsoft Teams."""
STOPS = ("", "admin", "gone", "failing")
"""Why nothing is sent: it is; somebody paused it; the receiver said that it is gone; it has failed for days."""


class Webhook(Base):
    """One receiver. Its address and its secret stand here sealed: whoever has the database alone can use neither."""

    __tablename__ = "webhook"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(Text)
    """The URL, sealed: that of a workflow carries the permission to post."""
    shown: Mapped[str] = mapped_column(String(300))
    """What people may see of the URL: its host and its last letters."""
    secret: Mapped[str] = mapped_column(Text)
    """What messages are signed with, sealed: a ``node.webhooks.ring.Ring``."""
    style: Mapped[str] = mapped_column(String(10))
    locale: Mapped[str] = mapped_column(String(2))
    kinds: Mapped[str] = mapped_column(String(400))
    """The kinds of ``node.webhooks.kinds``, separated by spaces."""
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    stopped: Mapped[str] = mapped_column(String(10), default="")
    stopped_at: Mapped[datetime | None] = mapped_column(UtcTime)
    last_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When something was last sent, a trial too."""
    last_outcome: Mapped[str] = mapped_column(String(20), default="")
    """A word of ``node.webhooks.outcomes``."""
    last_status: Mapped[int] = mapped_column(default=0)
    """The HTTP status of the answer; 0 where there was none."""
    failing_since: Mapped[datetime | None] = mapped_column(UtcTime)
    tried_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (
        CheckConstraint(f"style IN {STYLES}", name="style"),
        CheckConstraint(f"stopped IN {STOPS}", name="stopped"),
    )
