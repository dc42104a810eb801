"""Our feeds, the word on a single desk, and the pings that spare others the waiting (protocol, section 4; RPDE 1.0)."""

import hashlib

from flask import Blueprint, Response, current_app, json, request

from federation import outbox
from federation.errors import BadInput, Forbidden
from federation.feed import WrittenPage
from federation.positions import asked
from federation.web.audience import Audience, AudiencedFlask, Kind, register
from federation.web.bearer import node_caller
from federation.web.clients import clients
from node.host import listings, untold
from node.host.listings import LISTINGS, OFFERS, visits_of
from node.views import town

SCOPE = "feed"
FOLLOWED = frozenset({"members", "visits", "reports", "catalogue", "emergencies"})
"""The feeds of others that this node follows, and may be pinged about."""
_FULL, _LAST = 3600, 8
"""RPDE 1.0: seconds a page with items, and the last page, may be kept by a public cache."""

public = Blueprint("listings", __name__)
private = Blueprint("feeds", __name__)


def register_feeds(app: AudiencedFlask) -> None:
    """Register the public listings and pings (which prove themselves), and the feeds for the registry and each home."""
    register(app, public, audience=Audience.PUBLIC, kind=Kind.API)
    register(app, private, audience=Audience.NODE, kind=Kind.API)


@public.get("/feeds/listings")
def listings_feed() -> Response:
    """Give a page of the listings to anyone."""
    return _page(LISTINGS, "/feeds/listings", private=False)


@private.get("/feeds/offers")
def offers_feed() -> Response:
    """Give a page of the offers to the registry, and to nobody else."""
    caller = node_caller(SCOPE)
    if caller.party.entity_id != town().config.registry:
        raise Forbidden("offers are for the registry alone")
    untold.tell(town().storage)
    return _page(OFFERS, "/feeds/offers", private=True)


@private.get("/feeds/visits")
def visits_feed() -> Response:
    """Give a home the bookings of its own people."""
    member = node_caller(SCOPE).member
    with town().storage.transaction() as db:
        home_id = town().members.row(db, member.entity_id).id
    return _page(visits_of(home_id), "/feeds/visits", private=True)


@public.get("/api/v1/desks/<uuid:desk>")
def desk_listing(desk: object) -> Response:
    """Give anyone what is published of one desk and its site."""
    with town().storage.transaction() as db:
        site, listed = listings.listing_of(db, str(desk), town().config)
    text = json.dumps({"site": site.wire(), "desk": listed.wire()}, ensure_ascii=False)
    return current_app.response_class(text, mimetype="application/json")


@public.post("/api/v1/pings")
def ping() -> Response:
    """Take note that another party's feed moved; it is read after this request. A client assertion proves who says so."""
    feed, here = request.form.get("feed", ""), town()
    if feed not in FOLLOWED:
        raise BadInput(f"feed {feed[:50]!r}", field="feed")
    party = clients().authenticate(request.form)
    with here.storage.transaction(write=True) as db:
        # One may be on its way already, having read too early; a third would only be read in vain.
        outbox.promise(db, "follow", party.entity_id, {"feed": feed}, now=here.clock(), most=2)
    return Response(status=202)


def _page(feed: str, path: str, *, private: bool) -> Response:
    epoch, after = asked(request.args.get("epoch"), request.args.get("afterChangeNumber"))
    url = town().config.entity_id + path
    with town().storage.transaction() as db:
        page = town().feeds.written(db, feed, url, epoch=epoch, after=after)
    response = current_app.response_class(page.text, mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-cache" if private else _public(page)
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
    return response.make_conditional(request)  # type: ignore[return-value]  # Werkzeug returns the same object.


def _public(page: WrittenPage) -> str:
    return f"public, max-age={_LAST if page.last else _FULL}"
