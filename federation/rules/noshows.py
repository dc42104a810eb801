"""A condition a host may set: who often did not come without a word has to wait."""

from dataclasses import dataclass
from datetime import date

from federation.rules.verdict import Answer, No, Wish, Yes
from federation.wording import phrase

DAYS = 90
"""So far back visits that did not take place count."""


@dataclass(frozen=True)
class FewNoShows:
    """Less than ``most`` unused bookings in the last ``DAYS`` days; None sets no bound. ``until`` is when the oldest is past."""

    count: int
    most: int | None
    until: date | None = None

    def judge(self, wish: Wish) -> Answer:
        """Compare the count, which is of one person at one site."""
        if self.most is None or self.count < self.most:
            return Yes()
        words = phrase(
            "この施設で、連絡なしの未利用が90日間に%(count)s回あったため、予約できません（上限%(most)s回）。"
        )
        change = phrase(
            "来庁していた場合は、その予約の画面から申し出ると取り消されます。そのほかは%(until)sから予約できます。"
        )
        until = self.until.isoformat() if self.until is not None else ""
        return No("too-many-no-shows", words, {"count": self.count, "most": self.most, "until": until}, change)
