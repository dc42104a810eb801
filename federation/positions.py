"""Where a reader of a feed stands: the epoch and the change number that addresses carry."""

from urllib.parse import parse_qs, urlsplit

from federation.errors import BadInput


def position(url: str) -> tuple[str | None, int | None]:
    """Return epoch and change number as a page's address names them; None for what it does not, or not rightly."""
    place = parse_qs(urlsplit(url).query)
    (epoch,), (after,) = place.get("epoch", [None])[:1], place.get("afterChangeNumber", [""])[:1]
    return epoch, int(after) if _is_number(after) else None


def asked(epoch: str | None, after: str | None) -> tuple[str | None, int | None]:
    """Read the position that a request names by ``epoch`` and ``afterChangeNumber``; None for what it leaves out.

    Raises ``BadInput`` for what no feed has given.
    """
    if after is None and epoch is None:
        return None, None
    if after is None or not _is_number(after):
        raise BadInput("not a position this feed gave", field="afterChangeNumber")
    return epoch, int(after)


def own(url: str, epoch: str | None, after: int | None) -> str:
    """Return the address of the page that was asked for, as it was asked for."""
    if after is None and epoch is None:
        return url
    return address(url, epoch or "", after or 0) if epoch is not None else f"{url}?afterChangeNumber={after}"


def address(url: str, epoch: str, after: int) -> str:
    """Return the address of the page after change number ``after``."""
    return f"{url}?epoch={epoch}&afterChangeNumber={after}"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18
