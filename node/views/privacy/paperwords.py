"""利用の経過 in words: the same rows for the page and for the PDF, in the reader's language and the town's own zone."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from federation import language
from federation.web.tongue import current, say, zone
from federation.wording import phrase
from node.home.judged import Approved
from node.home.judged import Judged as JudgedAtHome
from node.host.judged import Judged as JudgedAtHost
from node.matching import Met, Step
from node.models.attendance import AttendanceCorrection
from node.models.incidents import Incident
from node.papers import Paper, Value, Visit
from node.views.approvals import STATES as APPROVAL_STATES
from node.views.deeds import named
from node.views.privacy.incidentwords import KINDS
from node.views.shown import CAUSES, CONFIDENTIALITY, WORK_KINDS

NOTHING = "―"
STATES: Mapping[str, str] = {
    "asking": phrase("問合せ中"),
    "cancelling": phrase("取消手続き中"),
    "lapsed": phrase("失効"),
    "held": phrase("仮予約"),
    "requested": phrase("承認待ち"),
    "confirmed": phrase("予約確定"),
    "refused": phrase("不承認"),
    "cancelled": phrase("取消"),
    "checked_in": phrase("利用中"),
    "completed": phrase("利用済"),
    "no_show": phrase("未利用(連絡なし)"),
}
SIDES = {"home": phrase("所属団体"), "host": phrase("受入団体")}
MET: Mapping[Met, str] = {
    "met": phrase("あり"),
    "missing": phrase("なし"),
    "own": phrase("対象外"),
    "unknown": NOTHING,
}
DECIDERS = {"superior": phrase("所属長"), "deputy": phrase("承認の代理"), "personnel": phrase("人事担当")}

Row = tuple[str, str]


def facts(paper: Paper) -> Sequence[Row]:
    """Return everything about the visit as pairs of words; what is not so for it is left out."""
    return [
        (say(words), it or NOTHING) for words, it in (*_visit(paper.visit, paper.id), *_judged(paper), *_after(paper))
    ]


def _visit(visit: Visit, uuid: str) -> Iterator[Row]:
    yield phrase("予約の識別番号"), uuid
    yield phrase("受付番号"), visit.code
    yield phrase("所属団体"), visit.home
    if visit.person:
        yield phrase("利用職員"), f"{visit.person}（{visit.section}）" if visit.section else visit.person
    yield phrase("受入団体"), visit.host
    yield phrase("施設"), visit.site
    yield phrase("座席"), visit.desk
    yield phrase("勤務区分"), _of(WORK_KINDS, visit.work_kind)
    yield phrase("情報の機密性"), _of(CONFIDENTIALITY, visit.confidentiality)
    yield phrase("申込み"), written(visit.asked_at)
    yield phrase("予約した開始"), written(visit.start)
    yield phrase("予約した終了"), written(visit.end)
    yield phrase("入室"), written(visit.arrived_at)
    yield phrase("退室"), written(visit.left_at)
    yield phrase("状態"), state(visit.state)
    if visit.cause:
        yield phrase("状態の理由"), _of(CAUSES, visit.cause)
    yield phrase("予約の版"), str(visit.version)
    yield phrase("料金"), language.yen(visit.price_yen, current())


def _judged(paper: Paper) -> Iterator[Row]:
    yield phrase("確認した利用上の注意"), _rules(paper)
    if paper.agreement is not None:
        it = paper.agreement
        title = f"{it.name} {it.number}".strip()
        yield phrase("協定"), say(_VERSION_OF, title=title, version=it.version) if it.version else title
    if paper.at_home is not None:
        yield phrase("所属団体の判断"), _by_home(paper.at_home)
        yield phrase("承認"), _approved(paper.at_home.approval)
    yield phrase("受入団体の判断"), _by_host(paper)


_VERSION_OF = phrase("%(title)s 第%(version)s版")
_CONFIRMED_ON = phrase("第%(version)s版（%(at)s確認）")
_VERSION = phrase("第%(version)s版")


def _rules(paper: Paper) -> str:
    if not (version := paper.visit.consent):
        return ""
    at = paper.at_home.consented_at if paper.at_home is not None else None
    return say(_CONFIRMED_ON, version=version, at=written(at)) if at else say(_VERSION, version=version)


def _by_home(judged: JudgedAtHome) -> str:
    at = written(judged.at)
    if judged.conditions is None:
        return say(phrase("許可（利用条件は定められていません。%(at)s）"), at=at)
    return say(phrase("許可（利用条件 第%(version)s版による。%(at)s）"), version=judged.conditions, at=at)


def _by_host(paper: Paper) -> str:
    """Say what its host answered: refusals with their reasons, or what it rests on."""
    if paper.refusals and paper.visit.state == "refused":
        why = " ".join(one.ja if current() == "ja" else one.en for one in paper.refusals)
        return say(phrase("拒否：%(why)s"), why=why)
    if not paper.visit.version:
        return say(phrase("回答がありません"))
    if paper.visit.state == "refused":
        return say(phrase("不承認"))
    if paper.at_host is None:
        return say(phrase("許可"))
    return say(phrase("許可（%(at)s）"), at=written(paper.at_host.at))


def _approved(approval: Approved | None) -> str:
    if approval is None:
        return say(phrase("承認を要しない予約です"))
    words = [say(APPROVAL_STATES[approval.state][0])]
    if approval.standing is not None:
        words.append(
            say(
                phrase("包括承認の期間 %(first)s〜%(last)s"),
                first=_day(approval.standing[0]),
                last=_day(approval.standing[1]),
            )
        )
    if approval.decided_at is not None:
        by = _of(DECIDERS, approval.decider) or say(phrase("承認した人の立場は、現在の名簿からは分かりません"))
        words += [written(approval.decided_at), by]
    if approval.reason:
        words.append(say(phrase("理由：%(reason)s"), reason=approval.reason))
    return " ／ ".join(words)


def _after(paper: Paper) -> Iterator[Row]:
    """Yield what came after the visit: a desk given to others, a no-show that was answered, corrections, incidents."""
    if paper.visit.released_at is not None:
        yield phrase("座席をほかの人に開放した時刻"), written(paper.visit.released_at)
    if paper.at_host is not None and paper.at_host.dispute is not None:
        yield phrase("来庁の申し出"), _dispute(paper.at_host)
    for correction in paper.at_home.corrections if paper.at_home is not None else ():
        yield phrase("勤務実績の訂正"), _correction(correction)
    for incident in paper.incidents:
        yield phrase("事故・トラブル"), _incident(incident)


def _dispute(judged: JudgedAtHost) -> str:
    told = judged.dispute
    if told is None:
        return ""
    if told.answered_at is None:
        return say(phrase("%(told)s申し出。回答していません。"), told=written(told.told_at))
    words = (
        phrase("%(told)s申し出。%(at)s「来庁していた」と認めました。")
        if told.struck
        else phrase("%(told)s申し出。%(at)s「来庁していない」と回答しました。")
    )
    return say(words, told=written(told.told_at), at=written(told.answered_at))


def _correction(it: AttendanceCorrection) -> str:
    words = phrase("入室 %(arrived)s、退室 %(left)s（%(at)s訂正。理由：%(reason)s）")
    unchanged = say(phrase("受入団体の記録どおり"))
    arrived, left = (written(when) or unchanged for when in (it.arrived_at, it.left_at))
    return say(words, arrived=arrived, left=left, at=written(it.at), reason=it.reason)


def _incident(it: Incident) -> str:
    ended = phrase("%(number)s %(kind)s（%(at)s、終結）")
    open_ = phrase("%(number)s %(kind)s（%(at)s、対応中）")
    return say(ended if it.closed_at else open_, number=it.id, kind=_of(KINDS, it.kind), at=written(it.happened_at))


COMPARED = (phrase("事項"), phrase("所属団体"), phrase("受入団体"), phrase("結果"))


def compared(paper: Paper) -> Sequence[Sequence[str]]:
    """Return the matters as both towns have them, with the result."""
    results = {True: phrase("一致"), False: phrase("不一致"), None: phrase("記録なし")}
    rows = []
    for one in paper.compared:
        both = ((state(it) if one.is_state and isinstance(it, str) else written(it)) for it in (one.home, one.host))
        rows.append([say(one.words), *(it or NOTHING for it in both), say(results[one.agrees])])
    return rows


STEPS = (phrase("日時"), phrase("団体"), phrase("操作"), phrase("判断"), phrase("理由"), "jti", phrase("相手の記録"))


def steps(paper: Paper) -> Sequence[Sequence[str]]:
    """Return the lines of both logs."""
    return [_step(one) for one in paper.steps]


def _step(one: Step) -> Sequence[str]:
    verdict = say(phrase("許可") if one.verdict == "allowed" else phrase("拒否"))
    said = one.reason or NOTHING, one.jti or NOTHING, say(MET[one.met])
    return [written(one.at), say(SIDES[one.side]), named(one.event), verdict, *said]


def verdict(paper: Paper) -> tuple[str, str, str]:
    """Return how the two records stand: the tone of a banner, its heading, and what to do (empty where nothing is)."""
    if paper.away is not None:
        return (
            "warning",
            say(phrase("%(name)sに照会できませんでした"), name=paper.partner),
            say(phrase("当団体の記録だけを載せています。相手団体につながってから、もう一度作成してください。")),
        )
    if not paper.agrees:
        return (
            "warning",
            say(phrase("双方の記録に違いがあります")),
            say(phrase("「不一致」の行と、相手の記録が「なし」の行を、相手団体と確かめてください。")),
        )
    if any(one.met == "met" for one in paper.steps):
        return "success", say(phrase("双方の記録は一致しています")), ""
    return "", "", ""


def written(it: Value) -> str:
    """Write a moment in the town's zone, or a plain word as it is; nothing for None."""
    return language.moment(it, zone(), current()) if isinstance(it, datetime) else it or ""


def state(word: str) -> str:
    """Return a state of a booking in words, as it came where we have none for it."""
    return _of(STATES, word)


def _of(words: Mapping[str, str], key: str) -> str:
    return say(words[key]) if key in words else key


def _day(day: date) -> str:
    return language.day(day, current())


LEGEND = phrase(
    "「相手の記録」は、同じ事柄の記録が相手団体にあるかを示します。同じjtiの記録、または同じ種類の操作で、前後5分以内"
    "（届くまで送り直す申込み・承認・取消し・感想は、その後いつでも）の記録を同じ事柄とみなします。一方の団体だけが記録する操作は"
    "「対象外」です。操作した人の氏名は載せません。"
)
CUT = phrase("記録が多いため、新しい%(count)s件までを載せています。")
