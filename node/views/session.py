"""Signing in and out of one's own town, and who is at the keyboard in the present request."""

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from flask import (
    Blueprint,
    Flask,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.wrappers import Response

from federation.errors import (
    DirectoryDown,
    EntryRefused,
    Forbidden,
    NotFound,
    NotSignedIn,
    SecondFactorNeeded,
    SignInLocked,
    SignInRefused,
    SignInTooOld,
    TachiyoriError,
)
from federation.web import headers, problems
from federation.web.audience import Audience, Guard
from federation.web.clients import clients
from federation.web.forms import renew
from federation.web.tongue import say
from node import alarms, notices
from node.models.staff import Staff
from node.people import assurance, factors, outside, passkeys, sessions, signin
from node.people.signin import SignedIn
from node.views import emergencies, questions, town

blueprint = Blueprint("session", __name__)
"""For ``Audience.PUBLIC``."""

SIGN_IN = "session.sign_in"
"""The endpoint to give to ``WebSettings.sign_in``."""
ONWARD = "onward"
"""Where a browser goes after signing out, where the sign-in came from elsewhere: the town's own provider ends its session."""
SECOND = "second.ask"
WAITING = "waiting"
"""Under this name the cookie keeps who has shown the first factor only; nothing else reads it."""
FRESH = timedelta(minutes=15)
ALARMED = frozenset({"site_admin", "personnel"})
"""Whose pages show an alarm on the town's own entry."""
STEP_UP = "step-up"
"""Under this name the cookie keeps the endpoint that asks for a surer sign-in, where that is not our own second factor."""
_WHO = "who"
_WHERE_FACTORS_ARE_MADE = frozenset({"factors"})
"""Whoever must have a second factor, and has none yet, makes one here; who has one shows it here too."""
_START = "/"


@blueprint.get("/signin")
def sign_in() -> Response:
    """Show the form; ``next`` is the page that was wished for."""
    if _WHO in session and request.args.get("next") is None:
        return redirect(_START, HTTPStatus.SEE_OTHER)
    return form(safe_path(request.args.get("next", "")))


@blueprint.post("/signin")
def enter() -> Response:
    """Check number and password, and go on to the page that was wished for."""
    wished, number = safe_path(request.form.get("next", "")), request.form.get("number", "")[:64]
    password = request.form.get("password", "")
    try:
        return proceed(_checked(number, password), wished)
    except (SignInRefused, SignInLocked, EntryRefused, DirectoryDown) as error:
        return form(wished, number=number, error=error)


def _checked(number: str, password: str) -> SignedIn:
    """Ask whoever knows this person's password: the directory here, or the town's own server."""
    ldap, now = town().config.ldap, town().clock()
    if ldap is not None and outside.is_asked(town().storage, number):
        return outside.by_directory(town().storage, ldap, number, password, secret=secret(), now=now)
    return signin.sign_in(town().storage, number, password, secret=secret(), now=now)


@blueprint.post("/signin/proxy")
def enter_by_proxy() -> Response:
    """Sign in whom the proxy in front names; the address is the connection's own, whatever other headers say."""
    proxy, wished = town().config.proxy, safe_path(request.form.get("next", ""))
    if proxy is None:
        raise NotFound("no proxy is trusted here")
    said, address = request.headers.get(proxy.header, ""), request.remote_addr or ""
    try:
        named = outside.by_proxy(town().storage, clients().refusals, proxy, said, address, now=town().clock())
        return proceed(named, wished)
    except EntryRefused as error:
        return form(wished, error=error)


@blueprint.post("/signout")
def leave() -> Response:
    """End this session, whoever's it is; a copy of its cookie is worth nothing afterwards."""
    with contextlib.suppress(NotSignedIn):
        ending = signed_in()
        with town().storage.transaction(write=True) as db:
            sessions.end(db, ending)
    onward = session.get(ONWARD) or url_for(SIGN_IN)
    session.clear()
    return headers.cleared(redirect(onward, HTTPStatus.SEE_OTHER))


def secret() -> str:
    """Return the town's own secret, under which wrong passwords are counted."""
    return str(current_app.secret_key)


def form(wished: str, *, number: str = "", error: TachiyoriError | None = None) -> Response:
    """Return the page to sign in on, with what went wrong before."""
    options = passkeys.request(site(), (), questions.ask())
    proxy = town().config.proxy
    by_proxy = proxy is not None and proxy.is_at(request.remote_addr or "") and proxy.header in request.headers
    page = render_template("signin.html", wished=wished, number=number, error=error, options=options, by_proxy=by_proxy)
    return make_response(page, error.status if error else HTTPStatus.OK)


def safe_path(text: str) -> str:
    """Return ``text`` if it is a path of this node, or the start page (RFC 9700, 4.11: no open redirector)."""
    plain = text.startswith("/") and not text.startswith(("//", "/\\")) and len(text) <= 1000
    return text if plain and text.isprintable() and "\\" not in text else _START


def site() -> passkeys.Site:
    """Return this town's pages as passkeys know them."""
    return passkeys.Site(town().config.entity_id, town().config.name)


def proceed(signed_in: SignedIn, wished: str) -> Response:
    """Go on after a first factor: to the page wished for, or to the second factor where the person has one."""
    with town().storage.transaction() as db:
        has_more = bool(factors.held(db, signed_in.staff_id))
    if has_more and not assurance.reaches(signed_in.acr, assurance.TWO_FACTORS):
        session.clear()
        renew()
        session[WAITING] = _kept(signed_in)
        return redirect(url_for(SECOND, next=wished), HTTPStatus.SEE_OTHER)
    begin(signed_in)
    return redirect(wished, HTTPStatus.SEE_OTHER)


def begin(signed_in: SignedIn) -> None:
    """Begin a session for who has just signed in; nothing of an earlier one remains."""
    with town().storage.transaction(write=True) as db:
        with contextlib.suppress(NotSignedIn):
            sessions.end(db, read(_WHO))
        sessions.begin(db, signed_in, user_agent=request.user_agent.string)
    keep(signed_in)


def keep(signed_in: SignedIn) -> None:
    """Give the browser the cookie of a session that has been written down, and take any earlier one away."""
    session.clear()
    renew()
    session.permanent = True
    session[_WHO] = _kept(signed_in)


def _kept(signed_in: SignedIn) -> dict[str, str | int]:
    return {
        "id": signed_in.staff_id,
        "epoch": signed_in.epoch,
        "acr": signed_in.acr,
        "since": int(signed_in.auth_time.timestamp()),
        "session": signed_in.session,
    }


def signed_in() -> SignedIn:
    """Return the present session's sign-in; raise ``NotSignedIn``."""
    return read(_WHO)


def read(name: str) -> SignedIn:
    """Return a sign-in that the cookie keeps under ``name``; raise ``NotSignedIn``."""
    who = session.get(name)
    if not isinstance(who, Mapping):
        raise NotSignedIn("no session")
    try:
        since = datetime.fromtimestamp(who["since"], UTC)
        return SignedIn(int(who["id"]), int(who["epoch"]), str(who["acr"]), since, str(who["session"]))
    except (KeyError, TypeError, ValueError):
        raise NotSignedIn("a session of another make") from None


def me() -> Staff:
    """Return the person at the keyboard, as the directory knows them now; raise ``NotSignedIn``."""
    if "me" not in g:
        with town().storage.transaction() as db:
            g.me = sessions.still(db, signed_in(), now=town().clock())
            g.unread = notices.unread(db, g.me.id)
            g.alarms = alarms.standing(db) if g.me.role_names & ALARMED else ()
            g.emergency = emergencies.banner(db, town().clock())
    person: Staff = g.me
    return person


def actor() -> str | None:
    """Return who was let in to the present request, as the log names people; None for nobody."""
    return f"staff:{g.me.id}" if "me" in g else None


def admit_staff() -> None:
    """Let anybody of this town in who is signed in, surely enough for their roles."""
    minimum = demanded()
    if request.blueprint not in _WHERE_FACTORS_ARE_MADE:
        demand(minimum)


def demanded() -> str:
    """Return the least 当人認証保証レベル that the town demands of the person at the keyboard."""
    free = me().role_names.isdisjoint(town().config.second_factor_for)
    return assurance.ONE_FACTOR if free else assurance.TWO_FACTORS


def demand(minimum: str) -> None:
    """Ask for a second factor where the present session is less sure than ``minimum`` (RFC 9470).

    Raises ``SecondFactorNeeded``, which leads a browser there and back, or ``Forbidden`` for what no factor here reaches.
    """
    acr = signed_in().acr
    if assurance.reaches(acr, minimum):
        return
    if assurance.reaches(acr, assurance.TWO_FACTORS) or minimum == assurance.HARDWARE_FACTORS:
        raise Forbidden(f"nothing here reaches {minimum}")
    raise SecondFactorNeeded(f"{acr} is less than {minimum}")


def demand_fresh() -> None:
    """Raise ``SignInTooOld`` unless the person signed in within the last minutes."""
    if town().clock() - signed_in().auth_time > FRESH:
        raise SignInTooOld("signed in too long ago")


def sign_in_anew(error: SignInTooOld, wished: str) -> Response:
    """Lead to the sign-in and back. Who is signed in has the town's own provider asked not to trust its session."""
    flash(say(error.words), "info")
    return redirect(url_for(SIGN_IN, next=wished), HTTPStatus.SEE_OTHER)


def _with_role(*roles: str) -> Guard:
    def admit() -> None:
        if me().role_names.isdisjoint(roles):
            raise Forbidden(f"none of the roles {roles}")
        admit_staff()

    return admit


GUARDS: Mapping[Audience, Guard] = {
    Audience.STAFF: admit_staff,
    Audience.ADMIN: _with_role("site_admin"),
    Audience.MANAGER: _with_role("manager"),
    Audience.PERSONNEL: _with_role("personnel"),
    Audience.RECEPTION: _with_role("reception", "site_admin"),
}
"""The checks for people of this town, for ``create_base_app``."""


def attach(app: Flask) -> None:
    """Let every template of ``app`` know who is signed in: ``me`` (or None), ``unread``, the number of new notices, what
    towns have declared (``emergency``), and the ``alarms`` that stand, for those who can do something about them.

    A page that needs one more factor leads to where it is asked for.
    """
    app.context_processor(_who_reads)
    app.register_error_handler(SecondFactorNeeded, _lead_to_second)


def _lead_to_second(error: SecondFactorNeeded) -> Response:
    led = redirect(surer(request.full_path.rstrip("?")), HTTPStatus.SEE_OTHER)
    return led if request.method == "GET" else problems.answer(error)


def surer(wished: str) -> str:
    """Return where the person shows one more factor, to come to ``wished`` afterwards."""
    return url_for(session.get(STEP_UP) or SECOND, next=wished)


def _who_reads() -> dict[str, object]:
    try:
        return {"me": me(), "unread": g.unread, "alarms": g.alarms, "emergency": g.emergency}
    except TachiyoriError:
        return {"me": None, "unread": 0, "alarms": (), "emergency": None}
