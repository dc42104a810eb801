"""メールでのお知らせ: where a person is written to, of what, and in which language. Mail itself decides nothing."""

from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.errors import BadMailAddress, BadMailCode, NotFound, TachiyoriError, TooMany
from federation.language import NAMES, negotiate
from federation.web.tongue import current, say
from federation.wording import phrase
from node import letters
from node.people import mailboxes
from node.views import town
from node.views.session import me

blueprint = Blueprint("mail", __name__)
"""For ``Audience.STAFF``."""


@blueprint.get("/me/mail")
def show() -> Response:
    """Show the address, whether it is confirmed, and the kinds."""
    return _page()


def _page(error: TachiyoriError | None = None, typed: str = "") -> Response:
    now = town().clock()
    with town().storage.transaction() as db:
        wish = mailboxes.of(db, me().id)
    waits = wish is not None and wish.pending_until is not None and now < wish.pending_until
    page = render_template(
        "mail.html",
        wish=wish,
        waits=waits,
        error=error,
        typed=typed,
        kinds=letters.KINDS,
        chosen=wish.kinds.split() if wish else [],
        languages=list(NAMES.items()),
        sends=town().config.smtp is not None,
    )
    return make_response(page, error.status if error else HTTPStatus.OK)


@blueprint.post("/me/mail/address")
def ask() -> Response:
    """Send a code to an address."""
    if town().config.smtp is None:
        raise NotFound("this town sends no mail")
    typed = request.form.get("address", "")
    try:
        with town().storage.transaction(write=True) as db:
            mailboxes.ask(db, me().id, typed, locale=current(), now=town().clock())
    except (BadMailAddress, TooMany) as error:
        return _page(error, typed[:300])
    flash(say(phrase("確認コードを送りました。届いた6桁の数字を入力してください。")), "success")
    return _back()


@blueprint.post("/me/mail/code")
def confirm() -> Response:
    """Let the address count whose code is typed."""
    secret = mailboxes.secret_of(town().config)
    with town().storage.transaction(write=True) as db:
        right = mailboxes.confirm(db, me().id, request.form.get("code", ""), secret=secret, now=town().clock())
    if not right:
        return _page(BadMailCode("not the code", field="code"))
    flash(say(phrase("メールアドレスを確認しました。これからのお知らせをメールでも送ります。")), "success")
    return _back()


@blueprint.post("/me/mail/kinds")
def choose() -> Response:
    """Keep the kinds and the language."""
    language = negotiate((request.form.get("language", ""),))
    with town().storage.transaction(write=True) as db:
        mailboxes.choose(db, me().id, request.form.getlist("kinds"), language)
    flash(say(phrase("受け取るお知らせを保存しました。")), "success")
    return _back()


@blueprint.post("/me/mail/remove")
def remove() -> Response:
    """Forget the address."""
    with town().storage.transaction(write=True) as db:
        mailboxes.remove(db, me().id, now=town().clock())
    flash(say(phrase("メールアドレスを削除しました。お知らせは、この画面の「お知らせ」でご覧ください。")), "success")
    return _back()


def _back() -> Response:
    return redirect(url_for("mail.show"), HTTPStatus.SEE_OTHER)
