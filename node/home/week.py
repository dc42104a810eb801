"""Where could I work in this week? The registry counts; our own conditions say what of it is ours to book."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from federation.errors import BadInput, PeerRefused, PlaceUnknown, TachiyoriError
from federation.messages.booking import Reason
from federation.messages.listing import Privacy
from federation.messages.search import SearchQuery
from federation.messages.week import HalfDayFree, WeekAnswer, WeekSite
from node.home import between, conditions, search
from node.home.between import Legs, SiteKey
from node.home.conditions import Judge
from node.home.wishes import HORIZON, JAPAN, midnight
from node.models.staff import Staff
from node.town import Town

Ask = Callable[[SearchQuery], WeekAnswer]
"""Ask the registry; ``federation.remote_registry.RemoteRegistry.week`` is one."""

DAYS = 7
MOST_SITES = 20
FEW = 2
"""So many desks or fewer are said to be few."""
HALVES = ("morning", "afternoon")


@dataclass(frozen=True)
class Cell:
    """A half day at a site. ``state`` is free, few, full, over (it has ended) or closed (not ours to book).

    ``desks`` may be booked by this person; ``desk_id`` is the one where there is one. ``reasons`` say why it is closed; a
    half day that no agreement covers is closed without any.
    """

    half: str
    state: str
    start: datetime | None = None
    end: datetime | None = None
    desks: int = 0
    desk_id: str = ""
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Day:
    """One day at a site: its 午前 and its 午後."""

    day: date
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Row:
    """A site's week, and everything that keeps this person from some of it, each once."""

    found: WeekSite
    days: tuple[Day, ...]
    reasons: tuple[Reason, ...]
    uncovered: bool
    """Whether a half day yet to come is covered by no agreement."""
    prices: tuple[int, int] | None
    """The lowest and the highest price of what is yet to come, in yen; None where nothing is."""
    legs: Legs | None = None
    """The ways from the last meeting and to the next one."""


@dataclass(frozen=True)
class Week:
    """The nearest sites and their week; ``away`` says that the registry did not answer, and nothing is known."""

    days: tuple[date, ...]
    rows: tuple[Row, ...] = ()
    label: str = ""
    as_of: datetime | None = None
    more: bool = False
    by_name: bool = False
    away: bool = False


def from_day(first: date) -> tuple[date, ...]:
    """Return the seven days that begin with ``first``."""
    return tuple(first + timedelta(days=number) for number in range(DAYS))


def before(first: date, *, now: datetime) -> date | None:
    """Return the day with which the week before begins, today at the earliest; None where there is none."""
    today = now.astimezone(JAPAN).date()
    return max(first - timedelta(days=DAYS), today) if first > today else None


def after(first: date, *, now: datetime) -> date | None:
    """Return the day with which the next week begins; None beyond what hosts offer."""
    following = first + timedelta(days=DAYS)
    return following if following <= now.astimezone(JAPAN).date() + HORIZON else None


def at_a_glance(
    town: Town,
    ask: Ask,
    staff: Staff,
    query: SearchQuery,
    first: date,
    *,
    now: datetime,
    then: SearchQuery | None = None,
) -> Week:
    """Count the free desks of the week that begins with ``first``, at the place and with the filters of ``query``.

    ``then`` is the same around the place of the next meeting: the sites with the least way to both come first. Raises ``PlaceUnknown`` or ``BadInput`` for a wish nobody can read.
    """
    days = from_day(first)
    times: dict[str, object] = {"start": midnight(first), "end": midnight(first + timedelta(days=DAYS))}
    times |= {"cursor": "", "limit": MOST_SITES}
    legs: Mapping[SiteKey, Legs] = {}
    try:
        answer = search.answered(ask, query.model_copy(update=times), "near")
        if then is not None:
            other = search.answered(ask, then.model_copy(update=times), "then")
            answer, legs = between.merged_weeks(answer, other, MOST_SITES)
    except (BadInput, PlaceUnknown, PeerRefused):
        raise
    except TachiyoriError:
        return Week(days, away=True)
    with town.storage.transaction() as db:
        judge = conditions.judge_for(db, staff, town.config.code, now=now)
    rows = tuple(_row(site, judge, days, now, legs.get(between.key_of(site))) for site in answer.sites)
    by_name = answer.place.kind == "name"
    return Week(days, rows, answer.place.label, answer.as_of, more=answer.more, by_name=by_name)


def _row(found: WeekSite, judge: Judge, days: tuple[date, ...], now: datetime, legs: Legs | None) -> Row:
    told: dict[tuple[str, str], HalfDayFree] = {(one.day, one.half): one for one in found.half_days}
    shown = tuple(
        Day(day, tuple(_cell(found, half, told.get((day.isoformat(), half)), judge, now) for half in HALVES))
        for day in days
    )
    cells = [cell for day in shown for cell in day.cells if cell.state == "closed"]
    reasons = dict.fromkeys(reason for cell in cells for reason in cell.reasons)
    yen = [one.price_yen for one in found.half_days if one.end > now]
    prices = (min(yen), max(yen)) if yen else None
    return Row(
        found, shown, tuple(reasons), uncovered=any(not cell.reasons for cell in cells), prices=prices, legs=legs
    )


def _cell(found: WeekSite, half: str, told: HalfDayFree | None, judge: Judge, now: datetime) -> Cell:
    if told is None:
        return Cell(half, "closed")
    if told.end <= now:
        return Cell(half, "over", told.start, told.end)
    reasons = {
        privacy: judge.of_room(found.site, privacy, told.start, told.end, price_yen=told.price_yen)
        for privacy in _privacies(told)
    }
    ours = [count for count in told.counts if not reasons[count.privacy]]
    desks = sum(count.desks for count in ours)
    if not desks and all(reasons.values()):
        return Cell(half, "closed", told.start, told.end, reasons=next(iter(reasons.values())))
    state = "full" if not desks else "few" if desks <= FEW else "free"
    desk_id = next((count.desk or "" for count in ours), "") if desks == 1 else ""
    return Cell(half, state, told.start, told.end, desks, desk_id)


def _privacies(told: HalfDayFree) -> Iterator[Privacy]:
    """Judge what is free; where nothing is, whatever might be: a place that is barred as a whole is not just full."""
    yield from (count.privacy for count in told.counts) if told.counts else ("private", "semi_private", "open")
