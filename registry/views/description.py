"""The registry's API described by its own messages: OpenAPI 3.1 at ``/api/openapi.json``, for whoever builds a node."""

from flask import Blueprint, Response, jsonify

from federation import entity
from federation.messages.demand import DemandReport
from federation.messages.enrolment import EnrolmentAnswer, EnrolmentRequest
from federation.messages.feed import FeedPage
from federation.messages.harvest import HarvestReport
from federation.messages.search import SearchAnswer
from federation.messages.week import WeekAnswer
from federation.web.openapi import Operation, document
from registry.membership import anchor
from registry.views import bureau

blueprint = Blueprint("description", __name__)

_FEED = {"epoch": "The epoch from the last page's next.", "afterChangeNumber": "The number from the last page's next."}
_SEARCH = {
    "start": "Beginning of the wish, RFC 3339.",
    "end": "End of the wish, RFC 3339; the desk is free during all of [start, end).",
    "lat": "Latitude, rounded to a thousandth of a degree; goes with lon.",
    "lon": "Longitude.",
    "station": "A station's name, instead of coordinates.",
    "municipality": "A 団体コード, instead of coordinates.",
    "radius_km": "How far away at most; 50 if not said.",
    "privacy": "private, semi_private or open; may be repeated.",
    "features": "What the desk must have; may be repeated.",
    "security": "What the room's security sheet must say plainly; may be repeated.",
    "accessibility": "Viewpoints from which the desk must be known to be accessible; may be repeated.",
    "minutes": "Any gap of so many minutes between start and end will do; each desk's first is told as fits_from.",
    "adjacent": "So many desks that sit together, free at the same time; each group is one result.",
    "max_price_yen": "What the whole stay may cost at most.",
    "lines": "Railway lines; sites near a station of one of them come first; may be repeated.",
    "cursor": "The cursor of the last page.",
    "limit": "Desks on a page, up to 200; 50 if not said.",
}
_WEEK = {
    **_SEARCH,
    "start": "Beginning of the first day, RFC 3339.",
    "end": "End of the last day, RFC 3339; at most seven days are touched.",
    "limit": "Sites, up to 60; 50 if not said. The cursor is ignored.",
}
OPERATIONS = (
    Operation("get", anchor.SEARCH, "Find free desks that the asking town may see, nearest first.", scope="search",
              answers=SearchAnswer, query=_SEARCH),
    Operation("get", anchor.WEEK, "Count the desks free in each half day at the sites the asking town may see.",
              scope="search", answers=WeekAnswer, query=_WEEK),
    Operation("get", anchor.MEMBERS_FEED, "Read who the members are (RPDE 1.0).", scope="feed", answers=FeedPage,
              query=_FEED),
    Operation("get", anchor.CATALOGUE_FEED, "Read all members' public listings (RPDE 1.0).", scope="feed",
              answers=FeedPage, query=_FEED),
    Operation("get", anchor.EMERGENCIES_FEED, "Read what members opened or closed in a disaster (RPDE 1.0).", scope="feed",
              answers=FeedPage, query=_FEED),
    Operation("get", anchor.HARVEST, "Read how the registry reads the caller's own feeds, and what it could not take in.",
              scope="feed", answers=HarvestReport),
    Operation("get", anchor.DEMAND, "Read what was searched in vain near the caller's own sites: counts from three up.",
              scope="feed", answers=DemandReport),
    Operation("post", anchor.ENROLMENT, "Ask to become a member.", takes=EnrolmentRequest, answers=EnrolmentAnswer,
              status=202),
    Operation("post", anchor.PINGS, "Say that a feed of the caller's has moved; a client assertion proves who calls.",
              status=202),
    Operation("post", anchor.CONFIGURATIONS, "Send the caller's own new entity configuration.", status=204),
    Operation("get", entity.FETCH, "Fetch the statement about a member (OpenID Federation 1.1, 8.1).",
              query={"sub": "The member's entity id."}),
    Operation("get", entity.STATUS, "Fetch the newest status list."),
)  # fmt: skip


@blueprint.get("/api/openapi.json")
def openapi() -> Response:
    """Give the description to anyone; it may be kept for an hour."""
    config = bureau().config
    answer = jsonify(
        document(title=f"{config.name_en or config.name}: API", server=config.entity_id, operations=OPERATIONS)
    )
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer
