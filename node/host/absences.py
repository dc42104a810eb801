"""What a site holds against who did not come, and since when: for judging the next booking."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.rules import FewNoShows
from federation.rules.noshows import DAYS
from node.models.bookings import Booking, BookingPlace, Visitor
from node.models.noshows import NoShowDispute, NoShowRule
from node.models.sites import Desk, Room, Site

_BACK = timedelta(days=DAYS)


def rules_of(db: Session) -> Mapping[str, NoShowRule]:
    """Return what each site (by id) does about visitors who do not come."""
    return {one.site_id: one for one in db.scalars(select(NoShowRule))}


def conditions(
    db: Session, home_id: int, wanted: Iterable[tuple[Site, str]], now: datetime
) -> Mapping[tuple[str, str], FewNoShows]:
    """Return what each site holds against each person (by site id and subject), where it sets a bound at all.

    One statement where no site sets one.
    """
    bounds = {one.site_id: one.most for one in rules_of(db).values() if one.most is not None}
    pairs = {(site.id, sub): site for site, sub in wanted if site.id in bounds}
    if not pairs:
        return {}
    question = (
        select(Room.site_id, Visitor.sub, BookingPlace.start)
        .join(Desk, Desk.room_id == Room.id)
        .join(BookingPlace, BookingPlace.desk_id == Desk.id)
        .join(Visitor, Visitor.id == BookingPlace.visitor_id)
        .join(Booking, Booking.id == BookingPlace.booking_id)
        .outerjoin(NoShowDispute, NoShowDispute.booking_id == Booking.id)
        .where(Visitor.home_id == home_id, Visitor.sub.in_({sub for _site, sub in pairs}), Room.site_id.in_(bounds))
        .where(Booking.state == "no_show", BookingPlace.arrived_at.is_(None), BookingPlace.start > now - _BACK)
        .where(NoShowDispute.struck.is_not(True))
        .order_by(BookingPlace.start)
    )
    missed: dict[tuple[str, str], list[datetime]] = {}
    for site_id, sub, start in db.execute(question):
        missed.setdefault((site_id, sub), []).append(start)
    return {
        pair: FewNoShows(len(missed.get(pair, ())), bounds[pair[0]], _until(missed.get(pair, ()), bounds, site))
        for pair, site in pairs.items()
    }


def _until(starts: Sequence[datetime], bounds: Mapping[str, int | None], site: Site) -> date | None:
    """Return the day on which so many are past that one may book again."""
    most = bounds[site.id] or 0
    if len(starts) < most:
        return None
    last_that_counts = starts[len(starts) - most]
    return (last_that_counts + _BACK).astimezone(ZoneInfo(site.zone)).date() + timedelta(days=1)
