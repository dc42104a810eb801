"""Signed words for anybody: federation endpoints that both parties have (OpenID Federation 1.1, 8), and their errors (8.9).

What takes a signature is kept for a while, so that nobody can keep the keys busy by asking.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import cast

from flask import Response, current_app, jsonify, request

from federation import entity, resolution
from federation.chain import Anchor
from federation.errors import MemberSuspended, NotAMember, TrustBroken
from federation.keys import KeyRing
from federation.members import AnchorSeen, Members

STATEMENT = "application/entity-statement+jwt"
_EXTENSION = "tachiyori-signed"
_FRESH = timedelta(minutes=1)
_MOST = 1024


@dataclass
class _Kept:
    """Tokens by name, the longest unused forgotten first."""

    tokens: OrderedDict[Hashable, tuple[datetime, str]] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def kept(name: Hashable, now: datetime, sign: Callable[[], str]) -> str:
    """Return the token of this name as signed within the last minute, or sign it; ``name`` says all it depends on."""
    store = cast(_Kept, current_app.extensions.setdefault(_EXTENSION, _Kept()))
    with store.lock:
        at, token = store.tokens.get(name, (None, ""))
    if at is None or not at <= now < at + _FRESH:
        at, token = now, sign()
    with store.lock:
        store.tokens[name] = (at, token)
        store.tokens.move_to_end(name)
        while len(store.tokens) > _MOST:
            store.tokens.popitem(last=False)
    return token


def answer(token: str, media: str, *, seconds: int = 0) -> Response:
    """Answer with a token, which caches may keep for so many seconds."""
    response = current_app.response_class(token, content_type=media)
    if seconds:
        response.headers["Cache-Control"] = f"public, max-age={seconds}"
    return response


def refused(error: str, description: str, status: HTTPStatus) -> Response:
    """Answer as 8.9 asks: both members are required there."""
    response = jsonify(error=error, error_description=description)
    response.status_code = status
    return response


def history(entity_id: str, federation: KeyRing, now: datetime) -> Response:
    """Give out the federation keys of former times (8.7)."""

    def sign() -> str:
        return entity.historical_keys(issuer=entity_id, federation=federation, keys=federation.historical(), now=now)

    token = kept(("history", federation.current.kid), now, sign)
    return answer(token, "application/jwk-set+jwt", seconds=60)


def resolve(entity_id: str, federation: KeyRing, members: Members, now: datetime) -> Response:
    """Resolve a member's metadata (8.3), from what is in the table: nobody is called because somebody asks (18.1)."""
    subject, anchors = request.args.get("sub", ""), request.args.getlist("trust_anchor")
    if not subject or not anchors:
        return refused("invalid_request", "sub and trust_anchor are needed", HTTPStatus.BAD_REQUEST)
    try:
        anchor = members.anchor()
        if anchor.entity_id not in anchors:
            return refused("invalid_trust_anchor", "no chain ends there", HTTPStatus.NOT_FOUND)
        statements = _statements(members, subject, anchor, now)
        resolved = resolution.resolve(statements, anchor, types=frozenset(request.args.getlist("entity_type")), now=now)
        token = kept(
            (statements, frozenset(resolved.metadata), resolved.marks, federation.current.kid),
            now,
            lambda: resolution.respond(resolved, statements, resolver=entity_id, signer=federation, now=now),
        )
    except (NotAMember, MemberSuspended):
        return refused("invalid_subject", "no member of that name stands", HTTPStatus.NOT_FOUND)
    except TrustBroken:
        return refused("invalid_trust_chain", "its chain does not hold", HTTPStatus.BAD_REQUEST)
    return answer(token, "application/resolve-response+jwt")


def _statements(members: Members, subject: str, anchor: Anchor, now: datetime) -> tuple[str, ...]:
    """Return the chain of a member that stands now: the newest status list has its say too."""
    with members.storage.transaction() as db:
        row = members.row(db, subject)
        members.verify(db, row, now)
        own = db.get_one(AnchorSeen, anchor.entity_id).configuration
        return resolution.path(row.configuration, row.statement, own, anchor)
