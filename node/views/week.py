"""週の空き状況: the search's other view, sites and half days as ○△×."""

from dataclasses import replace
from datetime import date
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation.errors import BadInput, PeerRefused
from federation.remote_registry import RemoteRegistry
from node.home import week
from node.home.week import Cell, Row
from node.home.wishes import around
from node.views import picking, searching, town, wished
from node.views.session import me
from node.views.shown import said
from node.views.wished import Wished

blueprint = Blueprint("week", __name__)
"""For ``Audience.STAFF``."""


@blueprint.get("/search/week")
def show() -> Response:
    """Show how many desks are free in each half day from the wished day on."""
    now, person = town().clock(), me()
    line = wished.read(request.args, now=now, near=person.work_station or person.home_station)
    whole = wished.read(_whole_day(line), now=now)
    found, errors = None, dict(whole.errors)
    if whole.when is not None:
        try:
            registry = RemoteRegistry(town().peer, town().config.registry)
            query = wished.query(whole, town().storage)
            then = wished.query(replace(whole, near=whole.then), town().storage) if whole.then else None
            found = week.at_a_glance(town(), registry.week, person, query, whole.when.day, now=now, then=then)
        except (BadInput, PeerRefused) as error:
            errors[searching.field_of(error.field)] = wished.what(error)
    page = render_template(
        "search_week.html",
        line=line,
        found=found,
        errors=errors,
        choices=wished,
        said=said,
        **_ways(line, whole.when.day if whole.when else None),
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK)


def _whole_day(line: Wished) -> MultiDict[str, str]:
    """Return the same wish for all of its day: here a time of day that has passed, or cannot be read, is no mistake."""
    whole = {"day": line.day, "slot": "hours", "from": "00:00", "to": "24:00"}
    return MultiDict([*(pair for pair in line.parameters if pair[0] not in whole), *whole.items()])


def _ways(line: Wished, first: date | None) -> dict[str, object]:
    """Return where the page's cells and its two buttons lead, for a week that begins with ``first``."""
    now = town().clock()
    earlier, later = (week.before(first, now=now), week.after(first, now=now)) if first else (None, None)
    return {
        "to_cell": lambda row, cell: _to_cell(line, row, cell),
        "earlier": _from(line, earlier) if earlier else None,
        "later": _from(line, later) if later else None,
    }


def _from(line: Wished, day: date) -> str:
    kept = [pair for pair in line.parameters if pair[0] != "day"]
    return f"{url_for('week.show')}?{urlencode([*kept, ('day', day.isoformat())])}"


def _to_cell(line: Wished, row: Row, cell: Cell) -> str | None:
    """Lead to the one desk's confirmation, or to the site's free desks of that half day; nowhere where none is ours."""
    if not cell.desks or cell.start is None or cell.end is None:
        return None
    when = around(cell.start, cell.end)
    at = {"day": when.day.isoformat(), "slot": "hours", "from": when.from_clock, "to": when.to_clock}
    if cell.desk_id and not line.gap:
        desk = f"{row.found.host.entity_id}/desks/{cell.desk_id}"
        return f"{url_for('booking.confirm')}?{urlencode({'desk': desk, **at})}"
    return picking.address(line, row.found.host.entity_id, row.found.site, at)
