"""The root of the registry's own tables. Those shared with the nodes (members, feeds, audit) stand in federation."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import DeclarativeBase

from federation.storage import Json, UtcTime, metadata


class Base(DeclarativeBase):
    """The root of the registry's tables."""

    metadata = metadata()
    type_annotation_map = {datetime: UtcTime, dict[str, Any]: Json}  # noqa: RUF012 - SQLAlchemy's own spelling.
