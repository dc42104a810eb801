"""Signing out here because another town asked for it (OpenID Connect RP-Initiated Logout 1.0); the person has the last word."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation import entity
from federation.address import Origin
from federation.claims import moment
from federation.errors import BadInput, NotSignedIn, TokenRefused
from federation.tokens import ID_TOKEN, peek
from federation.trust import VerifiedMember
from federation.web.headers import cleared, content_security_policy
from node.people.provider.asked import MAX_STATE, redirect_uris
from node.views import session, town

blueprint = Blueprint("logout", __name__)
"""For ``Audience.PUBLIC``: who has signed out already is led on."""

_TAKEN = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")
OLDEST_HINT = timedelta(days=1)


@dataclass(frozen=True)
class Leaving:
    """Which town asked, if one did, and where to go afterwards; what was sent, to be sent along with the answer."""

    client: VerifiedMember | None
    address: str
    sent: Mapping[str, str]


@blueprint.get(entity.LOGOUT)
def ask() -> Response:
    """Ask whether to sign out; who is not signed in goes on at once."""
    leaving = _read(request.args)
    try:
        session.me()
    except NotSignedIn:
        return redirect(leaving.address, HTTPStatus.SEE_OTHER)
    page = make_response(render_template("logout.html", leaving=leaving))
    if leaving.client is not None:
        page.headers["Content-Security-Policy"] = content_security_policy((str(Origin.of(leaving.address)),))
    return page


@blueprint.post(entity.LOGOUT)
def leave() -> Response:
    """Sign out, and go where the town wished."""
    leaving = _read(request.form)
    session.leave()
    return cleared(redirect(leaving.address, HTTPStatus.SEE_OTHER))


def _read(given: Mapping[str, str]) -> Leaving:
    """Read what was asked; raise ``BadInput`` for an address nobody vouches for (RFC 9700, 4.11)."""
    sent = {name: given[name] for name in _TAKEN if name in given}
    client = _client(sent)
    wished, state = sent.get("post_logout_redirect_uri", ""), sent.get("state", "")
    if not wished:
        return Leaving(None, url_for(session.SIGN_IN), sent)
    if client is None or wished not in redirect_uris(client, "post_logout_redirect_uris") or len(state) > MAX_STATE:
        raise BadInput(
            "post_logout_redirect_uri is not one that the federation knows", field="post_logout_redirect_uri"
        )
    query = f"{'&' if '?' in wished else '?'}{urlencode({'state': state})}" if state else ""
    return Leaving(client, wished + query, sent)


def _client(sent: Mapping[str, str]) -> VerifiedMember | None:
    """Return the member that asks, by the ID token it got from us or by its name; we ask the person in any case."""
    client_id = _hinted(sent["id_token_hint"]) if "id_token_hint" in sent else sent.get("client_id")
    if sent.get("client_id", client_id) != client_id:
        raise BadInput("the ID token is for another client", field="client_id")
    return town().members.verified(client_id, town().clock()) if client_id is not None else None


def _hinted(hint: str) -> str:
    """Return whom an ID token of ours was for. It may have expired meanwhile, as the specification expects (2)."""
    own, now = town().config.entity_id, town().clock()
    try:
        issued, audience = _claimed(hint, now)
        ID_TOKEN.verify(hint, town().keys.protocol.public(), now=issued, issuer=own, audience=audience)
    except TokenRefused as error:
        raise BadInput(f"id_token_hint: {error.detail}", field="id_token_hint") from None
    return audience


def _claimed(hint: str, now: datetime) -> tuple[datetime, str]:
    """Return when the hint says it was issued, and for whom: within the days that any session lasts."""
    said = peek(hint).claims
    issued, audience = said.get("iat"), said.get("aud")
    seconds, oldest = int(now.timestamp()), int(OLDEST_HINT.total_seconds())
    if type(issued) is not int or not isinstance(audience, str) or not seconds - oldest <= issued <= seconds:
        raise TokenRefused("no ID token, or older than any session")
    return moment(issued), audience
