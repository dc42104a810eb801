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


def proposals(
    host: str, alternatives: Iterable[Alternative], *, endpoint: str = "booking.confirm", **declared: str
) -> tuple[Proposal, ...]:
    """Give each alternative its link; alternatives are always of the same ``host`` (an entity id).

    ``endpoint`` is the page that books it, ``declared`` what was filled in there already.
    """
    found = []
    for other in alternatives:
        when = wishes.around(other.start.astimezone(UTC), other.end.astimezone(UTC))
        found.append(Proposal(other, when, address(endpoint, f"{host}/desks/{other.desk}", when, **declared)))
    return tuple(found)


def address(endpoint: str, desk_url: str, when: When, *, trip: str = "", **declared: str) -> str:
    """Return the address of a page about one desk at a time, with what was ``declared`` already, for a ``trip`` if it is of one."""
    path = url_for(endpoint, trip_id=trip) if trip else url_for(endpoint)
    at = {"day": when.day.isoformat(), "slot": "hours", "from": when.from_clock, "to": when.to_clock}
    return f"{path}?{urlencode({'desk': desk_url, **at, **declared})}"
