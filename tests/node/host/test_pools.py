"""利用枠: for whom a desk is kept when, by itself and under every rule of a host."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import BadInput, BookingRefused, DeskKept
from federation.feed import Feeds
from federation.storage import Storage
from node.config import Config
from node.host import claims, lending, listings, months, pools, rounds, walk_ins
from node.host.homes import Home
from node.host.pools import Kept, Standing
from node.host.spans import Span
from node.models.sites import Desk, Room, Site
from tests.node.host.conftest import CHIBA, NOON, NOW, TEN, Clock, Desks, Put, page, wish

JAPAN = ZoneInfo("Asia/Tokyo")
DAY = timedelta(days=1)
TUESDAY = 1
kept = st.builds(
    Kept, st.integers(0, 5), st.integers(0, 5), st.none() | st.builds(timedelta, hours=st.integers(0, 336))
)
weeks = st.dictionaries(st.integers(0, 6), kept)
moments = st.integers(0, 60 * 24 * 60).map(
    lambda minutes: datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(weeks, st.integers(1, 8), moments)
def test_so_many_desks_are_kept_as_the_rule_says(rules: dict[int, Kept], desks: int, at: datetime) -> None:
    long_before = at - 40 * DAY
    found = [pools.pool_at(Standing(rank=rank, rules=rules), at, long_before) for rank in range(desks)]
    rule = rules.get(at.astimezone(JAPAN).weekday(), Kept())
    assert [found.count("own"), found.count("walk_in"), found.count("guests")] == list(pools.counts(rule, desks))


@given(weeks, st.integers(0, 8), moments, moments, st.sampled_from(["own", "guests", "walk_in"]))
def test_the_stretches_are_what_each_moment_says(
    rules: dict[int, Kept], rank: int, at: datetime, now: datetime, who: pools.Who
) -> None:
    standing = Standing(rank=rank, rules=rules)
    spans = pools.had_by(standing, who, Span(at - DAY, at + DAY), now)
    inside = any(span.start <= at < span.end for span in spans)
    assert inside == (pools.pool_at(standing, at, now) in {who, "guests", "anybody"})


@given(weeks, st.integers(0, 8), moments, moments)
def test_what_is_released_stays_released_and_changes_only_at_a_release(
    rules: dict[int, Kept], rank: int, at: datetime, now: datetime
) -> None:
    standing, window = Standing(rank=rank, rules=rules), Span(at, at + DAY)
    before, after = (pools.had_by(standing, "guests", window, moment) for moment in (now, now + DAY))
    assert all(any(later.contains(span) for later in after) for span in before)
    if before != after:
        assert pools.releases(standing, now, now + DAY)


@given(st.sampled_from(["own", "walk_in"]), weeks, moments, moments)
def test_a_desk_that_says_for_whom_it_is_follows_no_rule(
    word: pools.Who, rules: dict[int, Kept], at: datetime, now: datetime
) -> None:
    standing = Standing(word=word, rules=rules)
    assert pools.pool_at(standing, at, now) == word
    assert pools.had_by(standing, "guests", Span(at, at + DAY), now) == ()
    assert pools.releases(standing, now, now + 60 * DAY) == ()


def keep(storage: Storage, room: str, **kept: object) -> None:
    """Keep desks of a room on every weekday."""
    with storage.transaction(write=True) as db:
        rule = Kept(**kept)  # type: ignore[arg-type]
        pools.set_rules(db, room, dict.fromkeys(range(7), rule))
        listings.room_changed(db, db.get_one(Room, room))


def own(config: Config) -> Home:
    return Home(None, config.entity_id, config.code)


def test_guests_are_refused_what_is_kept_and_read_why(put: Put, desks: Desks, storage: Storage) -> None:
    keep(storage, desks.room, own=1)
    with pytest.raises(BookingRefused) as refusal:
        put(wish(desks.first))
    assert [getattr(reason, "code", "") for reason in refusal.value.reasons] == ["kept-for-others"]
    assert [getattr(one, "desk", "") for one in refusal.value.alternatives] == [desks.second, desks.booth]
    assert put(wish(desks.second, first=1)).state == "confirmed"


def test_own_staff_have_what_is_kept_for_them_and_not_what_is_kept_for_the_door(
    put: Put, desks: Desks, storage: Storage, config: Config
) -> None:
    keep(storage, desks.room, own=1, walk_in=1)
    assert put(wish(desks.first), home=own(config)).state == "confirmed"
    with pytest.raises(BookingRefused):
        put(wish(desks.second, first=1), home=own(config))


def test_what_nobody_took_is_anybody_s_so_long_before_the_half_day(put: Put, desks: Desks, storage: Storage) -> None:
    keep(storage, desks.room, own=2, release=timedelta(hours=24))
    one = NOON + DAY + timedelta(hours=1)
    afternoon = wish(desks.first, start=one, end=one + timedelta(hours=1), first=1)
    with pytest.raises(BookingRefused):
        put(afternoon)
    # The morning begins at 8:30, the afternoon at 13:00; it is nine o'clock.
    assert put(wish(desks.first, start=TEN + DAY, end=NOON + DAY)).state == "confirmed"
    later = NOW + timedelta(hours=4)
    request = afternoon.model_copy(update={"not_after": later + DAY})
    assert put(request, now=later).state == "confirmed"


def test_the_feed_moves_by_itself_when_the_time_has_come(
    desks: Desks, storage: Storage, feeds: Feeds, clock: Clock
) -> None:
    keep(storage, desks.room, own=1, release=timedelta(hours=2))

    def told() -> object:
        return {item.id: item.data.get("ranges") for item in page(storage, feeds, "offers") if item.kind == "free"}

    before = told()
    for minutes, noted in ((60, 0), (121, 1), (130, 0)):
        clock.now = NOW + timedelta(minutes=minutes)  # The afternoon's desk is released at eleven.
        with storage.transaction(write=True) as db:
            assert rounds.release_pools(db, clock.now) == noted
    after = told()
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert after[desks.first] != before[desks.first]
    assert after[desks.second] == before[desks.second]


def test_a_whole_room_is_had_when_all_its_desks_may_be_had(put: Put, desks: Desks, storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        whole = lending.offer(db, db.get_one(Room, desks.room), capacity=4).id
    keep(storage, desks.room, own=1)
    with pytest.raises(BookingRefused):
        put(wish(whole))
    keep(storage, desks.room)
    assert put(wish(whole)).state == "confirmed"


def test_nobody_at_the_door_gets_what_is_kept_for_own_staff(desks: Desks, storage: Storage) -> None:
    keep(storage, desks.room, own=1, walk_in=1)
    with pytest.raises(DeskKept), storage.transaction(write=True) as db:
        walk_ins.record(db, db.get_one(Desk, desks.first), home_code=CHIBA.code, name="立寄", until=NOON, now=NOW)
    with storage.transaction(write=True) as db:
        walk_ins.record(db, db.get_one(Desk, desks.second), home_code=CHIBA.code, name="立寄", until=NOON, now=NOW)


def test_a_month_counts_what_guests_may_have(desks: Desks, storage: Storage) -> None:
    keep(storage, desks.room, own=1)
    with storage.transaction() as db:
        month = months.month_of(db, db.get_one(Site, desks.site), NOW.date().replace(day=1), NOW)
    tomorrow = next(day for week in month.weeks for day in week if day and day.day == NOW.date() + DAY)
    assert tomorrow.morning.free == 2


def test_each_town_is_told_what_it_may_have(desks: Desks, storage: Storage, config: Config) -> None:
    keep(storage, desks.room, own=1)
    with storage.transaction() as db:
        ours = claims.availability(db, own(config), desks.first, TEN, NOON, now=NOW)
        theirs = claims.availability(db, Home(17, "https://x.example", "110001"), desks.first, TEN, NOON, now=NOW)
    assert (len(ours.free), theirs.free) == (1, ())


def test_rules_change_nothing_that_is_booked(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    keep(storage, desks.room, own=2)
    assert put(wish(desks.first), uuid=booking.id).state == "confirmed"


@pytest.mark.parametrize("kept", [{"own": -1}, {"walk_in": 1001}, {"release": timedelta(hours=337)}])
def test_a_rule_makes_sense(desks: Desks, storage: Storage, kept: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        keep(storage, desks.room, **kept)
