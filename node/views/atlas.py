"""地図: the search's results by site, on a map drawn from boundaries of our own origin."""

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from federation.errors import NotFound
from node.home import boundaries
from node.home.search import Result
from node.views import picking, searching, town, wished
from node.views.session import me
from node.views.shown import said
from node.views.wished import Wished

blueprint = Blueprint("atlas", __name__)
"""For ``Audience.STAFF``."""

MOST_DESKS = 200
"""As many as the registry tells in one answer."""


@dataclass(frozen=True)
class Spot:
    """A site with what was found there: those desks this person may book first, in the order of the answer."""

    results: tuple[Result, ...]

    @property
    def first(self) -> Result:
        """The desk that speaks for the site: one that may be booked, if there is any."""
        return next((one for one in self.results if not one.reasons), self.results[0])

    @property
    def desks(self) -> int:
        """How many desks this person may book; of groups that sit together, all of them."""
        ours = (one.desk for one in self.results if not one.reasons)
        return len({desk_id for it in ours for desk_id in (it.desk.id, *(each.id for each in it.together))})


@blueprint.get("/search/map")
def show() -> Response:
    """Show at which sites desks are free there and then: a list, and beside it a map for those whose browser draws one."""
    now, person = town().clock(), me()
    line = wished.read(request.args, now=now, near=person.work_station or person.home_station)
    answer = searching.find(line, person, most=MOST_DESKS)
    found, errors = answer.results, answer.errors
    response = make_response(
        render_template(
            "search_map.html",
            line=line,
            found=found,
            spots=_spots(found.results) if found else [],
            errors=errors,
            choices=wished,
            said=said,
            to_spot=lambda spot: _to_spot(line, spot),
            tiles=town().config.map_tiles,
            attribution=town().config.map_attribution,
            bounded=boundaries.find(town().config.data) is not None,
        ),
        HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK,
    )
    if town().config.map_tiles:
        response.headers["Content-Security-Policy"] = _policy_with_tiles(town().config.map_tiles)
    return response


@blueprint.get("/search/map/boundaries")
def land() -> AnyResponse:
    """Send the boundaries as GeoJSON, compressed for whoever takes that; 304 while they are as the browser has them."""
    kept = boundaries.find(town().config.data)
    if kept is None:
        raise NotFound("no boundaries were imported")
    packs = request.accept_encodings.quality("gzip") > 0
    response = Response(kept.packed if packs else gzip.decompress(kept.packed), mimetype="application/geo+json")
    if packs:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Accept-Encoding, Cookie"
    response.set_etag(f"{kept.tag}-gzip" if packs else kept.tag)
    return response.make_conditional(request)


def _spots(results: Iterable[Result]) -> list[Spot]:
    """Gather desks by their site; the nearest site stays first."""
    by_site: dict[tuple[str, str], list[Result]] = {}
    for one in results:
        by_site.setdefault((one.desk.host.entity_id, one.desk.site.id), []).append(one)
    return [Spot(tuple(found)) for found in by_site.values()]


def _to_spot(line: Wished, spot: Spot) -> str | None:
    """Lead to the one desk's confirmation, or to the list of the site's desks; nowhere where none is ours to book."""
    if line.when is None or not spot.desks:
        return None
    if spot.desks == 1:
        return picking.confirmation(line, spot.first.desk)
    return picking.address(line, spot.first.desk.host.entity_id, spot.first.desk.site)


def _policy_with_tiles(tiles: str) -> str:
    """Allow pictures from the origin of the tiles as well, on this page alone (CSP 3, img-src)."""
    parts = urlsplit(tiles)
    return f"{current_app.config['CONTENT_SECURITY_POLICY']}; img-src 'self' {parts.scheme}://{parts.netloc}"
