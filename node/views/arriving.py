"""Signing in at this host with one's home as OpenID Provider: begun at a desk, answered by the home, ended here.

Beginning is a form of this session, so no link and no QR code starts a sign-in in somebody's browser (no session is fixed
by a sticker), and the browser is led to the home by its own verified metadata.
"""

import logging
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import NotFound, TachiyoriError
from federation.web import entrance
from federation.web.clients import clients
from federation.web.entrance import Entrance
from federation.web.forms import renew
from federation.web.headers import cleared
from node.entity import CALLBACK, SIGNED_OUT
from node.host import guide
from node.host.guide import DeskGuide
from node.people import allowances, visiting
from node.people.visiting import Flow, Visitor
from node.views import homes, town

blueprint = Blueprint("arriving", __name__)
"""For ``Audience.PUBLIC``."""

A_MINUTE = 60
"""So many people of one town may begin to sign in: nobody makes us call a home at will."""
VISITOR = "visitor"
"""Where the session keeps who signed in."""
_FLOW, _LEFT = "visit-flow", "visit-left"
_SIGN_IN = "visit-sign-in"
_log = logging.getLogger(__name__)


@blueprint.get("/visit/signin")
def choose() -> str:
    """Say with which town's sign-in it goes on, or ask for the town; ``desk`` is the id of the desk somebody stands at."""
    offered, wished = _others(), request.args.get("town")
    choice = entrance.choice(offered)
    chosen = choice.last if wished is None else next((one for one in offered if one.code == wished), None)
    it = find_desk(request.args.get("desk", ""))
    return render_template("visit/signin.html", it=it, choice=choice, chosen=chosen, lasts=visiting.LASTS)


@blueprint.post("/visit/signin")
def begin() -> Response:
    """Push the request to the home and lead the browser there; remembers the town.

    The answer is a page and no redirect: a browser holds a form's redirects against our form-action, and the home may
    lead on to a sign-in of its own.
    """
    code, found, now = request.form.get("town", ""), find_desk(request.form.get("desk", "")), town().clock()
    home = visiting.provider(town(), code, now=now)
    with town().storage.transaction(write=True) as db:
        allowances.spend(db, _SIGN_IN, home.entity_id, A_MINUTE, now=now)
    flow, address = visiting.begin(town(), home, _id(found), now=now)
    session[_FLOW] = visiting.kept(flow)
    response = make_response(render_template("visit/onward.html", address=address))
    response.headers["Refresh"] = f"0; url={address}"
    entrance.remember(response, code)
    return response


@blueprint.post("/visit/forget")
def forget() -> Response:
    """Forget the remembered town, as on a shared device."""
    desk = _id(find_desk(request.form.get("desk", "")))
    response = redirect(url_for("arriving.choose", desk=desk or None, town=""), HTTPStatus.SEE_OTHER)
    entrance.forget(response)
    return response


@blueprint.get(CALLBACK)
def callback() -> Response:
    """Take the home's answer, once; whatever was signed in here before is signed out."""
    flow = visiting.read(Flow, session.pop(_FLOW, None))
    try:
        visitor = _signed_in(flow)
    except TachiyoriError as error:
        return _refused(flow, error)
    session.clear()
    renew()
    session.permanent = True
    session[VISITOR] = visiting.kept(visitor)
    return redirect(url_for("visiting.today"), HTTPStatus.SEE_OTHER)


def _signed_in(flow: Flow | None) -> Visitor:
    """Check the answer, use it up and redeem it; no transaction is open while the home is asked."""
    flow, code = visiting.answered(flow, request.args.to_dict(flat=False), now=town().clock())
    with town().storage.transaction(write=True) as db:
        visiting.use_up(db, flow, now=town().clock())
    visitor = visiting.finish(town(), flow, code)
    with town().storage.transaction(write=True) as db:
        said = {"actor": visitor.issuer, "subject": visitor.sub, "jti": visitor.number}
        audit.record(db, event=_SIGN_IN, **said, verdict="allowed", now=town().clock())
    return visitor


def _refused(flow: Flow | None, error: TachiyoriError) -> Response:
    """Say what happened, with the way back to the desk."""
    # A browser proves nothing, and may come back with the same cookie as often as it likes.
    clients().refusals.of_stranger(_SIGN_IN, flow.issuer if flow else request.args.get("iss"), error.code)
    _log.info("visit: %s: %s", error.code, error.detail)
    return make_response(
        render_template("visit/refused.html", error=error, desk=flow.desk if flow else ""), error.status
    )


@blueprint.post("/visit/signout")
def leave() -> Response:
    """End this session, whoever's it is; a copy of its cookie is worth nothing afterwards."""
    visitor = visiting.read(Visitor, session.get(VISITOR))
    session.clear()
    if visitor is not None:
        with town().storage.transaction(write=True) as db:
            visiting.end(db, visitor, now=town().clock())
        session[_LEFT] = visitor.issuer
    return cleared(redirect(SIGNED_OUT, HTTPStatus.SEE_OTHER))


@blueprint.get(SIGNED_OUT)
def ended() -> str:
    """Say that one is signed out here, and offer to sign out at home too; the home may send people back here."""
    issuer, back = str(session.get(_LEFT, "")), town().config.entity_id + SIGNED_OUT
    onward = visiting.sign_out_at_home(town(), issuer, back, now=town().clock()) if issuer else ""
    return render_template("visit/ended.html", onward=onward)


def find_desk(desk_id: str) -> DeskGuide | None:
    """Return the desk of that id if it may be stood at; None for none, so that a wrong address still lets people sign in."""
    try:
        with town().storage.transaction() as db:
            return guide.of_desk(db, str(UUID(desk_id)), town().config) if desk_id else None
    except (NotFound, ValueError):
        return None


def _id(found: DeskGuide | None) -> str:
    return found.desk.id if found else ""


def _others() -> list[Entrance]:
    """Return the towns that may be signed in with; our own people sign in as every day."""
    return [one for one in homes.offered() if one.code != town().config.code]
