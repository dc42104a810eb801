"""受付: somebody at the door whom nobody announced. A free desk now, until their home books or they leave."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import BadInput, DeskKept, DeskTaken, MemberSuspended
from federation.web import entrance
from federation.web.entrance import Entrance
from federation.web.tongue import say, zone
from federation.wording import phrase
from node.host import opening, walk_ins
from node.host.walk_ins import Vacant
from node.models.sites import Desk
from node.views import homes, town, truetime
from node.views.filled import Filled
from node.views.reception import chosen_site, published_sites, viewer

blueprint = Blueprint("walk_ins", __name__)
"""For ``Audience.RECEPTION``."""

_ORDER = ("home", "name", "section", "desk", "until")
LONGEST_NAME, LONGEST_SECTION = 100, 300
_FEW = 5


@blueprint.get("/reception/walkin")
def new() -> Response:
    """Show the form: whose town, who, which free desk, until when."""
    return _page(Filled(MultiDict()), HTTPStatus.OK)


@blueprint.post("/reception/walkin")
def add() -> Response:
    """Give the desk to somebody at the door; what was typed stays where something is wrong."""
    filled, now = Filled(request.form), town().clock()
    home = home_of(filled, homes.offered())
    name = filled.text("name", longest=LONGEST_NAME, needed=True)
    section = filled.text("section", longest=LONGEST_SECTION)
    with town().storage.transaction(write=True) as db:
        free = {one.desk.id: one for one in _free(db, now)}
        chosen = free.get(filled.choice("desk", free))
        until = _until(filled, chosen, now)
        if chosen is not None and not filled.errors:
            _record(db, filled, chosen.desk, home_code=home, name=name, section=section, until=until, now=now)
    if filled.errors:
        return _page(filled, HTTPStatus.BAD_REQUEST)
    flash(say(phrase("入室を記録しました。")), "success")
    return redirect(url_for("reception.desk", site=chosen_site() or None), HTTPStatus.SEE_OTHER)


@blueprint.post("/reception/walkins/<uuid:walk_in_id>/leave")
def leave(walk_in_id: object) -> Response:
    """退室, now or at the true time that is typed in afterwards."""
    now = town().clock()
    with town().storage.transaction(write=True) as db:
        found = walk_ins.get(db, str(walk_in_id))
        at = truetime.read(found.desk.room.site.zone, found.arrived_at, now)
        walk_ins.leave(db, found.id, now, at=at)
        audit.record(db, event="visit.leave", actor=viewer(), subject=found.id, verdict="allowed", now=now)
    flash(say(phrase("退室を記録しました。")), "success")
    return redirect(url_for("reception.desk", site=chosen_site() or None), HTTPStatus.SEE_OTHER)


def _record(
    db: Session,
    filled: Filled,
    desk: Desk,
    *,
    home_code: str,
    name: str,
    section: str,
    until: datetime,
    now: datetime,
) -> None:
    try:
        made = walk_ins.record(db, desk, home_code=home_code, name=name, section=section, until=until, now=now)
    except (BadInput, DeskKept, DeskTaken) as error:
        filled.refused(error, otherwise="desk")
    except MemberSuspended:
        filled.wrong("home", phrase("この団体の参加は一時停止されているため、入室できません。"))
    else:
        audit.record(db, event="walk-in", actor=viewer(), subject=made.id, verdict="allowed", now=now)


def home_of(filled: Filled, towns: Iterable[Entrance]) -> str:
    """Read whose town it is, by name or code, among these."""
    typed = filled.text("home", longest=LONGEST_NAME, needed=True)
    meant = entrance.named(typed, towns)
    if len(meant) == 1:
        return meant[0].code
    if meant:
        several = phrase("「%(typed)s」にあたる団体が複数あります（%(names)s）。都道府県名から入力してください。")
        filled.wrong("home", several, typed=typed, names="、".join(one.full_name for one in meant[:_FEW]))
    else:
        filled.wrong(
            "home",
            phrase("参加している団体に「%(typed)s」はありません。名称か団体コードを確認してください。"),
            typed=typed,
        )
    return ""


def _until(filled: Filled, chosen: Vacant | None, now: datetime) -> datetime:
    """Read until when the desk is given; all the time that it is free where nothing was typed."""
    minutes = filled.time("until")
    if chosen is None:
        return now
    if minutes is None:
        return chosen.until
    local = chosen.zone
    until = opening.moment(now.astimezone(local).date(), minutes, local)
    if not now < until <= chosen.until:
        said = phrase("この座席は%(time)sまで空いています。それまでの時刻を入力してください。")
        filled.wrong("until", said, time=chosen.until.astimezone(local).strftime("%H:%M"))
    return until


def _free(db: Session, now: datetime) -> Sequence[Vacant]:
    """Return what is free up to midnight in this town."""
    tomorrow = now.astimezone(zone()).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time(), zone())
    return walk_ins.vacant(db, now, midnight.astimezone(now.tzinfo), site_id=chosen_site() or None)


def _page(filled: Filled, status: HTTPStatus) -> Response:
    now, towns = town().clock(), homes.offered()
    with town().storage.transaction() as db:
        free, sites = _free(db, now), published_sites(db)
        page = render_template(
            "reception/walk_in.html",
            filled=filled,
            summary=filled.summary(_ORDER) if filled.errors else (),
            towns=towns,
            free=free,
            sites=sites,
            site_id=chosen_site(),
        )
    return make_response(page, status)
