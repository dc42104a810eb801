"""A desk that may be booked, found behind its own address, with the link to the page that books it."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from flask import url_for

from federation.errors import BadInput, NotFound, TachiyoriError
from federation.messages.listing import DeskListing, SiteListing
from node.home import places
from node.home.wishes import When
from node.views import town

_DESKS = "/desks/"


@dataclass(frozen=True)
class Offer:
    """One desk at one host, as it was last published."""

    host: str
    host_name: str
    site: SiteListing
    desk: DeskListing
    price_yen: int

    def link(self, when: When) -> str:
        """The address of this page for the same desk at a time."""
        at = {"day": when.day.isoformat(), "slot": "hours", "from": when.from_clock, "to": when.to_clock}
        return f"{url_for('booking.confirm')}?{urlencode({'desk': self.desk.url, **at})}"


def find(address: str) -> Offer:
    """Find the desk behind an address: as its host says now, or as it was last seen while the host is away.

    Raises ``NotFound`` for what is no desk's address, and ``NotAMember`` for a host the registry does not know.
    """
    try:
        parts = urlsplit(address[:600])
    except ValueError:
        raise NotFound(f"no address at all: {address[:80]!r}") from None
    host, desk_id = f"{parts.scheme}://{parts.netloc}", parts.path.removeprefix(_DESKS)
    if not parts.path.startswith(_DESKS) or not parts.netloc or "/" in desk_id or len(desk_id) != 36:
        raise NotFound(f"no desk's address: {address[:80]!r}")
    with town().storage.transaction() as db:
        seen = places.find(db, host, desk_id)
    try:
        site, desk = town().hosts(host).listing(desk_id)
    except (BadInput, NotFound):
        raise
    except TachiyoriError:
        if seen is None:
            raise
        site, desk = seen.site, seen.desk
    return Offer(host, seen.host_name if seen else _name(host), site, desk, seen.price_yen if seen else 0)


def _name(host: str) -> str:
    if host == town().config.entity_id:
        return town().config.name
    with town().storage.transaction() as db:
        return town().members.row(db, host).name
