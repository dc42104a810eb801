"""Carrying letters to the town's mail server: what each says, in the language and for the zone of its reader."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from federation.errors import MailboxUnknown
from federation.language import Locale, negotiate, period, short_day, translate
from federation.outbox import Carrier, Parcel
from federation.wording import phrase
from node import letters, notices, post
from node.home import mailedlinks, needs, trips
from node.home.wishes import JAPAN
from node.models.approvals import Approval
from node.models.mail import MailWish
from node.models.staff import Staff
from node.models.trips import Trip
from node.notices import INTERVALS
from node.people import mailboxes
from node.people.signin import has_left
from node.smtp import Smtp
from node.town import Town

_log = logging.getLogger(__name__)

STALE = timedelta(days=3)
"""A letter that could not leave for so long tells nobody anything; its notice stands in the portal."""
_SUBJECTS: Mapping[str, str] = {
    "receipt": phrase("予約の控え"),
    "changed": phrase("予約についてのお知らせ"),
    "reminder": phrase("まもなくご利用の予約"),
    "offer": phrase("空きのご案内"),
    "visited": phrase("ご利用の感想のお願い"),
    "approval": phrase("承認の依頼"),
    "other": phrase("お知らせ"),
    letters.CODE: phrase("メールアドレスの確認コード"),
}
_SUBJECT = phrase("［立ち寄りデスク］%(what)s")
_LONGEST_SUBJECT = 120
_CODE = phrase("確認コード：%(code)s")
_CODE_USE = phrase("「私の情報」の「メールでのお知らせ」に、30分以内に入力してください。")
_CODE_ELSE = phrase("心当たりがないときは、何もしないでください。このアドレスは登録されません。")
_WHEN = phrase("日時：%(when)s")
_WHERE = phrase("場所：%(where)s")
_ADDRESS = phrase("所在地：%(address)s")
_RECEPTION_CODE = phrase("受付番号：%(code)s（受付でお伝えください）")
_DOOR = phrase("入口：%(door)s")
_RECEPTION = phrase("受付：%(reception)s")
_PHONE = phrase("電話：%(phone)s")
_BRING = phrase("持ち物：%(bring)s")
_WHAT_TO_DO = phrase(
    "変更・取消しは、所属団体の「予約一覧」から行ってください。このメールを読んでも、予約は変わりません。"
)
_DECIDE = phrase(
    "次のページで内容を確かめ、サインインせずに決められます。開いただけでは何も決まりません。座席の確保の期限まで、1回だけ使えます。ほかの方に転送しないでください。"
)
_PORTAL = phrase("くわしくは、所属団体の画面の「お知らせ」をご覧ください。")
_FOOT = phrase(
    "このメールは%(town)sの立ち寄りデスクが自動で送りました。返信はできません。受け取る種類は「私の情報」で変えられます。"
)
_UNREACHED = phrase(
    "登録されたメールアドレスには届かないため、メールを止めました。「私の情報」でアドレスを確認してください。"
)


def carriers(town: Town, smtp: Smtp) -> Mapping[str, Carrier]:
    """Return what carries letters, for a town that has a mail server."""
    return {letters.LETTER: lambda parcel: carry(town, smtp, parcel)}


def carry(town: Town, smtp: Smtp, parcel: Parcel) -> None:
    """Write a letter as things stand now and hand it over; nothing where it has become pointless.

    Raises what kept it from the server. An address that the server will never take is written to no more.
    """
    now = town.clock()
    with town.storage.transaction() as db:
        found = _written(town, db, parcel, now)
    if found is None:
        return
    to, subject, text, locale = found
    named = town.config.name
    sent = post.letter(
        smtp, town=named, to=to, subject=subject, text=text, locale=locale, key=parcel.key, made_at=parcel.made_at
    )
    try:
        post.send(smtp, sent, to)
    except MailboxUnknown as error:
        _log.info("letter %s: %s", parcel.key, error.detail)
        _note_unknown(town, int(parcel.payload["staff"]), to, now)


def _written(town: Town, db: Session, parcel: Parcel, now: datetime) -> tuple[str, str, str, Locale] | None:
    """Return address, subject, text and language; None for what nobody wants or needs any more."""
    told = parcel.payload
    kind, wish, person = str(told["kind"]), db.get(MailWish, told["staff"]), db.get(Staff, told["staff"])
    if wish is None or person is None or has_left(person, now) or now - parcel.made_at > STALE:
        return None
    locale = negotiate((wish.locale,))
    if kind == letters.CODE:
        return _with_code(town, wish, told, locale, now)
    trip = db.get(Trip, told["trip"]) if told["trip"] else None
    late = kind == "reminder" and (trip is None or trip.state != "confirmed" or now >= trip.start)
    if late or not letters.wants(wish, kind):
        return None
    said = translate(told["words"], locale, **_facts(told["facts"], locale))
    parts = [said, *_decide(town, db, told, now, locale)]
    parts += _about(trip, town, locale) if trip else [_portal(town, str(told["link"]), locale)]
    return wish.address, _subject(kind, locale, trip), _text(parts, town, locale), locale


def _decide(town: Town, db: Session, told: Mapping[str, Any], now: datetime, locale: Locale) -> list[str]:
    """Return the way to decide the question a letter names; nothing where its reader may not decide it any more."""
    row = db.get(Approval, str(told["facts"].get("approval", "")))
    if row is None or row.state != "asked" or told["staff"] not in {one.id for one in needs.who(db, row, now)}:
        return []
    way = mailedlinks.path(row, int(told["staff"]), mailedlinks.secret_of(town.config))
    return ["\n".join((translate(_DECIDE, locale), f"{town.config.entity_id}{way}"))]


def _with_code(
    town: Town, wish: MailWish, told: Mapping[str, Any], locale: Locale, now: datetime
) -> tuple[str, str, str, Locale] | None:
    until = wish.pending_until
    if not wish.pending or until is None or until.isoformat() != told["until"] or now >= until:
        return None
    code = mailboxes.code_of(wish, mailboxes.secret_of(town.config))
    said = [translate(_CODE, locale, code=code), translate(_CODE_USE, locale), translate(_CODE_ELSE, locale)]
    return wish.pending, _subject(letters.CODE, locale, None), _text(said, town, locale), locale


def _subject(kind: str, locale: Locale, trip: Trip | None) -> str:
    what = translate(_SUBJECTS[kind], locale)
    if trip is not None:
        what = f"{what} {short_day(trip.start.astimezone(JAPAN).date(), locale)} {trips.site_of(trip).name}"
    return translate(_SUBJECT, locale, what=what)[:_LONGEST_SUBJECT]


def _text(parts: Sequence[str], town: Town, locale: Locale) -> str:
    return "\n\n".join([*parts, translate(_FOOT, locale, town=town.config.name)])


def _portal(town: Town, link: str, locale: Locale) -> str:
    return "\n".join((translate(_PORTAL, locale), f"{town.config.entity_id}{link or '/notices'}"))


def _about(trip: Trip, town: Town, locale: Locale) -> list[str]:
    """Say all that somebody needs who reads this and nothing else: when, where, the code, the door, what to do."""
    site, desk = trips.site_of(trip), trips.desk_of(trip)
    valid = trip.state in {"confirmed", "checked_in"}
    facts = (
        (_WHEN, {"when": period(trip.start, trip.end, JAPAN, locale)}),
        (_WHERE, {"where": f"{site.name} {desk.room_name} {desk.name}"}),
        (_ADDRESS, {"address": site.address}),
        (_RECEPTION_CODE, {"code": trip.short_code if valid else ""}),
        (_DOOR, {"door": site.entrance if valid else ""}),
        (_RECEPTION, {"reception": site.reception if valid else ""}),
        (_PHONE, {"phone": site.phone}),
        (_BRING, {"bring": site.bring if valid else ""}),
    )
    lines = [translate(words, locale, **fact) for words, fact in facts if all(fact.values())]
    way = (translate(_WHAT_TO_DO, locale), f"{town.config.entity_id}/bookings/{trip.id}")
    return ["\n".join(lines), "\n".join(way)]


def _facts(facts: Mapping[str, str | int], locale: Locale) -> dict[str, object]:
    """Return a sentence's facts for this reader: a time that travels as an interval, a reason in both languages."""
    said: dict[str, object] = dict(facts)
    for name in INTERVALS & facts.keys():
        start, _, end = str(facts[name]).partition("/")
        if end:
            said[name] = period(datetime.fromisoformat(start), datetime.fromisoformat(end), JAPAN, locale)
    if locale != "ja" and "why_en" in facts:
        said["why"] = facts["why_en"]
    return said


def _note_unknown(town: Town, staff_id: int, to: str, now: datetime) -> None:
    with town.storage.transaction(write=True) as db:
        wish = db.get(MailWish, staff_id)
        if wish is None:
            return
        if wish.pending == to:
            wish.pending, wish.pending_until = "", None
        if wish.address == to:
            wish.refused_at = now
        notices.tell(db, staff_id, _UNREACHED, now=now, link="/me/mail")
