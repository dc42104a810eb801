"""What was searched for near a town's own places and not found, as the registry tells that town.

May never change: it counts searches and names nobody; a count below ``FEWEST`` is not told; an unknown reason reads as none.
"""

from typing import Annotated

from pydantic import Field

from federation.messages.base import Line, Message, Utc, Word

FEWEST = 3
"""Fewer searches than this could tell of one person."""
NEAR_KM = 10
MOST_WISHES = 200


class Wanted(Message):
    """How often a place was searched in vain for an hour that begins at ``hour``, and why.

    ``kind`` is station, municipality or coordinates (a tenth of a degree); ``reason`` is no-site, full or unlike.
    """

    kind: Annotated[Word, Field(max_length=20)]
    place: Line
    hour: Utc
    reason: Annotated[Line, Field(max_length=20)] = ""
    times: Annotated[int, Field(ge=FEWEST)]


class DemandReport(Message):
    """All of it within ``within_km`` of the town's own sites, the most wanted first."""

    as_of: Utc
    since: Utc
    within_km: Annotated[int, Field(ge=1, le=100)] = NEAR_KM
    wishes: Annotated[tuple[Wanted, ...], Field(max_length=MOST_WISHES)] = ()
