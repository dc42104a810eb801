"""日時・座席の変更: what have I got, what would I get instead, and taking it."""

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation.errors import Conflict, TachiyoriError
from federation.messages.booking import HouseRules
from federation.web import markdown
from federation.web.tongue import between, say
from federation.wording import phrase
from node.home import asking, moves, trips, wishes
from node.home.forecasts import Forecast
from node.home.trips import Wish
from node.models.trips import Trip
from node.views import declared, freedesks, offers, town, wished
from node.views.offers import Offer
from node.views.proposing import address, proposals
from node.views.session import me
from node.views.shown import said
from node.views.wished import Wished

blueprint = Blueprint("moving", __name__)
"""For ``Audience.STAFF``."""

_SAME = phrase("今の予約と同じ日時・座席です。日時か座席を変えてください。")
_CONSENT = phrase("利用上の注意を読み、「確認しました」を選択してください。")


@blueprint.get("/bookings/<uuid:trip_id>/move")
def choose(trip_id: object) -> Response:
    """Show the booking as it is, another time and desk to choose, and what would come of it; nothing is changed yet."""
    trip = _mine(str(trip_id))
    if not moves.is_movable(trip, town().clock()):
        flash(say(moves.NotMovable.words), "warning")
        return redirect(url_for("bookings.show", trip_id=trip.id), HTTPStatus.SEE_OTHER)
    return _page(trip, _offer(trip), _line(trip))


@blueprint.post("/bookings/<uuid:trip_id>/move")
def move(trip_id: object) -> Response:
    """Take the other time and desk; what stands in the way is said on the same page, and the booking stays as it is."""
    trip, now = _mine(str(trip_id)), town().clock()
    offer, line = _offer(trip), _line(trip)
    wish = _wish(trip, offer, line)
    if wish is None and line.when is not None:
        # Pressed twice: it is where it was wished.
        return redirect(url_for("bookings.show", trip_id=trip.id), HTTPStatus.SEE_OTHER)
    if wish is None:
        return _page(trip, offer, line, status=HTTPStatus.BAD_REQUEST)
    forecast = moves.foresee(town(), trip, wish)
    version = request.form.get("consent_version", "")[:300]
    if forecast.unconfirmed is not None and not (
        request.form.get("consent") == "1" and version == forecast.rules_version
    ):
        errors = {"consent": say(_CONSENT)}
        return _page(trip, offer, line, forecast=forecast, errors=errors, status=HTTPStatus.BAD_REQUEST)
    if not forecast.is_bookable:
        return _page(trip, offer, line, forecast=forecast, status=HTTPStatus.CONFLICT)
    if forecast.unconfirmed is not None:
        declared.remember_consent(offer, version)
    wish = replace(wish, price_yen=forecast.price_yen or 0)
    try:
        moves.move(
            town(), trip.id, wish, declared.number(request.form.get("command", "")), version=_version(trip), now=now
        )
    except TachiyoriError as error:
        return _page(_mine(trip.id), offer, line, forecast=forecast, refusal=error, status=error.status)
    flash(say(phrase("予約を変更しました。")), "success")
    return redirect(url_for("bookings.show", trip_id=trip.id), HTTPStatus.SEE_OTHER)


def _version(trip: Trip) -> int:
    """Return the version that the page has shown; without one, what is known now."""
    typed = request.form.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else trip.version


def _mine(trip_id: str) -> Trip:
    with town().storage.transaction() as db:
        return trips.get(db, trip_id, me().id)


def _offer(trip: Trip) -> Offer:
    """Return the wished desk of the trip's host; the trip's own where none is named, or one of somebody else's."""
    wanted = request.values.get("desk", "")
    ours = wanted.startswith(f"{trip.host}/")
    return offers.find(wanted if ours else f"{trip.host}/desks/{trip.desk_id}")


def _line(trip: Trip) -> Wished:
    """Read the time that is wished; the trip's own where none is."""
    present = wishes.around(trip.start, trip.end)
    at = MultiDict(request.values.to_dict())
    if "day" not in at:
        at.update({"day": present.day.isoformat(), "slot": "hours", "from": present.from_clock, "to": present.to_clock})
    return wished.read(at, now=town().clock())


def _wish(trip: Trip, offer: Offer, line: Wished) -> Wish | None:
    """Return the wish for the other desk and time, declared as before; None where it cannot be read, or is no other."""
    if line.when is None:
        return None
    as_before = {"work_kind": trip.work_kind, "confidentiality": trip.confidentiality}
    wish = offer.wish(trip.staff_id, line.when, {**as_before, "consent_version": trip.consent_version})
    return None if (wish.desk.id, wish.start, wish.end) == (trip.desk_id, trip.start, trip.end) else wish


def _page(
    trip: Trip,
    offer: Offer,
    line: Wished,
    *,
    forecast: Forecast | None = None,
    refusal: TachiyoriError | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    wish = _wish(trip, offer, line)
    if wish is not None and forecast is None:
        forecast = moves.foresee(town(), trip, wish)
    wrong = dict(line.errors)
    if wish is None and not wrong and "day" in request.values:
        wrong["day"], status = say(_SAME), HTTPStatus.BAD_REQUEST
    refused = getattr(refusal, "reasons", ()) or (forecast.reasons if forecast and not forecast.is_bookable else ())
    instead = getattr(refusal, "alternatives", ()) or (forecast.alternatives if forecast else ())
    rules: HouseRules | None = forecast.unconfirmed if forecast else None
    page = render_template(
        "move.html",
        trip=trip,
        offer=offer,
        line=line,
        desks=_desks(trip, offer, line),
        present=trips.desk_of(trip),
        site=trips.site_of(trip),
        was=between(trip.start, trip.end),
        forecast=forecast,
        refusal=refusal,
        in_doubt=refusal is not None and not isinstance(refusal, (*asking.NO, Conflict)),
        reasons=said(refused),
        proposals=[
            (one, address("moving.choose", f"{offer.host}/desks/{one.words.desk}", one.when, trip=trip.id))
            for one in proposals(offer.host, instead)
        ],
        errors={**wrong, **(errors or {})},
        command=declared.number(request.form.get("command", "")),
        rules=rules,
        confirmed=None,
        consenting=rules is not None and request.form.get("consent_version") == rules.version,
        form=request.values,
        markdown=markdown.render,
        choices=wished,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if line.errors else status)


def _desks(trip: Trip, offer: Offer, line: Wished) -> list[tuple[str, str]]:
    """Return what may be chosen: the trip's own desk, the chosen one, and what is free at the site then."""
    free = {desk.url: desk for desk in freedesks.of_site(offer, line)}
    own = trips.desk_of(trip)
    shown = {own.url: own, offer.desk.url: offer.desk, **free}.values()
    ordered = sorted(shown, key=lambda desk: (desk.room_name, desk.name, desk.id))
    here = say(phrase("今の座席"))
    return [
        (desk.url, f"{desk.room_name} {desk.name}" + (f"（{here}）" if desk.id == trip.desk_id else ""))
        for desk in ordered
    ]
