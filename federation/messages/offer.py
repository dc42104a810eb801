"""What a host tells the registry, and nobody else: when desks are free and which towns may see them.

May never change: ranges are half-open, ordered and do not touch; no person stands in an offer.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from federation.messages.base import Code, Message, Utc, Uuid, Word

MINUTES_OF_A_DAY = 1440
Clock = Annotated[int, Field(ge=0, le=MINUTES_OF_A_DAY)]
"""A minute after the site's midnight; 1440 is the next one."""
Weekday = Annotated[int, Field(ge=0, le=6)]
PrefectureDigits = Annotated[str, Field(pattern=r"^(0[1-9]|[1-3]\d|4[0-7])$")]
Length = Annotated[int, Field(ge=1, le=MINUTES_OF_A_DAY)]


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
    """Which towns may see and book which sites, and when. No site named means all of the host's.

    Who reads no ``prefectures`` takes it for an offer to fewer, never to more; where ``room_ids`` are named, so are their sites.
    """

    id: Uuid
    everyone: bool = False
    homes: Annotated[tuple[Code, ...], Field(max_length=2000)] = ()
    prefectures: Annotated[tuple[PrefectureDigits, ...], Field(max_length=47)] = ()
    """Whole prefectures, by the two digits with which the codes of all their bodies begin."""
    site_ids: Annotated[tuple[Uuid, ...], Field(max_length=500)] = ()
    room_ids: Annotated[tuple[Uuid, ...], Field(max_length=2000)] = ()
    """Only these rooms of the sites; none named means all of them."""
    starts_on: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = None
    ends_on: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = None
    price_yen: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    per: Literal["use", "hour"] = "use"
    name: Word = "協定"
    weekdays: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    """Days of the week (Monday is 0) on which a use may begin; none named means all."""
    opens: Clock | None = None
    closes: Clock | None = None
    shortest_minutes: Length | None = None
    longest_minutes: Length | None = None
    work_kinds: Annotated[tuple[Word, ...], Field(max_length=20)] = ()
    """勤務区分 as a booking declares them; none named means any."""
    lead_minutes: Annotated[int, Field(ge=0, le=525_600)] | None = None
    """So long before the start one must ask."""
    horizon_days: Annotated[int, Field(ge=0, le=3660)] | None = None
    """So many days ahead one may book, to the end of the last; None is as far as desks are offered."""
    closes_at: Utc | None = None
    """The moment by which all use under it ends: of what is offered in a disaster."""
