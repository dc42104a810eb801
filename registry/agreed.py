"""What the offers at one site leave of its desks' free times, and what a stay there costs."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from registry.offered import Figures, Offered
from registry.together import Gap

UNJUDGED = -1
"""Stands for the price of where nothing is judged: what is known of the site already holds."""


@dataclass(frozen=True)
class Agreed:
    """The offers that count at a site of this zone, as of now; None where the asker needs none, or all was judged before."""

    offers: Collection[Offered] | None
    zone: ZoneInfo
    now: datetime
    work_kind: str = ""

    def gaps(self, desk_id: str, room_id: str, start: datetime, end: datetime, length: timedelta) -> Iterator[Gap]:
        """Yield where in a desk's free time [start, end) a stay of ``length`` may begin and end."""
        if self.offers is None:
            yield Gap(desk_id, start, end)
            return
        for offer in self.offers:
            if offer.takes(room_id):
                for part in offer.stretches(start, end, length, self.zone, self.now):
                    yield Gap(desk_id, *part)

    def price(self, room_ids: Collection[str], start: datetime, end: datetime) -> int | None:
        """Return the lowest price of an offer that lets a stay be in all of these rooms; None where none does."""
        if self.offers is None:
            return UNJUDGED
        wish = Figures.of(start, end, self.zone, self.now, self.work_kind)
        lets = (one for one in self.offers if all(map(one.takes, room_ids)) and one.allows(wish))
        return min((one.price(end - start) for one in lets), default=None)

    def lowest(self, length: timedelta) -> int:
        """Return the lowest price of a stay of this length by any of them; nothing where none is needed."""
        return min((one.price(length) for one in self.offers), default=0) if self.offers is not None else 0
