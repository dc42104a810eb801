"""What other towns' nodes ask of this host: quotes, bookings, and what their people find on arrival (protocol, section 5).

A visitor's own token may only create; everything else, and every retry while nobody is there, is the home's own.
"""

from datetime import datetime

from flask import Blueprint, Response, current_app, json, request
from pydantic import TypeAdapter, ValidationError

from federation.errors import BadInput, Forbidden, PreconditionFailed, PreconditionMissing
from federation.messages.base import Message, Utc
from federation.messages.booking import Booking, BookingChange, BookingRequest, QuoteRequest
from federation.messages.feedback import Feedback
from federation.web.audience import Audience, AudiencedFlask, Kind, register
from federation.web.bearer import Caller, any_caller, node_caller
from node.host import bookings, changes, claims, feedback, judging, pictures, plans, sites
from node.host.passes import Passes
from node.people import allowances
from node.views import agreeing, description, events, feeds, town, tracing
from node.views.calling import deciding as _deciding
from node.views.calling import home as _home
from node.views.calling import home_of as _home_of
from node.views.calling import logged as _logged

API = "/api/v1"
CODES_A_MINUTE = 120
"""So many codes one home may try: a morning's visitors, and no way through a thousand million of them."""
FEEDBACK_A_MINUTE = 120
"""So many answers one home may send: an evening's visitors at once."""
MANAGE = "manage"
"""The scope of a node token that reaches the home's own bookings."""

_MOMENT: TypeAdapter[datetime] = TypeAdapter(Utc)

asking = Blueprint("asking", __name__, url_prefix=API)
managing = Blueprint("managing", __name__, url_prefix=API)


def register_api(app: AudiencedFlask) -> None:
    """Register everything other towns and the registry may ask of this node.

    ``Audience.PERSON`` needs a guard that lets in a visitor's token or the home's own: ``admit_visitor``.
    """
    register(app, asking, audience=Audience.PERSON, kind=Kind.API)
    register(app, managing, audience=Audience.NODE, kind=Kind.API)
    register(app, agreeing.blueprint, audience=Audience.NODE, kind=Kind.API)
    register(app, tracing.blueprint, audience=Audience.NODE, kind=Kind.API)
    feeds.register_feeds(app)
    register(app, events.blueprint, audience=Audience.PUBLIC, kind=Kind.API)
    register(app, description.blueprint, audience=Audience.PUBLIC, kind=Kind.API)


def admit_visitor() -> None:
    """Let in a visitor by the token their home asked for, or the home itself where it asks again."""
    if not any_caller().person:
        node_caller(MANAGE)


@managing.post("/quotes")
def quote() -> Response:
    """Say what would happen if this were asked."""
    home = _home(node_caller(MANAGE))
    wish = QuoteRequest.read(request.get_data())
    with town().storage.transaction() as db:
        return _answer(judging.quote(db, home, wish, town().clock()))


@managing.get("/desks")
def desk_of_code() -> Response:
    """Say which desk bears a printed code, to a town whose visitor stands there.

    Codes are short, so each home may ask only so often; a wrong one counts as much as a right one.
    """
    caller, here = node_caller(MANAGE), town()
    with _logged("desk.code", caller, "") as _line:
        home, typed = _home(caller), request.args.get("code", "")[:40]
        with here.storage.transaction(write=True) as db:
            allowances.spend(db, "desk-code", home.entity_id, CODES_A_MINUTE, now=here.clock())
        with here.storage.transaction() as db:
            site, desk = sites.listing_by_code(db, home, typed, here.config, here.clock())
    text = json.dumps({"site": site.wire(), "desk": desk.wire()}, ensure_ascii=False)
    return current_app.response_class(text, mimetype="application/json")


@managing.get("/desks/<uuid:desk>/availability")
def availability(desk: object) -> Response:
    """Give a town that an agreement brings there our own word on when a desk is free."""
    home = _home(node_caller(MANAGE))
    start, end = _moment("start"), _moment("end")
    with town().storage.transaction() as db:
        return _answer(claims.availability(db, home, str(desk), start, end, now=town().clock()))


@managing.get("/desks/<uuid:desk>/plan")
def room_plan(desk: object) -> Response:
    """Show a town that an agreement brings there where the desks of a desk's room stand."""
    home = _home(node_caller(MANAGE))
    with town().storage.transaction() as db:
        return _answer(plans.shown(db, home, str(desk), now=town().clock()))


@managing.get("/desks/<uuid:desk>/plan/drawing")
def room_drawing(desk: object) -> Response:
    """Send such a town the picture under that plan, a drawing of a public building: nobody else gets it."""
    home = _home(node_caller(MANAGE))
    with town().storage.transaction() as db:
        data = plans.drawing(db, home, str(desk), now=town().clock())
    response = current_app.response_class(data, mimetype=pictures.TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


@asking.put("/bookings/<uuid:uuid>")
def put_booking(uuid: object) -> Response:
    """Judge a booking once, however often it arrives."""
    caller = any_caller()
    with _logged("booking.put", caller, uuid) as line:
        wish = BookingRequest.read(request.get_data())
        _refuse_others_wishes(caller, wish)
        with _deciding(line) as db:
            home = _home_of(db, caller)
            return _booking(
                bookings.decide(db, _passes(), home, str(uuid), wish, acr=_acr(caller, wish), now=town().clock())
            )


@managing.get("/bookings/<uuid:uuid>")
def get_booking(uuid: object) -> Response:
    """Return a booking's present state."""
    caller = node_caller(MANAGE)
    with _logged("booking.get", caller, uuid):
        home = _home(caller)
        with town().storage.transaction() as db:
            return _booking(bookings.show(db, _passes(), home, str(uuid), now=town().clock()))


@managing.patch("/bookings/<uuid:uuid>")
def patch_booking(uuid: object) -> Response:
    """Move, confirm, extend, arrive or leave: one command, carried out once."""
    caller = node_caller(MANAGE)
    with _logged("booking.patch", caller, uuid) as line:
        home, version, wanted = _home(caller), _version(), BookingChange.read(request.get_data())
        line["event"] = f"booking.{wanted.action}"
        with _deciding(line) as db:
            return _booking(changes.change(db, _passes(), home, str(uuid), wanted, version=version, now=town().clock()))


@managing.delete("/bookings/<uuid:uuid>")
def delete_booking(uuid: object) -> Response:
    """Cancel, as often as needed; 204 for a booking that was never here and now never will be."""
    caller = node_caller(MANAGE)
    with _logged("booking.delete", caller, uuid) as line:
        home = _home(caller)
        with _deciding(line) as db:
            cancelled = bookings.cancel(db, _passes(), home, str(uuid), now=town().clock())
    return _booking(cancelled) if cancelled is not None else Response(status=204)


@managing.put("/bookings/<uuid:uuid>/feedback")
def put_feedback(uuid: object) -> Response:
    """Take in what the home's visitor says of a visit that is over; the log says that they did, and not what."""
    caller, now = node_caller(MANAGE), town().clock()
    with _logged("booking.feedback", caller, uuid) as line:
        home, said = _home(caller), Feedback.read(request.get_data())
        with _deciding(line) as db:
            allowances.spend(db, "feedback", home.entity_id, FEEDBACK_A_MINUTE, now=now)
            feedback.take(db, home, str(uuid), said, now=now)
    return Response(status=204)


def _passes() -> Passes:
    return Passes(town().config.entity_id, town().keys.passes)


def _refuse_others_wishes(caller: Caller, wish: BookingRequest) -> None:
    """A person's token books for that person, who may bring others; a home's own token books for anyone of its own."""
    if caller.person and caller.claims.subject not in {place.sub for place in wish.places}:
        raise Forbidden("the person of the token has no place in the booking")


def _acr(caller: Caller, wish: BookingRequest) -> str:
    """Return how surely who books has signed in: by their token, else by the word of the home that asks for them."""
    return str(caller.claims.get("acr", "")) if caller.person else wish.acr or ""


def _moment(name: str) -> datetime:
    try:
        return _MOMENT.validate_python(request.args.get(name, ""))
    except ValidationError:
        raise BadInput(f"{name} is not a time with its offset", field=name) from None


def _version() -> int:
    """Read If-Match as the ETag we gave: the booking's version in quotes (RFC 9110, 13.1.1)."""
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise PreconditionMissing("no If-Match", field="If-Match")
    number = given.strip('"')
    if given != f'"{number}"' or not (number.isascii() and number.isdigit() and len(number) <= 10):
        raise PreconditionFailed(f"not a version of ours: {given[:40]}")
    return int(number)


def _booking(booking: Booking) -> Response:
    response = _answer(booking)
    response.set_etag(str(booking.version))
    return response


def _answer(message: Message) -> Response:
    return current_app.response_class(message.text(), mimetype="application/json")
