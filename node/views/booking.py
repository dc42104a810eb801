"""予約の確認: what exactly am I taking, on which conditions? And then taking it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.errors import BadInput, BookingRefused, NotFound, PersonElsewhere, TachiyoriError
from federation.messages.booking import Alternative, Place, Quote, QuoteRequest, Reason
from federation.messages.listing import DeskListing, SiteListing
from federation.web.tongue import say
from federation.wording import phrase
from node.home import asking, conditions, places, trips, wishes
from node.home.wishes import When
from node.views import town, wished
from node.views.session import me, signed_in
from node.views.shown import CONFIDENTIALITY, WORK_KINDS, said

blueprint = Blueprint("booking", __name__)
"""For ``Audience.STAFF``."""

_DESKS = "/desks/"


@dataclass(frozen=True)
class Offer:
    """One desk at one host, as it was last published."""

    host: str
    host_name: str
    site: SiteListing
    desk: DeskListing
    price_yen: int

    def link(self, when: When) -> str:
        """The address of this page for the same desk at a time."""
        at = {"day": when.day.isoformat(), "slot": "hours", "from": when.from_clock, "to": when.to_clock}
        return f"{url_for('booking.confirm')}?{urlencode({'desk': self.desk.url, **at})}"


@dataclass(frozen=True)
class Proposal:
    """Something that would do instead, and where to go for it."""

    words: Alternative
    when: When
    link: str


@blueprint.get("/book")
def confirm() -> Response:
    """Show a desk at a time with its conditions; ``desk`` is the desk's own address, as its sticker has it."""
    offer = _offer(request.args.get("desk", ""))
    line = wished.read(request.args, now=town().clock())
    return _page(offer, line, {})


@blueprint.post("/book")
def book() -> Response:
    """Book, and go to the pass; what stands in the way is said on the same page, with all that was filled in."""
    offer = _offer(request.form.get("desk", ""))
    now = town().clock()
    line = wished.read(request.form, now=now)
    errors = {**line.errors, **_missing(request.form)}
    if errors or line.when is None:
        return _page(offer, line, errors, status=HTTPStatus.BAD_REQUEST)
    wish = trips.Wish(
        staff_id=me().id,
        host=offer.host,
        host_name=offer.host_name,
        site=offer.site,
        desk=offer.desk,
        start=line.when.start,
        end=line.when.end,
        work_kind=request.form["work_kind"],
        confidentiality=request.form["confidentiality"],
        consent_version=request.form.get("consent_version", "")[:300],
        price_yen=offer.price_yen,
    )
    try:
        _refuse(offer, line.when, wish.work_kind)
        trip_id = asking.submit(town(), wish, signed_in(), now=now)
    except TachiyoriError as error:
        return _page(offer, line, {}, refusal=error, status=error.status)
    return redirect(url_for("bookings.show", trip_id=trip_id), HTTPStatus.SEE_OTHER)


def _missing(form: Mapping[str, str]) -> dict[str, str]:
    """Say which declarations are absent; a value the form does not offer is as absent as none."""
    needed = {"work_kind": WORK_KINDS, "confidentiality": CONFIDENTIALITY}
    absent = {
        name: say(phrase("選択してください。")) for name, offered in needed.items() if form.get(name) not in offered
    }
    if form.get("consent_version") and form.get("consent") != "1":
        absent["consent"] = say(phrase("利用上の注意を読み、「確認しました」を選択してください。"))
    return absent


def _refuse(offer: Offer, when: When, work_kind: str) -> None:
    """Let our own conditions say no before the host is troubled."""
    reasons = _own_reasons(offer, when, work_kind)
    if reasons:
        error = BookingRefused("our own conditions")
        error.__dict__["reasons"] = reasons
        raise error


def _own_reasons(offer: Offer, when: When, work_kind: str | None = None) -> tuple[Reason, ...]:
    with town().storage.transaction() as db:
        judge = conditions.judge_for(db, me(), town().config.code, now=town().clock())
    return judge.reasons(offer.site, offer.desk, when.start, when.end, price_yen=offer.price_yen, work_kind=work_kind)


def _offer(address: str) -> Offer:
    """Find the desk behind an address: as its host says now, or as it was last seen while the host is away.

    Raises ``NotFound`` for what is no desk's address, and ``NotAMember`` for a host the registry does not know.
    """
    try:
        parts = urlsplit(address[:600])
    except ValueError:
        raise NotFound(f"no address at all: {address[:80]!r}") from None
    host, desk_id = f"{parts.scheme}://{parts.netloc}", parts.path.removeprefix(_DESKS)
    if not parts.path.startswith(_DESKS) or not parts.netloc or "/" in desk_id or len(desk_id) != 36:
        raise NotFound(f"no desk's address: {address[:80]!r}")
    with town().storage.transaction() as db:
        seen = places.find(db, host, desk_id)
    try:
        site, desk = town().hosts(host).listing(desk_id)
    except (BadInput, NotFound):
        raise
    except TachiyoriError:
        if seen is None:
            raise
        site, desk = seen.site, seen.desk
    return Offer(host, seen.host_name if seen else _name(host), site, desk, seen.price_yen if seen else 0)


def _name(host: str) -> str:
    if host == town().config.entity_id:
        return town().config.name
    with town().storage.transaction() as db:
        return town().members.row(db, host).name


def _page(
    offer: Offer,
    line: wished.Wished,
    errors: Mapping[str, str],
    *,
    refusal: TachiyoriError | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    quote, silent, elsewhere = None, False, None
    reasons: tuple[Reason, ...] = getattr(refusal, "reasons", ())
    if line.when is not None:
        quote, silent = _quote(offer, line.when)
        elsewhere = _elsewhere(line.when)
        own = _own_reasons(offer, line.when)
        reasons = reasons or (*own, *(quote.reasons if quote and not quote.allowed else ()))
    alternatives = getattr(refusal, "alternatives", ()) or (quote.alternatives if quote else ())
    page = render_template(
        "book.html",
        offer=offer,
        line=line,
        errors={**line.errors, **errors},
        refusal=refusal,
        quote=quote,
        silent=silent,
        elsewhere=elsewhere,
        reasons=said(reasons),
        proposals=_proposals(offer, alternatives),
        form=request.form,
        choices=wished,
        work_kinds=WORK_KINDS,
        confidentiality=CONFIDENTIALITY,
        allowed=not reasons and elsewhere is None,
    )
    return make_response(page, status)


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
            trips.refuse_elsewhere(db, me().id, when.start, when.end)
    except PersonElsewhere as error:
        return error
    return None


def _proposals(offer: Offer, alternatives: tuple[Alternative, ...]) -> list[Proposal]:
    """Give each alternative its link; alternatives are always the same host's."""
    found = []
    for other in alternatives:
        when = wishes.around(other.start.astimezone(UTC), other.end.astimezone(UTC))
        at = {"day": when.day.isoformat(), "slot": "hours", "from": when.from_clock, "to": when.to_clock}
        desk = f"{offer.host}{_DESKS}{other.desk}"
        found.append(Proposal(other, when, f"{url_for('booking.confirm')}?{urlencode({'desk': desk, **at})}"))
    return found
