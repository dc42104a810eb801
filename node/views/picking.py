"""座席を選ぶ: the desks of one site that are free at the wished time, on its plan and as a list."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.errors import BadInput, NotFound, PeerRefused
from federation.messages.listing import SiteListing
from federation.messages.search import FreeDesk
from federation.remote_registry import RemoteRegistry
from node.home import search, seatplans
from node.views import borrowed, gathered, searching, town, wished
from node.views.session import me
from node.views.shown import said
from node.views.wished import Wished

blueprint = Blueprint("picking", __name__)
"""For ``Audience.STAFF``."""

_MOST_DESKS = 200
_AROUND_KM = 1.0
"""The site stands where its link says; a place is asked for by a thousandth of a degree, some 100 m."""
_SITES = "/sites/"


@blueprint.get("/search/desks")
def show() -> Response:
    """Show what is free at one site; ``site`` is its own address, ``near`` where it stands, ``room`` which of its rooms."""
    now, (host, site_id) = town().clock(), _site(request.args.get("site", ""))
    line = wished.read(request.args, now=now)
    found, errors = None, dict(line.errors)
    if not errors:
        try:
            registry = RemoteRegistry(town().peer, town().config.registry)
            around = {"limit": _MOST_DESKS, "radius_km": _AROUND_KM, "cursor": ""}
            query = wished.query(line, town().storage).model_copy(update=around)
            found = search.search(town(), registry.search, me(), query, now=now)
        except (BadInput, PeerRefused) as error:
            errors["near" if error.field in wished.PLACE else "day"] = wished.what(error)
    rooms = seatplans.rooms_of(found.results, host, site_id) if found else ()
    room = next((one for one in rooms if one.id == request.args.get("room")), rooms[0] if rooms else None)
    plan = seatplans.plan_of(town(), host, room) if room else None
    page = render_template(
        "search_desks.html",
        line=line,
        found=found,
        errors=errors,
        rooms=rooms,
        room=room,
        plan=plan,
        seal=borrowed.seal(host, room.results[0].desk.desk.id, plan.drawing) if plan and room else "",
        seats=seatplans.seats_of(plan, room) if plan and room else (),
        as_team=gathered.of_group,
        team=_to_team(line, room) if room else "",
        to_room=lambda one: f"?{urlencode([*_kept(line), ('site', request.args['site']), ('room', one.id)])}",
        to_desk=lambda one, desk_id="": confirmation(line, one.desk, desk_id),
        choices=wished,
        said=said,
        back=f"{url_for('staff.search')}?{urlencode(line.parameters)}",
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK)


def address(line: Wished, host: str, site: SiteListing, at: Mapping[str, str] | None = None) -> str:
    """Return the address of this page for a site of ``host``, at the wished time or another (day, slot, from, to)."""
    at = at or {}
    kept = [pair for pair in line.parameters if pair[0] not in {"near", *at}]
    where = [("site", f"{host}{_SITES}{site.id}"), ("near", f"{site.lat:.3f},{site.lon:.3f}")]
    return f"{url_for('picking.show')}?{urlencode([*where, *at.items(), *kept])}"


def _kept(line: Wished) -> list[tuple[str, str]]:
    return [pair for pair in line.parameters if pair[1]]


def confirmation(line: Wished, it: FreeDesk, desk_id: str = "") -> str:
    """Return the address at which a desk that was found is booked for the time it is free as wished.

    ``desk_id`` is another of its group, where desks together were found.
    """
    when = wished.when_of(line, it)
    if when is None:
        raise NotFound("no time to book for")
    at = {"day": when.day.isoformat(), "slot": when.slot, "from": when.from_clock, "to": when.to_clock}
    desk = searching.beside(it.desk.url, desk_id) if desk_id else it.desk.url
    return f"{url_for('booking.confirm')}?{urlencode({'desk': desk, **at})}"


def _to_team(line: Wished, room: seatplans.Room) -> str:
    """Return the form that books several of a room's desks at once; empty where fewer than two may be booked.

    Gaps lie apart from each other, so they are booked one by one; a group has a way of its own.
    """
    if line.gap or line.people > 1:
        return ""
    desks = [one.desk.desk for one in room.results if not one.reasons and one.desk.desk.kind == "desk"]
    return gathered.address([desks[0].url], line.when) if len(desks) > 1 and line.when else ""


def _site(text: str) -> tuple[str, str]:
    """Tell a site's host and id by its address; raise ``NotFound`` for what is none."""
    try:
        parts = urlsplit(text[:600])
    except ValueError:
        raise NotFound(f"no address at all: {text[:80]!r}") from None
    site_id = parts.path.removeprefix(_SITES)
    if not parts.netloc or not parts.path.startswith(_SITES) or len(site_id) != 36:
        raise NotFound(f"no site's address: {text[:80]!r}")
    return f"{parts.scheme}://{parts.netloc}", site_id
