"""名簿の印刷用端末: a computer beside a printer, let in to print the day's list of its site and to see nothing else."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base


class ListPrinter(Base):
    """One computer, known by the digest of the secret in its browser, and what it printed last."""

    __tablename__ = "list_printer"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    """Where it stands."""
    site_id: Mapped[str | None] = mapped_column(ForeignKey("site.id"))
    """None for all sites of the town."""
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the secret, in hexadecimal. The secret is 256 random bits, so nothing slower is needed."""
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    made_by: Mapped[str] = mapped_column(String(100))
    until: Mapped[datetime] = mapped_column(UtcTime)
    printed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    day: Mapped[date | None]
    """The town's own day of which the rest tells."""
    number: Mapped[int] = mapped_column(default=0)
    """How many lists it has printed that day."""
    rows: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    """What stood on the last of them, without a name: by place its time, where it is, and its 受付番号."""
    shown: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    """The same of the one that was opened to be printed: it counts once the browser says that it was."""
