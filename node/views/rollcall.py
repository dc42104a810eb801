"""在館者確認: is everybody safe? One press begins it, several wardens mark in big rows, and it ends with who was missing."""

from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import Conflict, MemberSuspended, RollCallOver, TachiyoriError
from federation.members import Member
from federation.web.entrance import Entrance
from federation.web.tongue import say
from federation.wording import phrase
from node.host import assistance, reception, rollcall, rollfound, rollreports, visits
from node.host.reception import Guest
from node.host.rollcall import Roll
from node.host.rollreports import Reporter
from node.models.rollcalls import RollCall
from node.views import town
from node.views.filled import Filled
from node.views.privacy.assistance import named as help_of
from node.views.reception import chosen_site, may_arrive, published_sites, viewer
from node.views.walk_ins import LONGEST_NAME, LONGEST_SECTION, home_of

blueprint = Blueprint("rollcall", __name__)
"""For ``Audience.RECEPTION``."""

OUTCOMES = {
    "seen": phrase("確認済"),
    "sheltering": phrase("庁舎待機"),
    "left": phrase("退庁済み"),
    "missing": phrase("未確認"),
}
_FOUND = ("home", "name", "section", "desk")
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
        return _is_over(call_id, error)
    except Conflict as error:
        return _page(error=error)
    return _back()


@blueprint.post("/reception/rollcall/<uuid:call_id>/expected/<int(max=2147483647):place_id>")
def check_in(call_id: object, place_id: int) -> Response:
    """Somebody is found who was expected and never checked in: 入室 and 確認済 at once."""
    now = town().clock()
    try:
        with town().storage.transaction(write=True) as db:
            call, place = rollcall.get(db, str(call_id)), visits.get_place(db, place_id)
            rollfound.checked_in(db, call, place, by=viewer(), now=now)
            _record(db, event="visit.arrive", subject=place.booking_id, now=now)
            _record(db, event="roll-call-answer", subject=str(place.id), now=now, reason="seen")
    except RollCallOver as error:
        return _is_over(call_id, error)
    except (Conflict, MemberSuspended) as error:
        return _page(error=error)
    return _back()


@blueprint.post("/reception/rollcall/<uuid:call_id>/found")
def write_down(call_id: object) -> Response:
    """Somebody is found whom nobody expected: onto the list, and 確認済 at once."""
    filled, now = Filled(request.form), town().clock()
    home = home_of(filled, _towns())
    name = filled.text("name", longest=LONGEST_NAME, needed=True)
    section = filled.text("section", longest=LONGEST_SECTION)
    try:
        with town().storage.transaction(write=True) as db:
            call = rollcall.get(db, str(call_id))
            desks = {one.id: one for one in rollfound.desks(db, call.site_id)}
            desk = desks.get(filled.choice("desk", desks))
            if desk is not None and not filled.errors:
                who = rollfound.written_down(
                    db, call, desk, home_code=home, name=name, section=section, by=viewer(), now=now
                )
                _record(db, event="roll-call-found", subject=who.id, now=now)
                _record(db, event="roll-call-answer", subject=who.id, now=now, reason="seen")
    except RollCallOver as error:
        return _is_over(call_id, error)
    if filled.errors:
        return _page(filled=filled)
    flash(say(phrase("名簿に加え、確認済にしました。")), "success")
    return _back()


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


def _record(db: Session, *, event: str, subject: str, now: datetime, reason: str = "") -> None:
    audit.record(db, event=event, actor=viewer(), subject=subject, verdict="allowed", reason=reason, now=now)


def _back() -> Response:
    return redirect(url_for("rollcall.show", site=chosen_site() or None), HTTPStatus.SEE_OTHER)


def _is_over(call_id: object, error: RollCallOver) -> Response:
    flash(say(error.words), "warning")
    return redirect(url_for("rollcall.over", call_id=call_id, site=chosen_site() or None), HTTPStatus.SEE_OTHER)


def _towns() -> list[Entrance]:
    """Return whose people may be found: this town, and every member, also one whose word has run out with the registry away."""
    own = town().config
    with town().storage.transaction() as db:
        members = select(Member.code, Member.name, Member.name_kana, Member.name_en)
        rows = db.execute(members.where(~Member.gone, Member.code != own.code)).all()
    return [Entrance(own.code, own.name, "", own.name_en), *(Entrance(*row) for row in rows)]


def _roll(db: Session, call: RollCall | None, now: datetime) -> Roll:
    if call is None:
        return rollcall.present(db, now, by=viewer(), site_id=chosen_site())
    return rollcall.roll(db, call, now, by=viewer())


def _page(*, error: TachiyoriError | None = None, filled: Filled | None = None) -> Response:
    """Show the page; ``error`` is what was not recorded and why, ``filled`` the form of somebody found, with its mistakes."""
    now, site_id, towns = town().clock(), chosen_site(), _towns()
    with town().storage.transaction(write=True) as db:
        call, sites = rollcall.current(db, site_id), published_sites(db)
        elsewhere = rollcall.open_elsewhere(db, site_id)
        roll = _roll(db, call, now)
        expected = [one for one in reception.seats_today(db, now, site_id=site_id or None) if _is_expected(one, now)]
        due = [int(one.key) for one in expected if may_arrive(one, now)] if call else []
        late = reception.of(db, due, [], now, by=viewer()) if due else ()
        page = render_template(
            "reception/rollcall.html",
            now=now,
            call=call,
            roll=roll,
            assisted=assistance.of(db, [*(one.guest for one in roll.people), *late], now),
            help_of=help_of,
            expected=expected,
            due=late,
            elsewhere=elsewhere,
            past=rollcall.latest(db, site_id),
            error=say(error.words, **error.facts) if error else "",
            filled=filled or Filled(MultiDict()),
            summary=filled.summary(_FOUND) if filled else (),
            towns=towns,
            desks=rollfound.desks(db, site_id) if call else (),
            outcomes=OUTCOMES,
            tones=TONES,
            sites=sites,
            site_id=site_id,
        )
    status = HTTPStatus.CONFLICT if error else HTTPStatus.BAD_REQUEST if filled else HTTPStatus.OK
    return make_response(page, status)


def _is_expected(guest: Guest, now: datetime) -> bool:
    return guest.arrived_at is None and now < guest.end
