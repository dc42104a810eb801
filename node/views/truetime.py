"""The true time of something that was not recorded when it happened, typed in afterwards."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import request

from federation.errors import BadInput
from node.host import opening
from node.views.filled import Filled


def read(zone: str, of: datetime, now: datetime) -> datetime | None:
    """Read the true time of day ``at``, typed in afterwards, on the site's local day of ``of``; None for now.

    Raises ``BadInput`` (``at``) for what is no time, or lies ahead.
    """
    filled = Filled(request.form)
    minutes = filled.time("at")
    if minutes is None and not filled.errors:
        return None
    local = ZoneInfo(zone)
    at = opening.moment(of.astimezone(local).date(), minutes or 0, local)
    if filled.errors or at > now:
        raise BadInput("no time of today", field="at")
    return at
