"""What a condition is asked, what it answers, and what all of them say together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Literal, Protocol
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Wish:
    """What is asked for: one desk for one person and one half-open UTC time, and what is known of both.

    ``zone`` is the site's; days and weekdays are counted there.
    """

    home_code: str
    host_code: str
    site_id: str
    start: datetime
    end: datetime
    zone: ZoneInfo
    privacy: str
    work_kind: str = "satellite"
    confidentiality: str = "2"
    price_yen: int = 0
    facility_type: str = ""
    """What kind of building the site is, as its host publishes it; empty where it does not say."""
    position: tuple[float, float] | None = None
    """Latitude and longitude of the site."""
    room_id: str = ""

    @cached_property
    def day(self) -> date:
        """The site's own calendar day on which the time begins."""
        return self.start.astimezone(self.zone).date()


@dataclass(frozen=True)
class Yes:
    """The condition is met."""

    def __bool__(self) -> Literal[True]:
        """A yes is true."""
        return True


@dataclass(frozen=True)
class No:
    """The condition is not met: a stable ``code`` for programs, ``words`` and ``facts`` for people."""

    code: str
    words: str
    facts: Mapping[str, str | int] = field(default_factory=dict)
    change: str = ""
    """What would change the answer, as a sentence with the same places; empty where nothing that people may do."""

    def __bool__(self) -> Literal[False]:
        """A no is false."""
        return False


Answer = Yes | No


class Condition(Protocol):
    """One condition of home or host."""

    def judge(self, wish: Wish) -> Answer:
        """Say yes, or no with a reason."""


@dataclass(frozen=True)
class Verdict:
    """What all conditions together say; true when none of them says no."""

    refusals: tuple[No, ...] = ()

    def __bool__(self) -> bool:
        """A verdict without refusals is true."""
        return not self.refusals


def judge(conditions: Iterable[Condition], wish: Wish) -> Verdict:
    """Ask every condition, so that a person reads all the reasons at once and not one after another."""
    answers = (condition.judge(wish) for condition in conditions)
    return Verdict(tuple(answer for answer in answers if isinstance(answer, No)))
