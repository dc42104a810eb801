"""A public picture of another party, as it comes: what it really is, whoever decodes it finds out."""

from federation.address import Origin
from federation.errors import PeerAddressRefused
from federation.peer import Transport

BYTES = 1024 * 1024
"""A small picture of a place is some 40 kB."""
MEDIA = ("image/webp", "image/jpeg", "image/png")


def fetch(transport: Transport, url: str, audience: str) -> bytes:
    """Return the picture at ``url``, which must lie on the origin of ``audience``, an entity id.

    Raises ``PeerAddressRefused``, ``PeerUnreachable``, ``PeerRefused``, and ``PeerAnsweredBadly`` for what calls itself
    anything but a picture or is larger than ``BYTES``.
    """
    if str(Origin.of(url)) != audience:
        raise PeerAddressRefused(f"{url} is not on {audience}")
    answer = transport.send("GET", url, headers={"Accept": ", ".join(MEDIA)}, limit=BYTES)
    return answer.expect(200, media=MEDIA).body
