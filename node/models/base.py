"""The root of the node's own tables."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import DeclarativeBase

from federation.storage import Json, UtcTime, metadata


class Base(DeclarativeBase):
    """Every table of a node; times are UTC on both databases, constraints are named by federation's convention."""

    metadata = metadata()
    type_annotation_map = {datetime: UtcTime, dict[str, Any]: Json}  # noqa: RUF012 - SQLAlchemy's own spelling.
