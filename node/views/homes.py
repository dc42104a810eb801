"""所属する自治体を選択してください, at a desk: the way from its label to the visitor's own town.

The choice is made from the members table of this node, so it works while the registry is away. Where it leads is the
member's own verified word, and never an address that came with the request (RFC 9700, 4.11).
"""

from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation import municipality
from federation.errors import NotFound, TachiyoriError
from federation.members import Member
from federation.web import entrance
from federation.web.entrance import Entrance
from node.host import guide
from node.host.guide import DeskGuide
from node.views import town

blueprint = Blueprint("homes", __name__)
"""For ``Audience.PUBLIC``."""


@blueprint.get("/desks/<uuid:desk_id>/home")
def choose(desk_id: object) -> str:
    """Show the towns that take part; suspended and unknown ones are not offered."""
    return render_template("places/home.html", it=_desk(desk_id), choice=entrance.choice(offered()))


@blueprint.get("/desks/<uuid:desk_id>/home/<code>")
def go(desk_id: object, code: str) -> Response:
    """Go to a town's own booking page for this desk, and remember the town.

    A town that can be reached at several of its own addresses is asked for by number: ``via``.
    """
    found = _desk(desk_id)
    doors = doors_of(code)
    via = request.args.get("via", "" if len(doors) > 1 else "0")
    if via not in map(str, range(len(doors))):
        named = [(number, urlsplit(door).netloc) for number, door in enumerate(doors)]
        return make_response(render_template("places/doors.html", it=found, code=code, doors=named))
    response = redirect(f"{doors[int(via)]}/book?{urlencode({'desk': found.desk.url})}", HTTPStatus.SEE_OTHER)
    entrance.remember(response, code, int(via))
    return response


@blueprint.post("/desks/<uuid:desk_id>/home/forget")
def forget(desk_id: object) -> Response:
    """Forget the remembered town, as on a shared device."""
    response = redirect(url_for("homes.choose", desk_id=desk_id), HTTPStatus.SEE_OTHER)
    entrance.forget(response)
    return response


def _desk(desk_id: object) -> DeskGuide:
    with town().storage.transaction() as db:
        found = guide.of_desk(db, str(desk_id), town().config)
    if found.pool != "guests":
        raise NotFound("not a desk for guests")
    return found


def offered() -> list[Entrance]:
    """Return the towns somebody may come from: this one, and the members whose word holds now."""
    own = town().config
    with town().storage.transaction() as db:
        others = entrance.entrances(db, Member.expires > town().clock(), Member.code != own.code)
    return [Entrance(own.code, own.name, "", own.name_en), *others]


def doors_of(code: str) -> tuple[str, ...]:
    """Return the origins at which browsers reach a town, its entity id first; raise ``NotFound`` for who is no member now."""
    config = town().config
    if code == config.code:
        return (config.entity_id, *sorted(config.further_origins))
    try:
        member = town().members.by_code(municipality.parse(code), town().clock())
    except TachiyoriError as error:
        raise NotFound(f"no way to {code[:6]!r}: {error.code}") from None
    further = member.metadata.get("desk_exchange", {}).get("origins", [])
    return (member.entity_id, *map(str, further if isinstance(further, list) else ()))
