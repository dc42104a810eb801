"""セキュリティ確認表: what somebody of the host saw in a room on a day, answer by answer, and signed in a role.

May never change: a missing answer means that nobody knows; a sheet counts up to and including its last day, and after that
none of its answers does; no person's name stands in it.
"""

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field

from federation.messages.base import Message
from federation.messages.space import known, only_known

Answered = Literal["yes", "partly", "no"]
Network = Literal["wired", "wifi_wpa2", "wifi_wpa3", "wifi_eap", "guests_separated", "own_line_only"]
Entry = Literal["staff", "visitors", "public"]
"""Who may enter the room: the town's own staff and its guests; visitors to the office too; anybody."""
Role = Literal["site_admin", "security_officer"]
"""施設担当者, 情報セキュリティ責任者."""
Assured = Literal[
    "partition", "screen", "privacy_filter", "soundproof", "lock", "camera", "wired", "wifi_eap", "guests_separated",
    "shredder", "lost_property", "not_public", "reception", "wire_lock", "members_only",
]  # fmt: skip
"""What a search may ask a valid sheet for. ``camera`` and the like mean a plain yes; partly is not enough."""
_ANSWER = known(*get_args(Answered))
Given = Annotated[Answered | None, _ANSWER]


def _a_day(text: str) -> str:
    return date.fromisoformat(text).isoformat()


IsoDay = Annotated[str, Field(pattern=r"^20\d\d-[01]\d-[0-3]\d$"), AfterValidator(_a_day)]


class SheetAnswers(Message):
    """The answers; what is missing nobody knows."""

    partition: Given = None
    screen: Given = None
    """Whether no screen can be seen by others."""
    privacy_filter: Given = None
    soundproof: Given = None
    lock: Given = None
    camera: Given = None
    network: Annotated[tuple[Network, ...], only_known(get_args(Network)), Field(max_length=10)] = ()
    printer: Given = None
    shredder: Given = None
    lost_property: Given = None
    public_space: Given = None
    """Whether the room stands next to a space that is open to everybody."""
    reception: Given = None
    wire_lock: Given = None
    entry: Annotated[Entry | None, known(*get_args(Entry))] = None


class SecuritySheet(Message):
    """A signed sheet as it is published."""

    version: Annotated[int, Field(ge=1, le=1_000_000)]
    checked_on: IsoDay
    valid_until: IsoDay
    """The last local day on which it counts."""
    role: Annotated[Role | None, known(*get_args(Role))] = None
    answers: SheetAnswers = SheetAnswers()

    def counts_on(self, day: date) -> bool:
        """Say whether the sheet is valid on a local day."""
        return day.isoformat() <= self.valid_until

    def assures(self) -> tuple[Assured, ...]:
        """Return everything a search may ask for that the sheet says plainly, valid or not."""
        said = self.answers
        by_meaning = {
            "not_public": said.public_space == "no",
            "members_only": said.entry == "staff",
            **{name: name in said.network for name in ("wired", "wifi_eap", "guests_separated")},
        }
        return tuple(name for name in get_args(Assured) if by_meaning.get(name, getattr(said, name, None) == "yes"))
