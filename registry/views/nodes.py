"""What member nodes ask for as themselves: the members feed, the catalogue, and the search."""

from datetime import datetime
from typing import cast

from flask import Blueprint, Response, current_app, json, request

from federation.errors import BadInput, PlaceUnknown
from federation.messages.search import SearchQuery
from federation.positions import asked
from federation.web.bearer import node_caller
from registry import demand, emergencies, reading, search, wanted, week
from registry.membership import anchor, statements
from registry.reach import Asked, asker_of
from registry.views import bureau

blueprint = Blueprint("nodes", __name__)
_LISTS = frozenset({"privacy", "features", "security", "accessibility", "lines"})
_NUMBERS = frozenset({"lat", "lon", "radius_km", "limit", "minutes", "adjacent", "max_price_yen"})
_OTHER_NAMES = {"from": "start", "to": "end"}


@blueprint.get(anchor.MEMBERS_FEED)
def members() -> Response:
    """Give out a page of the members feed; it says nothing secret, but only members need it."""
    node_caller("feed")
    return _page("members", anchor.MEMBERS_FEED)


@blueprint.get(anchor.CATALOGUE_FEED)
def catalogue() -> Response:
    """Give out a page of all members' public listings."""
    node_caller("feed")
    return _page("catalogue", anchor.CATALOGUE_FEED)


@blueprint.get(anchor.EMERGENCIES_FEED)
def declared() -> Response:
    """Give out a page of what members have declared in a disaster, to every member."""
    node_caller("feed")
    return _page(emergencies.FEED, anchor.EMERGENCIES_FEED)


@blueprint.get(anchor.HARVEST)
def harvest() -> Response:
    """Tell a member how its own feeds are read, and what of them could not be taken in."""
    member = node_caller("feed").member
    with bureau().storage.transaction() as db:
        report = reading.report(db, statements.get_member(db, member.entity_id).id, bureau().clock())
    response = current_app.response_class(report.text(), mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@blueprint.get(anchor.DEMAND)
def unmet() -> Response:
    """Tell a member what was searched in vain near its own sites, and nothing of who searched."""
    member = node_caller("feed").member
    with bureau().storage.transaction() as db:
        report = wanted.near(db, statements.get_member(db, member.entity_id).id, bureau().clock())
    response = current_app.response_class(report.text(), mimetype="application/json")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def _page(feed: str, path: str) -> Response:
    epoch, after = asked(request.args.get("epoch"), request.args.get("afterChangeNumber"))
    with bureau().storage.transaction() as db:
        page = bureau().feeds.written(db, feed, bureau().config.entity_id + path, epoch=epoch, after=after)
    response = current_app.response_class(page.text, mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get(anchor.SEARCH)
def find() -> Response:
    """Search for free desks as the town the token names; one that finds nothing is counted, without a person."""
    member, query, now = node_caller("search").member, _query(), bureau().clock()
    try:
        with bureau().storage.transaction() as db:
            asker = asker_of(db, member.entity_id, member.code)
            answer = search.find(db, asker, query, now)
            asked = Asked(asker, query, answer.place, now)
            vain = demand.understood(db, asked, answer.near_misses) if answer.in_vain else None
    except PlaceUnknown as unknown:
        if unknown.field == "station" and str(unknown.facts.get("place", "")).strip():
            _count(demand.NO_SUCH_NAME, query, member.code, now)
        raise
    if vain:
        _count(vain, query, member.code, now)
    return current_app.response_class(answer.text, mimetype="application/json")


def _count(vain: demand.InVain, query: SearchQuery, code: str, now: datetime) -> None:
    with bureau().storage.transaction(write=True) as db:
        demand.note(db, vain, query, code, now)


@blueprint.get(anchor.WEEK)
def at_a_glance() -> Response:
    """Count the free desks of each half day of a week, for the town the token names; what is in vain is not counted."""
    member, query, now = node_caller("search").member, _query(), bureau().clock()
    with bureau().storage.transaction() as db:
        asker = asker_of(db, member.entity_id, member.code)
        answer = week.at_a_glance(db, asker, query, now)
    return current_app.response_class(answer.text(), mimetype="application/json")


def _query() -> SearchQuery:
    """Read the query's parameters: lists by repetition or commas, numbers as numbers, unknown ones ignored."""
    given: dict[str, object] = {}
    for name in request.args:
        known = _OTHER_NAMES.get(name, name)
        if known not in SearchQuery.model_fields or not request.args[name]:
            continue
        given[known] = _value(known, request.args.getlist(name))
    return SearchQuery.read(json.dumps(given))


def _value(name: str, texts: list[str]) -> object:
    if name in _LISTS:
        return [word for text in texts for word in text.split(",") if word]
    if len(texts) > 1:
        raise BadInput(f"{name} stands twice", field=name)
    if name not in _NUMBERS:
        return texts[0]
    try:
        return cast(object, json.loads(texts[0]))
    except (ValueError, RecursionError):
        raise BadInput(f"{name} is no number", field=name) from None
