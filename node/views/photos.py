"""写真: the pictures of published places, for anybody; those who look after the places see the others too."""

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from federation.errors import NotFound, TachiyoriError
from node.host import photos
from node.host.pictures import TYPE
from node.views import town
from node.views.session import me

blueprint = Blueprint("photos", __name__)
"""For ``Audience.PUBLIC``."""

_A_DAY = 24 * 60 * 60
"""What stands under an address never changes; but a photo that was taken away shall be gone from caches after a day."""


@blueprint.get("/photos/<digest>")
def picture(digest: str) -> AnyResponse:
    """Send one size of a photo. It is named by its contents (SHA-256), so a browser that has it never asks again."""
    kept = f"public, max-age={_A_DAY}, immutable"
    try:
        data = _data(digest)
    except NotFound:
        if not _looks_after_places():
            raise
        data, kept = _data(digest, unpublished=True), "private, no-store"
    response = Response(data, mimetype=TYPE)
    response.headers["Cache-Control"] = kept
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    response.set_etag(digest)
    return response.make_conditional(request)


def _data(digest: str, *, unpublished: bool = False) -> bytes:
    with town().storage.transaction() as db:
        return photos.data_of(db, digest, unpublished=unpublished)


def _looks_after_places() -> bool:
    try:
        return "site_admin" in me().role_names
    except TachiyoriError:
        return False
