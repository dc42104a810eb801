"""The condition of money: what a 所属 may still spend in a 年度."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from federation.rules.verdict import Answer, No, Wish, Yes
from federation.wording import phrase


def fiscal_year(day: date) -> int:
    """Return the calendar year in which the 年度 of a day begins, on 1 April (地方自治法208条)."""
    return day.year if day.month >= 4 else day.year - 1


@dataclass(frozen=True)
class WithinBudget:
    """What the section has left in the 年度 of the wish pays for it; ``left`` is yen by year, a year without is unbounded."""

    section: str
    left: Mapping[int, int]

    def judge(self, wish: Wish) -> Answer:
        """Compare the price with what is left."""
        return self.pays(wish.day, wish.price_yen)

    def pays(self, day: date, yen: int) -> Answer:
        """Say whether a stay on a day is paid for; what costs nothing needs no budget."""
        year = fiscal_year(day)
        if yen == 0 or yen <= self.left.get(year, yen):
            return Yes()
        return No(
            "over-budget",
            phrase("%(section)sの%(year)s年度の予算の残りは%(left)s円で、この利用料には足りません。"),
            {"section": self.section, "year": year, "left": max(0, self.left[year])},
            phrase(
                "無料か、残額以下の座席なら利用できます。予約済みの利用を取り消すか、人事担当が予算を増やすと利用できます。"
            ),
        )
