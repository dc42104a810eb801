"""利用条件: what may our staff do elsewhere? Shown as sentences, changed by a form, in force at once."""

import re
from collections.abc import Sequence
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import municipality
from federation.errors import BadInput
from federation.web.tongue import say
from federation.wording import phrase
from node.home import conditions
from node.models.conditions import HomeConditions
from node.views import town, wished
from node.views.filled import Filled
from node.views.session import me
from node.views.shown import CONFIDENTIALITY, WORK_KINDS

blueprint = Blueprint("conditions", __name__)
"""For ``Audience.PERSONNEL``."""

APPROVERS = {"superior": phrase("所属長"), "personnel": phrase("人事担当")}
_ORDER = (
    "privacy", "work_kinds", "host_codes", "employments", "days_a_week", "limit_yen",
    "authorities", "days_a_month", "lead_hours", "private_levels", "semi_private_levels",
    "approval_by", "approval_work_kinds", "approval_employments", "escalate_hours",
)  # fmt: skip
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
    wanted = {
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
    }
    approval = conditions.Approving(
        form.choice("approval_by", APPROVERS) if form.typed("approval_by") else "",
        form.choices("approval_work_kinds", WORK_KINDS),
        _words(form.text("approval_employments", longest=400)),
        form.whole("escalate_hours", 1, 240),
    )
    if form.errors:
        return _page(form)
    with town().storage.transaction(write=True) as db:
        conditions.lay_down(db, **wanted, approval=approval, by=me().id, now=town().clock())  # type: ignore[arg-type]  # Read from the form by name.
    flash(say(phrase("利用条件を保存しました。これからの検索と予約に適用されます。")), "success")
    return redirect(url_for("conditions.show"), HTTPStatus.SEE_OTHER)


def _page(form: Filled) -> Response:
    row = _in_force()
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
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK)


def _in_force() -> HomeConditions | None:
    with town().storage.transaction() as db:
        return conditions.in_force(db)


def _as_form(row: HomeConditions | None) -> MultiDict[str, str]:
    """Return the conditions as the form would have sent them."""
    if row is None:
        return MultiDict()
    single = {
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


def sentences(row: HomeConditions | None) -> Sequence[str]:
    """Say one version of the conditions as people would."""
    if row is None:
        return ()
    found = []
    if row.privacy:
        found.append(say(phrase("利用できる部屋：%(kinds)s"), kinds=_named(row.privacy, wished.PRIVACY)))
    if row.work_kinds:
        found.append(say(phrase("認められる勤務区分：%(kinds)s"), kinds=_named(row.work_kinds, WORK_KINDS)))
    if row.host_codes:
        found.append(say(phrase("利用できる団体：%(codes)s"), codes="、".join(row.host_codes)))
    if row.employments_barred:
        found.append(say(phrase("利用できない任用区分：%(names)s"), names="、".join(row.employments_barred)))
    if row.days_a_week is not None:
        found.append(say(phrase("利用は週%(days)s日まで"), days=row.days_a_week))
    if row.limit_yen is not None:
        found.append(say(phrase("利用料は1回%(yen)s円まで"), yen=f"{row.limit_yen:,}"))
    return [*found, *_more(row), *([_approval(row)] if row.approval_by else ())]


def _more(row: HomeConditions) -> Sequence[str]:
    """Say who may not go, how often in a month, how early to ask, and what needs which room."""
    found = []
    if row.authorities_barred:
        found.append(say(phrase("利用できない任命権者：%(names)s"), names="、".join(row.authorities_barred)))
    if row.days_a_month is not None:
        found.append(say(phrase("利用は月%(days)s日まで"), days=row.days_a_month))
    if row.lead_hours is not None:
        found.append(say(phrase("申込みは開始の%(hours)s時間前まで"), hours=row.lead_hours))
    if row.private_levels:
        found.append(
            say(phrase("個室だけで行える業務：%(levels)s"), levels=_named(row.private_levels, CONFIDENTIALITY))
        )
    if row.semi_private_levels:
        levels = _named(row.semi_private_levels, CONFIDENTIALITY)
        found.append(say(phrase("半個室以上で行える業務：%(levels)s"), levels=levels))
    return found


def _approval(row: HomeConditions) -> str:
    """Say who has to approve what of whom."""
    kinds = _named(row.approval_work_kinds, WORK_KINDS) if row.approval_work_kinds else say(phrase("すべての勤務区分"))
    whom = "、".join(row.approval_employments) or say(phrase("全員"))
    said = say(
        phrase("%(who)sの承認が必要：%(kinds)s、対象は%(whom)s"),
        who=say(APPROVERS[row.approval_by]),
        kinds=kinds,
        whom=whom,
    )
    if row.escalate_hours is not None:
        said += say(phrase("（%(hours)s時間決まらなければ、人事担当も決められる）"), hours=row.escalate_hours)
    return said


def _named(values: Sequence[str], words: dict[str, str]) -> str:
    return "、".join(say(words[value]) for value in values if value in words)
