"""Every table of a node in one place, so that what creates, migrates or compares them sees them all."""

from pathlib import Path

from sqlalchemy import MetaData

from federation import audit, cursors, feed, outbox, replay, roster
from federation.storage import Base as SharedBase
from node.models import (
    agreements,
    alarms,
    allowances,
    approvals,
    attendance,
    behalf,
    blocks,
    bookings,
    calendars,
    conditions,
    disasters,
    emergencies,
    endings,
    factors,
    favourites,
    feedback,
    harvest,
    house_consents,
    imports,
    incidents,
    mail,
    noshows,
    notices,
    offered,
    opening,
    photos,
    planpictures,
    pools,
    problems,
    provider,
    publications,
    retention,
    rollcalls,
    series,
    sessions,
    sheets,
    sites,
    staff,
    stafflists,
    teams,
    trips,
    untold,
    visits,
    waiting,
    webhooks,
)
from node.models.base import Base

METADATAS: tuple[MetaData, ...] = (SharedBase.metadata, Base.metadata)
"""The tables both apps have, and the node's own; the first must exist before the second."""

MIGRATIONS = Path(__file__).parent.parent / "migrations"
"""Where the Alembic revisions of these tables are."""

DECLARED = (audit, cursors, feed, outbox, replay, roster)
DECLARED_HERE = (
    agreements,
    alarms,
    allowances,
    approvals,
    attendance,
    behalf,
    blocks,
    bookings,
    calendars,
    conditions,
    disasters,
    emergencies,
    endings,
    factors,
    favourites,
    feedback,
    harvest,
    house_consents,
    imports,
    incidents,
    mail,
    noshows,
    notices,
    offered,
    opening,
    photos,
    planpictures,
    pools,
    problems,
    provider,
    publications,
    retention,
    rollcalls,
    series,
    sessions,
    sheets,
    sites,
    staff,
    stafflists,
    teams,
    trips,
    untold,
    visits,
    waiting,
    webhooks,
)
"""The modules whose import declares the tables; a table that no module here declares would be missed."""
