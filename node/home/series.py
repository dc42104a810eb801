"""Several wishes asked for by one press: the same desk in the coming weeks, or last week's desks once more.

Each is answered by itself. What is foreseen to be refused is not asked; all the rest is written down with the promise to ask
in one transaction, so that a process that dies afterwards has lost nothing. Each trip is an ordinary one from then on.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.errors import NotFound, PersonElsewhere, TachiyoriError
from federation.messages.booking import Alternative, Reason
from federation.rules import No
from federation.storage import insert
from node.home import asking, budgets, conditions, forecasts, trips
from node.home.forecasts import Forecast
from node.home.trips import Wish
from node.models.series import Occurrence, Series
from node.models.trips import Trip
from node.people import staff as directory
from node.people.signin import SignedIn
from node.reasons import reason
from node.town import Town

_MAY_BE_CANCELLED = trips.LIVE - {"cancelling", "checked_in"}
_LISTED = 20
"""So many series a page lists, newest first."""


@dataclass(frozen=True)
class Foreseen:
    """A wish with what would come of it."""

    wish: Wish
    forecast: Forecast


def foresee(town: Town, wishes: Iterable[Wish]) -> Sequence[Foreseen]:
    """Say what would come of each wish, changing nothing. A host that is silent once is not waited for again."""
    silent: set[str] = set()
    found = []
    for wish in wishes:
        forecast = Forecast("silent") if wish.host in silent else forecasts.foresee(town, wish)
        if forecast.outcome == "silent":
            silent.add(wish.host)
        found.append(Foreseen(wish, forecast))
    return found


def ask(town: Town, series_id: str, wishes: Sequence[Wish], signed_in: SignedIn, *, now: datetime) -> None:
    """Ask for each wish of one person. A ``series_id`` that has been asked for already is left as it stands.

    Raises nothing of what hosts say: each answer stands with its occurrence. Raises ``NotFound`` for somebody else's id.
    """
    with town.storage.transaction() as db:
        known = db.get(Series, series_id)
    if known is not None:
        _refuse_others(known, signed_in.staff_id)
        return
    foreseen = foresee(town, wishes)
    with town.storage.transaction(write=True) as db:
        asked = _write(db, town.config.code, Series(id=series_id, staff_id=signed_in.staff_id, made_at=now), foreseen)
    silent = {each.wish.host for each in foreseen if each.forecast.outcome == "silent"}
    for trip_id, host in asked:
        if host not in silent and not _carried(town, trip_id, signed_in, now):
            silent.add(host)


def _carried(town: Town, trip_id: str, signed_in: SignedIn, now: datetime) -> bool:
    """Ask the host for one trip and say whether it answered; what it has not, the outbox asks again."""
    try:
        asking.carry(town, trip_id, signed_in, now=now)
    except asking.NO:
        return True
    except TachiyoriError:
        return False
    return True


def _write(db: Session, home_code: str, series: Series, foreseen: Sequence[Foreseen]) -> list[tuple[str, str]]:
    """Write a series down with a trip for each wish that may be asked; return these trips with their hosts."""
    staff_id, now = series.staff_id, series.made_at
    row = insert(db, Series).values(id=series.id, staff_id=staff_id, made_at=now).on_conflict_do_nothing()
    if db.scalar(row.returning(Series.id)) is None:
        return []
    budgets.lock(db, [staff_id], [budgets.day_of(each.wish.start) for each in foreseen])
    directory.lock(db, staff_id)
    person, asked = directory.get(db, staff_id), []
    for position, each in enumerate(foreseen):
        wish, forecast = each.wish, each.forecast
        if forecast.is_bookable and forecast.unconfirmed is not None:
            forecast = replace(forecast, outcome="unread")
        # One wish of the series may use up what our own conditions leave for the next.
        own = conditions.judge_for(db, person, home_code, now=now).reasons(
            wish.site,
            wish.desk,
            wish.start,
            wish.end,
            price_yen=wish.price_yen,
            work_kind=wish.work_kind,
            confidentiality=wish.confidentiality,
        )
        if own and forecast.is_bookable:
            forecast = Forecast("refused", own)
        trip_id = None
        if forecast.is_bookable:
            forecast, trip_id = _asked(db, wish, forecast, series.id, now)
        if trip_id is not None:
            asked.append((trip_id, wish.host))
        db.add(_occurrence(series.id, position, each.wish, forecast, trip_id))
    db.flush()
    return asked


def _asked(db: Session, wish: Wish, forecast: Forecast, batch: str, now: datetime) -> tuple[Forecast, str | None]:
    try:
        trip = trips.ask(
            db, replace(wish, consent_version=forecast.rules_version or wish.consent_version), now=now, batch=batch
        )
    except PersonElsewhere as error:
        return Forecast("elsewhere", (reason(No(error.code, error.words, error.facts), "home"),)), None
    return forecast, trip.id


def _occurrence(series_id: str, position: int, wish: Wish, forecast: Forecast, trip_id: str | None) -> Occurrence:
    return Occurrence(
        series_id=series_id,
        position=position,
        host=wish.host,
        site_listing=wish.site.text(),
        desk_listing=wish.desk.text(),
        start=wish.start,
        end=wish.end,
        trip_id=trip_id,
        outcome=forecast.outcome,
        reasons=_json(forecast.reasons),
        alternatives=_json(forecast.alternatives),
    )


def _json(messages: "Sequence[Reason] | Sequence[Alternative]") -> str:
    return json.dumps([one.wire() for one in messages], ensure_ascii=False)


def get(db: Session, series_id: str, staff_id: int) -> Series:
    """Return one's own series with its occurrences; raise ``NotFound`` for anybody else's."""
    found = db.get(Series, series_id)
    if found is None:
        raise NotFound(f"series {series_id[:40]}")
    _refuse_others(found, staff_id)
    return found


def _refuse_others(series: Series, staff_id: int) -> None:
    if series.staff_id != staff_id:
        raise NotFound(f"series {series.id} of somebody else")


def find(db: Session, trip_id: str) -> str | None:
    """Return the id of the series a trip belongs to, or None."""
    return db.scalar(select(Occurrence.series_id).where(Occurrence.trip_id == trip_id).limit(1))


def of(db: Session, staff_id: int, *, now: datetime) -> Sequence[Series]:
    """Return a person's series of which something is still to come, newest first."""
    coming = select(Occurrence.series_id).where(Occurrence.end > now)
    mine = select(Series).where(Series.staff_id == staff_id, Series.id.in_(coming))
    return db.scalars(mine.order_by(Series.made_at.desc(), Series.id).limit(_LISTED)).all()


def may_be_cancelled(trip: Trip | None, *, now: datetime) -> bool:
    """Say whether a trip of a series is still to come and stands."""
    return trip is not None and trip.state in _MAY_BE_CANCELLED and trip.start > now


def cancel_coming(town: Town, series_id: str, staff_id: int, *, now: datetime) -> int:
    """Cancel all that is still to come of one's own series, and return how many; hosts that are away are told later."""
    with town.storage.transaction(write=True) as db:
        directory.lock(db, staff_id)
        series = get(db, series_id, staff_id)
        coming = [each.trip for each in series.occurrences if may_be_cancelled(each.trip, now=now)]
        ended = [(trip.id, trip.host) for trip in coming if trip is not None]
        for trip in coming:
            if trip is not None:
                trips.cancel(db, trip, now=now)
    silent: set[str] = set()
    for trip_id, host in ended:
        if host in silent:
            continue
        try:
            asking.tell_cancelled(town, trip_id, now=now)
        except TachiyoriError:
            silent.add(host)
    return len(ended)


def reasons_of(occurrence: Occurrence) -> Sequence[Reason]:
    """Return why it was not asked for, or what its host said against it."""
    told: list[Any] = json.loads(occurrence.reasons)
    return trips.reasons_of(occurrence.trip) if occurrence.trip else [Reason.model_validate(one) for one in told]


def alternatives_of(occurrence: Occurrence) -> Sequence[Alternative]:
    """Return what would have done instead."""
    told: list[Any] = json.loads(occurrence.alternatives)
    if occurrence.trip is not None:
        return trips.alternatives_of(occurrence.trip)
    return [Alternative.model_validate(one, strict=False) for one in told]
