"""What another town's node asks of our audit log: who saw its own people's names, and what became of its own bookings."""

import re

from flask import Blueprint, Response, current_app, request

from federation.errors import BadInput
from federation.messages.trail import Trail
from federation.web.bearer import node_caller
from node.host import trails
from node.people import allowances
from node.views import town
from node.views.calling import deciding, home, logged

MANAGE = "manage"
"""The scope of a node token that reaches the home's own visitors and bookings."""
ASKED_A_MINUTE = 120
"""So many pages of the log one home may ask for."""
_SUBJECT = re.compile("[A-Za-z0-9_-]{16,128}")

blueprint = Blueprint("tracing", __name__, url_prefix="/api/v1")
"""For ``Audience.NODE``."""


@blueprint.get("/views")
def views() -> Response:
    """Tell a home who had its visitor's name or card before them; a subject that is not its own has nothing."""
    caller, now = node_caller(MANAGE), town().clock()
    asking, sub, before = home(caller), request.args.get("sub", ""), _before()
    if not _SUBJECT.fullmatch(sub):
        raise BadInput("not a subject", field="sub")
    with logged("views.asked", caller, sub) as line, deciding(line) as db:
        allowances.spend(db, "trail", asking.entity_id, ASKED_A_MINUTE, now=now)
        return _answer(trails.views(db, asking, sub, before=before))


@blueprint.get("/bookings/<uuid:uuid>/trail")
def trail(uuid: object) -> Response:
    """Tell a home what our log says of a booking of its own."""
    caller, now = node_caller(MANAGE), town().clock()
    asking, before = home(caller), _before()
    with logged("trail.asked", caller, uuid) as line, deciding(line) as db:
        allowances.spend(db, "trail", asking.entity_id, ASKED_A_MINUTE, now=now)
        return _answer(trails.of_booking(db, asking, str(uuid), before=before))


def _before() -> int | None:
    typed = request.args.get("before", "")
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) < 17):
        raise BadInput("not a number of a line", field="before")
    return int(typed)


def _answer(found: Trail) -> Response:
    response = current_app.response_class(found.text(), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
