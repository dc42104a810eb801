"""The front door: staff find their own town's entrance and go there."""

from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from federation.errors import NotFound
from federation.members import Member
from federation.web import entrance
from federation.web.entrance import Entrance
from registry import destinations
from registry.destinations import Destination
from registry.views import bureau

blueprint = Blueprint("entrance", __name__, template_folder="../templates")


def _towns() -> list[Entrance]:
    with bureau().storage.transaction() as db:
        return entrance.entrances(db)


def _destination(address: str) -> Destination | None:
    """Return the desk that a visitor carries along, or None; an address that is not a member's desk is dropped here."""
    if not address:
        return None
    with bureau().storage.transaction() as db:
        return destinations.find(db, address)


def _carried(destination: Destination | None) -> dict[str, str]:
    """Return what the links of the page carry on."""
    return {"desk": destination.address} if destination else {}


@blueprint.get("/")
def choose() -> str:
    """Show the towns: all when they are few, else those of a prefecture or those that match what was typed.

    ``desk`` is the address of the desk somebody came from; it goes along to the town they choose.
    """
    address = request.args.get("desk", "")
    destination = _destination(address)
    return render_template(
        "entrance.html",
        choice=entrance.choice(_towns()),
        destination=destination,
        astray=bool(address) and destination is None,
        carried=_carried(destination),
    )


@blueprint.get("/go/<code>")
def go(code: str) -> Response:
    """Go to a town's own node, and remember the choice in this browser for a year.

    The address is the registry's own word about the member, so this leads to members and nowhere else. With ``desk`` it
    leads to the town's booking page for that desk, which has to be a member's too.
    """
    address = request.args.get("desk", "")
    destination = _destination(address)
    with bureau().storage.transaction() as db:
        member = db.scalar(select(Member).where(Member.code == code, Member.status == "valid", ~Member.gone))
    if member is None or (address and destination is None):
        raise NotFound(f"no member {code[:10]}, or no member's desk")
    path = f"book?{urlencode(_carried(destination))}" if destination else ""
    response = redirect(f"{member.entity_id}/{path}", 303)
    entrance.remember(response, code)
    return response


@blueprint.post("/forget")
def forget() -> Response:
    """Forget the remembered town, as on a shared computer."""
    carried = _carried(_destination(request.form.get("desk", "")))
    response = redirect(f"/?{urlencode(carried)}" if carried else "/", 303)
    entrance.forget(response)
    return response
