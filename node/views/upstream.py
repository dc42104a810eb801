"""Signing in by the town's own identity provider: to it, back from it, and out of it."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Blueprint, current_app, jsonify, make_response, redirect, request, url_for
from flask import session as browser
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from federation.errors import NotFound, SignInLapsed, TachiyoriError, TokenRefused, UpstreamDown, UpstreamWrong
from federation.web.audience import Audience, AudiencedFlask, Kind, register
from federation.web.clients import clients
from federation.web.tongue import current
from node import leaving
from node.people import assurance
from node.people.upstream import arrival, attempt, logout
from node.people.upstream.arrival import Gate, Returned
from node.people.upstream.attempt import Attempt
from node.people.upstream.idp import Idp
from node.views import session, town

log = logging.getLogger(__name__)

blueprint = Blueprint("upstream", __name__)
"""For ``Audience.PUBLIC``."""
receiver = Blueprint("upstream_receiver", __name__)
"""For ``Audience.PUBLIC`` as ``Kind.API``: the provider itself calls, with a token of its own."""

CALLBACK = "/upstream/callback"
_EXTENSION = "tachiyori-upstream"
_LONGEST_PATH = 500


def attach(app: AudiencedFlask, idp: Idp | None) -> None:
    """Let every page know the town's own sign-in, or that there is none; with ``idp`` give ``app`` its addresses."""
    app.extensions[_EXTENSION] = idp
    app.context_processor(lambda: {"own_sign_in": _own(idp)})
    if idp is not None:
        app.before_request(_refuse_built_in)
        register(app, blueprint, audience=Audience.PUBLIC)
        register(app, receiver, audience=Audience.PUBLIC, kind=Kind.API)


def _own(idp: Idp | None) -> Mapping[str, object] | None:
    """Return what the sign-in page says of it."""
    if idp is None:
        return None
    settings = idp.settings
    label = settings.label_en if current() == "en" and settings.label_en else settings.label
    return {"label": label, "alone": settings.alone}


def _refuse_built_in() -> None:
    """Where the town turned them off, answer none of the built-in ways to begin a session, whichever there are."""
    begins = request.path.startswith("/signin") and request.path != url_for(session.SECOND)
    if _idp().settings.alone and begins and request.method != "GET":
        raise NotFound("the built-in sign-in is turned off")


@blueprint.post("/upstream/signin")
def go() -> Response:
    """Send the browser to the provider; ``next`` is the page that was wished for, ``anew`` asks not to trust its session."""
    return send(session.safe_path(request.form.get("next", "")), anew="anew" in request.form)


@blueprint.get("/upstream/step-up")
def step_up() -> Response:
    """Send the browser to the provider for a second factor, as a page demands it."""
    return send(session.safe_path(request.args.get("next", "")), minimum=assurance.TWO_FACTORS)


def send(wished: str, *, minimum: str = "", anew: bool = False) -> Response:
    """Begin a sign-in and return the redirect to the provider; afterwards the browser goes on to ``wished``.

    ``minimum`` asks for a 当人認証保証レベル, for what needs a surer sign-in than the present one (RFC 9470).
    """
    idp, now = _idp(), town().clock()
    begun = Attempt.begin(idp.settings, wished[:_LONGEST_PATH], minimum=minimum, anew=anew, now=now)
    try:
        url = attempt.authorization_url(
            idp.metadata(), idp.settings, begun, secret=session.secret(), redirect_uri=_own_origin() + CALLBACK
        )
    except (UpstreamDown, UpstreamWrong) as error:
        log.warning("upstream: nobody can sign in: %s: %s", error.code, error.detail)
        return _refused(error, wished)
    answer = redirect(url, HTTPStatus.SEE_OTHER)
    _keep(answer, begun)
    return answer


@blueprint.get(CALLBACK)
def come_back() -> Response:
    """Finish the sign-in this browser began, and go on to the page that was wished for."""
    state = _state()
    wished = "/"
    try:
        begun = _begun(state)
        wished = begun.wished
        gate = Gate(_idp(), town().storage, clients().refusals, session.secret(), _own_origin() + CALLBACK)
        returned = Returned(_only("code"), _only("iss"), _only("error"))
        signed_in = arrival.arrive(gate, begun, returned, town().clock())
        onward = logout.onward(_idp(), _own_origin() + url_for(session.SIGN_IN))
    except TachiyoriError as error:
        return _forgetting(_refused(error, wished), state)
    session.begin(signed_in)
    browser[session.ONWARD] = onward
    if _idp().settings.shows_two_factors:
        browser[session.STEP_UP] = "upstream.step_up"
    return _forgetting(redirect(wished, HTTPStatus.SEE_OTHER), state)


@receiver.post("/upstream/logout")
def end_sessions() -> Response:
    """Take a logout token (Back-Channel Logout 1.0, 2.5 to 2.8): every session of its person ends, at hosts too.

    All of them, where it names one: a person signs in again more easily than a thief is put out.
    """
    tokens, now = request.form.getlist("logout_token"), town().clock()
    try:
        claims = logout.verified(_idp(), tokens[0] if len(tokens) == 1 else "", now)
        with town().storage.transaction(write=True) as db:
            person = logout.person_of(db, claims, now=now)
            leaving.end_sessions(db, person, by=claims.issuer, initiator="policy", now=now)
    except (TokenRefused, UpstreamWrong) as error:
        log.info("upstream: logout token refused: %s", error.detail)
        return make_response(jsonify(error="invalid_request", error_description=error.code), HTTPStatus.BAD_REQUEST)
    return make_response("", HTTPStatus.OK)


@receiver.get("/upstream/jwks")
def jwks() -> Response:
    """Publish the keys we authenticate with at the provider (private_key_jwt)."""
    return jsonify(town().keys.protocol.jwks())


def _refused(error: TachiyoriError, wished: str) -> Response:
    """Show the sign-in page again, with what happened above it."""
    return session.form(wished, error=error)


def _only(name: str) -> str:
    """Return a parameter that stands there once, or nothing."""
    values = request.args.getlist(name)
    return values[0] if len(values) == 1 else ""


def _state() -> str:
    """Return the state, or nothing for what is none of ours: a cookie is called by it."""
    state = _only("state")
    return state if attempt.STATE.fullmatch(state) else ""


def _own_origin() -> str:
    """Return the name of ours that the browser used, out of the configured ones: its cookies are kept for that alone."""
    config = town().config
    used = (origin for origin in config.further_origins if urlsplit(origin).netloc == request.host)
    return next(used, config.entity_id)


def _idp() -> Idp:
    idp: Idp = current_app.extensions[_EXTENSION]
    return idp


# --- The cookie of one attempt: the provider sends browsers back across sites, where Lax cookies go along on a GET. -------


def _cookie(state: str) -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-to-{state[:16]}"


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(session.secret(), salt="upstream attempt")


def _keep(answer: Response, begun: Attempt) -> None:
    answer.set_cookie(
        _cookie(begun.state),
        str(_signer().dumps(begun.kept())),
        max_age=int(attempt.LASTS.total_seconds()),
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )


def _begun(state: str) -> Attempt:
    try:
        kept = _signer().loads(request.cookies.get(_cookie(state), ""))
    except BadSignature:
        raise SignInLapsed("no attempt of this browser has this state") from None
    if not isinstance(kept, Mapping) or kept.get("state") != state:
        raise SignInLapsed("the attempt has another state")
    return Attempt.read(kept)


def _forgetting(answer: Response, state: str) -> Response:
    answer.delete_cookie(
        _cookie(state), secure=bool(current_app.config["SESSION_COOKIE_SECURE"]), httponly=True, samesite="Lax"
    )
    return answer
