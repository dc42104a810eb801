"""The federation endpoints, for anybody (OpenID Federation 1.1, 8 and 9): signed words, and the errors of 8.9.

What takes a signature is answered from what the jobs have signed, or kept for a minute (``federation.web.signed``).
"""

import logging
from http import HTTPStatus

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import select

from federation import entity
from federation.errors import TokenExpired, TokenRefused
from federation.members import Member, find
from federation.tokens import TRUST_MARK, peek
from federation.web import signed
from federation.web.signed import STATEMENT, answer, kept, refused
from registry.membership import anchor, standing, statements
from registry.membership.anchor import Seal
from registry.membership.policy import MEMBER_TYPES
from registry.views import bureau

blueprint = Blueprint("trust", __name__)
_log = logging.getLogger(__name__)


@blueprint.get(entity.CONFIGURATION)
def configuration() -> Response:
    """Give out the anchor's own configuration."""
    with bureau().storage.transaction() as db:
        return answer(statements.own(db, bureau().seal), STATEMENT, seconds=60)


@blueprint.get(entity.FETCH)
def fetch() -> Response:
    """Give out the statement about one member (8.1); unknown parameters are ignored."""
    subject = request.args.get("sub", "")
    if not subject:
        return refused("invalid_request", "sub is needed", HTTPStatus.BAD_REQUEST)
    if subject == bureau().config.entity_id:
        return refused("invalid_request", "sub is the issuer", HTTPStatus.BAD_REQUEST)
    with bureau().storage.transaction() as db:
        member = find(db, subject)
    if member is None or member.gone:
        return refused("not_found", "no such subordinate", HTTPStatus.NOT_FOUND)
    return answer(member.statement, STATEMENT)


@blueprint.get(entity.LIST)
def list_members() -> Response:
    """List the entity ids of all members (8.2): all of them are leaves, of every type they may have, and bear our mark."""
    asked = {
        name for name in request.args if name in {"entity_type", "trust_marked", "trust_mark_type", "intermediate"}
    }
    if asked - {"intermediate", "entity_type"}:
        return refused("unsupported_parameter", f"{sorted(asked)[0]} is not supported", HTTPStatus.BAD_REQUEST)
    types = request.args.getlist("entity_type")
    if request.args.get("intermediate") == "true" or (types and MEMBER_TYPES.isdisjoint(types)):
        return jsonify([])
    with bureau().storage.transaction() as db:
        valid = select(Member.entity_id).where(Member.status == "valid", ~Member.gone).order_by(Member.entity_id)
        return jsonify(list(db.scalars(valid)))


@blueprint.get(entity.HISTORY)
def history() -> Response:
    """Give out the federation keys of former times (8.7)."""
    return signed.history(bureau().seal.entity_id, bureau().seal.federation, bureau().clock())


@blueprint.get(entity.RESOLVE)
def resolve() -> Response:
    """Resolve the metadata of one member (8.3)."""
    return signed.resolve(bureau().seal.entity_id, bureau().seal.federation, bureau().members, bureau().clock())


@blueprint.get(entity.STATUS)
def status_list() -> Response:
    """Give out the newest status list; a node that has it already gets 304."""
    with bureau().storage.transaction() as db:
        current = standing.current_status_list(db)
    response = answer(current.token, "application/statuslist+jwt", seconds=30)
    response.set_etag(standing.etag(current))
    response.make_conditional(request)
    return response


@blueprint.get(anchor.MARK)
def mark() -> Response:
    """Give out the mark ``municipality`` of one member (8.6)."""
    seal, now = bureau().seal, bureau().clock()
    with bureau().storage.transaction() as db:
        member = find(db, request.args.get("sub", ""))
    known = request.args.get("trust_mark_type") == seal.mark_type
    if not known or member is None or member.gone or member.status != "valid":
        return refused("not_found", "no such trust mark", HTTPStatus.NOT_FOUND)
    entity_id, code = member.entity_id, member.code
    token = kept(("mark", entity_id, code, seal.federation.current.kid), now, lambda: seal.mark(entity_id, code, now))
    return answer(token, "application/trust-mark+jwt")


@blueprint.get(anchor.MARKED)
def marked() -> Response:
    """List who bears a mark of the given type (8.5)."""
    if request.args.get("trust_mark_type") != bureau().seal.mark_type:
        return refused("not_found", "no such trust mark type", HTTPStatus.NOT_FOUND)
    with bureau().storage.transaction() as db:
        valid = select(Member.entity_id).where(Member.status == "valid", ~Member.gone).order_by(Member.entity_id)
        if "sub" in request.args:
            valid = valid.where(Member.entity_id == request.args["sub"])
        return jsonify(list(db.scalars(valid)))


@blueprint.post(anchor.MARK_STATUS)
def mark_status() -> Response:
    """Say how a mark of ours stands (8.4); one that is not ours is unknown."""
    token, seal, now = request.form.get("trust_mark", ""), bureau().seal, bureau().clock()
    standing_now = _standing(token, seal)
    if standing_now is None:
        return refused("not_found", "not a trust mark of this issuer", HTTPStatus.NOT_FOUND)
    name = ("mark status", token, standing_now, seal.federation.current.kid)
    said = kept(name, now, lambda: seal.mark_status(token, standing_now, now))
    return answer(said, "application/trust-mark-status-response+jwt")


def _standing(token: str, seal: Seal) -> str | None:
    try:
        # The mark says itself who bears it; whether it is of ours is for the signature.
        subject = str(peek(token).claims.get("sub"))
        TRUST_MARK.verify(token, seal.trusted(), now=bureau().clock(), issuer=seal.entity_id)
    except TokenExpired:
        return "expired"
    except TokenRefused as error:
        _log.info("trust mark: %s", error.detail)
        return None
    with bureau().storage.transaction() as db:
        member = find(db, subject)
    return "active" if member is not None and not member.gone and member.status == "valid" else "revoked"
