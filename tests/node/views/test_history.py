"""この予約の経過: what was done and what was told, in order; and the pass as one prints it."""

from federation.storage import Storage
from node.home import trips
from tests.node.fakehost import FakeHost
from tests.node.home.conftest import Clock
from tests.node.views.conftest import Person


def test_the_page_tells_what_happened_in_order(person: Person, host: FakeHost, storage: Storage, clock: Clock) -> None:
    path = person.books().location
    trip_id = path.rpartition("/")[2]
    clock.pass_by(minutes=10)
    host.changed(trip_id, state="cancelled", cause="closure")
    with storage.transaction(write=True) as db:
        trip = trips.locked(db, trip_id)
        assert trip
        trips.follow(db, trip, host.bookings[trip_id], now=clock(), unasked=True)
    page = person.reads(path)
    asked = page.index("2026年11月24日(火) 09:00予約を申し込みました")
    assert asked < page.index("2026年11月24日(火) 09:10施設が休止となったため、予約が取り消されました")


def test_one_s_own_cancellation_stands_there_too(person: Person, clock: Clock) -> None:
    path = person.books().location
    clock.pass_by(minutes=5)
    person.sends(f"{path}/cancel", shown_on=path)
    assert "2026年11月24日(火) 09:05予約を取り消しました" in person.reads(path)


def test_another_booking_s_story_is_not_told(person: Person, host: FakeHost, storage: Storage, clock: Clock) -> None:
    first, second = (person.books(**{"from": begins, "to": ends}).location for begins, ends in (("13:00", "14:00"), ("15:00", "16:00")))  # fmt: skip
    trip_id = first.rpartition("/")[2]
    host.changed(trip_id, state="no_show")
    with storage.transaction(write=True) as db:
        trip = trips.locked(db, trip_id)
        assert trip
        trips.follow(db, trip, host.bookings[trip_id], now=clock(), unasked=True)
    assert "利用の記録がないまま" in person.reads(first)
    assert "利用の記録がないまま" not in person.reads(second)


def test_the_pass_holds_all_that_a_friend_would_write_down(person: Person) -> None:
    page = person.opens(person.books().location).text
    ticket = page[page.index("<article") : page.index("</article>")]
    wanted = (
        "お気軽にお立ち寄りください",
        "九段下駅",
        "徒歩5分",
        "東京都千代田区九段南1-2-1",
        "北側の通用口",
        "総合案内",
        "内線 2110",
        "地下食堂",
    )
    assert [words for words in wanted if words not in ticket] == []
