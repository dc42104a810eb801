"""知らせの送信先: where this town's own programs and chats hear of bookings, tried out, paused and taken away."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.errors import BadInput, PeerAddressRefused, TooMany
from federation.language import NAMES, negotiate
from federation.web.tongue import current, say
from federation.wording import phrase
from node.models.webhooks import STYLES, Webhook
from node.people.sealing import WEBHOOKS, Seal
from node.views import town
from node.views.filled import Filled, shown
from node.views.session import me
from node.webhooks import kinds, outcomes, receivers
from node.webhooks.sending import Sender, guard

blueprint = Blueprint("admin_webhooks", __name__)
"""For ``Audience.ADMIN``."""

STYLE_WORDS: Mapping[str, str] = {
    "json": phrase("プログラム（署名付きの JSON）"),
    "teams": phrase("Microsoft Teams のチャネルやチャット（ワークフロー）"),
}
STOP_WORDS: Mapping[str, str] = {
    "admin": phrase("停止中です。停止中に起きたことは、再開しても送りません。"),
    "gone": phrase("受け取り先がもう受け取らないと答えたため、送信を止めました。"),
    "failing": phrase("3日間一度も届かなかったため、送信を止めました。"),
}
_ADDRESS = phrase(
    "「https://」で始まる、名前で書いたアドレスを入力してください。IPアドレスや、利用者名・「#」を含むアドレスは登録できません。"
)
_FULL = phrase("送信先は%(most)s件までです。不要なものを削除してから追加してください。")
_NO_KIND = phrase("知らせる内容を一つ以上選んでください。")


@blueprint.get("/admin/webhooks")
def every() -> str:
    """List the receivers with what became of the last message."""
    with town().storage.transaction() as db:
        found = receivers.every(db)
    return render_template("admin/webhooks.html", found=found, most=receivers.MOST, **_words())


@blueprint.get("/admin/webhooks/new")
def new() -> Response:
    """Show the form of a new one; every kind is chosen."""
    return _form(shown({"style": "json", "locale": current(), "kinds": list(kinds.KINDS)}))


@blueprint.post("/admin/webhooks/new")
def add() -> Response:
    """Add one, and show its secret, this once."""
    form = Filled(request.form)
    name, chosen = _name_and_kinds(form)
    style, address = form.choice("style", STYLES), form.text("url", longest=2048, needed=True)
    if form.errors:
        return _form(form)
    config = town().config
    try:
        with town().storage.transaction(write=True) as db:
            made, secret = receivers.add(
                db,
                Seal(config.data, WEBHOOKS),
                guard(config),
                name=name,
                url=address,
                style=style,
                locale=negotiate((form.typed("locale"),)),
                kinds=chosen,
                by=_by(),
                now=town().clock(),
            )
    except PeerAddressRefused:
        form.wrong("url", _ADDRESS)
        return _form(form)
    except TooMany:
        form.wrong("name", _FULL, most=receivers.MOST)
        return _form(form)
    return _page(made, shown({"name": made.name, "kinds": made.kinds.split()}), secret=secret, added=True)


@blueprint.get("/admin/webhooks/<int:webhook_id>")
def show(webhook_id: int) -> Response:
    """Show one: what it hears, how it does, and what can be done about it."""
    with town().storage.transaction() as db:
        found = receivers.get(db, webhook_id)
    return _page(found, shown({"name": found.name, "kinds": found.kinds.split()}))


@blueprint.post("/admin/webhooks/<int:webhook_id>")
def change(webhook_id: int) -> Response:
    """Give it another name, and other kinds to hear of."""
    form = Filled(request.form)
    name, chosen = _name_and_kinds(form)
    if form.errors:
        with town().storage.transaction() as db:
            found = receivers.get(db, webhook_id)
        return _page(found, form)
    with town().storage.transaction(write=True) as db:
        receivers.choose(db, webhook_id, name=name, kinds=chosen, by=_by(), now=town().clock())
    flash(say(phrase("送信先の設定を保存しました。")), "success")
    return _back(webhook_id)


@blueprint.post("/admin/webhooks/<int:webhook_id>/try")
def try_out(webhook_id: int) -> Response:
    """Send a trial message, and say what became of it."""
    try:
        outcome = Sender(town()).try_out(webhook_id, now=town().clock())
    except TooMany:
        flash(say(phrase("確認の送信は5秒に1回までです。少し待ってから、もう一度お試しください。")), "warning")
        return _back(webhook_id)
    words = say(outcomes.WORDS[outcome.word], status=outcome.status)
    flash(words, "success" if outcome.is_good else "error")
    return _back(webhook_id)


@blueprint.post("/admin/webhooks/<int:webhook_id>/secret")
def turn(webhook_id: int) -> Response:
    """Give it a new secret, and show that, this once."""
    with town().storage.transaction(write=True) as db:
        seal = Seal(town().config.data, WEBHOOKS)
        found, secret = receivers.turn(db, seal, webhook_id, by=_by(), now=town().clock())
    form = shown({"name": found.name, "kinds": found.kinds.split()})
    return _page(found, form, secret=secret, turned=True)


@blueprint.post("/admin/webhooks/<int:webhook_id>/pause")
def pause(webhook_id: int) -> Response:
    """Send it nothing for a while."""
    with town().storage.transaction(write=True) as db:
        receivers.stop(db, receivers.get(db, webhook_id), "admin", by=_by(), now=town().clock())
    flash(say(phrase("送信を停止しました。")), "success")
    return _back(webhook_id)


@blueprint.post("/admin/webhooks/<int:webhook_id>/resume")
def resume(webhook_id: int) -> Response:
    """Send it again what happens from now on."""
    with town().storage.transaction(write=True) as db:
        receivers.resume(db, webhook_id, by=_by(), now=town().clock())
    flash(say(phrase("送信を再開しました。これから起きたことを送ります。")), "success")
    return _back(webhook_id)


@blueprint.post("/admin/webhooks/<int:webhook_id>/delete")
def remove(webhook_id: int) -> Response:
    """Forget it."""
    with town().storage.transaction(write=True) as db:
        receivers.remove(db, webhook_id, by=_by(), now=town().clock())
    flash(say(phrase("送信先を削除しました。")), "success")
    return redirect(url_for("admin_webhooks.every"), HTTPStatus.SEE_OTHER)


def _name_and_kinds(form: Filled) -> tuple[str, list[str]]:
    name, chosen = form.text("name", longest=60, needed=True), form.choices("kinds", kinds.KINDS)
    if not chosen:
        form.wrong("kinds", _NO_KIND)
    return name, chosen


def _form(form: Filled) -> Response:
    page = render_template("admin/webhook_form.html", form=form, languages=list(NAMES.items()), **_words())
    return make_response(page, BadInput.status if form.errors else HTTPStatus.OK)


def _page(found: Webhook, form: Filled, *, secret: str = "", added: bool = False, turned: bool = False) -> Response:
    facts = {"secret": secret, "added": added, "turned": turned}
    page = render_template("admin/webhook.html", it=found, form=form, **facts, **_words())
    return make_response(page, BadInput.status if form.errors else HTTPStatus.OK)


def _words() -> Mapping[str, object]:
    return {
        "styles": STYLE_WORDS,
        "stops": STOP_WORDS,
        "here": kinds.HERE,
        "elsewhere": kinds.ELSEWHERE,
        "kinds": kinds.KINDS,
        "outcomes": outcomes.WORDS,
    }


def _back(webhook_id: int) -> Response:
    where = url_for("admin_webhooks.show", webhook_id=webhook_id)
    return redirect(where, HTTPStatus.SEE_OTHER)


def _by() -> str:
    return f"staff:{me().id}"
