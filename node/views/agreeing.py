"""What towns say to each other of an agreement: the host its terms, the home its signature, its objection or its stop.

Each is one idempotent PUT by a node token; what counts of it is signed besides, by who brings it, for this town.
"""

from typing import TypeVar

from flask import Blueprint, Response, request

from federation.agreedfile import MOST_BYTES
from federation.errors import BadInput
from federation.messages.agreement import HomeSuspension, OfferedTerms, TermsAnswer
from federation.web.bearer import Caller, node_caller
from federation.web.headers import accepts_up_to
from node.home import offered
from node.host import confirmations
from node.people import allowances
from node.views import town
from node.views.calling import deciding, home_of, logged

MANAGE = "manage"
"""The scope of a node token that says a town's own word."""

blueprint = Blueprint("agreeing", __name__, url_prefix="/api/v1")
"""For ``Audience.NODE``."""

M = TypeVar("M", OfferedTerms, TermsAnswer, HomeSuspension)
A_MINUTE = 60
"""So many words on agreements one town may say: each costs the checking of a chain."""


@blueprint.put("/agreements/<uuid:uuid>/offer")
@accepts_up_to(MOST_BYTES)
def offer(uuid: object) -> Response:
    """Take in how an agreement of the caller's stands, that names this town as a home."""
    caller = node_caller(MANAGE)
    with logged(event="agreement.offer", caller=caller, uuid=uuid) as line:
        _spend(caller)
        said = _about(OfferedTerms.read(request.get_data()), uuid)
        with deciding(line) as db:
            offered.take(db, town(), caller.member, str(uuid), said, now=town().clock())
    return Response(status=204)


@blueprint.put("/agreements/<uuid:uuid>/answer")
@accepts_up_to(MOST_BYTES)
def answer(uuid: object) -> Response:
    """Take in the caller's signature of an agreement of ours that names it, or what does not match."""
    caller = node_caller(MANAGE)
    with logged(event="agreement.answer", caller=caller, uuid=uuid) as line:
        _spend(caller)
        said = _about(TermsAnswer.read(request.get_data()), uuid)
        with deciding(line) as db:
            confirmations.take_answer(db, town(), home_of(db, caller), str(uuid), said, now=town().clock())
    return Response(status=204)


@blueprint.put("/agreements/<uuid:uuid>/suspension")
def suspension(uuid: object) -> Response:
    """Take in that the caller lets none of its people come under an agreement of ours, or lets them again."""
    caller = node_caller(MANAGE)
    with logged(event="agreement.suspension", caller=caller, uuid=uuid) as line:
        _spend(caller)
        said = _about(HomeSuspension.read(request.get_data()), uuid)
        with deciding(line) as db:
            confirmations.take_suspension(db, home_of(db, caller), str(uuid), said, now=town().clock())
    return Response(status=204)


def _spend(caller: Caller) -> None:
    with town().storage.transaction(write=True) as db:
        allowances.spend(db, "agreement", caller.member.entity_id, A_MINUTE, now=town().clock())


def _about(said: M, uuid: object) -> M:
    if said.id != str(uuid):
        raise BadInput("of another agreement than the address", field="id")
    return said
