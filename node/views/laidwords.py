"""利用条件 as people would say them: one version, sentence by sentence."""

from collections.abc import Mapping, Sequence

from federation.web.tongue import say
from federation.wording import phrase
from node.models.conditions import HomeConditions
from node.views import wished
from node.views.shown import CONFIDENTIALITY, WORK_KINDS
from node.views.space import FACILITY_TYPES

APPROVERS = {"superior": phrase("所属長"), "personnel": phrase("人事担当")}


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
    return [*found, *_where(row), *_more(row), *([_approval(row)] if row.approval_by else ())]


def _where(row: HomeConditions) -> Sequence[str]:
    """Say which buildings, which sites, and how far."""
    found = []
    if row.facility_types:
        kinds = _named(row.facility_types, FACILITY_TYPES)
        found.append(say(phrase("利用できる施設の種類：%(kinds)s"), kinds=kinds))
    if row.sites:
        found.append(say(phrase("利用できる施設：%(names)s"), names="、".join(site["name"] for site in row.sites)))
    if row.radius_km is not None:
        words = phrase("%(name)sから%(km)skm以内の施設に限る")
        found.append(say(words, name=row.radius_from["name"], km=row.radius_km))
    return found


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


def _named(values: Sequence[str], words: Mapping[str, str]) -> str:
    return "、".join(say(words[value]) for value in values if value in words)
