"""写真 of other towns' desks, from our own origin: on the cards of a search, and on the confirmation."""

from flask import Blueprint, Response, request

from federation.errors import TachiyoriError
from node.home import borrowed
from node.host import pictures
from node.views import town

blueprint = Blueprint("borrowed", __name__)
"""For ``Audience.STAFF``."""

PHOTOS_ON = 4
"""So many cards of a list show a photo: a first visit stays within its requests."""
_A_DAY = 24 * 60 * 60
_NOTHING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><path fill="#f1f1f4" d="M0 0h4v3H0z"/></svg>'


@blueprint.get("/search/photo")
def picture() -> Response:
    """Send the photo of a desk (``host``, ``desk``); an empty field in its place where it does not come."""
    host, desk_id = request.args.get("host", "")[:300], request.args.get("desk", "")[:36]
    try:
        data = borrowed.picture(town(), host, desk_id, _drawn)
    except TachiyoriError:
        response = Response(_NOTHING, mimetype="image/svg+xml")
    else:
        response = Response(data, mimetype=pictures.TYPE)
        response.headers["Cache-Control"] = f"private, max-age={_A_DAY}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return response


def _drawn(content: bytes) -> bytes:
    return pictures.read(content).small.data
