"""The names of 祝日 in the reader's language; the law's own are Japanese."""

from federation.web.tongue import say
from federation.wording import phrase

NAMES = frozenset({
    phrase("元日"),
    phrase("成人の日"),
    phrase("建国記念の日"),
    phrase("天皇誕生日"),
    phrase("春分の日"),
    phrase("昭和の日"),
    phrase("憲法記念日"),
    phrase("みどりの日"),
    phrase("こどもの日"),
    phrase("海の日"),
    phrase("山の日"),
    phrase("敬老の日"),
    phrase("秋分の日"),
    phrase("スポーツの日"),
    phrase("文化の日"),
    phrase("勤労感謝の日"),
    phrase("国民の休日"),
    phrase("振替休日"),
})  # fmt: skip


def named(name: str) -> str:
    """Return a day's name in the reader's language; what is none of them, such as people's own words, stays as it is."""
    return say(name) if name in NAMES else name
