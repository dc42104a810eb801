"""予約の確認: what exactly am I taking, on which conditions? And then taking it."""

import secrets
from collections.abc import Mapping
from datetime import UTC, timedelta
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import rules
from federation.errors import BookingRefused, DeskTaken, PersonElsewhere, SurerSignInNeeded, TachiyoriError
from federation.messages.booking import Place, Quote, QuoteRequest, Reason
from federation.web import markdown
from federation.web.tongue import say
from federation.wording import phrase
from node.home import asking, conditions, here, manifest, needs, persontime, superiors, wishes
from node.home.wishes import When
from node.views import declared, offers, town, wished
from node.views.offers import Offer
from node.views.proposing import address, proposals
from node.views.session import me, signed_in, surer
from node.views.shown import CONFIDENTIALITY, WORK_KINDS, said
from node.views.space import way_in

blueprint = Blueprint("booking", __name__)
"""For ``Audience.STAFF``."""


@blueprint.get("/book")
def confirm() -> Response:
    """Show a desk at a time with its conditions; ``desk`` is the desk's own address, as its sticker has it.

    Who comes from the sticker, with no time in mind, is led to their own booking of that desk, or offered it from now on.
    """
    offer, code = offers.find(request.args.get("desk", "")), request.args.get("code", "")[:20]
    if "day" in request.args:
        return page(offer, wished.read(request.args, now=town().clock()), {})
    with town().storage.transaction() as db:
        mine = here.find_trip(db, me().id, offer.host, offer.desk.id, now=town().clock())
    if mine is not None:
        return redirect(url_for("bookings.show", trip_id=mine.id, code=code or None), HTTPStatus.SEE_OTHER)
    return page(offer, wished.read(_from_now(offer), now=town().clock()), {})


def _from_now(offer: Offer) -> MultiDict[str, str]:
    """Fill the wish of who stands at the desk: from now on, as far as its host says that it is free."""
    now = town().clock()
    try:
        free = town().hosts(offer.host).availability(offer.desk.id, now, now + timedelta(days=1))
    except TachiyoriError:
        return request.args
    when = here.from_now(free, offer.site, now=now)
    if when is None:
        return request.args
    at = {"day": when.day.isoformat(), "slot": "hours", "from": when.from_clock, "to": when.to_clock}
    return MultiDict({**request.args.to_dict(), **at})


@blueprint.post("/book")
def book() -> Response:
    """Book, and go to the pass; what stands in the way is said on the same page, with all that was filled in."""
    offer = offers.find(request.form.get("desk", ""))
    now = town().clock()
    line = wished.read(request.form, now=now)
    confirmed = declared.confirmed_at(offer, request.form.get("consent_version", "")[:300])
    errors = {**line.errors, **declared.missing(request.form, confirmed=confirmed is not None)}
    if errors or line.when is None:
        return page(offer, line, errors, status=HTTPStatus.BAD_REQUEST)
    wish = offer.wish(me().id, line.when, request.form)
    try:
        _refuse(offer, line.when, wish.work_kind, wish.confidentiality)
        if wish.consent_version and confirmed is None:
            declared.remember_consent(offer, wish.consent_version)
        trip_id = asking.submit(town(), wish, signed_in(), now=now)
    except TachiyoriError as error:
        return page(offer, line, {}, refusal=error, status=error.status)
    if request.form.get("code", "").strip():
        _check_in(trip_id, request.form["code"])
    return redirect(url_for("bookings.show", trip_id=trip_id), HTTPStatus.SEE_OTHER)


def _check_in(trip_id: str, typed: str) -> None:
    """Check in at once who stands at the desk; what stands in the way leaves the booking as it is."""
    try:
        asking.arrive(town(), trip_id, me().id, typed, now=town().clock())
    except TachiyoriError as error:
        flash(say(phrase("予約しましたが、入室は記録していません。")) + say(error.words, **error.facts), "warning")
    else:
        flash(say(phrase("予約し、入室を記録しました。")), "success")


def _refuse(offer: Offer, when: When, work_kind: str, confidentiality: str) -> None:
    """Let our own conditions say no before the host is troubled."""
    reasons = _own_reasons(offer, when, work_kind, confidentiality)
    if reasons:
        error = BookingRefused("our own conditions")
        error.__dict__["reasons"] = reasons
        raise error


def _own_reasons(
    offer: Offer, when: When, work_kind: str | None = None, confidentiality: str | None = None
) -> tuple[Reason, ...]:
    with town().storage.transaction() as db:
        judge = conditions.judge_for(db, me(), town().config.code, now=town().clock())
    declared = {"work_kind": work_kind, "confidentiality": confidentiality}
    return judge.reasons(offer.site, offer.desk, when.start, when.end, price_yen=offer.price_yen, **declared)


def _need(offer: Offer, when: When) -> tuple[needs.Need, str]:
    """Return whether our own town has to approve the wish, and who would."""
    now, kind = town().clock(), request.values.get("work_kind", "satellite")
    with town().storage.transaction() as db:
        need = needs.of(db, me(), offer.site, when.start, when.end, work_kind=kind)
        today = now.astimezone(wishes.JAPAN).date()
        who = superiors.of(db, me(), need.whose, escalated=False, today=today) if need.asks else ()
    return need, "、".join(one.name for one in who)


def page(
    offer: Offer,
    line: wished.Wished,
    errors: Mapping[str, str],
    *,
    refusal: TachiyoriError | None = None,
    status: int = HTTPStatus.OK,
    moved: tuple[Reason, ...] = (),
) -> Response:
    """Show the page; ``moved`` is why the time is another one than was wished."""
    quote, silent, elsewhere = None, False, None
    reasons: tuple[Reason, ...] = getattr(refusal, "reasons", ())
    if line.when is not None:
        quote, silent = _quote(offer, line.when)
        whole = _whole_slots(offer, line.when, quote) if not (refusal or errors or moved) else None
        if whole is not None and quote is not None:
            at = MultiDict({"day": whole.day.isoformat(), "from": whole.from_clock, "to": whole.to_clock})
            return page(offer, wished.read(at, now=town().clock()), {}, moved=quote.reasons)
        elsewhere = _elsewhere(line.when)
        own = _own_reasons(offer, line.when)
        reasons = reasons or (*own, *(quote.reasons if quote and not quote.allowed else ()))
    need, approvers = _need(offer, line.when) if line.when is not None else (needs.Need(), "")
    alternatives = getattr(refusal, "alternatives", ()) or (quote.alternatives if quote else ())
    rules = quote.house_rules if quote else None
    rendered = render_template(
        "book.html",
        offer=offer,
        line=line,
        errors={**line.errors, **errors},
        refusal=refusal,
        surer=surer(offer.link(line.when)) if line.when else "",
        unsure=refusal is not None and _is_unsure(refusal, reasons),
        quote=quote,
        silent=silent,
        elsewhere=elsewhere,
        need=need,
        approvers=approvers,
        way=way_in(offer.site, offer.desk, line.when.start, line.when.end) if line.when else [],
        reasons=said(reasons),
        proposals=proposals(offer.host, alternatives),
        moved=said(moved),
        form=request.values,
        code=request.values.get("code", "")[:20],
        rules=rules,
        colleague=address("behalf.ask", offer.desk.url, line.when) if line.when else "",
        team=address("teams.gather", offer.desk.url, line.when) if line.when and offer.desk.kind == "desk" else "",
        weekly=address("weekly.preview", offer.desk.url, line.when) if line.when else "",
        confirmed=declared.confirmed_at(offer, rules.version) if rules else None,
        consenting=rules is not None and request.form.get("consent_version") == rules.version,
        markdown=markdown.render,
        starts_now=line.when is not None and line.when.start - town().clock() <= here.EARLY,
        choices=wished,
        work_kinds=WORK_KINDS,
        confidentiality=CONFIDENTIALITY,
        allowed=not reasons and elsewhere is None,
        tells_help=_tells_help(offer),
        waitable=line.when is not None and line.when.start > town().clock() and _is_only_taken(refusal, reasons),
    )
    return make_response(rendered, status)


def _tells_help(offer: Offer) -> bool:
    """Say whether the desk's host would be told what help the person needs."""
    with town().storage.transaction() as db:
        return manifest.tells_help(db, me().id, offer.host)


def _is_unsure(refusal: TachiyoriError, reasons: tuple[Reason, ...]) -> bool:
    """Say whether one more factor of the person's may be what is missing."""
    return refusal.code == SurerSignInNeeded.code or any(one.code == rules.UNSURE for one in reasons)


def _is_only_taken(refusal: TachiyoriError | None, reasons: tuple[Reason, ...]) -> bool:
    """Say whether nothing but somebody's booking stands in the way, so that waiting for the desk makes sense."""
    codes = {reason.code for reason in reasons} or ({refusal.code} if refusal else set())
    return codes == {DeskTaken.code}


def _whole_slots(offer: Offer, when: When, quote: Quote | None) -> When | None:
    """Return the whole units of the desk that hold the wish, where its host refuses the wish for nothing but its units."""
    if quote is None or {reason.code for reason in quote.reasons} != {rules.NOT_WHOLE}:
        return None
    found = next((one for one in quote.alternatives if one.desk == offer.desk.id), None)
    if found is None or not (found.start <= when.start and when.end <= found.end):
        return None
    return wishes.around(found.start.astimezone(UTC), found.end.astimezone(UTC))


def _quote(offer: Offer, when: When) -> tuple[Quote | None, bool]:
    """Ask the host what would happen; nothing, and that it is silent, where it does not answer."""
    place = Place(desk=offer.desk.id, start=when.start, end=when.end, sub=secrets.token_urlsafe(24))
    try:
        return town().hosts(offer.host).quote(QuoteRequest(places=(place,))), False
    except TachiyoriError:
        return None, True


def _elsewhere(when: When) -> TachiyoriError | None:
    try:
        with town().storage.transaction() as db:
            persontime.refuse_elsewhere(db, me().id, when.start, when.end)
    except PersonElsewhere as error:
        return error
    return None
