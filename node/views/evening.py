"""17:20: whether everybody has left, in one line, for 施設担当者 and for the guard."""

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from federation.web.tongue import words, zone
from federation.wording import phrase
from node.host.reception import Guest

FROM = 17
"""From this hour, by the town's clock, pages say it first."""


def line(guests: Sequence[Guest], now: datetime) -> tuple[bool, Markup] | None:
    """Return whether nobody is left in the building, and the line that says so; None before ``FROM``."""
    return _line(guests, now) if now.astimezone(zone()).hour >= FROM else None


def _line(guests: Sequence[Guest], now: datetime) -> tuple[bool, Markup]:
    came = [one for one in guests if one.arrived_at is not None]
    staying = sum(one.is_here for one in guests)
    coming = sum(one.arrived_at is None and now < one.end for one in guests)
    if not came and not coming:
        return True, words(phrase("本日の利用はありませんでした"))
    if not staying and not coming:
        return True, words(phrase("本日%(count)s名、全員退庁済み"), count=len(came))
    if coming:
        return False, words(
            phrase("来庁済み%(count)s名、在館中%(staying)s名、これから%(coming)s名"),
            count=len(came),
            staying=staying,
            coming=coming,
        )
    return False, words(
        phrase("本日%(count)s名、うち%(staying)s名が退庁していません"), count=len(came), staying=staying
    )
