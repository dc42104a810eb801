"""What anybody may read of this node as a party of the federation: its own entity configuration (OpenID Federation 1.1, 9)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, Response, current_app

from federation.entity import CONFIGURATION
from node import entity
from node.views import town

blueprint = Blueprint("trust", __name__)
_FRESH = timedelta(minutes=1)
_KEPT = "tachiyori-configuration"


@dataclass(frozen=True)
class _Signed:
    token: str
    at: datetime
    key: str


@blueprint.get(CONFIGURATION)
def configuration() -> Response:
    """Give out what this town says of itself, signed at most once a minute so that asking keeps no key busy."""
    here, now = town(), town().clock()
    kept: _Signed | None = current_app.extensions.get(_KEPT)
    key = here.keys.federation.current.kid
    if kept is None or kept.key != key or not kept.at <= now < kept.at + _FRESH:
        kept = _Signed(entity.configuration(here.config, here.keys, now), now, key)
        current_app.extensions[_KEPT] = kept
    response = current_app.response_class(kept.token, content_type="application/entity-statement+jwt")
    response.headers["Cache-Control"] = "public, max-age=60"
    return response
