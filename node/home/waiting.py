"""空いたら知らせる: a queue of our own people for a desk or a site at one time, and the offers made to its head.

Home asks the host again and again. A desk that has become free is held there for the first of the queue, who is told and
takes it within ``OFFER``; otherwise it is let go and offered to the next. One is asked at a time, so nobody races.
"""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from federation.errors import BookingRefused, DeskTaken, NotFound, NotNow, PersonElsewhere, TachiyoriError, TooMany
from federation.messages.listing import DeskListing, SiteListing
from federation.wording import phrase
from node.home import asking, budgets, forecasts, happenings, needs, telling, trips
from node.home.forecasts import Forecast
from node.home.trips import Wish
from node.models.trips import Trip
from node.models.waiting import Waiting
from node.people import staff as directory
from node.town import Town

OFFER = timedelta(hours=2)
"""How long somebody may think about a desk that is held for them; never past its start, nor past the host's own hold."""
MOST = 10
"""For so many desks one person may wait at once."""
AT_ONCE = 30
"""So many of the queue are looked at in one run, those that were looked at longest ago first."""
OPEN = ("waiting", "offered")
_OFFERED = phrase(
    "空き待ちの座席が空きました：%(site)s %(when)s。期限までに「この座席を使う」を押すと、予約が確定します。"
)
_PASSED = phrase("期限までに返事がなかったため、空き待ちの座席は次の方に譲られました：%(site)s %(when)s")


def wait(db: Session, wish: Wish, *, anywhere: bool, now: datetime) -> Waiting:
    """Put a person into the queue for a desk, or for any desk of its site; who waits for it already keeps their place.

    Raises ``TooMany`` for who waits for ``MOST``, and ``NotNow`` for a time that has begun.
    """
    if wish.start <= now:
        raise NotNow("the time has begun", facts={"window": ""})
    directory.lock(db, wish.staff_id)
    mine = db.scalars(select(Waiting).where(Waiting.staff_id == wish.staff_id, Waiting.state.in_(OPEN))).all()
    for one in mine:
        if (one.host, one.desk_id, one.start, one.end) == (wish.host, wish.desk.id, wish.start, wish.end):
            one.anywhere = one.anywhere or anywhere
            return one
    if len(mine) >= MOST:
        raise TooMany(f"staff {wish.staff_id} waits for {MOST}", retry_after=3600)
    row = Waiting(
        id=str(uuid.uuid4()),
        staff_id=wish.staff_id,
        state="waiting",
        host=wish.host,
        host_name=wish.host_name,
        site_id=wish.site.id,
        desk_id=wish.desk.id,
        anywhere=anywhere,
        site_listing=wish.site.text(),
        desk_listing=wish.desk.text(),
        start=wish.start,
        end=wish.end,
        work_kind=wish.work_kind,
        confidentiality=wish.confidentiality,
        consent_version=wish.consent_version,
        price_yen=wish.price_yen,
        asked_at=now,
        looked_at=now,
    )
    db.add(row)
    db.flush()
    return row


def get(db: Session, waiting_id: str, staff_id: int) -> Waiting:
    """Return one's own place in a queue; anybody else's is ``NotFound``."""
    row = db.get(Waiting, waiting_id)
    if row is None or row.staff_id != staff_id:
        raise NotFound(f"waiting {waiting_id[:40]}")
    return row


def of(db: Session, staff_id: int) -> Sequence[tuple[Waiting, int]]:
    """Return what a person waits for or is offered, soonest first, each with how many of our people stand before them."""
    ahead = aliased(Waiting)
    before = (
        select(func.count())
        .select_from(ahead)
        .where(ahead.state.in_(OPEN), _for_the_same(ahead, Waiting), _earlier(ahead, Waiting))
        .correlate(Waiting)
        .scalar_subquery()
    )
    mine = select(Waiting, before).where(Waiting.staff_id == staff_id, Waiting.state.in_(OPEN))
    return [(row, count) for row, count in db.execute(mine.order_by(Waiting.start, Waiting.id).limit(MOST))]


def _for_the_same(one: type[Waiting], other: type[Waiting]) -> ColumnElement[bool]:
    """Say that two want what only one can have: the same desk, or the same site where any desk would do for one of them."""
    same_desk = or_(one.desk_id == other.desk_id, one.anywhere, other.anywhere)
    overlap = (one.start < other.end) & (one.end > other.start)
    return (one.host == other.host) & (one.site_id == other.site_id) & same_desk & overlap


def _earlier(one: type[Waiting], other: type[Waiting]) -> ColumnElement[bool]:
    return (one.asked_at < other.asked_at) | ((one.asked_at == other.asked_at) & (one.id < other.id))


def offered(db: Session, trip_id: str) -> Waiting | None:
    """Return the offer behind a trip, while it stands; None for a trip that was booked in the usual way."""
    return db.scalar(select(Waiting).where(Waiting.trip_id == trip_id, Waiting.state == "offered").limit(1))


def take(town: Town, waiting_id: str, staff_id: int, *, now: datetime) -> str:
    """Take the desk that is held, or have it approved first; returns its trip's id. Raises ``NotNow``, or what the host says."""
    with town.storage.transaction() as db:
        row = get(db, waiting_id, staff_id)
    if row.state == "taken" and row.trip_id:
        return row.trip_id
    held = row.trip if row.state == "offered" else None
    if held is None or held.state != "held" or now >= (row.offered_until or row.start):
        raise NotNow(f"nothing is held for {waiting_id}", facts={"window": ""})
    with town.storage.transaction(write=True) as db:
        directory.lock(db, staff_id)
        waits = needs.ask(db, db.get_one(Trip, held.id), now=now)
    if not waits:
        asking.confirm(town, held.id, staff_id, now=now)
    with town.storage.transaction(write=True) as db:
        get(db, waiting_id, staff_id).state = "taken"
    return held.id


def withdraw(town: Town, waiting_id: str, staff_id: int, *, now: datetime) -> None:
    """Leave the queue, and let go of what is held; raises ``NotFound``."""
    with town.storage.transaction(write=True) as db:
        directory.lock(db, staff_id)
        row = get(db, waiting_id, staff_id)
        if row.state not in OPEN:
            return
        trip_id = _let_go(db, row, "withdrawn", now)
    _tell(town, trip_id, now)


def _let_go(db: Session, row: Waiting, state: str, now: datetime) -> str | None:
    row.state = state
    if row.trip is None:
        return None
    trips.cancel(db, row.trip, now=now)
    return row.trip.id


def _tell(town: Town, trip_id: str | None, now: datetime) -> None:
    if trip_id is None:
        return
    with suppress(TachiyoriError):
        asking.tell_cancelled(town, trip_id, now=now)


# --- What the job runs ------------------------------------------------------------------------------------------


def go_on(town: Town, *, now: datetime) -> int:
    """End what is over, let go of what was not taken in time, and offer what has become free; how many offers. A job."""
    with town.storage.transaction(write=True) as db:
        over = (Waiting.state == "waiting", Waiting.start <= now)
        db.execute(update(Waiting).where(*over).values(state="over"))
        offered = db.scalars(select(Waiting.id).where(Waiting.state == "offered")).all()
    for waiting_id in offered:
        _follow(town, waiting_id, now)
    return sum(_offer(town, waiting_id, now) for waiting_id in _heads(town))


def _follow(town: Town, waiting_id: str, now: datetime) -> None:
    """See what has become of an offer: not taken in time, lost at the host, or cancelled by the person."""
    with town.storage.transaction(write=True) as db:
        row, trip = _locked(db, waiting_id)
        if row is None or row.state != "offered" or trip is None:
            return
        gone, told = None, row.offered_until
        if trip.state in {"confirmed", "requested", "checked_in", "completed", "no_show"}:
            row.state = "taken"
        elif trip.state == "held" and told is None:
            row.offered_until = min(now + OFFER, row.start, trip.hold_until or row.start)
            telling.tell(db, trip, _OFFERED, now=now, kind="offer")
            happenings.of_offer(db, trip, now=now)
        elif told is None and (trip.state == "refused" or trip.cause == "lapsed") and now < row.start:
            # The host held nothing: the place in the queue stands, unless the host would not hold it at all.
            row.state, row.trip_id = "waiting", None
            row.asked_at = row.asked_at if trip.cause == DeskTaken.code else now
        elif trip.state in {"cancelled", "cancelling"}:
            row.state = "withdrawn"
        elif trip.state in {"refused", "lapsed"} or (told is not None and now >= told):
            gone = _let_go(db, row, "passed", now)
            telling.tell(db, trip, _PASSED, now=now, kind="offer")
    _tell(town, gone, now)


def _locked(db: Session, waiting_id: str) -> tuple[Waiting | None, Trip | None]:
    staff_id = db.scalar(select(Waiting.staff_id).where(Waiting.id == waiting_id))
    if staff_id is None:
        return None, None
    directory.lock(db, staff_id)
    row = db.get(Waiting, waiting_id, populate_existing=True)
    trip = db.get(Trip, row.trip_id, populate_existing=True) if row is not None and row.trip_id else None
    return row, trip


def _heads(town: Town) -> Sequence[str]:
    """Return those who wait with nobody before them for what they want, looked at longest ago first."""
    ahead = aliased(Waiting)
    somebody = select(ahead.id).where(ahead.state.in_(OPEN), _for_the_same(ahead, Waiting), _earlier(ahead, Waiting))
    heads = select(Waiting.id).where(Waiting.state == "waiting", ~somebody.correlate(Waiting).exists())
    with town.storage.transaction() as db:
        return db.scalars(heads.order_by(Waiting.looked_at, Waiting.asked_at).limit(AT_ONCE)).all()


def _offer(town: Town, waiting_id: str, now: datetime) -> bool:
    """Ask the host for the head of a queue, and hold what is free for them; say whether it is held."""
    with town.storage.transaction(write=True) as db:
        row, _ = _locked(db, waiting_id)
        if row is None or row.state != "waiting":
            return False
        row.looked_at = now
        wish = wish_of(row)
    forecast = forecasts.foresee(town, wish)
    if forecast.outcome == "refused":
        _step_back(town, waiting_id, now)
    found = _free(town, wish, forecast, anywhere=row.anywhere)
    trip_id = _hold(town, waiting_id, found, now) if found is not None else None
    if trip_id is None:
        return False
    with suppress(TachiyoriError):
        asking.carry(town, trip_id, None, now=now)
    _follow(town, waiting_id, now)
    with town.storage.transaction() as db:
        row = offered(db, trip_id)
        return row is not None and row.offered_until is not None


def _step_back(town: Town, waiting_id: str, now: datetime) -> None:
    """Let who may not have it now, by a condition of either town, keep nobody behind them from it."""
    with town.storage.transaction(write=True) as db:
        row, _ = _locked(db, waiting_id)
        if row is not None:
            row.asked_at = now


def _free(town: Town, wish: Wish, forecast: Forecast, *, anywhere: bool) -> Wish | None:
    """Return the wish where its desk is free, or for another desk of the site at exactly its time; None for neither."""
    if forecast.outcome in {"free", "approval", "elsewhere"}:
        return wish
    if not anywhere or forecast.outcome != "taken":
        return None
    for other in forecast.alternatives:
        if (other.start, other.end) == (wish.start, wish.end) and other.desk != wish.desk.id:
            try:
                site, desk = town.hosts(wish.host).listing(other.desk)
            except TachiyoriError:
                return None
            if site.id == wish.site.id:
                return replace(wish, site=site, desk=desk)
    return None


def _hold(town: Town, waiting_id: str, wish: Wish, now: datetime) -> str | None:
    """Write the hold down with the promise to ask; None for who is elsewhere by now, or cannot pay."""
    with town.storage.transaction(write=True) as db:
        budgets.lock(db, [wish.staff_id], [budgets.day_of(wish.start)])
        row, _ = _locked(db, waiting_id)
        if row is None or row.state != "waiting":
            return None
        try:
            trip = trips.ask(db, replace(wish, hold=True), now=now)
        except (PersonElsewhere, BookingRefused) as no:
            row.state, row.asked_at = "elsewhere" if isinstance(no, PersonElsewhere) else "waiting", now
            return None
        row.state, row.trip_id, row.offered_until = "offered", trip.id, None
        return trip.id


def wish_of(row: Waiting) -> Wish:
    """Return what somebody waits for, as a wish."""
    return Wish(
        staff_id=row.staff_id,
        host=row.host,
        host_name=row.host_name,
        site=SiteListing.read(row.site_listing),
        desk=DeskListing.read(row.desk_listing),
        start=row.start,
        end=row.end,
        work_kind=row.work_kind,
        confidentiality=row.confidentiality,
        consent_version=row.consent_version,
        price_yen=row.price_yen,
    )
