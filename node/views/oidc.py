"""What other towns' programs ask of this town as OpenID Provider: pushed requests, userinfo, and its metadata."""

from datetime import datetime

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.orm import Session

from federation import audit, entity
from federation.errors import NotSignedIn, TokenRefused
from federation.trust import Party
from federation.web.audience import Audience, AudiencedFlask, Kind, register
from federation.web.authorization import present
from federation.web.bearer import sign_in_caller
from node.entity import provider_metadata
from node.models.provider import SignInCode
from node.models.staff import Staff
from node.people import sessions, subjects
from node.people.provider import codes, pushed, told
from node.people.provider.asked import from_form
from node.views import town

pushing = Blueprint("oidc", __name__)
"""For ``Audience.PUBLIC``: the client proves itself in the form."""
reading = Blueprint("userinfo", __name__)
"""For ``Audience.RELYING``."""


def register_provider(app: AudiencedFlask) -> None:
    """Register what programs ask; the pages for people are ``authorize`` and ``logout``."""
    register(app, pushing, audience=Audience.PUBLIC, kind=Kind.API)
    register(app, reading, audience=Audience.RELYING)


@pushing.get(entity.PROVIDER_METADATA)
def metadata() -> Response:
    """Say what we are as a provider (OpenID Connect Discovery 1.0, 4); members have read it in our statement already."""
    return jsonify(provider_metadata(town().config, town().keys.protocol))


@pushing.post(entity.PUSHED)
def push() -> Response:
    """Take an authorization request (RFC 9126, 2); there is no other way to bring one."""
    return present().answer(_push, event="par")


def _push(party: Party) -> Response:
    # A proof sent along binds the code to its key (RFC 9449, 10.1).
    jkt = present().proof(entity.PUSHED).jkt if "DPoP" in request.headers else ""
    here, now = town(), town().clock()
    asked = from_form(request.form, party, here.config.entity_id, here.storage, now, jkt=jkt)
    with here.storage.transaction(write=True) as db:
        request_uri = pushed.push(db, party.entity_id, asked, now=now)
    answer = jsonify(request_uri=request_uri, expires_in=int(pushed.LIFE.total_seconds()))
    answer.status_code = 201
    return answer


def _still(db: Session, row: SignInCode, now: datetime) -> Staff:
    """Return the person while the sign-in at home lasts; who has signed out or left is told of no more."""
    try:
        return sessions.still(db, codes.sign_in_of(row), now=now)
    except NotSignedIn:
        raise TokenRefused("the sign-in at home has ended") from None


@reading.route(entity.USERINFO, methods=["GET", "POST"])
def userinfo() -> Response:
    """Tell what the person agreed to tell (OpenID Connect Core 1.0, 5.3), as the directory has it now."""
    claims, now = sign_in_caller().claims, town().clock()
    client, sub = str(claims["client_id"]), claims.subject
    with town().storage.transaction(write=True) as db:
        staff_id = subjects.find_person(db, client, sub)
        row = codes.behind(db, staff_id, claims.jti) if staff_id is not None else None
        if row is None:
            raise TokenRefused("nobody of ours is behind the token")
        staff = _still(db, row, now)
        audit.record(db, event="userinfo", actor=client, subject=sub, verdict="allowed", jti=claims.jti, now=now)
    about = {"sub": sub, "acr": claims["acr"], "auth_time": claims["auth_time"]}
    return jsonify({**about, **told.facts(staff, claims.scopes)})
