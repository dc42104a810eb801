"""What proves itself: an enrolment, a member's new configuration, a ping."""

from typing import cast

from flask import Blueprint, Response, current_app, request

from federation.errors import BadInput, Forbidden
from federation.messages.enrolment import EnrolmentAnswer, EnrolmentRequest
from federation.tokens import peek
from federation.trust import VerifiedMember
from federation.web.clients import clients
from registry import reading
from registry.harvest import FEEDS
from registry.membership import anchor, enrolment, statements
from registry.models.membership import EnrolmentState
from registry.views import bureau

blueprint = Blueprint("enrolment", __name__)


@blueprint.post(anchor.ENROLMENT)
def enrol() -> tuple[Response, int]:
    """Take an enrolment in; the operator decides later, and the node learns it by fetching its statement."""
    asked = EnrolmentRequest.read(request.get_data())
    seal = bureau().seal
    with bureau().storage.transaction(write=True) as db:
        taken = enrolment.enrol(db, seal, asked, bureau().clock())
    answer = EnrolmentAnswer(
        state=cast(EnrolmentState, taken.enrolment.state),
        registry=seal.entity_id,
        code=taken.invitation.code,
        name=taken.invitation.name,
        thumbprint=taken.enrolment.thumbprint,
        anchor_thumbprint=seal.federation.current.kid,
        recovery_thumbprint=seal.recovery,
    )
    return current_app.response_class(answer.text(), mimetype="application/json"), 202


@blueprint.post(anchor.CONFIGURATIONS)
def take_configuration() -> tuple[str, int]:
    """Take a member's own configuration in, from a member that cannot be called; it proves itself by its signature."""
    configuration, now = request.get_data(as_text=True).strip(), bureau().clock()
    with bureau().storage.transaction(write=True) as db:
        member = statements.member_of(db, configuration)
        statements.take_configuration(db, bureau().seal, member.id, configuration, now)
    return "", 204


@blueprint.post(anchor.PINGS)
def ping() -> tuple[str, int]:
    """Have a member's feed read now; the client assertion is all it carries."""
    name = request.form.get("feed", "")
    if name not in FEEDS:
        raise BadInput(f"feed {name[:50]!r}", field="feed")
    party = clients().authenticate(request.form)
    if not isinstance(party, VerifiedMember):
        raise Forbidden(f"{party.entity_id} publishes no feed")
    now, assertion = bureau().clock(), peek(request.form["client_assertion"]).claims
    with bureau().storage.transaction(write=True) as db:
        member = statements.get_member(db, party.entity_id)
        reading.pinged(db, member.id, name, now, round(assertion["iat"] - now.timestamp(), 1))
    return "", 202
