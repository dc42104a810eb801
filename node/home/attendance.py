"""勤務実績: who worked where and when, as the hosts' visits feeds tell it; read by month and by fiscal year."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import rules
from federation.errors import BadInput
from federation.messages.listing import DeskListing, SiteListing
from federation.wording import phrase
from node.home import corrections
from node.home.wishes import JAPAN
from node.models.attendance import Attendance
from node.models.staff import Staff
from node.models.trips import Trip

STATES = frozenset({"checked_in", "completed", "no_show"})
WORK_KINDS = {"satellite": phrase("サテライト勤務"), "between_trips": phrase("出張の合間")}
STATE_WORDS = {"checked_in": phrase("利用中"), "completed": phrase("利用済"), "no_show": phrase("未利用(連絡なし)")}
HEADINGS = (
    "日付", "職員番号", "氏名", "所属", "勤務区分", "受入団体", "施設", "座席",
    "予約開始", "予約終了", "入室", "退室", "利用時間(分)", "状態", "訂正後の入室", "訂正後の退室", "訂正の理由",
)  # fmt: skip


def note(db: Session, trip: Trip) -> None:
    """Write the trip's day down, once there is something to write; the newest word wins."""
    if trip.state not in STATES:
        return
    row = db.scalar(select(Attendance).where(Attendance.trip_id == trip.id))
    if row is None:
        row = _new(trip)
        db.add(row)
    row.start, row.end, row.day = trip.start, trip.end, trip.start.astimezone(JAPAN).date()
    row.arrived_at, row.left_at, row.state = trip.arrived_at, trip.left_at, trip.state
    db.flush()


def _new(trip: Trip) -> Attendance:
    return Attendance(
        staff_id=trip.staff_id,
        trip_id=trip.id,
        section=trip.staff.section,
        host_name=trip.host_name,
        site_name=SiteListing.read(trip.site_listing).name,
        desk_name=DeskListing.read(trip.desk_listing).name,
        work_kind=trip.work_kind,
    )


@dataclass(frozen=True)
class Month:
    """A calendar month, and the days it spans."""

    first: date

    @property
    def after(self) -> date:
        """The first day of the next month."""
        return (self.first + timedelta(days=32)).replace(day=1)

    @property
    def before(self) -> date:
        """The first day of the month before."""
        return (self.first - timedelta(days=1)).replace(day=1)

    @property
    def text(self) -> str:
        """The month as an address has it: 2026-11."""
        return self.first.strftime("%Y-%m")


def month(text: str, *, now: datetime) -> Month:
    """Read ``2026-11``; empty text is the present month. Raises ``BadInput``."""
    if not text:
        return Month(now.astimezone(JAPAN).date().replace(day=1))
    try:
        first = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - A civil month has no zone.
    except ValueError:
        raise BadInput(f"month {text[:20]!r}", field="month") from None
    if not 2000 <= first.year <= 2200:
        # The months and fiscal years around it must be dates too.
        raise BadInput(f"month {text[:20]!r}", field="month")
    return Month(first)


def of_days(db: Session, first: date, after: date, *, section: str = "") -> Sequence[Attendance]:
    """Return what happened on the days [first, after), by day and person; of one ``section`` if it is named."""
    wanted = select(Attendance).join(Staff, Staff.id == Attendance.staff_id)
    wanted = wanted.where(Attendance.day >= first, Attendance.day < after)
    if section:
        wanted = wanted.where(Attendance.section == section)
    return db.scalars(wanted.order_by(Attendance.day, Staff.number, Attendance.start)).all()


def sections(db: Session) -> Sequence[str]:
    """Return every 所属 that appears in the record, for the page's choice."""
    return db.scalars(
        select(Attendance.section).where(Attendance.section != "").distinct().order_by(Attendance.section)
    ).all()


def fiscal_year(day: date) -> tuple[date, date]:
    """Return the days [1 April, 1 April) of the 年度 a day belongs to (地方自治法208条)."""
    year = rules.fiscal_year(day)
    return date(year, 4, 1), date(year + 1, 4, 1)


def minutes(row: Attendance) -> int | None:
    """Return the minutes between 入室 and 退室, as they were corrected; None while either is missing."""
    arrived, left = corrections.times(row)
    if arrived is None or left is None:
        return None
    return max(0, int((left - arrived).total_seconds()) // 60)


def as_csv(rows: Iterable[Attendance]) -> bytes:
    """Return the rows as a CSV that Excel opens: UTF-8 with its mark, and no cell that a spreadsheet would run."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    for row in rows:
        writer.writerow([_inert(cell) for cell in _cells(row)])
    return text.getvalue().encode("utf-8-sig")


def _cells(row: Attendance) -> tuple[str, ...]:
    used = minutes(row)
    newest = row.corrections[-1] if row.corrections else None
    corrected = (_clock(newest.arrived_at), _clock(newest.left_at), newest.reason) if newest else ("", "", "")
    return (
        row.day.isoformat(), row.staff.number, row.staff.name, row.section, WORK_KINDS.get(row.work_kind, row.work_kind),
        row.host_name, row.site_name, row.desk_name, _clock(row.start), _clock(row.end), _clock(row.arrived_at),
        _clock(row.left_at), "" if used is None else str(used), STATE_WORDS.get(row.state, row.state), *corrected,
    )  # fmt: skip


def _clock(moment: datetime | None) -> str:
    return moment.astimezone(JAPAN).strftime("%H:%M") if moment else ""


def _inert(cell: str) -> str:
    """A host's words are not ours: a cell that begins like a formula is quoted (OWASP, CSV injection)."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
