"""休止を変更: other times, another reason or other words for a closure that stands, after those it would hit have been shown."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import Conflict, DeskTaken, NotFound
from federation.web.tongue import say
from federation.wording import phrase
from node.host import claims, closures, sites
from node.models.opening import Closure
from node.views import town
from node.views.admin import closing
from node.views.admin.closing import Choices
from node.views.admin.closures import APPLY, is_outdated, names_of, preview, show, who
from node.views.filled import Filled

blueprint = Blueprint("admin_closure_changes", __name__)
"""For ``Audience.ADMIN``."""


@blueprint.get("/admin/closures/<uuid:closure_id>")
def edit(closure_id: object) -> Response:
    """Show a closure as it stands; once something else is asked for, whom that hits."""
    with town().storage.transaction(write=True) as db:
        closure = _standing(db, closure_id)
        if "start_day" not in request.args:
            zone = ZoneInfo(sites.site_of(sites.get_place(db, closure.place_id)).zone)
            return show(db, closing.stored(closure, zone), None, editing=closure)
        filled = _of(closure, request.args)
        return show(db, filled, closing.read(db, filled), editing=closure)


@blueprint.post("/admin/closures/<uuid:closure_id>")
def change(closure_id: object) -> Response:
    """Change it as was chosen, if it and those it hits are still as was shown."""
    with town().storage.transaction(write=True) as db:
        closure = _standing(db, closure_id)
        filled = _of(closure, request.form)
        wish = closing.read(db, filled)
        hits = preview(db, filled, wish) if wish is not None else ()
        choices = Choices(request.form, hits)
        if wish is None or filled.errors or request.form.get("step", APPLY) != APPLY or choices.lost():
            changed = is_outdated(hits, closure) or choices.lost()
            return show(db, filled, wish, changed=changed, editing=closure)
    try:
        return _change(closure_id, choices.moves())
    except DeskTaken:
        with town().storage.transaction(write=True) as db:
            closure = _standing(db, closure_id)
            filled = _of(closure, request.form)
            return show(db, filled, closing.read(db, filled), changed=True, editing=closure)


def _change(closure_id: object, moves: Mapping[str, Sequence[str]]) -> Response:
    now = town().clock()
    with town().storage.transaction(write=True) as db:
        closure = _standing(db, closure_id)
        filled = _of(closure, request.form)
        wish = closing.read(db, filled)
        if wish is None:
            return show(db, filled, None, editing=closure)
        # Nobody books, and nobody else changes it, between this look and the change.
        shut = [desk.id for desk in sites.desks_in(db, wish.place)]
        claims.lock_desks(db, {*shut, *(one for wanted in moves.values() for one in wanted)})
        db.expire_all()
        hits = preview(db, filled, wish)
        if is_outdated(hits, closure):
            return show(db, filled, wish, changed=True, editing=closure)
        closed = closures.change(
            db, closure, wish.start, wish.end, template=wish.template, note=wish.note, moves=moves, now=now
        )
        actor, what, why = who(closure)
        audit.record(db, event="closure-changed", actor=actor, subject=what, verdict="allowed", reason=why, now=now)
        site, name = sites.site_of(wish.place), names_of(wish)
    told = phrase(
        "%(name)sの休止を変更しました。予約のある%(count)s件のうち%(moved)s件は座席を移しました。"
        "所属団体と利用職員へ、理由と変更内容または代わりの座席を知らせます。"
    )
    words = told if closed.hits else phrase("%(name)sの休止を変更しました。")
    flash(say(words, name=name, count=len(closed.hits), moved=closed.moved), "success")
    month = wish.start.astimezone(ZoneInfo(site.zone)).strftime("%Y-%m")
    return redirect(url_for("admin_calendar.month", site=site.id, month=month), HTTPStatus.SEE_OTHER)


def _standing(db: Session, closure_id: object) -> Closure:
    """Return a closure that can still be changed; raise ``NotFound``, or ``Conflict`` once it was lifted or is over."""
    closure = db.get(Closure, str(closure_id))
    if closure is None:
        raise NotFound("no such closure")
    if closure.lifted_at is not None or closure.end <= town().clock():
        raise Conflict("this closure is over")
    return closure


def _of(closure: Closure, form: MultiDict[str, str]) -> Filled:
    """Return what was typed about this one closure: its place is its own, and nothing is repeated."""
    kept = MultiDict([(name, value) for name, value in form.items(multi=True) if name not in _FIXED])
    kept["place"] = closure.place_id
    return Filled(kept)


_FIXED = frozenset({"place", "also", "weekly_until", "dates"})
