"""同僚のために予約する: one desk at one time for a colleague, who is told and may cancel."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.errors import TachiyoriError
from federation.web import markdown
from federation.web.tongue import say
from federation.wording import phrase
from node.home import behalf, forecasts
from node.home.forecasts import Forecast
from node.models.staff import Staff
from node.views import declared, offers, town, wished
from node.views.offers import Offer
from node.views.proposing import proposals
from node.views.session import me
from node.views.shown import CONFIDENTIALITY, said

blueprint = Blueprint("behalf", __name__)
"""For ``Audience.STAFF``."""

_MISSING = phrase("職員番号を入力してください。")
_NOBODY = phrase(
    "この職員番号の方の予約はできません。番号を確かめてください。予約できるのは、同じ所属の方です（所属長と人事担当は全員）。"
)


def nobody(number: str) -> str:
    """Say why a 職員番号 as it was typed is nobody's for whom one may book."""
    return say(_NOBODY if number else _MISSING)


@blueprint.get("/book/colleague")
def ask() -> Response:
    """Ask for whom, and for what is declared with it."""
    return _page(offers.find(request.args.get("desk", "")), {})


@blueprint.post("/book/colleague")
def book() -> Response:
    """Book, and go to one's list; what stands in the way is said on the same page, with all that was filled in."""
    offer, now = offers.find(request.form.get("desk", "")), town().clock()
    line, version = wished.read(request.form, now=now), request.form.get("consent_version", "")[:300]
    confirmed = declared.confirmed_at(offer, version)
    whom = _colleague(request.form.get("number", ""))
    errors = {**line.errors, **declared.missing(request.form, confirmed=confirmed is not None)}
    if whom is None:
        errors["number"] = nobody(request.form.get("number", "").strip())
    if errors or line.when is None or whom is None:
        return _page(offer, errors, status=HTTPStatus.BAD_REQUEST)
    wish = offer.wish(whom.id, line.when, request.form)
    forecast = forecasts.foresee(town(), wish)
    if not forecast.is_bookable:
        return _page(offer, {}, forecast=forecast, status=HTTPStatus.CONFLICT)
    if version and confirmed is None:
        declared.remember_consent(offer, version)
    try:
        behalf.submit(town(), wish, me(), now=now)
    except TachiyoriError as error:
        return _page(offer, {}, refusal=error, status=error.status)
    flash(say(phrase("%(name)sさんの予約を申し込みました。ご本人にお知らせしました。"), name=whom.name), "success")
    return redirect(url_for("bookings.listed"), HTTPStatus.SEE_OTHER)


@blueprint.post("/behalf/<uuid:trip_id>/cancel")
def take_back(trip_id: object) -> Response:
    """Cancel what one asked for in a colleague's name."""
    behalf.take_back(town(), str(trip_id), me(), now=town().clock())
    flash(say(phrase("予約の取消しを受け付けました。")), "success")
    return redirect(url_for("bookings.listed"), HTTPStatus.SEE_OTHER)


def _colleague(number: str) -> Staff | None:
    with town().storage.transaction() as db:
        return behalf.find_colleague(db, me(), number, now=town().clock())


def _page(
    offer: Offer,
    errors: Mapping[str, str],
    *,
    forecast: Forecast | None = None,
    refusal: TachiyoriError | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    line = wished.read(request.values, now=town().clock())
    quote = None
    if line.when is not None:
        usual = {"work_kind": "satellite", "confidentiality": "2"}
        quote = forecasts.ask_quote(town(), offer.wish(me().id, line.when, usual))
    rules = quote.house_rules if quote else None
    told = forecast.reasons if forecast else getattr(refusal, "reasons", ())
    instead = forecast.alternatives if forecast else getattr(refusal, "alternatives", ())
    page = render_template(
        "colleague.html",
        offer=offer,
        line=line,
        errors={**line.errors, **errors},
        refusal=refusal,
        refused=forecast is not None or refusal is not None,
        reasons=said(told),
        proposals=proposals(offer.host, instead, endpoint="behalf.ask", number=request.values.get("number", "")[:32]),
        back=offer.link(line.when) if line.when else "",
        rules=rules,
        confirmed=declared.confirmed_at(offer, rules.version) if rules else None,
        consenting=rules is not None and request.form.get("consent_version") == rules.version,
        form=request.values,
        markdown=markdown.render,
        choices=wished,
        confidentiality=CONFIDENTIALITY,
    )
    return make_response(page, status if not line.errors else HTTPStatus.BAD_REQUEST)
