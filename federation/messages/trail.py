"""What a host's audit log says of one visitor or one booking, as it tells that visitor's own home.

May never change: nobody is named, neither who was looked at nor who looked; a viewer is a role in a town.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from federation.messages.base import Line, Message, Utc, Uuid, Word
from federation.messages.space import known

MOST = 100
"""So many lines stand in one answer; ``older`` leads on."""

Role = Literal["reception", "site_admin", "home", "host"]
"""受付・守衛, 施設担当者, the home's own node, and anything else that acted at the host."""
Number = Annotated[int, Field(ge=1, le=9_000_000_000_000_000)]


class TrailLine(Message):
    """One line of the log: when, what (the log's own word), by which role, on which booking, and on which token it rested."""

    number: Number
    at: Utc
    event: Word
    role: Annotated[Role | None, known("reception", "site_admin", "home", "host")] = None
    booking: Uuid | None = None
    verdict: Annotated[str, StringConstraints(pattern=r"^(allowed|refused)$")] = "allowed"
    reason: Line = ""
    jti: Line = ""


class RestedOn(Message):
    """The agreement under which a booking was judged, in the version of then; none where the host cannot say which."""

    name: Line
    number: Line = ""
    version: Annotated[int, Field(ge=0, le=1_000_000)] | None = None


class Trail(Message):
    """Lines, newest first; where there are more, ``older`` is the number to ask below."""

    lines: Annotated[tuple[TrailLine, ...], Field(max_length=MOST)] = ()
    older: Number | None = None
    agreement: RestedOn | None = None
    """Of one booking, what it rests on."""
