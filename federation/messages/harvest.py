"""How the registry reads one member's feeds, told to that member alone.

May never change: it speaks of the asking member only; ``detail`` is for the member's administrator, and names no other party.
"""

from typing import Annotated

from pydantic import Field

from federation.messages.base import Line, Message, Text, Utc, Word

MOST_FAULTS = 200
"""So many items that could not be taken in are told of."""


class Reading(Message):
    """One feed: up to which change number it was read, when last to its end, and what keeps it from being read now."""

    feed: Word
    number: Annotated[int, Field(ge=0)] = 0
    complete_at: Utc | None = None
    tried_at: Utc | None = None
    failures: Annotated[int, Field(ge=0)] = 0
    error: Line = ""


class Fault(Message):
    """One item that could not be taken in, and why."""

    feed: Word
    kind: Word
    id: Line
    detail: Text
    seen_at: Utc


class HarvestReport(Message):
    """All of it, as of a moment."""

    as_of: Utc
    readings: Annotated[tuple[Reading, ...], Field(max_length=10)] = ()
    faults: Annotated[tuple[Fault, ...], Field(max_length=MOST_FAULTS)] = ()
