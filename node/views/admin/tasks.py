"""対応が必要なこと: what a 施設担当者 should look at today, each with the page where it is done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import url_for
from markupsafe import Markup
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from federation.cursors import FeedCursor
from federation.language import day as written_day
from federation.web.tongue import current, say, words, zone
from federation.wording import phrase
from node import incidents
from node.host import (
    agreements,
    confirmations,
    emergencies,
    harvested,
    house,
    noshows,
    opening,
    problems,
    quotas,
    readiness,
    walk_ins,
)
from node.host.inventory import Counted
from node.models.agreements import Agreement
from node.models.bookings import Booking, BookingPlace
from node.models.opening import Closure
from node.webhooks import receivers

SILENT = timedelta(hours=6)
"""After so long without a word of another party one should look."""
AHEAD = timedelta(days=7)
AT_ONCE = date.min
"""The day of what keeps people from coming, or stands open, now."""


@dataclass(frozen=True)
class Task:
    """Something to do, where, and until which day it matters; None where it has no day."""

    words: Markup
    href: str
    due: date | None = None


def of(db: Session, tree: Sequence[Counted], now: datetime) -> Sequence[Task]:
    """Return what is to be done, by the day on which it matters; the number of statements does not grow with the sites."""
    return sorted(_all(db, tree, now), key=lambda task: task.due or date.max)


def _all(db: Session, tree: Sequence[Counted], now: datetime) -> Iterator[Task]:
    today = now.astimezone(zone()).date()
    yield from _of_emergencies(db, now)
    yield from _of_incidents(db, today)
    yield from _of_feeds(db, now)
    yield from _of_webhooks(db)
    yield from _of_visitors(db, now)
    yield from _of_agreements(db, today)
    yield from _of_house_rules(db, now)
    yield from _of_sites(db, tree, today)
    yield from _of_calendar(db, tree, now)


def _of_visitors(db: Session, now: datetime) -> Iterator[Task]:
    """Say how many visitors wait for an answer to their word that they came."""
    if count := noshows.waiting(db):
        said = phrase("来庁していたとの申し出が%(count)s件あります。回答してください。")
        yield Task(words(said, count=count), url_for("admin_noshows.show"), AT_ONCE)
    if count := problems.waiting(db):
        said = phrase("座席の不具合が%(count)s件知らされています。確認してください。")
        yield Task(words(said, count=count), url_for("admin_problems.show"), AT_ONCE)
    if count := walk_ins.count_unsettled(db, now):
        said = phrase("予約と結び付いていない来庁が%(count)s件あります。所属団体に確認してください。")
        yield Task(words(said, count=count), url_for("admin_walkins.every"), AT_ONCE)


def _of_sites(db: Session, tree: Sequence[Counted], today: date) -> Iterator[Task]:
    """Say which buildings' desks nobody finds and what comes next there, and what is wrong with rooms."""
    if not tree:
        first = phrase("まだ施設がありません。最初の施設を追加してください。")
        yield Task(words(first), url_for("admin_sites.new"), AT_ONCE)
    for site, step, _missing in readiness.next_steps(db, [one.site for one in tree], today):
        told = phrase("%(site)sの座席は、まだ他団体から見つけられません。次にすること：%(step)s")
        yield Task(words(told, site=site.name, step=say(step.words)), url_for("admin_sites.site", site_id=site.id))
    for problem in (each for one in tree for each in one.problems if each.kind != "site"):
        where = f"/admin/{problem.kind}s/{problem.id}"
        yield Task(words(problem.words, **problem.facts), where, problem.due)


def _of_emergencies(db: Session, now: datetime) -> Iterator[Task]:
    for one in emergencies.standing(db, now):
        said = {
            "opening": phrase("災害時臨時開放を行っています。期限と予約を確認してください。"),
            "closing": phrase("臨時閉鎖を行っています。期限を確認してください。"),
        }
        yield Task(words(said[one.kind]), url_for("admin_emergencies.every"), AT_ONCE)


def _of_agreements(db: Session, today: date) -> Iterator[Task]:
    found = db.scalars(select(Agreement).where(Agreement.closes_at.is_(None)).order_by(Agreement.ends_on)).all()
    if not found:
        first = phrase("協定がないため、他団体の職員は予約できません。協定を登録してください。")
        yield Task(words(first), url_for("admin_agreements.new"), AT_ONCE)
    yield from _of_confirmations(db, found)
    followed = agreements.renewed(found)
    for one in found:
        if one.id in followed:
            continue
        if quotas.standing(one, today) == "ending" and one.ends_on is not None:
            yield Task(
                words(
                    phrase(
                        "協定「%(name)s」があと%(days)s日で終わります。更新する場合は、次の年度の協定を用意してください。"
                    ),
                    name=one.name,
                    days=(one.ends_on - today).days,
                ),
                url_for("admin_agreements.every"),
                one.ends_on,
            )


def _of_confirmations(db: Session, found: Sequence[Agreement]) -> Iterator[Task]:
    """Say of which agreement another town says that it does not match the paper."""
    said = confirmations.of(db, [one.id for one in found])
    for one in found:
        newest = [each for each in said[one.id] if each.number == said[one.id][0].number]
        if any(each.state == "objected" for each in newest):
            told = phrase("協定「%(name)s」の内容が協定書と合わないという連絡があります。内容を確認してください。")
            where = url_for("admin_agreement_records.show", agreement_id=one.id)
            yield Task(words(told, name=one.name), where, AT_ONCE)


def _of_house_rules(db: Session, now: datetime) -> Iterator[Task]:
    current, where = house.in_force(db, now), url_for("admin_house_rules.editions")
    if current is None:
        yield Task(words(phrase("利用上の注意がまだ掲載されていません。最初の版を掲載してください。")), where, AT_ONCE)
    elif not current.en.strip():
        yield Task(words(phrase("利用上の注意に英語の本文がありません。")), where)


def _of_incidents(db: Session, today: date) -> Iterator[Task]:
    """Say what is due for each incident that is open: everything that is overdue at once, and what comes next."""
    for row in incidents.every(db):
        if row.closed_at is not None:
            continue
        where, steps = url_for("incidents.show", incident_id=row.id), incidents.outstanding(row)
        late = [one for one in steps if one.is_late(today)]
        for one in late:
            said = phrase("期限超過（%(day)s）：事故・トラブル：%(step)s")
            yield Task(words(said, day=written_day(one.day, current()), step=say(one.words)), where, AT_ONCE)
        if len(late) == len(steps) and late:
            continue
        step = next((one for one in steps if one not in late), None)
        told = step.words if step is not None else phrase("対応を続け、済んだら終結を記録してください。")
        said = words(phrase("事故・トラブル：%(step)s"), step=say(told))
        yield Task(said, where, step.day if step is not None else today)


def _of_feeds(db: Session, now: datetime) -> Iterator[Task]:
    """Say whether what we publish arrives, and of how many parties the last reading failed or has been silent for long."""
    stand, where = harvested.harvested(db, now), url_for("admin_feeds.show")
    if stand.late:
        yield Task(words(phrase("連携基盤が10分以上この団体の掲載を読み取れていません。")), where, AT_ONCE)
    if stand.faults:
        refused = phrase("連携基盤が受け付けなかった内容が%(count)s件あります。")
        yield Task(words(refused, count=len(stand.faults)), where, AT_ONCE)
    late = or_(FeedCursor.error != "", FeedCursor.read_at < now - SILENT)
    count = len(set(db.scalars(select(FeedCursor.member_id).where(late))))
    if count:
        trouble = phrase("%(count)s団体からの情報を受け取れていません。システム担当者に確認してください。")
        yield Task(words(trouble, count=count), where, AT_ONCE)


def _of_webhooks(db: Session) -> Iterator[Task]:
    """Say to which receivers nothing is sent any more, though nobody has paused them."""
    for one in receivers.stopped(db):
        told = phrase("知らせの送信先「%(name)s」への送信が止まっています。")
        yield Task(words(told, name=one.name), url_for("admin_webhooks.show", webhook_id=one.id), AT_ONCE)


def _of_calendar(db: Session, tree: Sequence[Counted], now: datetime) -> Iterator[Task]:
    """Say whose closures within a week have hit bookings, and which holidays the next week has."""
    today = now.astimezone(zone()).date()
    yield from _of_closures(db, tree, now)
    if not any(one.site.published and not one.site.opens_on_holidays for one in tree):
        return
    monday = today - timedelta(days=today.weekday()) + AHEAD
    days = [day for number in range(5) if opening.is_holiday(day := monday + timedelta(days=number))]
    for day in days:
        holiday = phrase("来週の%(day)sは休日です。開ける施設があれば、利用時間を確認してください。")
        yield Task(words(holiday, day=written_day(day, current())), url_for("admin_calendar.month"), day)


def _of_closures(db: Session, tree: Sequence[Counted], now: datetime) -> Iterator[Task]:
    """Say for each site what closes within a week although people had booked; who is moved or cut short counts too."""
    coming = select(Closure).where(Closure.lifted_at.is_(None), Closure.start > now, Closure.start < now + AHEAD)
    found = db.scalars(coming.order_by(Closure.start)).all()
    if not found:
        return
    hit = (
        select(Booking.closure_id, func.count(Booking.id.distinct()))
        .join(BookingPlace)
        .where(BookingPlace.start > now - timedelta(days=1), Booking.closure_id.in_([one.id for one in found]))
    )
    counts = {id_: count for id_, count in db.execute(hit.group_by(Booking.closure_id)).all() if id_ is not None}
    for one in tree:
        desks = {desk.id for room in one.site.rooms for desk in room.desks}
        inside = {one.site.id, *(room.id for room in one.site.rooms), *desks}
        hitting = [each for each in found if each.place_id in inside and each.id in counts]
        if not hitting:
            continue
        day = hitting[0].start.astimezone(ZoneInfo(one.site.zone)).date()
        told = phrase(
            "%(site)sの%(day)sからの休止で、予約%(count)s件が取消しや移動になりました。案内を確認してください。"
        )
        count = sum(counts[each.id] for each in hitting)
        where = url_for("admin_calendar.month", site=one.site.id, month=f"{day:%Y-%m}")
        yield Task(words(told, site=one.site.name, day=written_day(day, current()), count=count), where, day)
