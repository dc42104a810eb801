"""A booking between a home and a host, and what may be asked of it.

May never change: the home makes the UUID; a booking has places; a place names one desk, one half-open time and one
person by the subject that is known to this host alone; an unknown state reads as "ask the host".
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from federation.messages.base import LONGEST, Line, Message, Name, Subject, Text, Utc, Uuid, Word, Yen

State = Literal[
    "held", "requested", "confirmed", "refused", "cancelled", "lapsed", "checked_in", "completed", "no_show"
]
OCCUPYING: frozenset[str] = frozenset({"held", "requested", "confirmed", "checked_in"})
"""The states in which a booking's places hold live claims."""

WorkKind = Literal["satellite", "between_trips"]
Dispute = Literal["", "open", "struck", "upheld"]
"""How it stands with the visitor's word that they did come to a ``no_show``."""
Confidentiality = Literal["3A", "3B", "3C", "2", "1"]
ASSISTED = ("stairs", "hearing", "sight", "other")
"""What somebody may say makes an evacuation or the door hard for them; an unknown word reads as ``other``."""
Etag = Annotated[int, Field(ge=1, lt=2**31)]
Digest = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22}$")]


class Place(Message):
    """One desk for one person for one time."""

    desk: Uuid
    start: Utc
    end: Utc
    sub: Subject

    @model_validator(mode="after")
    def _lasts_a_while(self) -> "Place":
        if not self.start < self.end <= self.start + LONGEST:
            raise ValueError("the end lies after the start, within a month")
        return self


class Assistance(Message):
    """Help that a visitor needs in an evacuation or at the door, told because they want it told. Never beside no name."""

    kinds: Annotated[tuple[Annotated[Word, Field(max_length=20)], ...], Field(max_length=10)] = ()
    """Words of ``ASSISTED``."""
    words: Annotated[Line, Field(max_length=200)] = ""


class Visitor(Message):
    """Who comes, for reception on the day only: the named manifest."""

    sub: Subject
    name: Word
    section: Line = ""
    authority: Line | None = None
    """任命権者, named only to a host whose agreement asks for it, which judges by it and keeps nothing of it."""
    card: Digest | None = None
    """Instead of a name, where none was agreed: ``federation.cards.digest`` of name and card number, for the pass."""
    assistance: Assistance | None = None


Places = Annotated[tuple[Place, ...], Field(min_length=1, max_length=20)]


class BookingRequest(Message):
    """The body of PUT: what home asks for, once."""

    places: Places
    visitors: Annotated[tuple[Visitor, ...], Field(max_length=20)] = ()
    not_after: Utc
    consent_version: Line = ""
    work_kind: WorkKind = "satellite"
    confidentiality: Confidentiality = "2"
    hold: bool = False
    """Home has yet to approve: keep the places until ``hold_until`` and wait for the command ``confirm``."""

    acr: Line | None = None
    """How surely who books signed in at home when they asked, for a request that carries no token of theirs: a retry, a colleague's booking."""
    approves: bool | None = None
    """Home approves stays like this one: staying longer is asked there, and not granted to the visitor at the host's own page."""

    def same_places(self, places: "tuple[Place, ...]") -> bool:
        """Say whether the other places are these, in any order: sameness of a retried PUT."""
        return set(self.places) == set(places)


MOVED = "moved"
"""The ``cause`` of a booking that stands where its home moved it: nobody at the host did."""


class BookingChange(Message):
    """The body of PATCH: one command, done once however often it arrives."""

    command: Uuid
    action: Literal["confirm", "move", "extend", "arrive", "leave", "dispute"]
    places: Annotated[tuple[Place, ...], Field(max_length=20)] = ()
    desk_code: Line = ""


class Reason(Message):
    """Why a rule says no, in both languages, which side laid the rule down, and what would change the answer."""

    code: Word
    side: Literal["home", "host"]
    ja: Line
    en: Line
    change_ja: Line = ""
    change_en: Line = ""


class PlaceNow(Message):
    """A place as the host has it, with what happened there."""

    desk: Uuid
    desk_name: Name
    room_name: Line = ""
    site: Uuid
    site_name: Name
    start: Utc
    end: Utc
    sub: Subject
    arrived_at: Utc | None = None
    left_at: Utc | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "PlaceNow":
        if self.end <= self.start:
            raise ValueError("the end lies after the start")
        return self


class Booking(Message):
    """A booking's present state, from its host: the answer to PUT, GET and PATCH, and the visits feed's item."""

    id: Uuid
    state: Annotated[Word, Field(max_length=20)]
    version: Etag
    places: Annotated[tuple[PlaceNow, ...], Field(max_length=20)]
    work_kind: WorkKind = "satellite"
    hold_until: Utc | None = None
    price_yen: Yen = 0
    short_code: Annotated[Line, Field(max_length=20)] = ""
    visit_pass: Text = ""
    cause: Line = ""
    reasons: Annotated[tuple[Reason, ...], Field(max_length=50)] = ()
    alternatives: Annotated["tuple[Alternative, ...]", Field(max_length=50)] = ()
    """What would do instead, where the host had to end the booking."""
    dispute: Annotated[str, Field(max_length=20)] = ""
    """A ``Dispute``; an unknown word reads as none."""
    changed_at: Utc


class HouseRules(Message):
    """The host's 利用上の注意 in force; consent is recorded per version."""

    version: Line
    ja: Text
    en: Text = ""


class Alternative(Message):
    """A desk and time that would do instead."""

    desk: Uuid
    desk_name: Name
    site_name: Line = ""
    start: Utc
    end: Utc


class QuoteRequest(Message):
    """What would happen if this were asked? Nobody need be known yet, so ``sub`` may be any subject of home's."""

    places: Places
    work_kind: WorkKind = "satellite"
    confidentiality: Confidentiality = "2"
    besides: Uuid | None = None
    """A booking of home's own that this would take the place of: it does not stand in its own way."""
    authority: Line | None = None
    """任命権者 of who would come, as in ``Visitor``; without it nobody is judged by theirs before they book."""


class Quote(Message):
    """The host's answer: yes or no with reasons, the price, the rules to agree to, and what would do instead."""

    allowed: bool
    outcome: Literal["confirmed", "requested", "refused"]
    reasons: tuple[Reason, ...] = ()
    price_yen: Yen = 0
    house_rules: HouseRules | None = None
    alternatives: tuple[Alternative, ...] = ()


class Availability(Message):
    """The host's own word on one desk: free ranges within the asked time, as of now."""

    desk: Uuid
    as_of: Utc
    free: "tuple[FreeRange, ...]" = ()


class FreeRange(Message):
    """A free stretch of a desk."""

    start: Utc
    end: Utc
