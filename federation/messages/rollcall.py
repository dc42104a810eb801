"""A roll call (在館者確認) as a host tells a home of it: the home's own people alone, signed, through the visits feed.

May never change: nobody is named, people are the subjects that this host knows them by, and what is signed is the report.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from federation.messages.base import Line, Message, Name, Subject, Utc, Uuid

Outcome = Literal["seen", "sheltering", "left", "missing"]
"""確認済, 庁舎待機 (cannot get home and stays), left the building meanwhile, and 未確認."""
MOST = 200
"""So many people stand in one report; a home with more on site is sent several."""


class AccountedFor(Message):
    """How it stood with one person at the end; ``sub`` and ``booking`` are empty for who was written down at the door."""

    sub: Subject | None = None
    booking: Uuid | None = None
    site_name: Name
    room_name: Line = ""
    desk_name: Name
    arrived_at: Utc
    outcome: Outcome
    at: Utc | None = None
    companions: Annotated[int, Field(ge=0, le=99)] = 0


class RollCall(Message):
    """One roll call from beginning to end, and the home's people in it; ``part`` of ``parts`` where there are many."""

    id: Uuid
    begun_at: Utc
    ended_at: Utc
    is_drill: bool = False
    part: Annotated[int, Field(ge=1, le=1000)] = 1
    parts: Annotated[int, Field(ge=1, le=1000)] = 1
    people: Annotated[tuple[AccountedFor, ...], Field(max_length=MOST)]


class RollCallReport(Message):
    """The visits feed's item of the kind ``roll_call``: the signed report, as it is kept for proof."""

    id: Uuid
    token: Annotated[str, StringConstraints(max_length=524_288, pattern=r"^[A-Za-z0-9_.-]+$")]
