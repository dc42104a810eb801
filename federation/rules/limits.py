"""Conditions either side may set: the work, the room, the host, days and cost."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from federation.rules.verdict import Answer, No, Wish, Yes
from federation.wording import phrase

MY_NUMBER = "my_number"
"""The work of マイナンバー利用事務: never done in another town's building, whatever anybody's conditions say."""

NEVER = phrase("マイナンバー利用事務は、他団体の施設では行えません。")


@dataclass(frozen=True)
class NotMyNumber:
    """マイナンバー利用事務 is refused always and everywhere."""

    def judge(self, wish: Wish) -> Answer:
        """Refuse the one kind of work that never leaves its own building."""
        if wish.confidentiality != MY_NUMBER:
            return Yes()
        return No("my-number", NEVER, change=phrase("マイナンバー利用事務を含まない業務なら利用できます。"))


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
            phrase("機密性%(level)sの業務は、この部屋では行えません。"),
            {"level": wish.confidentiality},
            phrase("個室か、機密性の低い業務なら利用できます。"),
        )


_WITHIN: Mapping[frozenset[str], str] = {
    frozenset({"private"}): phrase("個室なら利用できます。"),
    frozenset({"private", "semi_private"}): phrase("半個室以上の部屋なら利用できます。"),
}
_OTHER_ROOM = phrase("別の種類の部屋なら利用できます。")


@dataclass(frozen=True)
class RoomsAllowed:
    """The town lets its staff use only these kinds of rooms; an empty set means any."""

    privacy: Collection[str]

    def judge(self, wish: Wish) -> Answer:
        """Compare the room's privacy level."""
        if not self.privacy or wish.privacy in self.privacy:
            return Yes()
        words = phrase("所属団体の利用条件により、この種類の部屋は利用できません。")
        return No("room-not-allowed", words, change=_WITHIN.get(frozenset(self.privacy), _OTHER_ROOM))


@dataclass(frozen=True)
class WorkKindsAllowed:
    """Only these 勤務区分; an empty set means any."""

    kinds: Collection[str]

    def judge(self, wish: Wish) -> Answer:
        """Compare the declared kind of work."""
        if not self.kinds or wish.work_kind in self.kinds:
            return Yes()
        words = phrase("この勤務区分では利用できません。")
        return No("work-kind-not-allowed", words, change=phrase("別の勤務区分なら利用できます。"))


@dataclass(frozen=True)
class HostsAllowed:
    """Only these towns; an empty set means any."""

    codes: Collection[str]

    def judge(self, wish: Wish) -> Answer:
        """Compare the host's 団体コード."""
        if not self.codes or wish.host_code in self.codes:
            return Yes()
        words = phrase("所属団体の利用条件により、この団体の施設は利用できません。")
        return No("host-not-allowed", words, change=phrase("利用条件で認められた団体の施設なら利用できます。"))


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
        words = phrase("利用できるのは週%(limit)s日までです。")
        return No("days-a-week", words, {"limit": self.limit}, phrase("予約済みの日か、別の週なら利用できます。"))


@dataclass(frozen=True)
class DaysAMonth:
    """At most so many days in one calendar month; ``used`` holds the days already booked elsewhere."""

    limit: int
    used: Collection[date]

    def judge(self, wish: Wish) -> Answer:
        """Count the distinct days of the wish's month, the wished one included."""
        month = (wish.day.year, wish.day.month)
        days = {day for day in (*self.used, wish.day) if (day.year, day.month) == month}
        if len(days) <= self.limit:
            return Yes()
        words = phrase("利用できるのは月%(limit)s日までです。")
        return No("days-a-month", words, {"limit": self.limit}, phrase("予約済みの日か、別の月なら利用できます。"))


@dataclass(frozen=True)
class CostCeiling:
    """One use costs no more than this many yen."""

    limit_yen: int

    def judge(self, wish: Wish) -> Answer:
        """Compare the host's price."""
        if wish.price_yen <= self.limit_yen:
            return Yes()
        words = phrase("利用料が上限の%(limit)s円を超えます。")
        return No("too-dear", words, {"limit": self.limit_yen}, phrase("%(limit)s円以下の座席なら利用できます。"))
