"""対応が必要なこと: what a 施設担当者 should look at today, each with the page where it is done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import url_for
from markupsafe import Markup
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from federation.cursors import FeedCursor
from federation.language import day as written_day
from federation.web.tongue import current, words, zone
from federation.wording import phrase
from node.host import emergencies, harvested, house, opening, quotas
from node.host.inventory import Counted
from node.models.agreements import Agreement
from node.models.opening import Closure

SILENT = timedelta(hours=6)
"""After so long without a word of another party one should look."""
AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class Task:
    """Something to do, and where."""

    words: Markup
    href: str


def of(db: Session, tree: Sequence[Counted], now: datetime) -> Iterator[Task]:
    """Return what is to be done, the most pressing first; the number of statements does not grow with the sites."""
    today = now.astimezone(zone()).date()
    yield from _of_emergencies(db, now)
    if not tree:
        yield Task(words(phrase("まだ施設がありません。最初の施設を追加してください。")), url_for("admin_sites.new"))
    for problem in (each for one in tree for each in one.problems):
        yield Task(words(problem.words, **problem.facts), f"/admin/{problem.kind}s/{problem.id}")
    yield from _of_agreements(db, today)
    yield from _of_house_rules(db, now)
    yield from _of_feeds(db, now)
    yield from _of_calendar(db, tree, now)


def _of_emergencies(db: Session, now: datetime) -> Iterator[Task]:
    for one in emergencies.standing(db, now):
        said = {
            "opening": phrase("災害時臨時開放を行っています。期限と予約を確認してください。"),
            "closing": phrase("臨時閉鎖を行っています。期限を確認してください。"),
        }
        yield Task(words(said[one.kind]), url_for("admin_emergencies.every"))


def _of_agreements(db: Session, today: date) -> Iterator[Task]:
    found = db.scalars(select(Agreement).where(Agreement.closes_at.is_(None)).order_by(Agreement.ends_on)).all()
    if not found:
        first = phrase("協定がないため、他団体の職員は予約できません。協定を登録してください。")
        yield Task(words(first), url_for("admin_agreements.new"))
    for one in found:
        if quotas.standing(one, today) == "ending" and one.ends_on is not None:
            yield Task(
                words(
                    phrase("協定「%(name)s」があと%(days)s日で終わります。"),
                    name=one.name,
                    days=(one.ends_on - today).days,
                ),
                url_for("admin_agreements.edit", agreement_id=one.id),
            )


def _of_house_rules(db: Session, now: datetime) -> Iterator[Task]:
    current, where = house.in_force(db, now), url_for("admin_house_rules.editions")
    if current is None:
        yield Task(words(phrase("利用上の注意がまだ掲載されていません。最初の版を掲載してください。")), where)
    elif not current.en.strip():
        yield Task(words(phrase("利用上の注意に英語の本文がありません。")), where)


def _of_feeds(db: Session, now: datetime) -> Iterator[Task]:
    """Say whether what we publish arrives, and of how many parties the last reading failed or has been silent for long."""
    stand, where = harvested.harvested(db, now), url_for("admin_feeds.show")
    if stand.late:
        yield Task(words(phrase("連携基盤が10分以上この団体の掲載を読み取れていません。")), where)
    if stand.faults:
        refused = phrase("連携基盤が受け付けなかった内容が%(count)s件あります。")
        yield Task(words(refused, count=len(stand.faults)), where)
    late = or_(FeedCursor.error != "", FeedCursor.read_at < now - SILENT)
    count = len(set(db.scalars(select(FeedCursor.member_id).where(late))))
    if count:
        trouble = phrase("%(count)s団体からの情報を受け取れていません。システム担当者に確認してください。")
        yield Task(words(trouble, count=count), where)


def _of_calendar(db: Session, tree: Sequence[Counted], now: datetime) -> Iterator[Task]:
    """Say what closes within a week, and which holidays the next week has."""
    where, today = url_for("admin_calendar.month"), now.astimezone(zone()).date()
    coming = select(Closure.id).where(Closure.lifted_at.is_(None), Closure.start > now, Closure.start < now + AHEAD)
    count = len(db.scalars(coming).all())
    if count:
        yield Task(words(phrase("7日以内に始まる休止が%(count)s件あります。"), count=count), where)
    if not any(one.site.published and not one.site.opens_on_holidays for one in tree):
        return
    monday = today - timedelta(days=today.weekday()) + AHEAD
    days = [day for number in range(5) if opening.is_holiday(day := monday + timedelta(days=number))]
    for day in days:
        holiday = phrase("来週の%(day)sは休日です。開ける施設があれば、利用時間を確認してください。")
        yield Task(words(holiday, day=written_day(day, current())), where)
