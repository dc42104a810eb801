"""The booking API described by its own messages: OpenAPI 3.1 at ``/api/openapi.json``, for whoever builds another node."""

from flask import Blueprint, Response, current_app, json

from federation.messages.agreement import HomeSuspension, OfferedTerms, TermsAnswer
from federation.messages.booking import Availability, Booking, BookingChange, BookingRequest, Quote, QuoteRequest
from federation.messages.feed import FeedPage
from federation.messages.feedback import Feedback
from federation.messages.incident import Incident
from federation.messages.plan import RoomPlan
from federation.messages.trail import Trail
from federation.web.openapi import Operation, document
from node.views import town

MANAGE, FEED = "manage", "feed"
_BOOKING = "/api/v1/bookings/{uuid}"
_POSITION = {"epoch": "as `next` gave it", "afterChangeNumber": "as `next` gave it"}
_OLDER = {"before": "`older` of the answer before"}
_FREE = {"start": "RFC 3339 with an offset", "end": "RFC 3339 with an offset"}

_AGREEMENT = "/api/v1/agreements/{id}"

OPERATIONS = (
    Operation("post", "/api/v1/quotes", "Say what would happen if this were asked.", MANAGE, QuoteRequest, Quote),
    Operation(
        "put", _BOOKING, "Judge a booking once; a retry is answered with its state.", MANAGE, BookingRequest, Booking
    ),
    Operation("get", _BOOKING, "Return a booking's present state.", MANAGE, answers=Booking),
    Operation(
        "patch", _BOOKING, "Carry out one command on the version in If-Match, once.", MANAGE, BookingChange, Booking
    ),
    Operation(
        "delete", _BOOKING, "Cancel, as often as needed; 204 for one that was never here.", MANAGE, answers=Booking
    ),
    Operation(
        "put",
        _BOOKING + "/feedback",
        "Say how a visit was that is over, within 30 days; a second answer replaces the first.",
        MANAGE,
        Feedback,
        status=204,
    ),
    Operation(
        "get", _BOOKING + "/trail", "Return what the audit log has on the booking.", MANAGE, answers=Trail, query=_OLDER
    ),
    Operation(
        "put",
        "/api/v1/incidents/{uuid}",
        "Tell of an incident of a visit between the caller and this town, whole; entries are added once.",
        MANAGE,
        Incident,
        status=204,
    ),
    Operation(
        "get",
        "/api/v1/views",
        "Return who had the name or card of a visitor of the caller's before them.",
        MANAGE,
        answers=Trail,
        query={"sub": "the visitor's pairwise subject", **_OLDER},
    ),
    Operation(
        "get",
        "/api/v1/desks",
        "Return what is published of the desk with a printed code; 404 for all others alike.",
        MANAGE,
        query={"code": "as it was typed"},
    ),
    Operation("get", "/api/v1/desks/{id}", "Return what is published of a desk and its site."),
    Operation(
        "get",
        "/api/v1/desks/{id}/availability",
        "Return when a desk is free.",
        MANAGE,
        answers=Availability,
        query=_FREE,
    ),
    Operation("get", "/api/v1/desks/{id}/plan", "Return where the desks of its room stand.", MANAGE, answers=RoomPlan),
    Operation("get", "/api/v1/desks/{id}/plan/drawing", "Return the picture under that plan, as WebP.", MANAGE),
    Operation(
        "put",
        _AGREEMENT + "/offer",
        "Take in a host's newest signed terms for this home, and how they stand; an older word is 409.",
        MANAGE,
        OfferedTerms,
        status=204,
    ),
    Operation(
        "put",
        _AGREEMENT + "/answer",
        "Take in a home's signature of the newest version, or what does not match; another version is 409.",
        MANAGE,
        TermsAnswer,
        status=204,
    ),
    Operation(
        "put",
        _AGREEMENT + "/suspension",
        "Take in that a home lets none of its people come, or lets them again.",
        MANAGE,
        HomeSuspension,
        status=204,
    ),
    Operation("get", "/feeds/listings", "Sites and desks, for anyone.", answers=FeedPage, query=_POSITION),
    Operation(
        "get", "/feeds/offers", "Free times and agreements, for the registry.", FEED, answers=FeedPage, query=_POSITION
    ),
    Operation("get", "/feeds/visits", "The calling home's own bookings.", FEED, answers=FeedPage, query=_POSITION),
    Operation("post", "/api/v1/pings", "Tell that a feed of the caller's has moved.", status=202),
    Operation(
        "post", "/api/v1/events", "Push a security event token (RFC 8935) about a person of one's own.", status=202
    ),
)
"""Everything other towns may ask; a test holds it against the routes there are."""

blueprint = Blueprint("description", __name__)


@blueprint.get("/api/openapi.json")
def openapi() -> Response:
    """Give the document to anyone."""
    config = town().config
    described = document(title=f"{config.name} 立ち寄りデスク", server=config.entity_id, operations=OPERATIONS)
    response = current_app.response_class(json.dumps(described, ensure_ascii=False), mimetype="application/json")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
