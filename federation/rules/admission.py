"""Conditions of a host on who is let in: nobody it has blocked, and nobody less sure than its agreement asks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from federation.rules.verdict import Answer, No, Wish, Yes
from federation.wording import phrase

UNSURE = "assurance-too-low"
"""The code of a sign-in that is not sure enough."""
UNAPPROVED = "extension-needs-approval"
"""The code of a longer stay to which somebody has to say yes first."""
_HOW: Mapping[int, str] = {
    2: phrase("認証アプリやパスキーなど、二つ目の方法で本人を確認してから申し込むと予約できます。"),
    3: phrase(
        "所属団体の認証基盤で、機器による確かな方法でサインインし直すと予約できます。方法は情報担当に確認してください。"
    ),
}


@dataclass(frozen=True)
class NotBlocked:
    """The host has not blocked the person or the town on that day; ``until`` is the last day of a block that holds.

    Why is not told: the reason of one person is nobody else's.
    """

    until: date | None

    def judge(self, wish: Wish) -> Answer:
        """Answer as the host's list says."""
        if self.until is None:
            return Yes()
        return No(
            "blocked",
            phrase("受入団体が、%(until)sまでこの利用を受け付けないことにしています。"),
            {"until": self.until.isoformat()},
            phrase("%(until)sより後の日なら予約できます。事情は、所属団体から受入団体に問い合わせてください。"),
        )


@dataclass(frozen=True)
class SureEnough:
    """The sign-in of who asks reaches a 当人認証保証レベル; ``shown`` is the level it has, None where nobody asks yet."""

    level: int
    shown: int | None

    def judge(self, wish: Wish) -> Answer:
        """Compare the levels."""
        if self.shown is None or self.shown >= self.level:
            return Yes()
        return No(
            UNSURE,
            phrase("協定により、当人認証保証レベル%(level)s以上のサインインが必要です。"),
            {"level": self.level},
            _HOW[self.level],
        )


@dataclass(frozen=True)
class AuthorityAgreed:
    """The person serves under one of the 任命権者 that the agreement names, where it names any.

    ``shown`` is the one the home has named, empty for none; None where nobody is judged by it yet.
    """

    named: Collection[str]
    shown: str | None

    def judge(self, wish: Wish) -> Answer:
        """Look for the 任命権者 among those of the agreement, letter by letter."""
        if not self.named or self.shown is None or self.shown in self.named:
            return Yes()
        return No(
            "authority-not-agreed",
            phrase("協定により利用できるのは、任命権者が「%(authorities)s」の職員に限られます。"),
            {"authorities": "、".join(self.named)},
            phrase(
                "対象の職員なら予約できます。対象かどうかは、所属団体の人事担当に確認してください。"
                "職員名簿の任命権者が協定と同じ表記であることも必要です。"
            ),
        )


@dataclass(frozen=True)
class StayApproved:
    """The further time of a stay that was approved needs no other yes; ``asks`` says that the agreement wants one."""

    asks: bool

    def judge(self, wish: Wish) -> Answer:
        """Say no where it does: a yes to one time is none to a longer one."""
        if not self.asks:
            return Yes()
        return No(
            UNAPPROVED,
            phrase("延長する時間には、受入団体の承認が必要です。"),
            {},
            phrase("所属団体の「予約」の画面で延長すると、続きの時間の承認を依頼できます。"),
        )
