"""写真 and 配置図 of other towns, from our own origin: on the cards of a search, on the confirmation, and under a plan."""

import hashlib
import hmac
import re
from collections.abc import Callable

from flask import Blueprint, Response, request

from federation.errors import NotFound, TachiyoriError
from node.home import borrowed
from node.host import pictures
from node.views import session, town

blueprint = Blueprint("borrowed", __name__)
"""For ``Audience.STAFF``."""

_DIGEST = re.compile("[0-9a-f]{64}")
_A_DAY = 24 * 60 * 60
_NOTHING = '<svg xmlns="http://www.w3.org/2000/svg"/>'
_EMPTY_FIELD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><path fill="#f1f1f4" d="M0 0h4v3H0z"/></svg>'


@blueprint.get("/search/photo")
def picture() -> Response:
    """Send the photo of a desk (``host``, ``desk``); an empty field in its place where it does not come."""
    host, desk_id = request.args.get("host", "")[:300], request.args.get("desk", "")[:36]
    return _sent(lambda: borrowed.picture(town(), host, desk_id, _small), _EMPTY_FIELD)


@blueprint.get("/search/plan")
def drawing() -> Response:
    """Send what lies under the plan of a desk's room (``host``, ``desk``, ``drawing``, ``seal``); nothing, where it does not come."""
    host, desk_id = request.args.get("host", "")[:300], request.args.get("desk", "")[:36]
    digest = request.args.get("drawing", "")
    if not _DIGEST.fullmatch(digest) or not hmac.compare_digest(
        seal(host, desk_id, digest), request.args.get("seal", "")
    ):
        raise NotFound("no such drawing")
    return _sent(lambda: borrowed.drawing(town(), host, desk_id, digest, _large), _NOTHING)


def seal(host: str, desk_id: str, digest: str) -> str:
    """Return what shows that a plan of ours named this drawing: whoever asks for another one troubles no host with it."""
    named = f"drawing {host} {desk_id} {digest}".encode()
    return hmac.new(session.secret().encode(), named, hashlib.sha256).hexdigest()[:32]


def _sent(get: Callable[[], bytes], otherwise: str) -> Response:
    try:
        data = get()
    except TachiyoriError:
        response = Response(otherwise, mimetype="image/svg+xml")
    else:
        response = Response(data, mimetype=pictures.TYPE)
        response.headers["Cache-Control"] = f"private, max-age={_A_DAY}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return response


def _small(content: bytes) -> bytes:
    return pictures.read(content).small.data


def _large(content: bytes) -> bytes:
    return pictures.read(content).large.data
