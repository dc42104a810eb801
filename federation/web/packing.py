"""Compressed answers: built files as the build packed them, pages packed as they are made."""

import gzip

from flask import Response, request

STATIC = {"br": ".br", "gzip": ".gz"}
"""What built files are packed as beside themselves, the best first: the coding (RFC 9110, 8.4.1), and the ending."""
WORTH = 1_024
"""Bytes below which a packed answer would hardly be smaller."""
_LEVEL = 5
_OURS = frozenset({"same-origin", "none"})


def coding() -> str | None:
    """Return the best coding of a built file that this client takes (Accept-Encoding), or None."""
    return next((each for each in STATIC if request.accept_encodings.quality(each) > 0), None)


def pack(response: Response) -> Response:
    """Compress a page for a client that takes gzip, unless another site made the browser ask for it.

    Whoever can have a page repeat words of theirs beside a secret, and sees how long the answer is, guesses the secret
    letter by letter (the attack called BREACH). It needs requests from elsewhere, and browsers tell those
    (Fetch Metadata, Sec-Fetch-Site): they, and whoever says nothing, get the page as it is.
    """
    if response.mimetype != "text/html" or response.is_streamed or "Content-Encoding" in response.headers:
        return response
    response.vary.update(("Accept-Encoding", "Sec-Fetch-Site"))
    packs = request.accept_encodings.quality("gzip") > 0 and request.headers.get("Sec-Fetch-Site") in _OURS
    if packs and "ETag" not in response.headers and len(page := response.get_data()) >= WORTH:
        response.set_data(gzip.compress(page, _LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
