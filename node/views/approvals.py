"""承認: what waits for me, by when, from whom and where? One or several decided by one press, with a reason for a no."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation.web.tongue import say
from federation.wording import phrase
from node.home import approvals, needs
from node.home.approvals import Act, Decided
from node.home.wishes import JAPAN
from node.models.approvals import Approval
from node.models.trips import Trip
from node.views import town
from node.views.filled import Filled
from node.views.session import me
from node.views.shown import WORK_KINDS, shown

blueprint = Blueprint("approvals", __name__)
"""For ``Audience.STAFF``: each sees what they may decide, which is nothing for most."""

ACTS: dict[str, Act] = {"approve": "approved", "return": "returned", "refuse": "refused"}
STATES = {
    "draft": (phrase("受入団体に問い合わせています"), "neutral"),
    "asked": (phrase("承認待ち"), "yellow"),
    "approved": (phrase("承認"), "green"),
    "covered": (phrase("包括承認の範囲内"), "green"),
    "returned": (phrase("差戻し"), "orange"),
    "refused": (phrase("不承認"), "red"),
    "lapsed": (phrase("期限切れ"), "neutral"),
    "withdrawn": (phrase("取下げ"), "neutral"),
}
"""States of an approval: words and the tone of their chip."""
_DONE = {
    "approved": phrase("%(count)s件を承認しました。"),
    "returned": phrase("%(count)s件を差し戻しました。"),
    "refused": phrase("%(count)s件を不承認としました。"),
}
_LATE = phrase(
    "%(count)s件は座席の確保の期限が過ぎていたため、予約は確定していません。申請した方に、もう一度申し込めることをお知らせしました。"
)
_GONE = phrase("%(count)s件は、すでにほかの人が決めたか、取り下げられています。")
_NOTHING = phrase("承認する予約を選んでください。")
WHY = phrase("差戻しと不承認には、理由を入力してください。申請した方に伝わります。")
LONGEST = 500


@dataclass(frozen=True)
class Stay:
    """One trip as an approver sees it: where and when, in words."""

    where: str
    when: Markup
    work_kind: str
    yen: int


@dataclass(frozen=True)
class Asked:
    """One question: from whom, for what, by when, and how it was decided."""

    row: Approval
    stays: Sequence[Stay]
    deadline: datetime | None
    chip: tuple[str, str]
    state: str = ""


@blueprint.get("/manager/approvals")
def show() -> Response:
    """Show what waits, and what was decided lately."""
    return _page(Filled(request.form))


@blueprint.post("/manager/approvals")
def decide() -> Response:
    """Decide what is ticked; a no needs its reason."""
    form = Filled(request.form)
    act = ACTS.get(form.choice("act", ACTS))
    reason = form.text("reason", longest=LONGEST, lines=False)
    chosen = [one[:36] for one in form.form.getlist("approval")[: approvals.LISTED]]
    if not chosen:
        form.wrong("approval", _NOTHING)
    if act != "approved" and not reason:
        form.wrong("reason", WHY)
    if form.errors or act is None:
        return _page(form)
    say_what_came(approvals.decide(town(), chosen, act, me(), reason, now=town().clock()), act)
    return redirect(url_for("approvals.show"), HTTPStatus.SEE_OTHER)


def say_what_came(result: Decided, act: Act) -> None:
    """Tell who decided what came of it, the truth where it came too late."""
    if result.done:
        flash(say(_DONE[act], count=result.done), "success")
    if result.late:
        flash(say(_LATE, count=result.late), "warning")
    if result.gone:
        flash(say(_GONE, count=result.gone), "info")


def asked(row: Approval, *, now: datetime) -> Asked:
    """Return a question as pages show it."""
    stays = [_stay(trip, now) for trip in row.trips]
    words, tone = STATES[row.state]
    return Asked(row, stays, approvals.deadline(row), (say(words), tone), row.state)


def _stay(trip: Trip, now: datetime) -> Stay:
    it = shown(trip, now=now)
    where = f"{trip.host_name} {it.site.name} {it.desk.room_name} {it.desk.name}"
    return Stay(where, it.when, say(WORK_KINDS[trip.work_kind]), trip.price_yen)


def standing_with(db: Session, trip_id: str, now: datetime) -> tuple[Asked, str] | None:
    """Return how it stands with the approval of a trip and who may decide, or decided; None where none is needed."""
    row = needs.find(db, trip_id)
    if row is None:
        return None
    names = "、".join(one.name for one in needs.who(db, row, now)) if row.state in {"draft", "asked"} else ""
    return asked(row, now=now), names or (row.by.name if row.by else row.standing.by.name if row.standing else "")


def _page(form: Filled) -> Response:
    now = town().clock()
    with town().storage.transaction() as db:
        waiting = [asked(one, now=now) for one in approvals.waiting(db, me(), now=now)]
        decided = [asked(one, now=now) for one in approvals.decided_by(db, me())]
    page = render_template(
        "approvals.html",
        waiting=waiting,
        decided=decided,
        zone=JAPAN,
        form=form,
        errors=form.errors,
        chosen=form.form.getlist("approval"),
        longest=LONGEST,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK)
