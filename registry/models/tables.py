"""Every table of the registry in one place, so that what creates, migrates or compares them sees them all."""

from pathlib import Path

from sqlalchemy import MetaData

from federation import audit, cursors, feed, outbox, replay, roster
from federation.storage import Base as SharedBase
from registry.models import Base

METADATAS: tuple[MetaData, ...] = (SharedBase.metadata, Base.metadata)
"""The tables both apps have, and the registry's own; the first must exist before the second."""

DECLARED = (audit, cursors, feed, outbox, replay, roster)
"""The modules whose import declares the shared tables; a table that no module here declares would be missed."""

MIGRATIONS = Path(__file__).parent.parent / "migrations"
"""Where the Alembic revisions stand."""
