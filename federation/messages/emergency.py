"""A site that a town has opened or closed in a disaster: from the host to the registry, and from there to every node.

May never change: one word for each site; it ends by its own ``until``, whoever is silent meanwhile; who declared it is the
registry's word (``entity_id``), never the message's own; no person stands in it.
"""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from federation.messages.base import Line, Message, Url, Utc, Uuid, Word

LONGEST = timedelta(days=7)
"""It ends at most so long after it was last declared or prolonged."""

Reason = Annotated[Line, StringConstraints(max_length=200)]


class EmergencyNotice(Message):
    """What a host says of one of its own sites; the item's id is the site's."""

    site_id: Uuid
    site_name: Word
    kind: Literal["opening", "closing"]
    reason: Reason = ""
    extra_desks: Annotated[int, Field(ge=0, le=9999)] = 0
    since: Utc
    until: Utc

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "EmergencyNotice":
        if self.until <= self.since:
            raise ValueError("the end lies after the beginning")
        return self


class EmergencyEntry(EmergencyNotice):
    """The same as the registry hands it on, with the member that said it."""

    entity_id: Url
