"""The end of an agreement and the 年度 after it: prepared once, on the same terms; ended with notice, and people told."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from federation.errors import Conflict
from federation.feed import Feeds
from federation.storage import Storage
from node.host import agreements
from node.models.agreements import Agreement
from tests.node import agreed
from tests.node.host.conftest import NOON, NOW, TEN, Desks, Put, page, wish
from tests.node.host.test_agreements import refused

JAPAN = ZoneInfo("Asia/Tokyo")
YEAR = {"starts_on": date(2026, 4, 1), "ends_on": date(2027, 3, 31), "seats_a_week": 9, "notice_days": 7}


def only(storage: Storage) -> str:
    with storage.transaction(write=True) as db:
        one = db.scalars(select(Agreement)).one()
        agreed.amend(db, one, YEAR)
        return one.id


@pytest.mark.parametrize(
    ("last", "years"),
    [
        (date(2027, 3, 31), (date(2027, 4, 1), date(2028, 3, 31))),
        (date(2026, 12, 31), (date(2027, 1, 1), date(2027, 3, 31))),
    ],
)
def test_the_next_year_is_prepared_once_and_begins_on_the_day_after(
    desks: Desks, storage: Storage, last: date, years: tuple[date, date]
) -> None:
    made = only(storage)
    with storage.transaction(write=True) as db:
        agreed.amend(db, db.get_one(Agreement, made), {"ends_on": last})
        following = agreements.renew(db, agreements.locked(db, made), now=NOW)
        assert (following.starts_on, following.ends_on) == years
        assert (following.home_code, following.seats_a_week) == ("110001", 9)
        assert agreements.renew(db, agreements.locked(db, made), now=NOW).id == following.id
        assert agreements.renewed(db.scalars(select(Agreement))) == {made}


@pytest.mark.parametrize("suspended", [False, True])
def test_what_has_no_end_or_is_suspended_is_not_renewed(desks: Desks, storage: Storage, suspended: bool) -> None:
    with storage.transaction(write=True) as db:
        one = db.scalars(select(Agreement)).one()
        if suspended:
            one.ends_on = date(2027, 3, 31)
            agreements.suspend(db, one, NOW)
        with pytest.raises(Conflict):
            agreements.renew(db, one, now=NOW)


def test_an_end_with_notice_keeps_what_lies_within_and_cancels_and_tells_the_rest(
    put: Put, desks: Desks, storage: Storage, feeds: Feeds
) -> None:
    made, week = only(storage), timedelta(days=7)
    last = put(wish(desks.first, start=TEN + week, end=NOON + week))
    beyond = put(wish(desks.first, start=TEN + week + timedelta(days=1), end=NOON + week + timedelta(days=1)))
    with storage.transaction(write=True) as db:
        one = agreements.locked(db, made)
        assert agreements.end_with_notice(db, one, JAPAN, NOW) == (beyond.id,)
        assert one.ends_on == date(2026, 12, 1)
    told = {item.id: (item.data["state"], item.data.get("cause", "")) for item in page(storage, feeds, "visits:17")}
    assert told == {last.id: ("confirmed", ""), beyond.id: ("cancelled", "agreement-ended")}
    assert refused(put, wish(desks.second, start=TEN + week * 2, end=NOON + week * 2)) == ["agreement-not-in-force"]
