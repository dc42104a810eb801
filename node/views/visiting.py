"""A visitor's own bookings of today, at this host: check in by the label one stands at, extend, leave."""

from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, Flask, flash, g, make_response, redirect, render_template, request, session, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import BadInput, TachiyoriError, VisitOver
from federation.web.clients import clients
from federation.web.tongue import say
from federation.wording import phrase
from node.host import guests, problems, trails
from node.host.homes import Home
from node.host.passes import Passes
from node.models.bookings import BookingPlace
from node.people import allowances, visiting
from node.people.visiting import Visitor
from node.views import town
from node.views.arriving import VISITOR, find_desk
from node.views.filled import Filled
from node.views.privacy import viewed

blueprint = Blueprint("visiting", __name__)
"""For ``Audience.VISITOR``."""

A_MINUTE = 5
"""So many reports one visitor makes in a minute."""
Act = Callable[[Session, BookingPlace], None]


def attach(app: Flask) -> None:
    """Lead a visitor whose session has ended back to signing in, with the reason."""
    app.register_error_handler(VisitOver, _again)


def admit_visiting() -> None:
    """Let a visitor in whose home still stands behind them: the guard of ``Audience.VISITOR``."""
    visitor = visiting.read(Visitor, session.get(VISITOR))
    if visitor is None:
        raise VisitOver("no session")
    with town().storage.transaction() as db:
        row = visiting.still(db, town().members, visitor, now=town().clock())
    g.visitor, g.home = visitor, Home(row.id, row.entity_id, row.code)
    g.home_name = (row.name, row.name_en)


def _again(error: Exception) -> Response:
    visitor = visiting.read(Visitor, session.get(VISITOR))
    if visitor is not None:
        flash(say(VisitOver.words), "warning")
    session.pop(VISITOR, None)
    return redirect(url_for("arriving.choose", desk=(visitor.desk if visitor else "") or None), HTTPStatus.SEE_OTHER)


@blueprint.get("/visit")
def today() -> Response:
    """Show what the visitor has booked here today, and what can be done about it now."""
    return _page()


@blueprint.get("/visit/views")
def views() -> str:
    """Show the visitor who at this host had their name or card before them."""
    typed = request.args.get("before", "")
    with town().storage.transaction() as db:
        found = trails.views(db, g.home, _visitor().sub, before=_number(typed) or None)
    return render_template(
        "visit/viewed.html",
        lines=found.lines,
        role=viewed.role,
        why=viewed.why,
        newest=url_for("visiting.views") if typed else None,
        older=url_for("visiting.views", before=found.older) if found.older else None,
    )


def _page(error: TachiyoriError | None = None) -> Response:
    visitor, here = _visitor(), find_desk(_visitor().desk)
    with town().storage.transaction() as db:
        seats = guests.today(db, g.home, visitor.sub, town().clock())
    page = render_template(
        "visit/today.html",
        seats=seats,
        here=here,
        home=g.home,
        home_name=g.home_name,
        ends=visitor.ends,
        kinds=problems.KINDS,
        error=error,
    )
    return make_response(page, error.status if error else HTTPStatus.OK)


def _visitor() -> Visitor:
    visitor: Visitor = g.visitor
    return visitor


@blueprint.post("/visit/<int(max=2147483647):place_id>/arrive")
def arrive(place_id: int) -> Response:
    """Check in: by the label the visitor came from, or by the code typed from it."""
    typed = request.form.get("code", "")[:20]

    def act(db: Session, place: BookingPlace) -> None:
        guests.arrive(db, place, town().clock(), desk=_visitor().desk, typed=typed)

    return _step(place_id, act, phrase("入室を記録しました。"), event="visit.arrive")


@blueprint.post("/visit/<int(max=2147483647):place_id>/leave")
def leave(place_id: int) -> Response:
    """Check out."""
    words = phrase("退室を記録しました。お疲れさまでした。")
    return _step(place_id, lambda db, place: guests.leave(db, place, town().clock()), words, event="visit.leave")


@blueprint.post("/visit/<int(max=2147483647):place_id>/extend")
def extend(place_id: int) -> Response:
    """Stay longer, on the version of the booking that was shown."""
    minutes, version = (_number(request.form.get(name, "")) for name in ("minutes", "version"))
    passes = Passes(town().config.entity_id, town().keys.passes)

    def act(db: Session, place: BookingPlace) -> None:
        guests.extend(db, passes, g.home, place, minutes, version=version, now=town().clock())

    return _step(place_id, act, phrase("利用時間を延長しました。"), event="visit.extend")


@blueprint.post("/visit/<int(max=2147483647):place_id>/problem")
def problem(place_id: int) -> Response:
    """Report what is wrong with the desk, to the host's 施設担当者."""
    filled, kind = Filled(request.form), request.form.get("kind", "")
    words = filled.text("words", longest=problems.LONGEST)

    def act(db: Session, place: BookingPlace) -> None:
        if filled.errors:
            raise BadInput("too long", field="words")
        allowances.spend(db, "desk-problem", f"{_visitor().issuer} {_visitor().sub}", A_MINUTE, now=town().clock())
        problems.report(db, place.desk_id, kind=kind, words=words, by=_visitor().issuer, now=town().clock())

    return _step(place_id, act, phrase("施設担当者に知らせました。ありがとうございました。"), event="visit.problem")


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _step(place_id: int, act: Act, words: str, *, event: str) -> Response:
    """Take a step with its audit line, and show the page again; what stands in the way is said on the page itself."""
    issuer, number = _visitor().issuer, _visitor().number
    try:
        with town().storage.transaction(write=True) as db:
            place = guests.find_place(db, g.home, _visitor().sub, place_id)
            act(db, place)
            said = {"event": event, "actor": issuer, "subject": place.booking_id, "jti": number}
            audit.record(db, **said, verdict="allowed", now=town().clock())
    except TachiyoriError as error:
        clients().refusals.of_party(event, issuer, error.code, subject=f"place:{place_id}", jti=number)
        return _page(error)
    flash(say(words), "success")
    return redirect(url_for("visiting.today"), HTTPStatus.SEE_OTHER)
