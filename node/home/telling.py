"""What a person is told when a host changes something about their trip without being asked."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from federation.messages.base import written
from federation.messages.booking import Reason
from federation.messages.listing import DeskListing, SiteListing
from federation.storage import insert
from federation.wording import phrase
from node import letters, notices
from node.models.feedback import TripFeedback
from node.models.mail import TripReminder
from node.models.noshows import StartReminder
from node.models.trips import Trip

_CONFIRMED = phrase("予約が確定しました：%(site)s %(when)s")
_WORDS: Mapping[tuple[str, str], str] = {
    ("asking", "confirmed"): _CONFIRMED,
    ("asking", "requested"): phrase("予約は承認待ちです：%(site)s %(when)s"),
    ("asking", "refused"): phrase("予約できませんでした：%(site)s %(when)s。理由を確認し、別の座席をお選びください。"),
    ("requested", "confirmed"): _CONFIRMED,
    ("held", "confirmed"): _CONFIRMED,
}
_RECEIPTS: Mapping[tuple[str, str], str] = {
    ("asking", "confirmed"): _CONFIRMED,
    ("asking", "requested"): _WORDS["asking", "requested"],
    ("cancelling", "cancelled"): phrase("予約を取り消しました：%(site)s %(when)s"),
}
_CANCELLED_FOR: Mapping[str, str] = {
    "closure": phrase("施設が休止となったため、予約が取り消されました：%(site)s %(when)s。別の座席をお選びください。"),
    "agreement-ended": phrase(
        "協定が終了したため、予約が取り消されました：%(site)s %(when)s。ほかの団体の座席をお選びください。"
    ),
    "home-suspended": phrase(
        "所属団体の参加が停止されたため、予約が取り消されました：%(site)s %(when)s。所属団体の担当者にお問い合わせください。"
    ),
}
_MOVED_WHY = phrase(
    "施設の休止（%(why)s）のため、座席が変わりました：%(when)s、%(old)s から %(new)s へ。"
    "新しい座席をご利用ください。ご都合が悪い場合は取り消せます。取り消しても不利益はありません。"
)
_MOVED = phrase(
    "受入団体の都合により、座席が変わりました：%(when)s、%(old)s から %(new)s へ。"
    "新しい座席をご利用ください。ご都合が悪い場合は取り消せます。取り消しても不利益はありません。"
)
_MOVED_MYSELF = phrase("予約を変更しました：%(old)s %(was)s から %(new)s %(when)s")
_CUT_SHORT = phrase("施設が休止となるため、利用時間が短くなりました：%(site)s %(when)s。終了までにご退室ください。")
_LIFTED = phrase(
    "施設の休止が解除され、取り消された予約の座席が再び空きました：%(site)s %(when)s。"
    "必要な場合は、もう一度予約してください。自動では元に戻りません。"
)
_VISITED = phrase(
    "ご利用はいかがでしたか：%(site)s %(when)s。静かさ、通信、また利用したいかを、名前を伏せて受入団体に伝えられます。"
)
_RELEASED = phrase(
    "開始から一定時間、入室の記録がないため、座席をほかの方に開放しました：%(site)s %(when)s。"
    "これから利用する場合は、受付にお申し出ください。来庁していた場合は、予約の画面から申し出られます。"
)
_DISPUTED: Mapping[str, str] = {
    "struck": phrase("来庁していたことが受入団体に認められ、未利用の記録が取り消されました：%(site)s %(when)s"),
    "upheld": phrase(
        "来庁していたとの申し出は、受入団体に認められませんでした：%(site)s %(when)s。くわしくは受入団体にお問い合わせください。"
    ),
}
_WHATEVER_WAS_BEFORE: Mapping[str, str] = {
    "refused": phrase("予約は承認されませんでした：%(site)s %(when)s"),
    "cancelled": phrase("受入団体の都合により、予約が取り消されました：%(site)s %(when)s。別の座席をお選びください。"),
    "lapsed": phrase("期限までに確定しなかったため、予約は失効しました：%(site)s %(when)s"),
    "no_show": phrase("利用の記録がないまま、予約の時間が終わりました：%(site)s %(when)s"),
}


def of_change(db: Session, trip: Trip, before: str, *, now: datetime) -> None:
    """Leave a notice where the state went from ``before`` to something the person needs to know."""
    words = _WORDS.get((before, trip.state)) or _WHATEVER_WAS_BEFORE.get(trip.state)
    if trip.state == "cancelled":
        words = _CANCELLED_FOR.get(trip.cause, words)
    if trip.state == "no_show" and trip.cause == "no-show":
        words = _RELEASED
    if words and before not in {trip.state, "cancelling"}:
        tell(db, trip, words, now=now)


def of_dispute(db: Session, trip: Trip, before: str, *, now: datetime) -> None:
    """Leave a notice of the host's answer to the person's word that they did come."""
    if trip.dispute != before and trip.dispute in _DISPUTED:
        tell(db, trip, _DISPUTED[trip.dispute], now=now)


def of_end(db: Session, trip: Trip, *, now: datetime) -> None:
    """Leave a notice that the host never answered in time."""
    tell(
        db,
        trip,
        phrase("受入団体から応答がなかったため、申込みを取りやめました：%(site)s %(when)s。別の座席をお選びください。"),
        now=now,
    )


def of_move(db: Session, trip: Trip, old: str, *, now: datetime) -> None:
    """Leave a notice that the host gave the trip another desk: why, from ``old`` to where, and what to do."""
    site, desk = SiteListing.read(trip.site_listing), DeskListing.read(trip.desk_listing)
    new = f"{site.name} {desk.room_name} {desk.name}"
    tell(db, trip, _MOVED_WHY if why(trip)["why"] else _MOVED, now=now, old=old, new=new, **why(trip))


def of_own_move(db: Session, trip: Trip, old: str, was: str, new: str, *, now: datetime) -> None:
    """Write into the trip's history that its person moved it, from ``old`` at the time ``was`` (an interval) to where it is now.

    It is to be reminded of anew.
    """
    tell(db, trip, _MOVED_MYSELF, now=now, kind="receipt", old=old, was=was, new=new)
    for reminder in (TripReminder, StartReminder):
        db.execute(delete(reminder).where(reminder.trip_id == trip.id))


def of_closure(db: Session, trip: Trip, before: str, end: datetime, *, now: datetime) -> None:
    """Leave a notice that a closure cuts the trip short, or that one that ended it was lifted, the state being as before."""
    if before == trip.state == "cancelled" and trip.cause == "closure-lifted":
        tell(db, trip, _LIFTED, now=now)
    elif before == trip.state and trip.cause == "closure" and trip.end < end:
        tell(db, trip, _CUT_SHORT, now=now, **why(trip))


def of_visit(db: Session, trip: Trip, *, now: datetime) -> None:
    """Ask once how it was, when a visit is over; a state that comes back later asks nobody again."""
    if trip.state == "completed" and trip.arrived_at is not None:
        row = insert(db, TripFeedback).values(trip_id=trip.id, asked_at=now, state="asked", said="")
        first = row.on_conflict_do_nothing().returning(TripFeedback.trip_id)
        if db.scalar(first) is not None:
            tell(db, trip, _VISITED, now=now, kind="visited")


def why(trip: Trip) -> Mapping[str, str]:
    """Return the host's first reason in both languages, empty where it gave none."""
    reasons = [Reason.model_validate(one) for one in json.loads(trip.reasons)]
    return {"why": reasons[0].ja, "why_en": reasons[0].en} if reasons else {"why": "", "why_en": ""}


def tell(db: Session, trip: Trip, words: str, *, now: datetime, kind: str = "changed", **facts: str) -> None:
    """Leave a notice about a trip; ``words`` may use its site and time, and ``facts``. By mail it goes to who wants its kind.

    The time goes in as an ISO 8601 interval, since only the reader's page knows how to write it.
    """
    link = f"/bookings/{trip.id}"
    about = {**_about(trip), **facts}
    notices.tell(db, trip.staff_id, words, now=now, link=link, kind=kind, trip=trip.id, **about)


def tell_other(db: Session, staff_id: int, trip: Trip, words: str, *, now: datetime, **facts: str) -> None:
    """Leave a notice about somebody else's trip for a person who has to do with it; it leads to their own list."""
    notices.tell(db, staff_id, words, now=now, link="/bookings", kind="changed", **{**_about(trip), **facts})


def receipt(db: Session, trip: Trip, before: str, *, now: datetime) -> None:
    """Promise a letter on what the person has just done: the page told them already, the portal needs no notice."""
    words = _RECEIPTS.get((before, trip.state))
    if words:
        by_mail(db, trip, "receipt", words, now=now)


def by_mail(db: Session, trip: Trip, kind: str, words: str, *, now: datetime) -> None:
    """Promise a letter about a trip that leaves no notice; ``words`` may use its site and time."""
    letters.promise(
        db, trip.staff_id, kind, words, now=now, facts=_about(trip), trip=trip.id, link=f"/bookings/{trip.id}"
    )


def _about(trip: Trip) -> dict[str, str]:
    site = SiteListing.read(trip.site_listing).name
    return {"site": site, "when": interval(trip)}


def interval(trip: Trip) -> str:
    """Return the time of a trip as an ISO 8601 interval, as a notice's facts carry it."""
    return interval_of(trip.start, trip.end)


def interval_of(start: datetime, end: datetime) -> str:
    """Return a time as an ISO 8601 interval."""
    return f"{written(start)}/{written(end)}"
