"""今日: who comes, which desks are free, what is to be done, and after five whether everybody has left."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, url_for
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation.web.tongue import say, words, zone
from federation.wording import phrase
from node.host import approvals, claims, house, inventory, quotas, reception
from node.host.inventory import Counted
from node.host.reception import Guest
from node.host.spans import SLOT, Span
from node.models.agreements import Agreement
from node.views import town

blueprint = Blueprint("admin_today", __name__)
"""For ``Audience.ADMIN``."""

EVENING = 17
"""From this hour the page says first whether everybody has left."""


@dataclass(frozen=True)
class Task:
    """Something to do, and where."""

    words: Markup
    href: str


@dataclass(frozen=True)
class FreeSeats:
    """How many of a site's published desks are free now."""

    site: str
    free: int
    published: int


@blueprint.get("/admin")
def today() -> str:
    """Show the day. Names stand on the day list alone, where every look at them is logged."""
    now = town().clock()
    with town().storage.transaction() as db:
        guests = reception.seats_today(db, now)
        tree = inventory.tree(db, now.astimezone(zone()).date())
        free = _free(db, tree, now)
        tasks = tuple(_tasks(db, tree, now))
        waiting = approvals.waiting(db, now)
    return render_template(
        "admin/today.html",
        now=now,
        guests=guests,
        here=[one for one in guests if one.is_here],
        expected=[one for one in guests if one.arrived_at is None and now < one.end],
        evening=evening(guests, now) if now.astimezone(zone()).hour >= EVENING else None,
        free=free,
        tasks=tasks,
        waiting=waiting,
    )


@blueprint.post("/admin/requests/<uuid:booking_id>/approve")
def approve(booking_id: object) -> Response:
    """Say yes to a booking that asks for it."""
    with town().storage.transaction(write=True) as db:
        approvals.approve(db, str(booking_id), town().clock())
    flash(say(phrase("予約を承認しました。所属団体へ通知します。")), "success")
    return redirect(url_for("admin_today.today"), HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/requests/<uuid:booking_id>/refuse")
def refuse(booking_id: object) -> Response:
    """Say no to a booking that asks."""
    with town().storage.transaction(write=True) as db:
        approvals.refuse(db, str(booking_id), town().clock())
    flash(say(phrase("予約を不承認にしました。所属団体へ通知します。")), "success")
    return redirect(url_for("admin_today.today"), HTTPStatus.SEE_OTHER)


def evening(guests: Sequence[Guest], now: datetime) -> tuple[bool, Markup]:
    """Return whether nobody is left in the building, and the line that says so."""
    came = [one for one in guests if one.arrived_at is not None]
    staying = sum(one.is_here for one in guests)
    coming = sum(one.arrived_at is None and now < one.end for one in guests)
    if not came and not coming:
        return True, words(phrase("本日の利用はありませんでした"))
    if not staying and not coming:
        return True, words(phrase("本日%(count)s名、全員退庁済み"), count=len(came))
    if coming:
        return False, words(
            phrase("本日%(count)s名、在館中%(staying)s名、これから%(coming)s名"),
            count=len(came),
            staying=staying,
            coming=coming,
        )
    return False, words(
        phrase("本日%(count)s名、うち%(staying)s名が退庁していません"), count=len(came), staying=staying
    )


def _free(db: Session, tree: Sequence[Counted], now: datetime) -> list[FreeSeats]:
    """Count, for each published site, the desks that are free in the quarter of an hour that now lies in."""
    desks = [desk for one in tree for room in one.site.rooms for desk in room.desks if desk.offered]
    offset = (now - now.replace(hour=0, minute=0, second=0, microsecond=0)) % SLOT
    quarter = Span(now - offset, now - offset + SLOT)
    free = claims.free_of(db, desks, Span(quarter.start - timedelta(hours=1), quarter.end + timedelta(hours=1)))
    open_now = {desk_id for desk_id, spans in free.items() if any(span.contains(quarter) for span in spans)}
    return [
        FreeSeats(
            one.site.name,
            sum(desk.id in open_now for room in one.site.rooms for desk in room.desks),
            one.published,
        )
        for one in tree
        if one.site.published
    ]


def _tasks(db: Session, tree: Sequence[Counted], now: datetime) -> Iterator[Task]:
    if not tree:
        yield Task(words(phrase("まだ施設がありません。最初の施設を追加してください。")), url_for("admin_sites.new"))
    for problem in (each for one in tree for each in one.problems):
        yield Task(words(problem.words, **problem.facts), f"/admin/{problem.kind}s/{problem.id}")
    yield from _of_agreements(db.scalars(select(Agreement).order_by(Agreement.ends_on)).all(), now)
    if house.in_force(db, now) is None:
        notice = phrase("利用上の注意がまだ掲載されていません。最初の版を掲載してください。")
        yield Task(words(notice), url_for("admin_house_rules.editions"))


def _of_agreements(found: Sequence[Agreement], now: datetime) -> Iterator[Task]:
    today = now.astimezone(zone()).date()
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
