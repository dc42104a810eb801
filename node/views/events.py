"""Where other parties push their security events (RFC 8935): what a home says of its own people, what the registry hints.

The signature is all the authentication there is and all that is needed: an event is for one recipient, once, and can only
take away. A suspended member is not heard; what it has to say arrives again once it is lifted, and meanwhile nobody of
its people gets in anyway.
"""

from datetime import datetime, timedelta
from http import HTTPStatus

from flask import Blueprint, Response, jsonify, request

from federation import audit, events, language, outbox, replay
from federation.envelope import shown
from federation.errors import Forbidden, NotAMember, TachiyoriError, TokenRefused, TrustBroken
from federation.events import SecurityEvent
from federation.tokens import EVENT, peek
from federation.web.clients import clients
from federation.web.headers import accepts_up_to
from node import entity
from node.people import endings
from node.views import town

REMEMBERED = timedelta(days=8)
"""How long a token is known again: a day longer than any is taken."""

blueprint = Blueprint("events", __name__)
"""For ``Audience.PUBLIC``."""


@blueprint.post(entity.EVENTS)
@accepts_up_to(EVENT.max_size)
def receive() -> Response:
    """Act on one event and answer 202, or say why not (RFC 8935, 2.2 to 2.4)."""
    token = request.get_data().decode("ascii", "replace").strip()
    try:
        _take(token, request.mimetype)
    except (NotAMember, Forbidden, TokenRefused, TrustBroken) as error:
        # Also where the signature held: whoever got hold of a token may send it again and again.
        clients().refusals.of_stranger("security-event", _said(token), error.code)
        return _refused(error)
    return Response(status=HTTPStatus.ACCEPTED)


@blueprint.get(entity.SHARED_SIGNALS)
def configuration() -> Response:
    """Say how this node tells of its people (SSF 1.0, 7.1): by pushes to members alone; its keys are in its statements."""
    return jsonify(
        spec_version="1_0",
        issuer=town().config.entity_id,
        delivery_methods_supported=[events.DELIVERY],
        default_subjects="NONE",
    )


def _take(token: str, media_type: str) -> None:
    here, now = town(), town().clock()
    if media_type != events.MEDIA_TYPE:
        raise TokenRefused(f"media type {shown(media_type)}")
    issuer = peek(token, max_size=EVENT.max_size).claims.get("iss")
    if not isinstance(issuer, str):
        raise TokenRefused("no issuer")
    party = clients().signer(token, issuer)
    event = events.read(token, party.protocol_keys, issuer=issuer, audience=here.config.entity_id, now=now)
    if (event.kind == events.STATUS_CHANGED) != (issuer == here.config.registry):
        raise Forbidden(f"{issuer} does not speak of {event.kind}")
    _act(event, now)


def _act(event: SecurityEvent, now: datetime) -> None:
    """Use the token up and do what it says, in one transaction."""
    with town().storage.transaction(write=True) as db:
        replay.once(db, issuer=event.issuer, jti=event.jti, expires=now + REMEMBERED, now=now)
        if event.kind == events.STATUS_CHANGED:
            # One may be on its way already, having read too early; a third would only be read in vain.
            outbox.promise(db, "follow", event.issuer, {"feed": "status"}, now=now, most=2)
        else:
            endings.end(db, event.issuer, event.subject, event.at)
        audit.record(
            db,
            event="security-event",
            actor=event.issuer,
            subject=event.subject,
            verdict="allowed",
            reason=event.name,
            jti=event.jti,
            now=now,
        )


def _said(token: str) -> object:
    """Return who the token says has made it."""
    try:
        return peek(token, max_size=EVENT.max_size).claims.get("iss")
    except TokenRefused:
        return None


def _refused(error: TachiyoriError) -> Response:
    """Answer as RFC 8935, 2.3 and 2.4 want it; which words exist is in its section 7.1."""
    word = "invalid_issuer" if isinstance(error, NotAMember) else "invalid_request"
    if isinstance(error, Forbidden):
        word = "access_denied"
    response = jsonify({"err": word, "description": language.translate(error.words, "en")})
    response.status_code = HTTPStatus.BAD_REQUEST
    response.headers["Content-Language"] = "en"
    return response
