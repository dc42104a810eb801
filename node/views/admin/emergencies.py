"""災害時臨時開放 and 臨時閉鎖: asked for on one form, shown as it will be, done by one press; ended and prolonged here."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation.errors import BadInput, Conflict
from federation.members import Member
from federation.messages.emergency import LONGEST
from federation.web.tongue import say
from federation.wording import phrase
from node.host import claims, emergencies, extra_desks, opening, sites
from node.host.closures import Hit
from node.host.emergencies import Plan
from node.host.extra_desks import MOST_TEMPORARY, Extra
from node.models.emergencies import Emergency, EmergencyKind
from node.models.sites import Desk, Site
from node.views import town
from node.views.admin.places import get_site, path_to
from node.views.filled import Filled, shown
from node.views.session import me

blueprint = Blueprint("admin_emergencies", __name__)
"""For ``Audience.ADMIN``."""

KINDS: Mapping[EmergencyKind, str] = {"opening": phrase("災害時臨時開放"), "closing": phrase("臨時閉鎖")}
_SINGLE = ("kind", "reason", "until_day", "until_time", "around_the_clock", "room", "temporary")
_OVER = phrase("この発表は、すでに終わっています。")
_END = phrase("終了は今より後、%(days)s日以内にしてください。")


@dataclass(frozen=True)
class Foreseen:
    """Exactly what one press would do: the plan, the desks it adds, whom a closing hits, and what it takes the place of."""

    plan: Plan
    desks: Sequence[Desk]
    hits: Sequence[Hit]
    instead: Emergency | None

    @property
    def seen(self) -> str:
        """Return a word for all of it, so that nothing is done that was not shown."""
        parts = [hit.booking_id + str(hit.start) + str(hit.end) for hit in self.hits]
        parts += [desk.id + str(desk.published) + desk.pool for desk in self.desks]
        parts.append(self.instead.id if self.instead else "")
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


@blueprint.get("/admin/emergencies")
def every() -> str:
    """Show what stands, what was declared before, and the sites that can be opened or closed."""
    with town().storage.transaction() as db:
        return _overview(db, Filled(request.args))


@blueprint.get("/admin/sites/<uuid:site_id>/emergency")
def plan(site_id: object) -> Response:
    """Ask what is to be done with a site; once all of it is given, show exactly what would happen."""
    asked = "kind" in request.args
    with town().storage.transaction() as db:
        site = get_site(db, site_id)
        filled = Filled(request.args) if asked else shown({"kind": "opening"})
        foreseen = _foresee(db, filled, site) if asked else None
        return _form(db, filled, site, foreseen)


@blueprint.post("/admin/sites/<uuid:site_id>/emergency")
def declare(site_id: object) -> Response:
    """Do it, if what would happen is still what was shown."""
    filled, now = Filled(request.form), town().clock()
    with town().storage.transaction(write=True) as db:
        site = get_site(db, site_id)
        # Nobody books between this look and a closing.
        claims.lock_desks(db, [desk.id for desk in sites.desks_in(db, site)])
        foreseen = _foresee(db, filled, site)
        if foreseen is None:
            return _form(db, filled, site, None)
        if request.form.get("seen") != foreseen.seen:
            return _form(db, filled, site, foreseen, changed=True)
        emergencies.declare(db, foreseen.plan, by=f"staff:{me().id}", now=now)
    done = {
        "opening": phrase("%(name)sの災害時臨時開放を始めました。すべての団体の画面に表示します。"),
        "closing": phrase("%(name)sの臨時閉鎖を始めました。すべての団体の画面に表示します。"),
    }
    flash(say(done[foreseen.plan.kind], name=site.name), "success")
    return redirect(url_for("admin_emergencies.every"), HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/emergencies/<uuid:emergency_id>/end")
def end(emergency_id: object) -> Response:
    """End it before its time, and with ``cancel`` also what is booked under it."""
    try:
        with town().storage.transaction(write=True) as db:
            one = emergencies.get(db, str(emergency_id))
            cancel = bool(request.form.get("cancel"))
            cancelled = emergencies.end(db, one, by=f"staff:{me().id}", now=town().clock(), cancel=cancel)
    except Conflict:
        flash(say(_OVER), "info")
    else:
        told = phrase("終わりました。予約%(count)s件を取り消し、所属団体へ知らせます。")
        flash(say(told, count=cancelled) if cancelled else say(phrase("終わりました。")), "success")
    return redirect(url_for("admin_emergencies.every"), HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/emergencies/<uuid:emergency_id>/prolong")
def prolong(emergency_id: object) -> Response:
    """Let it end later."""
    filled = Filled(request.form)
    try:
        with town().storage.transaction(write=True) as db:
            one = emergencies.get(db, str(emergency_id))
            until = _until(filled, ZoneInfo(get_site(db, one.site_id).zone))
            if until is not None:
                emergencies.prolong(db, one, until, by=f"staff:{me().id}", now=town().clock())
    except Conflict:
        flash(say(_OVER), "info")
        return redirect(url_for("admin_emergencies.every"), HTTPStatus.SEE_OTHER)
    except BadInput:
        words = phrase("終了は今の終了より後、今日から%(days)s日以内にしてください。")
        filled.wrong("until_day", words, days=LONGEST.days)
    if filled.errors:
        with town().storage.transaction() as db:
            return make_response(_overview(db, filled, str(emergency_id)), HTTPStatus.BAD_REQUEST)
    flash(say(phrase("終了を延長しました。すべての団体の表示も変わります。")), "success")
    return redirect(url_for("admin_emergencies.every"), HTTPStatus.SEE_OTHER)


def _foresee(db: Session, filled: Filled, site: Site) -> Foreseen | None:
    """Read what is asked for and look ahead; None where something is wrong, which then stands in ``filled.errors``."""
    now, kind = town().clock(), filled.choice("kind", KINDS)
    reason = filled.text("reason", longest=200, needed=True)
    until = _until(filled, ZoneInfo(site.zone))
    offered = {desk.id: desk for desk in extra_desks.choices(db, site)}
    chosen = filled.choices("desks", list(offered))
    extra = _extra(filled, site, chosen) if kind == "opening" else extra_desks.NOTHING
    if filled.errors or until is None:
        return None
    kinds: Mapping[str, EmergencyKind] = {"opening": "opening", "closing": "closing"}
    wanted = Plan(site, kinds[kind], until, reason, extra, filled.ticked("around_the_clock"))
    try:
        hits = emergencies.hits(db, wanted, now)
    except BadInput:
        filled.wrong("until_day", _END, days=LONGEST.days)
        return None
    desks = [offered[desk_id] for desk_id in wanted.extra.desk_ids]
    return Foreseen(wanted, desks, hits, emergencies.at(db, site.id, now))


def _extra(filled: Filled, site: Site, chosen: Sequence[str]) -> Extra:
    temporary = filled.whole("temporary", 0, MOST_TEMPORARY) or 0
    room = filled.typed("room")
    if temporary and room not in {one.id for one in site.rooms}:
        filled.wrong("room", phrase("臨時の座席を置く部屋を選んでください。"))
    return Extra(tuple(chosen), room if temporary else "", temporary)


def _until(filled: Filled, zone: ZoneInfo) -> datetime | None:
    """Read when it ends, as local day and time; a day alone is meant to its midnight."""
    day, time = filled.day("until_day", needed=True), filled.time("until_time")
    if day is None or filled.errors:
        return None
    return opening.moment(day, 1440 if time is None else time, zone)


def _overview(db: Session, filled: Filled, wrong: str = "") -> str:
    now = town().clock()
    every_site = db.scalars(select(Site).order_by(Site.name, Site.id)).all()
    current = emergencies.standing(db, now)
    return render_template(
        "admin/emergencies.html",
        standing=current,
        booked={one.id: len(emergencies.booked_after(db, one, now)) for one in current},
        past=emergencies.past(db, now),
        sites=every_site,
        names={site.id: site.name for site in every_site},
        kinds=KINDS,
        filled=filled,
        wrong=wrong,
        longest=LONGEST.days,
    )


def _form(db: Session, filled: Filled, site: Site, foreseen: Foreseen | None, *, changed: bool = False) -> Response:
    homes = {hit.home_id for hit in foreseen.hits} if foreseen else set()
    towns = {row.id: row.name for row in db.scalars(select(Member).where(Member.id.in_(homes)))} if homes else {}
    page = render_template(
        "admin/emergency_form.html",
        filled=filled,
        site=site,
        zone=ZoneInfo(site.zone),
        kinds=KINDS,
        choices=[(desk.id, path_to(desk)) for desk in extra_desks.choices(db, site)],
        rooms=[(room.id, room.name) for room in site.rooms],
        foreseen=foreseen,
        added=[path_to(desk) for desk in foreseen.desks] if foreseen else [],
        towns=towns,
        changed=changed,
        kept=[(name, filled.typed(name)) for name in _SINGLE],
        longest=LONGEST.days,
        most=MOST_TEMPORARY,
    )
    status = HTTPStatus.CONFLICT if changed else HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK
    return make_response(page, status)
