"""What another town's node asks of our audit log, of its own people and bookings, and what it tells of incidents."""

import re

from flask import Blueprint, Response, current_app, request

from federation.errors import BadInput
from federation.messages.incident import Incident
from federation.messages.trail import Trail
from federation.web.bearer import node_caller
from node import incidents
from node.home import trails as home_trails
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
    with logged(event="views.asked", caller=caller, uuid=sub) as line, deciding(line) as db:
        allowances.spend(db, "trail", asking.entity_id, ASKED_A_MINUTE, now=now)
        return _answer(trails.views(db, asking, sub, before=before))


@blueprint.get("/bookings/<uuid:uuid>/trail")
def trail(uuid: object) -> Response:
    """Tell a home what our log says of a booking of its own."""
    caller, now = node_caller(MANAGE), town().clock()
    asking, before = home(caller), _before()
    with logged(event="trail.asked", caller=caller, uuid=uuid) as line, deciding(line) as db:
        allowances.spend(db, "trail", asking.entity_id, ASKED_A_MINUTE, now=now)
        # The other town is the host of the visit, or its home.
        visited = home_trails.for_host(db, asking.entity_id, str(uuid), before=before)
        return _answer(visited or trails.of_booking(db, asking, str(uuid), before=before))


@blueprint.put("/incidents/<uuid:uuid>")
def incident(uuid: object) -> Response:
    """Take in what the other town tells of an incident of a visit between us."""
    caller, now = node_caller(MANAGE), town().clock()
    with logged(event="incident-heard", caller=caller, uuid=uuid) as line:
        asking, said = home(caller), Incident.read(request.get_data())
        with deciding(line) as db:
            allowances.spend(db, "incident", asking.entity_id, ASKED_A_MINUTE, now=now)
            name = town().members.row(db, asking.entity_id).name
            incidents.take(db, asking.entity_id, name, str(uuid), said, now=now)
    return Response(status=204)


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
