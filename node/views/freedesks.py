"""Which desks around a given one are free at a wished time, and ours to book: for pages that let one choose among them."""

from collections.abc import Sequence

from federation.errors import BadInput, PeerRefused
from federation.messages.listing import DeskListing
from node.home import search, seatplans
from node.views import searching, town, wished
from node.views.offers import Offer
from node.views.session import me
from node.views.wished import Wished

_MOST_DESKS = 200
_AROUND_KM = 1.0


def of_room(at: Offer, line: Wished) -> Sequence[DeskListing]:
    """Return the free desks of the room; nothing where nobody answers, or the time cannot be read."""
    return [desk for desk in of_site(at, line) if desk.room_id == at.desk.room_id]


def of_site(at: Offer, line: Wished) -> Sequence[DeskListing]:
    """Return the free desks of the site; nothing where nobody answers, or the time cannot be read."""
    if line.errors:
        return []
    site = at.site
    here = {"lat": round(site.lat, 3), "lon": round(site.lon, 3), "radius_km": _AROUND_KM, "limit": _MOST_DESKS}
    anything = {"station": None, "municipality": None, "minutes": None, "adjacent": None, "cursor": ""}
    try:
        query = wished.query(line, town().storage).model_copy(update=here | anything)
        found = search.search(town(), searching.registry().search, me(), query, now=town().clock())
    except (BadInput, PeerRefused):
        return []
    rooms = seatplans.rooms_of(found.results, at.host, site.id)
    return [one.desk.desk for room in rooms for one in room.results if not one.reasons and one.desk.desk.kind == "desk"]
