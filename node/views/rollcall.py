"""在館者確認: is everybody safe? One press begins it, several wardens mark in big rows, and it ends with who was missing."""

from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import Conflict, RollCallOver
from federation.web.tongue import say
from federation.wording import phrase
from node.host import assistance, reception, rollcall, rollreports
from node.host.reception import Guest
from node.host.rollcall import Roll
from node.host.rollreports import Reporter
from node.models.rollcalls import RollCall
from node.views import town
from node.views.privacy.assistance import named as help_of
from node.views.reception import chosen_site, published_sites, viewer

blueprint = Blueprint("rollcall", __name__)
"""For ``Audience.RECEPTION``."""

OUTCOMES = {
    "seen": phrase("確認済"),
    "sheltering": phrase("庁舎待機"),
    "left": phrase("退庁済み"),
    "missing": phrase("未確認"),
}
TONES = {"seen": "green", "sheltering": "blue", "left": "neutral", "missing": "red"}


@blueprint.get("/reception/rollcall")
def show() -> Response:
    """Show the roll call that is open, or who is in the building and the press that begins one."""
    return _page()


@blueprint.post("/reception/rollcall")
def begin() -> Response:
    """Begin a roll call, or join the one that is open."""
    now, site_id, is_drill = town().clock(), chosen_site(), bool(request.form.get("drill"))
    with town().storage.transaction(write=True) as db:
        site_id = site_id if site_id in {site.id for site in published_sites(db)} else ""
        call = rollcall.begin(db, site_id=site_id, is_drill=is_drill, by=viewer(), now=now)
        audit.record(db, event="roll-call-begun", actor=viewer(), subject=call.id, verdict="allowed", now=now)
    return redirect(url_for("rollcall.show", site=site_id or None), HTTPStatus.SEE_OTHER)


@blueprint.post("/reception/rollcall/<uuid:call_id>/people/<string(maxlength=36):key>")
def account_for(call_id: object, key: str) -> Response:
    """確認済, 庁舎待機, or take it back, for one person who is in the building."""
    now, last = town().clock(), request.form.get("last", "0")
    answer = rollcall.read_answer(request.form.get("answer", "seen"))
    try:
        with town().storage.transaction(write=True) as db:
            call = rollcall.get(db, str(call_id))
            number = int(last) if last.isascii() and last.isdigit() and len(last) < 10 else 0
            rollcall.account_for(db, call, key, answer, last=number, by=viewer(), now=now)
            audit.record(
                db, event="roll-call-answer", actor=viewer(), subject=key, verdict="allowed", reason=answer, now=now
            )
    except RollCallOver as error:
        flash(say(error.words), "warning")
        return redirect(url_for("rollcall.over", call_id=call_id, site=chosen_site() or None), HTTPStatus.SEE_OTHER)
    except Conflict as error:
        return _page(error=say(error.words))
    return redirect(url_for("rollcall.show", site=chosen_site() or None), HTTPStatus.SEE_OTHER)


@blueprint.post("/reception/rollcall/<uuid:call_id>/end")
def end(call_id: object) -> Response:
    """End it: who is missing now is written down, and every town is told of its own people."""
    now, here = town().clock(), town()
    reporter = Reporter(here.config.entity_id, here.config.code, here.keys.protocol)
    try:
        with here.storage.transaction(write=True) as db:
            call = rollcall.get(db, str(call_id))
            found = rollreports.end(db, reporter, call, by=viewer(), now=now)
            missing = f"{len(found.missing)} missing of {len(found.people)}"
            audit.record(
                db, event="roll-call-ended", actor=viewer(), subject=call.id, verdict="allowed", reason=missing, now=now
            )
    except RollCallOver:
        # Two wardens pressed it: the second sees what the first has ended.
        pass
    return redirect(url_for("rollcall.over", call_id=call_id, site=chosen_site() or None), HTTPStatus.SEE_OTHER)


@blueprint.get("/reception/rollcall/<uuid:call_id>")
def over(call_id: object) -> str:
    """Show how a roll call ended: first who was missing."""
    now = town().clock()
    with town().storage.transaction(write=True) as db:
        call = rollcall.get(db, str(call_id))
        people = rollcall.roll(db, call, now, by=viewer()).people
        kept, sites = rollcall.outcomes(db, call), published_sites(db)
        homes = rollreports.told_homes(db, call)
        return render_template(
            "reception/rollcall_over.html",
            call=call,
            people=people,
            kept=kept,
            assisted=assistance.of(db, [one.guest for one in people], now),
            help_of=help_of,
            homes=homes,
            outcomes=OUTCOMES,
            tones=TONES,
            sites=sites,
            site_id=chosen_site(),
        )


@blueprint.get("/reception/rollcall/list")
def paper() -> str:
    """Return the list to print before the power goes, with boxes to tick; what was marked so far is on it."""
    now, site_id = town().clock(), chosen_site()
    with town().storage.transaction(write=True) as db:
        call, sites = rollcall.current(db, site_id), published_sites(db)
        roll = _roll(db, call, now)
        return render_template(
            "reception/rollcall_list.html",
            call=call,
            roll=roll,
            assisted=assistance.of(db, [one.guest for one in roll.people], now),
            help_of=help_of,
            now=now,
            outcomes=OUTCOMES,
            sites=sites,
            site_id=site_id,
        )


def _roll(db: Session, call: RollCall | None, now: datetime) -> Roll:
    if call is None:
        return rollcall.present(db, now, by=viewer(), site_id=chosen_site())
    return rollcall.roll(db, call, now, by=viewer())


def _page(error: str = "") -> Response:
    now, site_id = town().clock(), chosen_site()
    with town().storage.transaction(write=True) as db:
        call, sites = rollcall.current(db, site_id), published_sites(db)
        elsewhere = rollcall.open_elsewhere(db, site_id)
        roll = _roll(db, call, now)
        expected = [one for one in reception.seats_today(db, now, site_id=site_id or None) if _is_expected(one, now)]
        page = render_template(
            "reception/rollcall.html",
            now=now,
            call=call,
            roll=roll,
            assisted=assistance.of(db, [one.guest for one in roll.people], now),
            help_of=help_of,
            expected=expected,
            elsewhere=elsewhere,
            past=rollcall.latest(db, site_id),
            error=error,
            outcomes=OUTCOMES,
            tones=TONES,
            sites=sites,
            site_id=site_id,
        )
    return make_response(page, HTTPStatus.CONFLICT if error else HTTPStatus.OK)


def _is_expected(guest: Guest, now: datetime) -> bool:
    return guest.arrived_at is None and now < guest.end
