"""取り込み: a file that was sent, kept row by row until it is taken over, so that no error and no reload loses anything."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import Json, UtcTime
from node.models.base import Base

KINDS = ("facilities", "rooms", "desks", "hours", "closures")
STATES = ("checked", "running", "done")
VERDICTS = ("new", "update", "same", "problem")


class Import(Base):
    """One file as it was read, seen by the 施設担当者 of this town alone."""

    __tablename__ = "import"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str] = mapped_column(String(255))
    encoding: Mapped[str] = mapped_column(String(20))
    heading: Mapped[list[Any]] = mapped_column(Json)
    remarks: Mapped[list[Any]] = mapped_column(Json)
    """What was repaired in the file as a whole, as ``node.host.sheets.rows.Remark`` writes it."""
    state: Mapped[str] = mapped_column(String(10), default="checked")
    options: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """What was chosen for all of it, such as whether new sites are published."""
    by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    expires: Mapped[datetime] = mapped_column(UtcTime, index=True)

    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"state IN {STATES}", name="state"),
    )


class ImportRow(Base):
    """One row: what stood there, what it was read as, what it would change, and what became of it."""

    __tablename__ = "import_row"

    import_id: Mapped[str] = mapped_column(ForeignKey("import.id", ondelete="CASCADE"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Its number in the file; the heading is 1 where nothing stands above it."""
    name: Mapped[str] = mapped_column(String(800))
    """Folded, for the filter."""
    poi: Mapped[str] = mapped_column(String(20))
    verdict: Mapped[str] = mapped_column(String(10))
    target: Mapped[str] = mapped_column(String(36), default="")
    """The id of the place that it changes, or became."""
    chosen: Mapped[bool] = mapped_column(default=False)
    overwrite: Mapped[bool] = mapped_column(default=False)
    """Whether it replaces what was changed by hand."""
    outcome: Mapped[str] = mapped_column(String(10), default="")
    cells: Mapped[list[Any]] = mapped_column(Json)
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    remarks: Mapped[list[Any]] = mapped_column(Json)
    differences: Mapped[list[Any]] = mapped_column(Json)

    __table_args__ = (
        CheckConstraint(f"verdict IN {VERDICTS}", name="verdict"),
        CheckConstraint("outcome IN ('', 'done', 'failed')", name="outcome"),
        Index(None, "import_id", "verdict", "line"),
        Index(None, "import_id", "chosen", "outcome", "line"),
    )


class ImportedSite(Base):
    """What a site's facts were when they last came by a file: where they differ now, somebody changed them by hand."""

    __tablename__ = "imported_site"

    site_id: Mapped[str] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), primary_key=True)
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(UtcTime)
