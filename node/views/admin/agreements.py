"""協定: who may come, on what terms, and how much of it is used."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation import municipality
from federation.errors import BadInput, BadMunicipalityCode, NotFound
from federation.members import Member
from federation.web.tongue import say, zone
from federation.wording import phrase
from node.host import agreements, quotas
from node.models.agreements import Agreement
from node.models.sites import Site
from node.views import edits, town
from node.views.admin import validity
from node.views.admin.hours import WEEKDAYS
from node.views.filled import Filled, shown

blueprint = Blueprint("admin_agreements", __name__)
"""For ``Audience.ADMIN``."""

WHO: Mapping[str, str] = {"town": phrase("一つの団体"), "everyone": phrase("連携基盤に参加するすべての団体")}
PER: Mapping[str, str] = {"use": phrase("1回につき"), "hour": phrase("1時間につき")}
LEAD: Mapping[str, str] = {
    "0": phrase("開始まで"),
    "60": phrase("開始の1時間前まで"),
    "1440": phrase("開始の24時間前まで"),
    "2880": phrase("開始の48時間前まで"),
    "10080": phrase("開始の7日前まで"),
}
_KEPT = phrase("現在の設定のまま")
STANDING = ("ending", "valid", "coming", "suspended", "ended")
"""What ends soon stands first."""


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
        names = _names(db, found)
        site_names = {row.id: row.name for row in db.scalars(select(Site))}
    standing = {one.id: quotas.standing(one, today) for one in found}
    return render_template(
        "admin/agreements.html",
        agreements=sorted(found, key=lambda one: STANDING.index(standing[one.id])),
        standing=standing,
        seats=seats,
        week=week,
        names=names,
        site_names=site_names,
        weekdays=WEEKDAYS,
        per=PER,
        today=today,
    )


@blueprint.get("/admin/agreements/new")
def new() -> Response:
    """Ask for a new agreement's terms."""
    return _form(
        shown(
            {"who": "town", "years": validity.choices()[0][0], "lead": 0, "price_yen": 0, "per": "use", "named": True}
        )
    )


@blueprint.post("/admin/agreements/new")
def add() -> Response:
    """協定を登録: enter an agreement and offer it."""
    filled = Filled(request.form)
    facts = _facts(filled)
    if not filled.errors:
        try:
            with town().storage.transaction(write=True) as db:
                _known_sites(db, facts["site_ids"], filled)
                if not filled.errors:
                    agreements.conclude(db, facts)
        except BadInput as error:
            filled.refused(error, otherwise="name")
    if filled.errors:
        return _form(filled)
    flash(say(phrase("協定「%(name)s」を登録しました。"), name=facts["name"]), "success")
    return redirect(url_for("admin_agreements.every"), HTTPStatus.SEE_OTHER)


@blueprint.get("/admin/agreements/<uuid:agreement_id>")
def edit(agreement_id: object) -> Response:
    """Show an agreement's terms to be changed."""
    with town().storage.transaction() as db:
        found = _get(db, agreement_id)
    return _form(edits.sealed(shown(_typed(found))), found)


@blueprint.post("/admin/agreements/<uuid:agreement_id>")
def change(agreement_id: object) -> Response:
    """Change the terms for bookings still to be made."""
    filled = edits.came_back()
    with town().storage.transaction() as db:
        found = _get(db, agreement_id)
        facts = _facts(filled, found)
        _known_sites(db, facts["site_ids"], filled)
    if not filled.errors:
        try:
            with town().storage.transaction(write=True) as db:
                if clash := _clash(db, filled, agreements.locked(db, found.id)):
                    return clash
                agreements.amend(db, _get(db, agreement_id), facts)
        except BadInput as error:
            filled.refused(error, otherwise="name")
    if filled.errors:
        return _form(filled, found)
    flash(
        say(phrase("協定「%(name)s」を保存しました。すでにある予約は、予約時の条件のままです。"), name=facts["name"]),
        "success",
    )
    return redirect(url_for("admin_agreements.every"), HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/agreements/<uuid:agreement_id>/suspend")
def suspend(agreement_id: object) -> Response:
    """Take no more bookings under an agreement."""
    with town().storage.transaction(write=True) as db:
        found = _get(db, agreement_id)
        agreements.suspend(db, found, town().clock())
    words = phrase("協定「%(name)s」の新しい予約を停止しました。予告期間（%(days)s日）内の予約は有効です。")
    flash(say(words, name=found.name, days=found.notice_days), "success")
    return redirect(url_for("admin_agreements.every"), HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/agreements/<uuid:agreement_id>/resume")
def resume(agreement_id: object) -> Response:
    """Take bookings again under an agreement that was suspended."""
    with town().storage.transaction(write=True) as db:
        found = _get(db, agreement_id)
        agreements.resume(db, found)
    flash(say(phrase("協定「%(name)s」の予約受付を再開しました。"), name=found.name), "success")
    return redirect(url_for("admin_agreements.every"), HTTPStatus.SEE_OTHER)


def _clash(db: Session, filled: Filled, found: Agreement) -> Response | None:
    """Return the page of the difference where somebody else has saved this agreement meanwhile."""
    words: dict[str, Mapping[str, str]] = {
        "who": WHO,
        "per": PER,
        "lead": _leads(found),
        "years": dict(validity.choices()),
        "weekdays": {str(number): name for number, name in enumerate(WEEKDAYS)},
        "site_ids": {row.id: row.name for row in db.scalars(select(Site))},
    }
    back = url_for("admin_agreements.every")
    return edits.conflict(filled, shown(_typed(found)), what=found.name, back=back, words=words)


def _get(db: Session, agreement_id: object) -> Agreement:
    found = db.get(Agreement, str(agreement_id))
    if found is None or found.closes_at is not None:
        # What a 災害時臨時開放 offers begins, changes and ends with it.
        raise NotFound("no such agreement")
    return found


def _names(db: Session, found: Sequence[Agreement]) -> Mapping[str, str]:
    """Return the members' names by their codes, as the registry has them."""
    codes = {one.home_code for one in found if one.home_code}
    rows = db.scalars(select(Member).where(Member.code.in_(codes), ~Member.gone)) if codes else ()
    return {row.code: row.name for row in rows} | {town().config.code: town().config.name}


def _facts(filled: Filled, present: Agreement | None = None) -> Mapping[str, Any]:
    """Read the terms."""
    starts_on, ends_on = validity.read(filled)
    price = filled.whole("price_yen", 0, 1_000_000) or 0
    basis = filled.text("price_basis", longest=300)
    if price and not basis:
        filled.wrong("price_basis", phrase("料金の根拠となる条例を入力してください。"))
    return {
        "name": filled.text("name", longest=100, needed=True),
        "number": filled.text("number", longest=100),
        "home_code": _code(filled, present) if filled.choice("who", WHO) == "town" else None,
        "site_ids": list(dict.fromkeys(filled.form.getlist("site_ids"))),
        "weekdays": [int(day) for day in filled.choices("weekdays", [str(number) for number in range(7)])],
        "seats_a_day": filled.whole("seats_a_day", 1, 9999),
        "starts_on": starts_on,
        "ends_on": ends_on,
        "lead_minutes": _lead(filled, present),
        "price_yen": price,
        "per": filled.choice("per", PER),
        "price_basis": basis,
        "host_approves": filled.ticked("host_approves"),
        "named_manifest": filled.ticked("named"),
    }


def _lead(filled: Filled, present: Agreement | None) -> int:
    chosen = filled.choice("lead", _leads(present))
    return 0 if "lead" in filled.errors else int(chosen)


def _leads(present: Agreement | None) -> Mapping[str, str]:
    """Return the deadlines to choose from; one that was set otherwise may be kept."""
    kept = {} if present is None or str(present.lead_minutes) in LEAD else {str(present.lead_minutes): _KEPT}
    return {**LEAD, **kept}


def _code(filled: Filled, present: Agreement | None) -> str:
    """Read the town's code, mended where only one reading is possible; a wrong check digit says what it should be."""
    try:
        code = municipality.repair(filled.typed("home_code")).code
    except BadMunicipalityCode as error:
        filled.wrong("home_code", error.words, **error.facts)
        return ""
    if code == town().config.code and (present is None or present.home_code != code):
        filled.wrong("home_code", phrase("自団体の職員には協定は不要です。相手の団体コードを入力してください。"))
    return code


def _known_sites(db: Session, ids: Sequence[str], filled: Filled) -> None:
    known = set(db.scalars(select(Site.id)))
    if not set(ids) <= known:
        filled.wrong("site_ids", phrase("選択肢から選んでください。"))


def _typed(found: Agreement) -> Mapping[str, object]:
    """Return an agreement as the form shows it."""
    years = next((value for value, _ in validity.choices() if validity.is_year(found, value)), None)
    unlimited = found.starts_on is None and found.ends_on is None
    return {
        "who": "everyone" if found.everyone else "town",
        "home_code": found.home_code,
        "years": years or ("open" if unlimited else "dates"),
        "lead": found.lead_minutes,
        "named": found.named_manifest,
        **{
            name: getattr(found, name)
            for name in ("name", "number", "site_ids", "weekdays", "seats_a_day", "starts_on", "ends_on")
        },
        **{name: getattr(found, name) for name in ("price_yen", "per", "price_basis", "host_approves")},
    }


def _form(filled: Filled, agreement: Agreement | None = None) -> Response:
    with town().storage.transaction() as db:
        every = db.scalars(select(Site).order_by(Site.name, Site.id)).all()
    page = render_template(
        "admin/agreement_form.html",
        filled=filled,
        agreement=agreement,
        sites=every,
        who=WHO,
        per=PER,
        lead=_leads(agreement),
        years=validity.choices(),
        weekdays=WEEKDAYS,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)
