"""Conditions either side may set: the work, the room, the host, days and cost."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from federation.rules.verdict import Answer, No, Wish, Yes
from federation.wording import phrase

MY_NUMBER = "my_number"
"""The work of マイナンバー利用事務: never done in another town's building, whatever anybody's conditions say."""


@dataclass(frozen=True)
class NotMyNumber:
    """マイナンバー利用事務 is refused always and everywhere."""

    def judge(self, wish: Wish) -> Answer:
        """Refuse the one kind of work that never leaves its own building."""
        if wish.confidentiality != MY_NUMBER:
            return Yes()
        return No("my-number", phrase("マイナンバー利用事務は、他団体の施設では行えません。"))


@dataclass(frozen=True)
class PrivacyFits:
    """The room is private enough for the work. What the table does not name may be done in any room."""

    allowed: Mapping[str, Collection[str]]

    def judge(self, wish: Wish) -> Answer:
        """Look the declared confidentiality up."""
        if wish.privacy in self.allowed.get(wish.confidentiality, (wish.privacy,)):
            return Yes()
        return No(
            "not-private-enough",
            phrase("機密性%(level)sの業務は、この部屋では行えません。個室をお選びください。"),
            {"level": wish.confidentiality},
        )


@dataclass(frozen=True)
class RoomsAllowed:
    """The town lets its staff use only these kinds of rooms; an empty set means any."""

    privacy: Collection[str]

    def judge(self, wish: Wish) -> Answer:
        """Compare the room's privacy level."""
        if not self.privacy or wish.privacy in self.privacy:
            return Yes()
        return No("room-not-allowed", phrase("所属団体の利用条件により、この種類の部屋は利用できません。"))


@dataclass(frozen=True)
class WorkKindsAllowed:
    """Only these 勤務区分; an empty set means any."""

    kinds: Collection[str]

    def judge(self, wish: Wish) -> Answer:
        """Compare the declared kind of work."""
        if not self.kinds or wish.work_kind in self.kinds:
            return Yes()
        return No("work-kind-not-allowed", phrase("この勤務区分では利用できません。"))


@dataclass(frozen=True)
class HostsAllowed:
    """Only these towns; an empty set means any."""

    codes: Collection[str]

    def judge(self, wish: Wish) -> Answer:
        """Compare the host's 団体コード."""
        if not self.codes or wish.host_code in self.codes:
            return Yes()
        return No("host-not-allowed", phrase("所属団体の利用条件により、この団体の施設は利用できません。"))


@dataclass(frozen=True)
class DaysAWeek:
    """At most so many days in one ISO week; ``used`` holds the days already booked elsewhere."""

    limit: int
    used: Collection[date]

    def judge(self, wish: Wish) -> Answer:
        """Count the distinct days of the wish's week, the wished one included."""
        week = wish.day.isocalendar()[:2]
        days = {day for day in (*self.used, wish.day) if day.isocalendar()[:2] == week}
        if len(days) <= self.limit:
            return Yes()
        return No("days-a-week", phrase("利用できるのは週%(limit)s日までです。"), {"limit": self.limit})


@dataclass(frozen=True)
class CostCeiling:
    """One use costs no more than this many yen."""

    limit_yen: int

    def judge(self, wish: Wish) -> Answer:
        """Compare the host's price."""
        if wish.price_yen <= self.limit_yen:
            return Yes()
        return No("too-dear", phrase("利用料が上限の%(limit)s円を超えます。"), {"limit": self.limit_yen})
