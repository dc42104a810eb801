"""What a host proposes instead, each with the link that leads to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from urllib.parse import urlencode

from flask import url_for

from federation.messages.booking import Alternative
from node.home import wishes
from node.home.wishes import When


@dataclass(frozen=True)
class Proposal:
    """Something that would do instead, and where to go for it."""

    words: Alternative
    when: When
    link: str


def proposals(host: str, alternatives: Iterable[Alternative]) -> tuple[Proposal, ...]:
    """Give each alternative its link; alternatives are always of the same ``host`` (an entity id)."""
    found = []
    for other in alternatives:
        when = wishes.around(other.start.astimezone(UTC), other.end.astimezone(UTC))
        at = {"day": when.day.isoformat(), "slot": "hours", "from": when.from_clock, "to": when.to_clock}
        query = urlencode({"desk": f"{host}/desks/{other.desk}", **at})
        found.append(Proposal(other, when, f"{url_for('booking.confirm')}?{query}"))
    return tuple(found)
