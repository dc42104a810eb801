"""休止: registered for a site, room or desk, after those it would hit have been shown."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import BadInput, DeskTaken, NotFound
from federation.members import Member
from federation.web.tongue import say
from federation.wording import phrase
from node.host import claims, closures, displaced, sites
from node.host.causes import TEMPLATES
from node.host.displaced import Hit
from node.models.opening import Closure
from node.models.sites import Room, Site
from node.views import town
from node.views.admin import closing
from node.views.admin.closing import Choices, Wish
from node.views.admin.places import path_to
from node.views.filled import Filled
from node.views.session import me

blueprint = Blueprint("admin_closures", __name__)
"""For ``Audience.ADMIN``."""

APPLY = "apply"


@blueprint.get("/admin/closures/new")
def new() -> Response:
    """Ask what closes when; once all of it is given, show whom it hits."""
    filled = Filled(request.args)
    asked = "template" in request.args or "start_day" in request.args
    with town().storage.transaction(write=True) as db:
        return show(db, filled, closing.read(db, filled) if asked else None)


@blueprint.post("/admin/closures/new")
def register() -> Response:
    """休止を登録: close it as was chosen, if those it hits, and where they can go, are still as was shown."""
    filled = Filled(request.form)
    with town().storage.transaction(write=True) as db:
        wish = closing.read(db, filled)
        hits = preview(db, filled, wish) if wish is not None else ()
        choices = Choices(request.form, hits)
        if wish is None or filled.errors or request.form.get("step", APPLY) != APPLY or choices.lost():
            return show(db, filled, wish, changed=is_outdated(hits) or choices.lost())
    try:
        return _close(filled, choices.moves())
    except DeskTaken:
        with town().storage.transaction(write=True) as db:
            return show(db, filled, closing.read(db, filled), changed=True)


def _close(filled: Filled, moves: Mapping[str, Sequence[str]]) -> Response:
    now = town().clock()
    with town().storage.transaction(write=True) as db:
        wish = closing.read(db, filled)
        if wish is None:
            return show(db, filled, None)
        # Nobody books between this look and the closure.
        shut = [desk.id for place in wish.places for desk in sites.desks_in(db, place)]
        claims.lock_desks(db, {*shut, *(one for wanted in moves.values() for one in wanted)})
        db.expire_all()
        hits = preview(db, filled, wish)
        if is_outdated(hits):
            return show(db, filled, wish, changed=True)
        closed = closures.close(
            db,
            wish.place,
            wish.start,
            wish.end,
            template=wish.template,
            note=wish.note,
            moves=moves,
            more=(*wish.more, *wish.dates),
            also=wish.also,
            now=now,
        )
        for one in closed.all:
            actor, what, why = who(one)
            audit.record(
                db, event="closure-registered", actor=actor, subject=what, verdict="allowed", reason=why, now=now
            )
        site, name = sites.site_of(wish.place), names_of(wish)
    told = phrase(
        "%(name)sの休止を登録しました。予約のある%(count)s件のうち%(moved)s件は座席を移しました。"
        "所属団体と利用職員へ、理由と変更内容または代わりの座席を知らせます。"
    )
    words = told if closed.hits else phrase("%(name)sの休止を登録しました。")
    flash(say(words, name=name, count=len(closed.hits), moved=closed.moved), "success")
    month = wish.start.astimezone(ZoneInfo(site.zone)).strftime("%Y-%m")
    return redirect(url_for("admin_calendar.month", site=site.id, month=month), HTTPStatus.SEE_OTHER)


def is_outdated(hits: Sequence[Hit], editing: Closure | None = None) -> bool:
    """Say whether the form showed other bookings than these, or another closure than it is now."""
    return request.form.get("seen") != closing.digest(hits, editing)


@blueprint.post("/admin/closures/<uuid:closure_id>/lift")
def lift(closure_id: object) -> Response:
    """休止を解除: end a closure; those it hit are not booked again by themselves."""
    now = town().clock()
    with town().storage.transaction(write=True) as db:
        closure = db.get(Closure, str(closure_id))
        if closure is None:
            raise NotFound("no such closure")
        place = sites.get_place(db, closure.place_id)
        if closure.lifted_at is None:
            actor, what, why = who(closure)
            audit.record(db, event="closure-lifted", actor=actor, subject=what, verdict="allowed", reason=why, now=now)
        closures.lift(db, closure, place, now)
        site, name = sites.site_of(place), path_to(place)
        month = closure.start.astimezone(ZoneInfo(site.zone)).strftime("%Y-%m")
    flash(
        say(
            phrase(
                "%(name)sの休止を解除しました。取り消された予約は、自動では元に戻りません。座席が再び空いたことを知らせます。"
            ),
            name=name,
        ),
        "success",
    )
    return redirect(url_for("admin_calendar.month", site=site.id, month=month), HTTPStatus.SEE_OTHER)


def who(closure: Closure) -> tuple[str, str, str]:
    """Return for the log who acts on which closure, and what is closed why."""
    return f"staff:{me().id}", f"closure:{closure.id}", f"{closure.place_id} {closure.template}"


def names_of(wish: Wish) -> str:
    """Return the names of all that closes."""
    return say(phrase("、")).join(path_to(place) for place in wish.places)


def preview(db: Session, filled: Filled, wish: Wish) -> Sequence[Hit]:
    """Return whom it hits; nobody where the time is over, which then stands in ``filled.errors``."""
    try:
        return closures.preview(
            db, wish.place, wish.start, wish.end, town().clock(), more=(*wish.more, *wish.dates), also=wish.also
        )
    except BadInput as error:
        field = "dates" if error.field == "dates" else "end_day"
        filled.wrong(field, phrase("終了がすでに過ぎています。これからの日時を入力してください。"))
        return ()


def show(
    db: Session, filled: Filled, wish: Wish | None, *, changed: bool = False, editing: Closure | None = None
) -> Response:
    """Show the form, and once it is readable whom the closure hits, with a choice for each; ``editing`` is what it changes."""
    hits = preview(db, filled, wish) if wish is not None else ()
    wish = wish if not filled.errors else None
    choices = Choices(request.form, hits)
    every = select(Site).options(selectinload(Site.rooms).selectinload(Room.desks)).order_by(Site.name, Site.id)
    homes = {hit.home_id for hit in choices.shown}
    towns = {row.id: row.name for row in db.scalars(select(Member).where(Member.id.in_(homes)))} if homes else {}
    page = render_template(
        "admin/closure_form.html",
        editing=editing,
        filled=filled,
        sites=db.scalars(every).all(),
        templates=TEMPLATES,
        wish=wish,
        where=names_of(wish) if wish is not None else path_to(sites.get_place(db, editing.place_id)) if editing else "",
        hits=hits,
        choices=choices,
        field=closing.name,
        value=closing.value,
        who=displaced.names_of_today(db, choices.shown, town().clock(), by=f"staff:{me().id}"),
        towns=towns,
        seen=closing.digest(hits, editing),
        changed=changed and not filled.errors,
        kept=[(name, filled.typed(name)) for name in closing.FIELDS]
        + [("also", one) for one in filled.form.getlist("also")],
        fields=(*closing.FIELDS, "also"),
    )
    status = HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.CONFLICT if changed else HTTPStatus.OK
    return make_response(page, status)
