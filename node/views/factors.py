"""本人確認の方法: one's own authenticator app, printed sheet and passkeys. Whatever changes them needs a fresh sign-in."""

import io
from http import HTTPStatus

import segno
from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import CodeRefused, NotFound, PasskeyRefused, SignInTooOld, TachiyoriError
from federation.web.tongue import say
from federation.wording import phrase
from node import notices
from node.people import assurance, authenticator, codesheet, factors, passkeys, sessions
from node.people.sealing import Seal
from node.views import questions, town
from node.views.session import demand, demand_fresh, keep, me, secret, sign_in_anew, signed_in, site

blueprint = Blueprint("factors", __name__)
"""For ``Audience.STAFF``."""

_WORDS = {
    ("app", "create"): phrase("認証アプリを登録しました。心当たりがないときは、すぐに人事担当へ連絡してください。"),
    ("app", "delete"): phrase("認証アプリを削除しました。心当たりがないときは、すぐに人事担当へ連絡してください。"),
    ("sheet", "create"): phrase("コード表を作成しました。心当たりがないときは、すぐに人事担当へ連絡してください。"),
    ("sheet", "delete"): phrase("コード表を無効にしました。心当たりがないときは、すぐに人事担当へ連絡してください。"),
    ("passkey", "create"): phrase("パスキーを登録しました。心当たりがないときは、すぐに人事担当へ連絡してください。"),
    ("passkey", "delete"): phrase("パスキーを削除しました。心当たりがないときは、すぐに人事担当へ連絡してください。"),
}


@blueprint.get("/me/factors")
def overview() -> Response:
    """Show what this person signs in with."""
    return _overview()


def _overview(error: TachiyoriError | None = None) -> Response:
    with town().storage.transaction() as db:
        held = factors.held(db, me().id)
    options = passkeys.creation(site(), me(), held.passkeys, questions.ask(), secret=secret())
    demanded = not me().role_names.isdisjoint(town().config.second_factor_for)
    page = render_template("factors.html", held=held, options=options, error=error, demanded=demanded)
    return make_response(page, error.status if error else HTTPStatus.OK)


@blueprint.errorhandler(SignInTooOld)
def sign_in_again(error: SignInTooOld) -> Response:
    """Lead to the sign-in and back to the overview."""
    return sign_in_anew(error, url_for("factors.overview"))


@blueprint.before_request
def admit_changes() -> None:
    """Let nobody change anything whose sign-in is old, or who has a second factor and has not shown it.

    An app's secret is for one session, so it is asked before the secret is shown: nobody scans one in vain.
    """
    if request.endpoint == "factors.overview":
        return
    demand_fresh()
    with town().storage.transaction() as db:
        has_more = bool(factors.held(db, me().id))
    if has_more:
        demand(assurance.TWO_FACTORS)


# --- The authenticator app ----------------------------------------------------------------------------------------------


@blueprint.get("/me/factors/app")
def show_app() -> Response:
    """Show the secret as a drawn code and to be typed, and ask for the code that the app makes of it."""
    return _app_page()


def _app_page(error: TachiyoriError | None = None) -> Response:
    with town().storage.transaction() as db:
        if factors.held(db, me().id).app:
            return redirect(url_for("factors.overview"), HTTPStatus.SEE_OTHER)
    typed = _app_secret()
    grouped = " ".join(typed[at : at + 4] for at in range(0, len(typed), 4))
    page = render_template("authenticator.html", secret=grouped, error=error)
    return make_response(page, error.status if error else HTTPStatus.OK)


def _app_secret() -> str:
    with town().storage.transaction(write=True) as db:
        return authenticator.secret_for(db, me().id, _seal(), session=signed_in().session)


@blueprint.get("/me/factors/app.svg")
def draw_app() -> Response:
    """Draw the address that an app reads; only while the app has not been confirmed."""
    address = authenticator.address(_app_secret(), number=me().number, town=town().config.name)
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", border=2, xmldecl=False, svgclass=None, lineclass=None, scale=4
    )
    return current_app.response_class(drawn.getvalue(), mimetype="image/svg+xml")


@blueprint.post("/me/factors/app")
def confirm_app() -> Response:
    """Take the app as this person's when it shows the right code; the session has then shown two factors."""
    code, now = codesheet.plain(request.form.get("code", "")[:20]), town().clock()
    with town().storage.transaction(write=True) as db:
        right = authenticator.confirm(db, me().id, code, _seal(), session=signed_in().session, now=now)
        if right:
            _tell(db, "app", "create")
    if not right:
        return _app_page(CodeRefused("the app's first code was wrong"))
    return _surer(
        phrase("認証アプリを登録しました。スマートフォンをなくしたときのために、コード表も作っておくと安心です。")
    )


@blueprint.post("/me/factors/app/remove")
def remove_app() -> Response:
    """Forget the app."""
    with town().storage.transaction(write=True) as db:
        if authenticator.remove(db, me().id):
            _tell(db, "app", "delete")
    return _done(phrase("認証アプリを削除しました。"))


# --- The printed sheet --------------------------------------------------------------------------------------------------


@blueprint.post("/me/factors/sheet")
def print_sheet() -> Response:
    """Make a new sheet and show it once, to be printed; the codes of an older one are good no more."""
    codes = codesheet.fresh()
    digests = codesheet.digests(codes)
    with town().storage.transaction(write=True) as db:
        codesheet.replace(db, me().id, digests)
        _tell(db, "sheet", "create")
    return make_response(render_template("codesheet.html", codes=codes, made=town().clock()))


@blueprint.post("/me/factors/sheet/remove")
def remove_sheet() -> Response:
    """Make every code of the sheet worthless."""
    with town().storage.transaction(write=True) as db:
        if codesheet.remove(db, me().id):
            _tell(db, "sheet", "delete")
    return _done(phrase("コード表を無効にしました。"))


# --- Passkeys -----------------------------------------------------------------------------------------------------------


@blueprint.post("/me/factors/passkeys")
def add_passkey() -> Response:
    """Keep the passkey that the browser has made; the session has then shown two factors."""
    answer, name, now = request.form.get("credential", ""), request.form.get("name", ""), town().clock()
    try:
        challenge = questions.answered()
        with town().storage.transaction(write=True) as db:
            passkeys.register(db, site(), me(), answer, challenge=challenge, secret=secret(), name=name, now=now)
            _tell(db, "passkey", "create")
    except PasskeyRefused as error:
        return _overview(error)
    return _surer(phrase("パスキーを登録しました。"))


@blueprint.post("/me/factors/passkeys/<int(max=2147483647):passkey_id>/remove")
def remove_passkey(passkey_id: int) -> Response:
    """Forget one passkey."""
    with town().storage.transaction(write=True) as db:
        if not passkeys.remove(db, me().id, passkey_id):
            raise NotFound(f"passkey {passkey_id}")
        _tell(db, "passkey", "delete")
    return _done(phrase("パスキーを削除しました。"))


def _seal() -> Seal:
    return Seal(town().config.data)


def _tell(db: Session, factor: str, change: str) -> None:
    """Leave the line, and tell the person, whoever it was at the keyboard."""
    now, who = town().clock(), f"staff:{me().id}"
    audit.record(db, event="factor", actor=who, subject=who, verdict="allowed", reason=f"{change} {factor}", now=now)
    notices.tell(db, me().id, _WORDS[factor, change], now=now, link=url_for("factors.overview"))


def _surer(words: str) -> Response:
    """Go on in a new session that has shown two factors."""
    with town().storage.transaction(write=True) as db:
        surer = sessions.raised(db, signed_in(), assurance.TWO_FACTORS, user_agent=request.user_agent.string)
    keep(surer)
    return _done(words)


def _done(words: str) -> Response:
    flash(say(words), "success")
    return redirect(url_for("factors.overview"), HTTPStatus.SEE_OTHER)
