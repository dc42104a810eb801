"""Photos and plans of other towns' places, fetched and kept by us: a browser of ours asks nobody but us for a picture.

A photo's address comes from what the registry or the host told of a desk, never from a browser; it lies on the host's own origin,
and the host is a member. A drawing of a room is no public picture: it is asked for as a guest of its host. What comes is decoded and drawn anew; a host that has none is left alone for a while.
"""

import hashlib
import math
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from federation import depiction
from federation.errors import BadInput, NotFound, PeerAnsweredBadly, TachiyoriError, TooMany
from federation.messages.listing import DeskListing, SiteListing
from federation.messages.space import Photo
from node.home import places
from node.town import Town

Draw = Callable[[bytes], bytes]
"""Decodes what came and draws it anew, as WebP; raises ``BadInput`` for what is no picture, or too large a one."""

FOLDER = "borrowed"
MOST = 400
"""So many pictures are kept, the newest; one is some 40 kB."""
DRAWING_LASTS = 24 * 60 * 60.0
"""Seconds a drawing is kept: whether we are still its host's guests, the host says anew each day."""
AGAIN_AFTER = 600.0
"""Seconds after which a picture that did not come is asked for again."""
PATIENCE = 2.0
"""Seconds to wait while others are being fetched; the page goes without the picture then."""
_AT_ONCE = threading.BoundedSemaphore(2)
"""A silent host holds no more threads of ours than these."""


def first(site: SiteListing, desk: DeskListing) -> Photo | None:
    """Return the photo that stands for a desk: its own first one, or else its building's."""
    return next(iter((*desk.photos, *site.photos)), None)


def picture(town: Town, host: str, desk_id: str, draw: Draw) -> bytes:
    """Return the small picture of a desk that our people have seen, as WebP.

    Raises ``NotFound`` where the desk is unknown or has no photo, and what else keeps the picture from us.
    """
    with town.storage.transaction() as db:
        seen = places.find(db, host, desk_id)
    photo = first(seen.site, seen.desk) if seen else None
    if photo is None:
        raise NotFound("no photo of such a desk")
    url = photo.small.url
    if not url.startswith(f"{host}/photos/"):
        raise BadInput(f"{url} is not a photo of {host}")
    fetch = partial(depiction.fetch, town.peer.transport, url, host)
    return _borrowed(town, host, _file(town, url), lambda: draw(fetch()))


def drawing(town: Town, host: str, desk_id: str, digest: str, draw: Draw) -> bytes:
    """Return what lies under the plan of a desk's room, by the SHA-256 its host gave with the plan, as WebP.

    Raises ``NotFound`` where our people have not seen the desk, and what else keeps the drawing from us.
    """
    with town.storage.transaction() as db:
        if places.find(db, host, desk_id) is None:
            raise NotFound("no such desk")

    def fetch() -> bytes:
        data = town.hosts(host).drawing(desk_id)
        if hashlib.sha256(data).hexdigest() != digest:
            raise PeerAnsweredBadly(f"{host} drew another plan of {desk_id} meanwhile")
        return draw(data)

    return _borrowed(town, host, _file(town, f"{host} {desk_id} {digest}"), fetch, lasts=DRAWING_LASTS)


def _file(town: Town, what: str) -> Path:
    return town.config.data / FOLDER / f"{hashlib.sha256(what.encode()).hexdigest()}.webp"


def _borrowed(town: Town, host: str, file: Path, fetch: Callable[[], bytes], *, lasts: float = math.inf) -> bytes:
    kept = _kept(file, lasts)
    return kept if kept is not None else _fetched(town, host, file, fetch)


def _kept(file: Path, lasts: float) -> bytes | None:
    """Return a kept picture, or None; an empty file says that it did not come a while ago."""
    try:
        data, age = file.read_bytes(), time.time() - file.stat().st_mtime
    except FileNotFoundError:
        return None
    if not data and age < AGAIN_AFTER:
        raise NotFound("the picture did not come, and is not asked for again yet")
    return data if data and age < lasts else None


def _fetched(town: Town, host: str, file: Path, fetch: Callable[[], bytes]) -> bytes:
    # Says who is no member before any address is contacted.
    town.hosts(host)
    if not _AT_ONCE.acquire(timeout=PATIENCE):
        raise TooMany("pictures are being fetched")
    try:
        data = fetch()
    except TachiyoriError:
        _keep(file, b"")
        raise
    finally:
        _AT_ONCE.release()
    _keep(file, data)
    return data


def _keep(file: Path, data: bytes) -> None:
    """Put a picture in place at once, and let the oldest go where there are too many."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    unfinished = file.with_suffix(f".{threading.get_ident()}.new")
    unfinished.write_bytes(data)
    unfinished.replace(file)
    files = sorted(file.parent.glob("*.webp"), key=_written)
    for old in files[: max(0, len(files) - MOST)]:
        old.unlink(missing_ok=True)


def _written(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0.0
