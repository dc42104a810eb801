"""受付: who is this person? The code that is shown, today's list, and 入室 and 退室 by one press."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Literal

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation import audit
from federation.cards import InHand, in_hand
from federation.errors import BadInput, Conflict, MemberSuspended, TachiyoriError, TooMany
from federation.members import Member
from federation.web import headers
from federation.web.tongue import say
from federation.wording import phrase
from node.host import assistance, door, reception, visits
from node.host.passes import Passes
from node.host.reception import Checked, Guest
from node.models.bookings import BookingPlace
from node.models.sites import Site
from node.people import allowances
from node.views import evening, town, truetime
from node.views.filled import Filled
from node.views.privacy.assistance import named as help_of
from node.views.session import me

blueprint = Blueprint("reception", __name__)
"""For ``Audience.RECEPTION``."""

_PASS_IS_LONGER_THAN = 40
_LONGEST_PASS = 4096
_LONG_SOUNDS = str.maketrans("ー―‐", "---")
"""What an input method makes of a hyphen."""
FALSE_A_MINUTE = 20
"""So many codes that nobody has one person may try: slips of the finger, and no search."""
_WORDS = {"badge": phrase("入館証「%(badge)s」は、ほかの方に渡したままです。番号を確認してください。")}
_KIND = {"arrive": visits.arrive, "leave": visits.leave}


@blueprint.get("/reception")
def desk() -> Response:
    """Show the code field and today's list; the look at its names is logged."""
    return page()


@blueprint.post("/reception")
def check() -> Response:
    """Say what a typed short code or a scanned pass is, or who of the day's list has a name.

    What is on the list leads to its own page. What is not is answered here, since an address must not carry a pass.
    """
    typed = as_meant(request.form.get("code", ""))
    if not typed.isascii():
        return page(named=typed)
    held = in_hand(typed)
    if not held.shown:
        return page(
            error=say(phrase("受付番号を入力するか、利用証の二次元コードを読み取ってください。")),
            status=HTTPStatus.BAD_REQUEST,
        )
    try:
        checked = checking(held.shown)
    except TooMany as error:
        words = phrase("違う番号が続いたため、しばらく確認できません。1分後にもう一度お試しください。")
        return page(error=say(words), status=error.status)
    if checked.verdict == "on_list" and checked.card and held.salt:
        return page(checked=checked, scanned=True, held=held)
    if checked.verdict == "on_list":
        why = checked.why if checked.why == "moved" else None
        here = url_for("reception.visit", booking_id=checked.guests[0].booking_id, site=chosen_site() or None, why=why)
        return redirect(here, HTTPStatus.SEE_OTHER)
    scanned = is_pass(held.shown)
    return page(checked=checked, scanned=scanned, typed="" if scanned else held.shown)


@blueprint.get("/reception/visits/<uuid:booking_id>")
def visit(booking_id: object) -> Response:
    """Show one booking of the day, as checked just now, above the list."""
    return page(booking_id=str(booking_id))


@blueprint.post("/reception/places/<int(max=2147483647):place_id>/<any(arrive, leave):what>")
def record(place_id: int, what: str) -> Response:
    """入室 or 退室, now or at the true time that is typed in afterwards."""
    now = town().clock()
    try:
        with town().storage.transaction(write=True) as db:
            place = visits.get_place(db, place_id)
            if what == "arrive":
                _refuse_suspended(db, place)
            _KIND[what](db, place, now, at=truetime.read(place.desk.room.site.zone, place.start, now))
            audit.record(
                db, event=f"visit.{what}", actor=viewer(), subject=place.booking_id, verdict="allowed", now=now
            )
    except (Conflict, BadInput, MemberSuspended) as error:
        return page(error=_why(error), status=error.status)
    told = phrase("入室を記録しました。") if what == "arrive" else phrase("退室を記録しました。")
    flash(say(told), "success")
    return redirect(url_for("reception.desk", site=chosen_site() or None), HTTPStatus.SEE_OTHER)


@blueprint.post("/reception/people/<string(maxlength=36):key>/note")
def take_note(key: str) -> Response:
    """Write down the 入館証 handed out, who came along, and a line."""
    filled, now = Filled(request.form), town().clock()
    badge = filled.text("badge", longest=door.LONGEST_BADGE)
    companions = filled.whole("companions", 0, door.MOST_COMPANIONS) or 0
    line = filled.text("note", longest=door.LONGEST_LINE)
    if not filled.errors:
        try:
            with town().storage.transaction(write=True) as db:
                door.note(db, key, door.Noted(badge, companions, line), by=viewer(), now=now)
                audit.record(db, event="door-note", actor=viewer(), subject=key, verdict="allowed", now=now)
        except BadInput as error:
            filled.refused(error, otherwise="badge", words=_WORDS)
    if filled.errors:
        return page(noting=key, filled=filled, status=HTTPStatus.BAD_REQUEST)
    flash(say(phrase("受付の記録を保存しました。")), "success")
    return redirect(url_for("reception.desk", site=chosen_site() or None), HTTPStatus.SEE_OTHER)


@blueprint.post("/reception/people/<string(maxlength=36):key>/badge")
def take_badge_back(key: str) -> Response:
    """入館証 returned."""
    with town().storage.transaction(write=True) as db:
        badge = door.take_back(db, key)
        audit.record(db, event="badge-back", actor=viewer(), subject=key, verdict="allowed", now=town().clock())
    flash(say(phrase("入館証「%(badge)s」の返却を記録しました。"), badge=badge), "success")
    return redirect(url_for("reception.desk", site=chosen_site() or None), HTTPStatus.SEE_OTHER)


@blueprint.get("/reception/list")
def day_list() -> str:
    """当日名簿: the day's visitors for printing, with room to write when the network is down."""
    now = town().clock()
    with town().storage.transaction(write=True) as db:
        guests = reception.today(db, now, by=viewer(), site_id=chosen_site() or None)
        sites = published_sites(db)
    return render_template("reception/list.html", guests=guests, now=now, sites=sites, site_id=chosen_site())


def viewer() -> str:
    """Name who is at the keyboard for the audit log, by number in our own table and not by name."""
    return f"staff:{me().id}"


def published_sites(db: Session) -> Sequence[Site]:
    """Return the sites a reception may stand in."""
    return db.scalars(select(Site).where(Site.published).order_by(Site.name, Site.id)).all()


def as_meant(typed: str) -> str:
    """Return what a reader typed without blanks, and without what a keyboard's state made of it: wide letters, lower case.

    A signed token, which passes were before they were printed in capitals alone, stays as it is: it has full stops.
    """
    text = unicodedata.normalize("NFKC", "".join(typed.split()))[:_LONGEST_PASS]
    if (with_hyphens := text.translate(_LONG_SOUNDS)).isascii():
        text = with_hyphens
    return text if "." in text else text.upper()


def checking(shown: str) -> Checked:
    """Check what is shown at the door, and write it down where it is not on the list.

    Raises ``TooMany`` where one person at the desk tries one code after another.
    """
    now = town().clock()
    with town().storage.transaction(write=True) as db:
        checked = look(db, shown, now)
        if checked.verdict != "on_list":
            if checked.verdict == "false":
                allowances.spend(db, "false-code", viewer(), FALSE_A_MINUTE, now=now)
            why = checked.verdict
            audit.record(db, event="pass.checked", actor=viewer(), subject="", verdict="refused", reason=why, now=now)
    return checked


def look(db: Session, typed: str, now: datetime) -> Checked:
    """Check a pass, or a short code; both are told apart by their length."""
    if not is_pass(typed):
        return reception.check_code(db, typed, now, by=viewer())
    passes = Passes(town().config.entity_id, town().keys.passes)
    return reception.check_pass(db, passes, typed, now, by=viewer())


def is_pass(typed: str) -> bool:
    """Say whether the text is what a reader types from a pass, and no short code."""
    return len(typed) > _PASS_IS_LONGER_THAN


def chosen_site() -> str:
    """Return the chosen site's id, or nothing for all; what is no id is nothing."""
    text = request.values.get("site", "")
    return text if len(text) == 36 and text.isascii() and text.isprintable() else ""


def _refuse_suspended(db: Session, place: BookingPlace) -> None:
    """Raise ``MemberSuspended`` for a visitor whose town the registry has suspended."""
    home = db.get(Member, place.booking.home_id)
    if home is not None and (home.gone or home.status == "suspended"):
        raise MemberSuspended(home.entity_id)


def _why(error: TachiyoriError) -> str:
    if error.field == "at":
        return say(phrase("時刻を「08:30」の形で、現在までの時刻で入力してください。記録は変更していません。"))
    return say(error.words, **error.facts)


def page(
    *,
    booking_id: str = "",
    checked: Checked | None = None,
    scanned: bool = False,
    typed: str = "",
    error: str = "",
    named: str = "",
    noting: str = "",
    filled: Filled | None = None,
    held: InHand | None = None,
    met: bool | None = None,
    name: str = "",
    status: HTTPStatus | int = HTTPStatus.OK,
) -> Response:
    """Show the desk: the code field, what was just checked, and today's list; the look at its names is logged."""
    now, site_id = town().clock(), chosen_site()
    with town().storage.transaction(write=True) as db:
        guests = reception.today(db, now, by=viewer(), site_id=site_id or None)
        sites, out = published_sites(db), door.badges_out(db, site_id or None)
        if named:
            typed, met_by_name = named, reception.by_name(guests, named)
            checked = Checked("on_list" if met_by_name else "false", now, met_by_name)
        if booking_id:
            checked, scanned = _of_the_list(db, guests, booking_id, now), True
        assisted = assistance.of(db, [*guests, *(checked.guests if checked else ())], now)
    shown = render_template(
        "reception/desk.html",
        now=now,
        here=[one for one in guests if one.is_here],
        expected=[one for one in guests if one.arrived_at is None and now < one.end],
        left=[one for one in guests if one.left_at is not None],
        absent=[one for one in guests if one.arrived_at is None and now >= one.end],
        checked=checked,
        scanned=scanned,
        typed=typed,
        named=named,
        error=error,
        sites=sites,
        site_id=site_id,
        may_arrive=may_arrive,
        assisted=assisted,
        help_of=help_of,
        noting=noting,
        filled=filled,
        held=held,
        met=met,
        name=name,
        evening=evening.line(guests, now),
        may_film=town().config.reception_camera,
        out=[one for one in out if one.key not in {guest.key for guest in guests}],
    )
    answer = make_response(shown, status)
    return headers.may_film(answer) if town().config.reception_camera else answer


def _of_the_list(db: Session, guests: Sequence[Guest], booking_id: str, now: datetime) -> Checked:
    """Return a booking as it stands on today's list, of this site or of another one of ours."""
    found = [one for one in guests if one.booking_id == booking_id]
    if not found and chosen_site():
        found = [one for one in reception.today(db, now, by=viewer()) if one.booking_id == booking_id]
    if not found:
        return Checked("not_on_list", now)
    why: Literal["", "moved", "used"] = "moved" if request.args.get("why") == "moved" else ""
    came = [one.arrived_at for one in found if one.arrived_at is not None]
    if len(came) == len(found):
        why = "used"
    return Checked("on_list", now, tuple(found), why=why, when=came[0] if came else None)


def may_arrive(guest: Guest, now: datetime) -> bool:
    """Say whether 入室 may be pressed for somebody now."""
    in_time = guest.start - visits.EARLY <= now < guest.end
    return in_time and guest.arrived_at is None and not guest.is_suspended
