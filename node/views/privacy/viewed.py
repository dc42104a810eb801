"""誰が私の情報を見たか: each look at one's name or card at a host, by role and reason, as the host's own log has it."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.errors import TachiyoriError
from federation.messages.trail import Trail, TrailLine
from federation.web.tongue import say
from federation.wording import phrase
from node.home import pasttrips, viewed
from node.views import town
from node.views.session import me

blueprint = Blueprint("viewed", __name__)
"""For ``Audience.STAFF``."""

WHY: Mapping[tuple[str, str], str] = {
    ("manifest.viewed", "today"): phrase("受付で当日名簿を表示"),
    ("manifest.viewed", "pass"): phrase("利用証・受付番号を確認"),
    ("manifest.viewed", "rollcall"): phrase("在館者確認（点呼）で表示"),
    ("manifest.viewed", "walk-ins"): phrase("予約と結び付いていない来庁を確認"),
    ("manifest.viewed", "closure"): phrase("施設の休止が及ぶ方を確認"),
    ("manifest.viewed", "booking"): phrase("予約の受付の記録を表示"),
    ("door-note", ""): phrase("受付の記録（入館証・同行者など）"),
    ("badge-back", ""): phrase("入館証の返却を記録"),
    ("card.compared", ""): phrase("職員証と利用証を照合"),
    ("roll-call-found", ""): phrase("在館者確認（点呼）で名簿に追加"),
    ("walk-in", ""): phrase("予約のない方の入室を記録"),
    ("roll-call-answer", ""): phrase("点呼で本人を確認"),
    ("visit.arrive", ""): phrase("入室を記録"),
    ("visit.leave", ""): phrase("退室を記録"),
}
ROLES: Mapping[str | None, str] = {
    "reception": phrase("受付・守衛"),
    "site_admin": phrase("施設担当者"),
    "home": phrase("本人（所属団体を通じて）"),
}
_OTHER_ROLE = phrase("その他の担当者")
_OTHER_REASON = phrase("その他の確認")


@blueprint.get("/me/views")
def show() -> Response:
    """Ask the chosen town, at first the one that heard of me last, who saw my name; a town that is away is said to be."""
    person, error, found = me(), None, Trail()
    with town().storage.transaction() as db:
        known = {each.host: each.host_name for each in pasttrips.learned(db, person.id)}
    chosen = request.args.get("town", "")
    chosen = chosen if chosen in known else next(iter(known), "")
    before = _number(request.args.get("before", ""))
    if chosen:
        try:
            found = viewed.at_host(town(), person.id, chosen, before=before)
        except TachiyoriError as away:
            error = away
    older = url_for("viewed.show", town=chosen, before=found.older) if found.older else None
    page = render_template(
        "viewed.html",
        known=known,
        chosen=chosen,
        lines=found.lines,
        error=error,
        why=why,
        role=role,
        older=older,
        newest=url_for("viewed.show", town=chosen) if before else None,
    )
    return make_response(page, HTTPStatus.OK)


def why(line: TrailLine) -> str:
    """Say why somebody looked, in the reader's words."""
    return say(WHY.get((line.event, line.reason)) or WHY.get((line.event, "")) or _OTHER_REASON)


def role(line: TrailLine) -> str:
    """Say as what they looked; never who it was."""
    return say(ROLES.get(line.role, _OTHER_ROLE))


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and 0 < len(typed) < 17 else None
