"""An incident of a visit, as one town tells the other: the facts as its recorder has them, and what the sender has written.

May never change: nobody is named by the form of it; who wrote is a role; an incident is sent whole, as often as needed.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from federation.messages.base import Line, Message, Text, Utc, Uuid

MOST_ENTRIES = 100
LONGEST = 1000
"""So many letters a town may write at once."""

Kind = Literal["lost", "looking", "wrong_door", "other"]
"""遺失物, のぞき見, a wrong door, and anything else."""
Severity = Literal["minor", "serious", "grave"]
Leak = Literal["no", "maybe", "yes"]
Words = Annotated[Text, StringConstraints(min_length=1, max_length=LONGEST)]


class IncidentEntry(Message):
    """One thing written, under a UUID its writer gave it."""

    id: Uuid
    at: Utc
    role: Literal["reception", "site_admin", "personnel"]
    words: Words


class Incident(Message):
    """One incident; its own UUID stands in the address. Entries are the sender's alone."""

    kind: Kind
    severity: Severity
    leak: Leak
    is_malicious: bool = False
    what: Words
    place: Line = ""
    booking: Uuid | None = None
    happened_at: Utc
    known_at: Utc
    closed_at: Utc | None = None
    entries: Annotated[tuple[IncidentEntry, ...], Field(max_length=MOST_ENTRIES)] = ()
