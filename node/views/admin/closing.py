"""What a closure form says: the place and times, and what becomes of each booking that is hit."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from federation.wording import phrase
from node.host import opening, sites
from node.host.closures import TEMPLATES
from node.host.displaced import Hit, Option
from node.host.sites import Place
from node.host.spans import Span
from node.models.opening import Closure
from node.views.filled import Filled, shown

FIELDS = ("place", "template", "start_day", "start_time", "end_day", "end_time", "weekly_until", "dates", "note")
PAGE = 50
"""So many bookings stand on one page."""
_LONGEST = 366
"""Days: a slip in the year is noticed, a hall that closes for good is withdrawn."""
_CHOICE, _CANCEL = "choice-", "cancel"
_MOST_DATES = 60
_TO = re.compile("[~〜～]")
_MODES = ("move", "cancel")


@dataclass(frozen=True)
class Wish:
    """A closure as it was asked for, readable; times are UTC.

    ``more`` are the same stretch in the weeks after, ``dates`` those of the list, ``also`` the places closed along.
    """

    place: Place
    start: datetime
    end: datetime
    template: str
    note: str
    more: tuple[Span, ...] = ()
    dates: tuple[Span, ...] = ()
    also: tuple[Place, ...] = ()

    @property
    def places(self) -> tuple[Place, ...]:
        """All that closes."""
        return (self.place, *self.also)

    @property
    def zone(self) -> ZoneInfo:
        """The zone of its site."""
        return ZoneInfo(sites.site_of(self.place).zone)


def read(db: Session, filled: Filled) -> Wish | None:
    """Read what is asked for; None where something is wrong, which then stands in ``filled.errors``."""
    place = _place(db, filled)
    template = filled.choice("template", TEMPLATES)
    note = filled.text("note", longest=300)
    start_day, end_day = filled.day("start_day", needed=True), filled.day("end_day")
    start_time, end_time = filled.time("start_time"), filled.time("end_time")
    until = filled.day("weekly_until")
    dates, also = _dates(filled), _also(db, filled, place)
    if filled.errors or place is None or start_day is None:
        return None
    last = end_day or start_day
    zone = ZoneInfo(sites.site_of(place).zone)

    def stretch(first: date, last: date) -> Span:
        start = opening.moment(first, start_time or 0, zone)
        return Span(start, opening.moment(last, 1440 if end_time is None else end_time, zone))

    first = stretch(start_day, last)
    if first.end <= first.start:
        filled.wrong("end_day", phrase("終了は開始より後にしてください。"))
    elif (last - start_day).days > _LONGEST:
        filled.wrong("end_day", phrase("休止は1年以内にしてください。長く閉める場合は、掲載をやめてください。"))
    elif until is not None and not 0 <= (until - start_day).days <= _LONGEST:
        filled.wrong("weekly_until", phrase("開始日から1年以内の日付を入力してください。"))
    listed = [stretch(*days) for days in dates]
    if any(abs((one - start_day).days) > _LONGEST for days in dates for one in days):
        filled.wrong("dates", phrase("開始日から1年以内の日付を入力してください。"))
    elif any(one.end <= one.start for one in listed):
        filled.wrong("dates", phrase("終了は開始より後にしてください。"))
    if filled.errors:
        return None
    weeks = [timedelta(weeks=week + 1) for week in range((until - start_day).days // 7 if until is not None else 0)]
    weekly = tuple(stretch(start_day + week, last + week) for week in weeks)
    return Wish(place, first.start, first.end, template, note, weekly, tuple(sorted(listed)), also)


def _dates(filled: Filled) -> list[tuple[date, date]]:
    """Read the list of further days: a line each, a day or its first and last day with 〜 between them."""
    text = filled.text("dates", longest=1500, lines=True)
    found: list[tuple[date, date]] = []
    for line in filter(None, (one.strip() for one in text.splitlines())):
        ends = [one.strip() for one in _TO.split(unicodedata.normalize("NFKC", line))]
        try:
            first, last = (date.fromisoformat(one) for one in (ends[0], ends[-1]))
        except ValueError:
            first = last = date.min
        if len(ends) > 2 or not 2000 <= first.year <= last.year < 2100 or last < first:
            words = phrase(
                "「%(line)s」は日付として読めません。「2026-12-03」または「2026-12-03〜2026-12-05」の形で入力してください。"
            )
            filled.wrong("dates", words, line=line[:40])
            return []
        found.append((first, last))
    if len(found) > _MOST_DATES:
        filled.wrong("dates", phrase("一度に登録できるのは%(count)s行までです。"), count=_MOST_DATES)
    return found


def _also(db: Session, filled: Filled, place: Place | None) -> tuple[Place, ...]:
    """Read the rooms that close along; each stands in the site of the place."""
    typed = list(dict.fromkeys(filled.form.getlist("also")))
    if place is None or not typed:
        return ()
    rooms = {room.id: room for room in sites.site_of(place).rooms}
    if not set(typed) <= set(rooms):
        filled.wrong("also", phrase("同じ施設の部屋を選んでください。"))
        return ()
    return tuple(rooms[id_] for id_ in typed if id_ != place.id)


def _place(db: Session, filled: Filled) -> Place | None:
    typed = filled.typed("place")
    place = sites.find_place(db, typed) if len(typed) == 36 and typed.isprintable() else None
    if place is None:
        filled.wrong("place", phrase("休止する施設、部屋または座席を選んでください。"))
    return place


def digest(hits: Sequence[Hit], editing: Closure | None = None) -> str:
    """Return a word for exactly these bookings, times and proposals, so that nobody is hit whom the preview did not show.

    It is another one once the closure that is changed reads otherwise.
    """
    lines = [
        f"{hit.booking_id} {hit.start} {hit.end} {','.join(hit.proposed.desk_ids) if hit.proposed else ''}"
        for hit in hits
    ]
    if editing is not None:
        one = editing
        lines.append(f"{one.id} {one.start} {one.end} {one.template} {one.lifted_at} {one.note}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def stored(closure: Closure, zone: ZoneInfo) -> Filled:
    """Return the form filled with a closure as it stands, in the site's local time; whole days have no time of day."""
    start, end = closure.start.astimezone(zone), closure.end.astimezone(zone)
    midnight = time(0)
    last = end.date() - timedelta(days=1) if end.time() == midnight else end.date()
    return shown({
        "place": closure.place_id,
        "template": closure.template,
        "start_day": start.date().isoformat(),
        "start_time": "" if start.time() == midnight else f"{start:%H:%M}",
        "end_day": last.isoformat(),
        "end_time": "" if end.time() == midnight else f"{end:%H:%M}",
        "note": closure.note,
    })  # fmt: skip


class Choices:
    """What becomes of each hit: another desk, or an end; what was chosen for one goes before what holds for all."""

    def __init__(self, form: Mapping[str, str], hits: Sequence[Hit]) -> None:
        """Read the form; ``all-move`` and ``all-cancel`` as its ``step`` forget what was chosen for one."""
        step = form.get("step", "")
        wanted = step.removeprefix("all-") if step.startswith("all-") else form.get("all", "move")
        self.mode = wanted if wanted in _MODES else "move"
        page = step.removeprefix("page-") if step.startswith("page-") else form.get("page", "1")
        self.pages = max(1, -(-len(hits) // PAGE))
        self.page = min(max(int(page), 1), self.pages) if page.isascii() and page.isdigit() and len(page) < 5 else 1
        self._hits = hits
        self._typed = {} if step.startswith("all-") else {hit.booking_id: form.get(name(hit), "") for hit in hits}

    @property
    def shown(self) -> Sequence[Hit]:
        """The hits on the present page."""
        return self._hits[(self.page - 1) * PAGE : self.page * PAGE]

    @property
    def carried(self) -> Sequence[tuple[str, str]]:
        """Return the fields of hits on other pages whose choice is not what holds for all."""
        shown = {hit.booking_id for hit in self.shown}
        others = (
            (name(hit), value(self.of(hit)), value(self._default(hit)))
            for hit in self._hits
            if hit.booking_id not in shown
        )
        return [(field, chosen) for field, chosen, usual in others if chosen != usual]

    def of(self, hit: Hit) -> Option | None:
        """Return the option that was chosen for a hit, None to end it; what is no option any more is as if not chosen."""
        typed = self._typed.get(hit.booking_id, "")
        if typed == _CANCEL:
            return None
        return hit.option(typed.split(",")) or self._default(hit)

    def lost(self) -> bool:
        """Say whether something was chosen that is no option any more."""
        typed = ((hit, self._typed.get(hit.booking_id, "")) for hit in self._hits)
        return any(text not in {"", _CANCEL} and hit.option(text.split(",")) is None for hit, text in typed)

    def moves(self) -> Mapping[str, tuple[str, ...]]:
        """Return for each booking that keeps a desk which ones."""
        chosen = {hit.booking_id: self.of(hit) for hit in self._hits}
        return {id_: option.desk_ids for id_, option in chosen.items() if option is not None}

    def _default(self, hit: Hit) -> Option | None:
        return hit.proposed if self.mode == "move" else None


def name(hit: Hit) -> str:
    """Return the name of a hit's field."""
    return f"{_CHOICE}{hit.booking_id}"


def value(option: Option | None) -> str:
    """Return an option as its field's value."""
    return ",".join(option.desk_ids) if option is not None else _CANCEL
