"""毎週くり返して予約する: one desk at one time in the coming weeks, each foreseen before anything is asked."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.messages.booking import HouseRules
from federation.web.tongue import say
from federation.wording import phrase
from node.home import series, weeks
from node.home.series import Foreseen
from node.views import answered, declared, offers, town, wished
from node.views.offers import Offer
from node.views.session import me, signed_in

blueprint = Blueprint("weekly", __name__)
"""For ``Audience.STAFF``."""

_USUAL = 4
"""So many weeks are shown first."""


@blueprint.get("/book/weekly")
def preview() -> Response:
    """Show what would come of each week; nothing is booked yet."""
    return _page(offers.find(request.args.get("desk", "")), {})


@blueprint.post("/book/weekly")
def book() -> Response:
    """Book every week that can be had, and go to the answers; what is missing is said on the same page."""
    offer, now = offers.find(request.form.get("desk", "")), town().clock()
    line, version = wished.read(request.form, now=now), request.form.get("consent_version", "")[:300]
    confirmed = declared.confirmed_at(offer, version)
    errors = {**line.errors, **declared.missing(request.form, confirmed=confirmed is not None), **_wrong_number()}
    if errors or line.when is None:
        return _page(offer, errors, HTTPStatus.BAD_REQUEST)
    if version and confirmed is None:
        declared.remember_consent(offer, version)
    wishes = weeks.repeated(offer.wish(me().id, line.when, request.form), _times(), now=now)
    series_id = declared.number(request.form.get("series", ""))
    series.ask(town(), series_id, wishes, signed_in(), now=now)
    return redirect(url_for("series.show", series_id=series_id), HTTPStatus.SEE_OTHER)


def _times() -> int:
    typed = request.values.get("weeks", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 3 else _USUAL


def _wrong_number() -> Mapping[str, str]:
    typed = request.values.get("weeks", str(_USUAL))
    if typed in {str(each) for each in range(2, weeks.MOST + 1)}:
        return {}
    return {"weeks": say(phrase("回数は2から%(most)sまでの間で選んでください。"), most=weeks.MOST)}


def _page(offer: Offer, errors: Mapping[str, str], status: int = HTTPStatus.OK) -> Response:
    now = town().clock()
    line, wrong = wished.read(request.values, now=now), _wrong_number()
    if wrong:
        status = HTTPStatus.BAD_REQUEST
    found: list[Foreseen] = []
    if line.when is not None and not wrong:
        wish = offer.wish(me().id, line.when, declared.chosen(request.values))
        found = list(series.foresee(town(), weeks.repeated(wish, _times(), now=now)))
    answers = [answered.foreseen(one) for one in found]
    page = render_template(
        "weekly.html",
        offer=offer,
        line=line,
        answers=answers,
        bookable=sum(each.is_bookable for each in answers),
        times=_times(),
        most=weeks.MOST,
        errors={**line.errors, **wrong, **errors},
        back=offer.link(line.when) if line.when else "",
        **declared.form("series", _rules(found)),
    )
    return make_response(page, status if not line.errors else HTTPStatus.BAD_REQUEST)


def _rules(found: list[Foreseen]) -> HouseRules | None:
    """Return the host's 利用上の注意 where the person has yet to confirm them."""
    return next((one.forecast.unconfirmed for one in found if one.forecast.unconfirmed is not None), None)
