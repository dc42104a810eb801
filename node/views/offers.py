"""A desk that may be booked, found behind its own address, with the link to the page that books it."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from federation.errors import BadInput, NotFound, TachiyoriError
from federation.messages.listing import DeskListing, SiteListing
from node.home import places
from node.home.trips import Wish
from node.home.wishes import When
from node.views import town
from node.views.proposing import address
from node.views.session import signed_in

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
        return address("booking.confirm", self.desk.url, when)

    def wish(self, staff_id: int, when: When, declared: Mapping[str, str]) -> Wish:
        """Return the wish of a person for this desk at a time; ``declared`` are a form's work_kind, confidentiality and
        consent_version.
        """
        return Wish(
            staff_id=staff_id,
            host=self.host,
            host_name=self.host_name,
            site=self.site,
            desk=self.desk,
            start=when.start,
            end=when.end,
            work_kind=declared["work_kind"],
            confidentiality=declared["confidentiality"],
            consent_version=declared.get("consent_version", "")[:300],
            price_yen=self.price_yen,
            acr=signed_in().acr,
        )


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
