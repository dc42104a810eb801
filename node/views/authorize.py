"""Signing in at another town as one of ours: the authorization endpoint (RFC 6749, 3.1), and what the person is asked.

What is wrong with the request itself is a page here and never leads anywhere (RFC 9700, 4.1 and 4.11): only a request
that was pushed by an authenticated member has an address to go back to.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Literal
from urllib.parse import urlencode

from flask import Blueprint, after_this_request, current_app, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import audit, entity
from federation.address import Origin
from federation.errors import BadInput, NotSignedIn, SignInRequestGone
from federation.trust import VerifiedMember
from federation.web.headers import content_security_policy
from node.people import assurance
from node.people.provider import codes, consents, pushed
from node.people.provider.asked import Asked, redirect_uris
from node.people.provider.told import WORDS
from node.people.signin import SignedIn
from node.views import session, town

blueprint = Blueprint("authorize", __name__)
"""For ``Audience.PUBLIC``: who is not signed in is sent to do so."""

_TAKEN = frozenset({"client_id", "request_uri"})
_OUR_OWN = frozenset({"lang", "form_token", "decision"})


@dataclass(frozen=True)
class Visit:
    """A request in the browser that opened it, and the town that pushed it, as the registry names it."""

    client: VerifiedMember
    request_uri: str
    asked: Asked
    opened: datetime
    led_away: bool


@blueprint.get(entity.AUTHORIZE)
def authorize() -> Response:
    """Lead the person on: to sign in, to agree, or back to the town with a code."""
    visit = _open(request.args)
    step = _next(visit)
    if step == "sign in":
        return _led_away(visit, url_for(session.SIGN_IN, next=_address(visit)))
    if step == "show more":
        return _led_away(visit, session.surer(_address(visit)))
    if step == "agree":
        return _page(visit)
    return _granted(visit) if step == "grant" else _refused(visit, step)


@blueprint.post(entity.AUTHORIZE)
def decide() -> Response:
    """Do what the person decided, unless something else is to be done first."""
    visit = _open(request.form)
    decision = request.form.get("decision")
    if decision not in {"allow", "refuse"}:
        raise BadInput(f"decision {str(decision)[:20]!r}", field="decision")
    if decision == "refuse":
        return _refused(visit, "access_denied")
    if _next(visit) not in {"agree", "grant"}:
        return redirect(_address(visit), HTTPStatus.SEE_OTHER)
    return _granted(visit)


# --- The request ----------------------------------------------------------------------------------------------


def _open(given: MultiDict[str, str]) -> Visit:
    """Find the request that client and reference name, and nothing else (FAPI 2.0, 5.3.2.2).

    Raises ``BadInput``, ``NotAMember`` and kin, or ``SignInRequestGone``; each is a page of ours.
    """
    if (
        not given.keys() >= _TAKEN
        or not given.keys() <= _TAKEN | _OUR_OWN
        or any(len(all_) > 1 for _, all_ in given.lists())
    ):
        raise BadInput("an authorization request is client_id and request_uri", field="request_uri")
    client = town().members.verified(given["client_id"], town().clock())
    with town().storage.transaction(write=True) as db:
        row = pushed.opened(db, client.entity_id, given["request_uri"], _browser(), now=town().clock())
        visit = Visit(
            client, given["request_uri"], Asked.kept(row.asked), row.opened_at or town().clock(), row.led_away
        )
    if visit.asked.redirect_uri not in redirect_uris(client):
        raise SignInRequestGone("the federation no longer knows the redirect_uri")
    return visit


def _browser() -> str:
    """Return a secret of this browser's, given on the first visit: a session would not outlive the sign-in."""
    name = f"{current_app.config['SESSION_COOKIE_NAME']}-visit"
    secret = request.cookies.get(name, "")[:64] or secrets.token_urlsafe(24)

    @after_this_request
    def keep(response: Response) -> Response:
        secure, life = current_app.config["SESSION_COOKIE_SECURE"], int(pushed.TO_DECIDE.total_seconds())
        response.set_cookie(name, secret, max_age=life, secure=secure, httponly=True, samesite="Lax")
        return response

    return secret


def _address(visit: Visit) -> str:
    return f"{entity.AUTHORIZE}?{urlencode({'client_id': visit.client.entity_id, 'request_uri': visit.request_uri})}"


def _led_away(visit: Visit, address: str) -> Response:
    """Send the person to a form of ours, which sends them back here."""
    with town().storage.transaction(write=True) as db:
        pushed.lead_away(db, visit.request_uri)
    return redirect(address, HTTPStatus.SEE_OTHER)


# --- What is to be done ---------------------------------------------------------------------------------------


def _next(visit: Visit) -> str:
    """Say what is to be done: ``sign in``, ``show more``, ``agree``, ``grant``, or the error code to go back with."""
    asked, who = visit.asked, _signed_in()
    if who is None or who.auth_time < asked.oldest(visit.opened):
        # A town's own provider may know the person still and tell an old time: who comes back so is not sent again.
        return "login_required" if asked.silent or (who and visit.led_away) else "sign in"
    if not (assurance.reaches(who.acr, asked.acr) and assurance.reaches(who.acr, session.demanded())):
        # A second factor is shown on a page of ours (RFC 9470); hardware is the town's own provider's to vouch for.
        shown_here = assurance.reaches(assurance.TWO_FACTORS, asked.acr) and not asked.silent
        return "show more" if shown_here else "unmet_authentication_requirements"
    if not _agreed(visit, who):
        return "consent_required" if asked.silent else "agree"
    return "grant"


def _signed_in() -> SignedIn | None:
    try:
        session.me()
        return session.signed_in()
    except NotSignedIn:
        return None


def _agreed(visit: Visit, who: SignedIn) -> bool:
    """Say whether the person need not be asked again. Who has signed in just for this is shown where it leads.

    A browser refuses to be led from our sign-in form to another town by itself (CSP 3, ``form-action``), and rightly.
    """
    if visit.led_away or "consent" in visit.asked.prompt.split():
        return False
    with town().storage.transaction() as db:
        return consents.covers(db, who.staff_id, visit.client.entity_id, visit.asked.scopes)


def _page(visit: Visit) -> Response:
    with town().storage.transaction() as db:
        known = consents.covers(db, session.me().id, visit.client.entity_id, visit.asked.scopes)
    learned = [words for scope, words in WORDS.items() if scope in visit.asked.scopes]
    page = make_response(render_template("authorize.html", visit=visit, learned=learned, known=known))
    page.headers["Content-Security-Policy"] = content_security_policy((str(Origin.of(visit.asked.redirect_uri)),))
    return page


# --- Back to the town -----------------------------------------------------------------------------------------


def _granted(visit: Visit) -> Response:
    now, who, client = town().clock(), session.signed_in(), visit.client.entity_id
    with town().storage.transaction(write=True) as db:
        _close(db, visit)
        code = codes.issue(db, client, visit.asked, who, now=now)
        consents.give(db, who.staff_id, client, visit.asked.scopes, now=now)
        _record(db, visit, who, "allowed")
    return _back(visit, {"code": code})


def _refused(visit: Visit, error: str) -> Response:
    who = _signed_in()
    with town().storage.transaction(write=True) as db:
        _close(db, visit)
        _record(db, visit, who, "refused", error)
    return _back(visit, {"error": error})


def _close(db: Session, visit: Visit) -> None:
    """Take the request away; of two answers at once the second finds none."""
    if not pushed.close(db, visit.request_uri):
        raise SignInRequestGone("decided already")


def _record(
    db: Session, visit: Visit, who: SignedIn | None, verdict: Literal["allowed", "refused"], reason: str = ""
) -> None:
    actor = f"staff:{who.staff_id}" if who else "nobody"
    audit.record(
        db,
        event="sign-in-elsewhere",
        actor=actor,
        subject=visit.client.entity_id,
        verdict=verdict,
        reason=reason,
        now=town().clock(),
    )


def _back(visit: Visit, answer: Mapping[str, str]) -> Response:
    """Go back, saying who answers (RFC 9207), by a GET whatever brought the person here (RFC 9700, 4.12)."""
    uri = visit.asked.redirect_uri
    state = {"state": visit.asked.state} if visit.asked.state else {}
    query = urlencode({**answer, **state, "iss": town().config.entity_id})
    return redirect(f"{uri}{'&' if '?' in uri else '?'}{query}", HTTPStatus.SEE_OTHER)
