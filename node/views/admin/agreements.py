"""協定: who may come, on what terms, and how much of it is used."""

from collections.abc import Mapping, Sequence
from datetime import date
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import BadInput, NotFound
from federation.language import day as written_day
from federation.web.tongue import current, say, zone
from federation.wording import phrase
from node.host import agreements, confirmations, quotas, versions
from node.models.agreements import Agreement, Confirmation
from node.models.sites import Room, Site
from node.views import edits, pairs, town
from node.views.admin import agreedhomes, agreedterms, overlaps, validity
from node.views.admin.hours import WEEKDAYS
from node.views.filled import Filled, shown
from node.views.session import me
from node.views.shown import WORK_KINDS

blueprint = Blueprint("admin_agreements", __name__)
"""For ``Audience.ADMIN``."""

STANDING = ("awaiting", "ending", "valid", "coming", "suspended", "ended")
"""What awaits another town's word stands first, then what ends soon."""


@blueprint.get("/admin/agreements")
def every() -> str:
    """Show all agreements with this week's seats, what ends soon first."""
    now = town().clock()
    today, week = now.astimezone(zone()).date(), quotas.week_of(now, zone())
    with town().storage.transaction() as db:
        found = db.scalars(
            select(Agreement)
            .where(Agreement.closes_at.is_(None))
            .order_by(Agreement.ends_on, Agreement.name, Agreement.id)
        ).all()
        seats = quotas.seats(db, found, week)
        names = agreedhomes.names(db, found)
        place_names = _places(db)
        entered = versions.of(db, [one.id for one in found])
        said = confirmations.of(db, [one.id for one in found])
        mutual = pairs.of_ours(db, found)
    standing = {one.id: quotas.standing(one, today) for one in found}
    return render_template(
        "admin/agreements.html",
        agreements=sorted(found, key=lambda one: STANDING.index(standing[one.id])),
        standing=standing,
        seats=seats,
        week=week,
        names=names,
        awaited={one.id for one in found if versions.awaits(one, next(iter(entered[one.id]), None))},
        objected={id_ for id_, each in said.items() if each and _is_objected(each)},
        mutual=mutual,
        place_names=place_names,
        weekdays=WEEKDAYS,
        per=agreedterms.PER,
        renewed=agreements.renewed(found),
        limits={one.id: agreedterms.limits(one) for one in found},
        today=today,
    )


@blueprint.get("/admin/agreements/new")
def new() -> Response:
    """Ask for a new agreement's terms."""
    return _form(
        shown(
            {
                "who": "town",
                "years": validity.choices()[0][0],
                "lead": 0,
                "price_yen": 0,
                "per": "use",
                "named": True,
                "notice_days": 30,
            }
        )
    )


@blueprint.post("/admin/agreements/new")
def add() -> Response:
    """協定を登録: enter an agreement and offer it."""
    filled = Filled(request.form)
    facts = agreedterms.read(filled)
    if not filled.errors:
        try:
            with town().storage.transaction(write=True) as db:
                agreedterms.check_places(db, facts, filled)
                overlaps.warn(db, facts, filled)
                if not filled.errors:
                    made = agreements.conclude(db, facts, by=_who(), now=town().clock())
                    _log(db, made, "concluded")
        except BadInput as error:
            filled.refused(error, otherwise="name")
    if filled.errors:
        return _form(filled)
    words = phrase("協定「%(name)s」を登録しました。相手の団体が内容を確認すると、予約できるようになります。")
    if not made.named:
        words = phrase("協定「%(name)s」を登録しました。")
    flash(say(words, name=facts["name"]), "success")
    return redirect(url_for("admin_agreements.every"), HTTPStatus.SEE_OTHER)


@blueprint.get("/admin/agreements/<uuid:agreement_id>")
def edit(agreement_id: object) -> Response:
    """Show an agreement's terms to be changed."""
    with town().storage.transaction() as db:
        found = versions.proposed(db, get_agreement(db, agreement_id))
    return _form(edits.sealed(shown(agreedterms.typed(found))), found)


@blueprint.post("/admin/agreements/<uuid:agreement_id>")
def change(agreement_id: object) -> Response:
    """Change the terms for bookings still to be made."""
    filled = edits.came_back()
    with town().storage.transaction() as db:
        found = versions.proposed(db, get_agreement(db, agreement_id))
        facts = agreedterms.read(filled, found)
        agreedterms.check_places(db, facts, filled)
        overlaps.warn(db, facts, filled, besides=found.id)
    if not filled.errors:
        try:
            with town().storage.transaction(write=True) as db:
                stored = agreements.locked(db, found.id)
                if clash := _clash(db, filled, versions.proposed(db, stored)):
                    return clash
                version = agreements.amend(db, stored, facts, by=_who(), now=town().clock())
                waits = versions.awaits(stored, version)
                _log(db, stored, f"amended: version {version.number}" if version else "own record amended")
        except BadInput as error:
            filled.refused(error, otherwise="name")
    if filled.errors:
        return _form(filled, found)
    words = phrase("協定「%(name)s」を保存しました。すでにある予約は、予約時の条件のままです。")
    if waits:
        words = phrase("協定「%(name)s」の新しい版を保存しました。相手の団体が確認するまで、確認済みの版のままです。")
    flash(say(words, name=facts["name"]), "success")
    return redirect(url_for("admin_agreements.every"), HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/agreements/<uuid:agreement_id>/suspend")
def suspend(agreement_id: object) -> Response:
    """Take no more bookings under an agreement."""
    with town().storage.transaction(write=True) as db:
        found = get_agreement(db, agreement_id)
        reason = Filled(request.form).text("reason", longest=500)
        agreements.suspend(db, found, town().clock(), reason)
        _log(db, found, "suspended")
    words = phrase("協定「%(name)s」の新しい予約を停止しました。予告期間（%(days)s日）内の予約は有効です。")
    flash(say(words, name=found.name, days=found.notice_days), "success")
    return redirect(url_for("admin_agreements.every"), HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/agreements/<uuid:agreement_id>/resume")
def resume(agreement_id: object) -> Response:
    """Take bookings again under an agreement that was suspended."""
    with town().storage.transaction(write=True) as db:
        found = get_agreement(db, agreement_id)
        agreements.resume(db, found, town().clock())
        _log(db, found, "resumed")
    flash(say(phrase("協定「%(name)s」の予約受付を再開しました。"), name=found.name), "success")
    return redirect(url_for("admin_agreements.every"), HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/agreements/<uuid:agreement_id>/renew")
def renew(agreement_id: object) -> Response:
    """Prepare the agreement of the next 年度, and show its terms to be checked."""
    with town().storage.transaction(write=True) as db:
        get_agreement(db, agreement_id)
        following = agreements.renew(db, agreements.locked(db, str(agreement_id)), by=_who(), now=town().clock())
        _log(db, following, "renewed")
        name, where = following.name, url_for("admin_agreements.edit", agreement_id=following.id)
    flash(say(phrase("次の期間の協定「%(name)s」を用意しました。内容を確認してください。"), name=name), "success")
    return redirect(where, HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/agreements/<uuid:agreement_id>/end")
def end(agreement_id: object) -> Response:
    """End an agreement with its notice period; bookings beyond it are cancelled and told."""
    with town().storage.transaction(write=True) as db:
        get_agreement(db, agreement_id)
        found = agreements.locked(db, str(agreement_id))
        count = len(agreements.end_with_notice(db, found, zone(), town().clock()))
        _log(db, found, "ended with notice")
        name, last = found.name, found.ends_on
    words = phrase(
        "協定「%(name)s」は%(day)sに終わります。それより後の予約%(count)s件を取り消し、所属団体へ知らせます。"
    )
    flash(say(words, name=name, day=written_day(last, current()) if last else "", count=count), "success")
    return redirect(url_for("admin_agreements.every"), HTTPStatus.SEE_OTHER)


def _log(db: Session, agreement: Agreement, what: str) -> None:
    """Write down who did what with an agreement."""
    now = town().clock()
    audit.record(
        db,
        event="agreement",
        actor=_who(),
        subject=f"agreement:{agreement.id}",
        verdict="allowed",
        reason=what,
        now=now,
    )


def _who() -> str:
    return f"staff:{me().id}"


def _is_objected(said: Sequence[Confirmation]) -> bool:
    """Say whether some town's word on the newest version is that it does not match."""
    return any(one.state == "objected" for one in said if one.number == said[0].number)


def _clash(db: Session, filled: Filled, found: Agreement) -> Response | None:
    """Return the page of the difference where somebody else has saved this agreement meanwhile."""
    places = _places(db)
    words: dict[str, Mapping[str, str]] = {
        "who": agreedhomes.WHO,
        "per": agreedterms.PER,
        "lead": agreedterms.leads(found),
        "years": dict(validity.choices()),
        "weekdays": {str(number): name for number, name in enumerate(WEEKDAYS)},
        "work_kinds": WORK_KINDS,
        "site_ids": places,
        "room_ids": places,
        "prefecture": agreedhomes.prefectures(),
    }
    back = url_for("admin_agreements.every")
    return edits.conflict(filled, shown(agreedterms.typed(found)), what=found.name, back=back, words=words)


_ROOMS = (
    select(Room.id, Room.name, Site.name.label("site_name")).join(Room.site).order_by(Site.name, Site.id, Room.name)
)


def _places(db: Session) -> Mapping[str, str]:
    """Return what sites and rooms are called, by their ids; two statements."""
    rooms = {row.id: f"{row.site_name} {row.name}" for row in db.execute(_ROOMS)}
    return rooms | {row.id: row.name for row in db.execute(select(Site.id, Site.name))}


def get_agreement(db: Session, agreement_id: object) -> Agreement:
    """Return an agreement; raise ``NotFound``, also for what a 災害時臨時開放 offers."""
    found = db.get(Agreement, str(agreement_id))
    if found is None or found.closes_at is not None:
        # What a 災害時臨時開放 offers begins, changes and ends with it.
        raise NotFound("no such agreement")
    return found


def _form(filled: Filled, agreement: Agreement | None = None) -> Response:
    with town().storage.transaction() as db:
        every = db.scalars(select(Site).order_by(Site.name, Site.id)).all()
        rooms = db.execute(_ROOMS).all()
    page = render_template(
        "admin/agreement_form.html",
        filled=filled,
        agreement=agreement,
        sites=every,
        rooms=[(row.id, f"{row.site_name} {row.name}") for row in rooms],
        prefectures=list(agreedhomes.prefectures().items()),
        who=agreedhomes.WHO,
        per=agreedterms.PER,
        lead=agreedterms.leads(agreement),
        assurance=[(value, say(words)) for value, words in agreedterms.ASSURANCE.items()],
        years=validity.choices(),
        weekdays=WEEKDAYS,
        work_kinds=WORK_KINDS,
        last_day=_last_day(agreement),
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)


def _last_day(agreement: Agreement | None) -> date | None:
    """Return the last day of an agreement if it were ended with notice now; None where that would change nothing."""
    if agreement is None:
        return None
    last = agreements.last_day(agreement, town().clock().astimezone(zone()).date())
    return None if last == agreement.ends_on else last
