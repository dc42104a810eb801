"""What a host tells the registry, and nobody else: when desks are free and which towns may see them.

May never change: ranges are half-open, ordered and do not touch; no person stands in an offer.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from federation.messages.base import Code, Message, Utc, Uuid, Word


class Range(Message):
    """A half-open stretch of time [start, end)."""

    start: Utc
    end: Utc

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "Range":
        if self.end <= self.start:
            raise ValueError("the end lies after the start")
        return self


class Free(Message):
    """When one desk is free, as of a moment; the item's id is the desk's."""

    desk_id: Uuid
    ranges: Annotated[tuple[Range, ...], Field(max_length=2000)] = ()
    as_of: Utc


class AgreementOffer(Message):
    """Which towns may see and book which sites. No site named means all of the host's."""

    id: Uuid
    everyone: bool = False
    homes: Annotated[tuple[Code, ...], Field(max_length=2000)] = ()
    site_ids: Annotated[tuple[Uuid, ...], Field(max_length=500)] = ()
    starts_on: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = None
    ends_on: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = None
    price_yen: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    per: Literal["use", "hour"] = "use"
    name: Word = "協定"
