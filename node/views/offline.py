"""受付（回線が切れたとき）: a page that goes on when server and network are gone, and hands in what was recorded."""

import json

from flask import Blueprint, current_app, jsonify, make_response, render_template, request
from werkzeug.wrappers import Response

from federation.errors import Conflict, NotFound
from federation.messages.base import written
from federation.web import forms, headers
from federation.web.assets.manifest import STATIC
from federation.web.base import asset
from federation.web.tongue import say, zone
from federation.wording import phrase
from node.host import offline
from node.host.offline import HandedIn, Record, Taken
from node.views import town
from node.views.reception import chosen_site, viewer

blueprint = Blueprint("offline", __name__)
"""For ``Audience.RECEPTION``."""

_PAGE = "/reception/offline"
_NEEDED = ("tokens.css", "fonts.css", "app.css", "mark.svg", "own-400.woff2", "own-700.woff2", "passes.js", "door.js")
"""What the page is made of; the browser keeps it for the time without connection."""
_TO_FILM = ("camera.js", "qr.js", "qr-parts.js")
"""And that where the town allows cameras."""

_WHY = {
    Conflict: phrase("この予約は取り消されたか、すでに終わっています。"),
    NotFound: phrase("この予約の記録がありません。"),
}


@blueprint.get(_PAGE)
def page() -> Response:
    """Show the page. It names nobody, neither visitors nor who is at the keyboard, since the browser keeps it."""
    films = town().config.reception_camera
    shown = make_response(render_template("reception/offline.html", zone=zone(), may_film=films))
    return headers.may_film(shown) if films else shown


@blueprint.get(f"{_PAGE}.js")
def worker() -> Response:
    """Return the service worker that keeps the page and its parts, and nothing else."""
    script = STATIC / current_app.config["BUILT"]["worker.js"]
    needed = (*_NEEDED, *_TO_FILM) if town().config.reception_camera else _NEEDED
    parts = json.dumps([asset(name) for name in needed])
    text = script.read_text(encoding="utf-8").replace('["parts"]', parts)
    response = make_response(text)
    response.mimetype = "text/javascript"
    return response


@blueprint.get(f"{_PAGE}/list")
def take_along() -> Response:
    """Return today's list without a person, and the keys that tell a genuine pass."""
    now = town().clock()
    with town().storage.transaction() as db:
        expected = offline.taken(db, now, site_id=chosen_site() or None)
    keys = tuple(town().keys.passes.jwks()["keys"])
    token, issuer = forms.token(), town().config.entity_id
    return jsonify(Taken(as_of=now, issuer=issuer, keys=keys, expected=expected, form_token=token).wire())


@blueprint.post(f"{_PAGE}/records")
def hand_in() -> Response:
    """Write down what was recorded; each stands or falls by itself, in the order in which it happened."""
    handed, now = HandedIn.read(request.get_data()), town().clock()
    answers = [_answer(one) for one in sorted(handed.records, key=lambda one: one.at)]
    return jsonify({"as_of": written(now), "answers": answers})


def _answer(record: Record) -> dict[str, str]:
    with town().storage.transaction(write=True) as db:
        refused = offline.hand_in(db, record, by=viewer(), now=town().clock())
    if refused is None:
        return {"id": record.id, "verdict": "recorded"}
    return {"id": record.id, "verdict": "refused", "why": say(_WHY.get(type(refused), refused.words), **refused.facts)}
