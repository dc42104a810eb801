"""利用条件: what may our staff do elsewhere? Shown as sentences, changed by a form, in force at once."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import municipality
from federation.errors import BadInput, PreconditionFailed
from federation.web.tongue import say
from federation.wording import phrase
from node.home import conditions, places
from node.home.conditions import Radius
from node.models.conditions import HomeConditions
from node.views import town, wished
from node.views.filled import Filled
from node.views.laidwords import APPROVERS, sentences
from node.views.session import me
from node.views.shown import CONFIDENTIALITY, WORK_KINDS
from node.views.space import FACILITY_TYPES

blueprint = Blueprint("conditions", __name__)
"""For ``Audience.PERSONNEL``."""

_ORDER = (
    "privacy", "work_kinds", "host_codes", "facility_types", "site", "radius_site", "radius_km", "employments", "days_a_week", "limit_yen",
    "authorities", "days_a_month", "lead_hours", "private_levels", "semi_private_levels",
    "approval_by", "approval_work_kinds", "approval_employments", "escalate_hours",
)  # fmt: skip
_NO_CENTRE = phrase("どの施設からの距離かを選んでください。")
_NO_SITES = phrase("起点にする自団体の施設が登録されていません。先に施設を登録するか、距離を空欄にしてください。")
_SEPARATORS = re.compile(r"[\s,、，・]+")


@blueprint.get("/personnel/conditions")
def show() -> Response:
    """Show the conditions in force, and the form that changes them."""
    return _page(Filled(_as_form(_in_force())))


@blueprint.get("/personnel/conditions/versions")
def versions() -> str:
    """Show every version there was: what it said, who laid it down, and when."""
    with town().storage.transaction() as db:
        rows = conditions.versions(db)
    return render_template("condition_versions.html", versions=[(row, sentences(row)) for row in rows])


@blueprint.post("/personnel/conditions")
def save() -> Response:
    """Lay down new conditions, or say which field cannot be read."""
    form = Filled(request.form)
    wanted: dict[str, Any] = {
        "privacy": form.choices("privacy", wished.PRIVACY),
        "work_kinds": form.choices("work_kinds", WORK_KINDS),
        "host_codes": _codes(form),
        "employments_barred": _words(form.text("employments", longest=400)),
        "days_a_week": form.whole("days_a_week", 1, 7),
        "limit_yen": form.whole("limit_yen", 0, 1_000_000),
        "authorities_barred": _words(form.text("authorities", longest=400)),
        "days_a_month": form.whole("days_a_month", 1, 31),
        "lead_hours": form.whole("lead_hours", 1, 720),
        "private_levels": form.choices("private_levels", CONFIDENTIALITY),
        "semi_private_levels": form.choices("semi_private_levels", CONFIDENTIALITY),
        "facility_types": form.choices("facility_types", FACILITY_TYPES),
    }
    row = _in_force()
    wanted |= {"sites": _chosen_sites(form, row), "radius": _radius(form, row)}
    approval = conditions.Approving(
        form.choice("approval_by", APPROVERS) if form.typed("approval_by") else "",
        form.choices("approval_work_kinds", WORK_KINDS),
        _words(form.text("approval_employments", longest=400)),
        form.whole("escalate_hours", 1, 240),
    )
    if form.errors:
        return _page(form)
    read = form.typed("version")
    base = int(read) if read.isascii() and read.isdigit() and len(read) < 10 else None
    try:
        with town().storage.transaction(write=True) as db:
            conditions.lay_down(db, **wanted, approval=approval, on_top_of=base, by=me().id, now=town().clock())
    except PreconditionFailed:
        return _page(form, overtaken=True)
    flash(say(phrase("利用条件を保存しました。これからの検索と予約に適用されます。")), "success")
    return redirect(url_for("conditions.show"), HTTPStatus.SEE_OTHER)


def _page(form: Filled, *, overtaken: bool = False) -> Response:
    """Show the form; ``overtaken`` by somebody else's version, with all that was filled in."""
    row = _in_force()
    with town().storage.transaction() as db:
        seen, own = places.sites_seen(db), places.own_sites(db)
    page = render_template(
        "conditions.html",
        form=form,
        row=row,
        sentences=sentences(row),
        approvers=APPROVERS,
        errors=form.errors,
        summary=form.summary(_ORDER),
        choices=wished,
        work_kinds=WORK_KINDS,
        levels=CONFIDENTIALITY,
        overtaken=overtaken,
        facility_types=FACILITY_TYPES,
        sites=sorted({**seen, **_sites_of(row)}.items(), key=lambda pair: pair[1]),
        own_sites=[(site, it["name"]) for site, it in {**_centre_of(row), **own}.items()],
    )
    status = HTTPStatus.PRECONDITION_FAILED if overtaken else HTTPStatus.OK
    return make_response(page, HTTPStatus.BAD_REQUEST if form.errors else status)


def _sites_of(row: HomeConditions | None) -> dict[str, str]:
    return {site["id"]: site["name"] for site in row.sites} if row else {}


def _centre_of(row: HomeConditions | None) -> dict[str, Mapping[str, Any]]:
    return {row.radius_from["id"]: row.radius_from} if row and row.radius_km is not None else {}


def _chosen_sites(form: Filled, row: HomeConditions | None) -> dict[str, str]:
    """Read the sites that are ticked, among those our people have seen and those that were allowed before."""
    with town().storage.transaction() as db:
        names = {**_sites_of(row), **places.sites_seen(db)}
    return {site: names[site] for site in form.choices("site", names)}


def _radius(form: Filled, row: HomeConditions | None) -> Radius | None:
    """Read the distance and the site from which it is measured; one does not go without the other."""
    km, chosen = form.whole("radius_km", 1, 3000), form.typed("radius_site")
    if km is None and not chosen:
        return None
    with town().storage.transaction() as db:
        centres = {**_centre_of(row), **places.own_sites(db)}
    if km is None and "radius_km" not in form.errors:
        form.wrong("radius_km", phrase("距離を入力してください。限らないときは、起点の施設も選ばないでください。"))
    if chosen not in centres:
        form.wrong("radius_site", _NO_CENTRE if centres else _NO_SITES)
    return None if km is None or chosen not in centres else Radius(km, centres[chosen])


def _in_force() -> HomeConditions | None:
    with town().storage.transaction() as db:
        return conditions.in_force(db)


def _as_form(row: HomeConditions | None) -> MultiDict[str, str]:
    """Return the conditions as the form would have sent them."""
    if row is None:
        return MultiDict()
    single = {
        "version": str(row.id),
        "radius_km": "" if row.radius_km is None else str(row.radius_km),
        "radius_site": row.radius_from.get("id", ""),
        "host_codes": "、".join(row.host_codes),
        "employments": "、".join(row.employments_barred),
        "days_a_week": "" if row.days_a_week is None else str(row.days_a_week),
        "limit_yen": "" if row.limit_yen is None else str(row.limit_yen),
        "authorities": "、".join(row.authorities_barred),
        "days_a_month": "" if row.days_a_month is None else str(row.days_a_month),
        "lead_hours": "" if row.lead_hours is None else str(row.lead_hours),
        "approval_by": row.approval_by,
        "approval_employments": "、".join(row.approval_employments),
        "escalate_hours": "" if row.escalate_hours is None else str(row.escalate_hours),
    }
    several = [("privacy", each) for each in row.privacy] + [("work_kinds", each) for each in row.work_kinds]
    several += [("facility_types", each) for each in row.facility_types]
    several += [("site", site["id"]) for site in row.sites]
    several += [("private_levels", each) for each in row.private_levels]
    several += [("semi_private_levels", each) for each in row.semi_private_levels]
    several += [("approval_work_kinds", each) for each in row.approval_work_kinds]
    return MultiDict([*single.items(), *several])


def _words(text: str) -> list[str]:
    return [word for word in _SEPARATORS.split(text) if word]


def _codes(form: Filled) -> list[str]:
    """Read 団体コード, mended as spreadsheets leave them; the first that is none is named."""
    codes = []
    for word in _words(form.text("host_codes", longest=2000)):
        try:
            codes.append(municipality.repair(word).code)
        except BadInput as error:
            form.refused(error, otherwise="host_codes")
    return codes
