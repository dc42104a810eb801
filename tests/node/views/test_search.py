"""The search page: what narrows it, what follows the form without a reload, and what it says when nothing is found."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest

from federation.messages.search import Beside, FreeDesk, Host
from federation.storage import Storage
from node.home import trips
from node.people import staff as directory
from tests.node.fakehost import DESK, HOST, SITE
from tests.node.home.conftest import NOW, Clock
from tests.node.views.conftest import FakeRegistry, Person, plain

DAY = datetime(2026, 11, 24, tzinfo=UTC)
AT = "/search?near=九段下&day=2026-11-24&slot=afternoon"


def desk_id(number: int) -> str:
    return f"5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c1{number:03}"


def address(number: int) -> str:
    return f"{HOST}/desks/{desk_id(number)}"


def free(number: int, **facts: Any) -> FreeDesk:
    """Return another desk of the same room."""
    desk = DESK.model_copy(update={"id": desk_id(number), "url": address(number), "name": f"A-{number}"})
    host = Host(entity_id=HOST, code="131016", name="千代田区")
    return FreeDesk(
        host=host, site=SITE, desk=desk, free_from=DAY, free_until=DAY + timedelta(hours=9), as_of=DAY, **facts
    )


def unquoted(text: str) -> str:
    return unquote(html.unescape(text))


def way_out(person: Person, path: str, words: str) -> str:
    """Return where the link of these words leads from an empty page."""
    text = person.opens(path).text
    links = re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', text, re.DOTALL)
    return next(html.unescape(href) for href, inside in links if words in re.sub(r"<[^>]+>", "", inside))


@pytest.mark.parametrize(
    ("narrowing", "condition", "words"),
    [
        ("feature=monitor", "features", "設備（外部モニター）"),
        ("privacy=private&privacy=open", "privacy", "部屋の種類（個室、大部屋）"),
        ("access=lift", "accessibility", "バリアフリー（エレベーター）"),
        ("security=soundproof", "security", "セキュリティ確認表（防音）"),
        ("yen=0", "max_price_yen", "料金（無料）"),
        ("people=3", "adjacent", "隣どうし（3名）"),
        ("", "radius_km", "利用場所（九段下）"),
        ("slot=hours&from=13:00&to=15:00", "time", "時間帯（13:00〜15:00）"),
    ],
)
def test_an_empty_page_says_which_condition_did_it(
    person: Person, registry: FakeRegistry, narrowing: str, condition: str, words: str
) -> None:
    registry.known, registry.misses = False, ((condition, 7), ("a-newer-one", 2))
    page = person.reads(f"/search?{narrowing}&near=九段下&day=2026-11-24&slot=afternoon")
    assert "この条件で空いている座席はありません" in page
    assert f"{words}を外す（7席）" in page


def test_an_empty_page_says_that_agreements_stand_in_the_way(person: Person, registry: FakeRegistry) -> None:
    registry.known, registry.misses = False, (("agreement", 9),)
    page = person.opens(AT)
    assert "協定の範囲外の座席が9席空いています" in plain(page)
    assert 'href="/search/week?near=' in page.text
    registry.misses = ()
    assert "協定の範囲外" not in person.reads(AT)


def test_one_press_leaves_the_condition_out_and_keeps_the_others(person: Person, registry: FakeRegistry) -> None:
    registry.void, registry.misses = "features=monitor", (("features", 1),)
    onward = way_out(person, f"{AT}&feature=monitor&privacy=open", "設備（外部モニター）を外す")
    asked = parse_qs(urlsplit(onward).query)
    assert (asked["privacy"], asked["near"], "feature" in asked) == (["open"], ["九段下"], False)
    assert "1席見つかりました" in person.reads(onward)


def test_another_time_of_the_day_is_any_gap_as_long(person: Person, registry: FakeRegistry) -> None:
    registry.known, registry.misses = False, (("time", 1),)
    path = "/search?near=九段下&day=2026-11-24&slot=hours&from=13:00&to=15:00"
    asked = parse_qs(urlsplit(way_out(person, path, "時間帯（13:00〜15:00）を外す")).query)
    assert (asked["slot"], asked["gap"]) == (["day"], ["120"])


def test_where_no_single_condition_did_it_all_go_by_one_press(person: Person, registry: FakeRegistry) -> None:
    registry.known = False
    assert "どの条件を一つ外しても見つかりませんでした" in person.reads(f"{AT}&feature=monitor")
    asked = parse_qs(urlsplit(way_out(person, f"{AT}&feature=monitor", "すべて外して探す")).query)
    assert set(asked) == {"day", "slot", "from", "to"}


def test_without_any_condition_the_page_says_that_nothing_is_free(person: Person, registry: FakeRegistry) -> None:
    registry.known = False
    path = "/search?near=&day=2026-11-24&slot=afternoon"
    assert "この時間に空いている座席はどの団体にもありません" in person.reads(path)


@pytest.mark.parametrize(
    ("filled_in", "asked"),
    [
        ("access=lift&access=quiet", "accessibility=lift&accessibility=quiet"),
        ("yen=500", "max_price_yen=500"),
        ("people=3", "adjacent=3"),
        ("people=３", "adjacent=3"),
        ("gap=60", "minutes=60"),
    ],
)
def test_the_registry_is_asked_what_the_form_asks(
    person: Person, registry: FakeRegistry, filled_in: str, asked: str
) -> None:
    person.opens(f"{AT}&{filled_in}")
    assert asked in registry.asked[-1]


def test_lines_of_ones_own_stations_come_first_where_that_is_wished(person: Person, registry: FakeRegistry) -> None:
    registry.lines = ("東西線",)
    person.sends("/me", {"home_station": "西船橋", "work_station": ""})
    person.opens(AT)
    assert "lines=" not in registry.asked[-1]
    person.opens(f"{AT}&order=line")
    assert f"lines={quote('東西線')}" in registry.asked[-1]


def test_a_gap_is_booked_as_it_was_found(person: Person, registry: FakeRegistry) -> None:
    begins = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)
    registry.desks = (free(2, fits_from=begins),)
    text = person.opens(f"{AT}&gap=120").text
    assert f"/book?desk={address(2)}&day=2026-11-24&slot=hours&from=14:30&to=16:30" in unquoted(text)


def test_a_gap_longer_than_the_time_is_said_at_the_field(person: Person) -> None:
    answer = person.opens("/search?near=&day=2026-11-24&slot=hours&from=13:00&to=14:00&gap=120")
    assert (answer.status_code, "時間帯より長い空きは探せません" in plain(answer)) == (400, True)


def test_desks_of_one_room_are_one_card(person: Person, registry: FakeRegistry) -> None:
    registry.desks = (free(2), free(3))
    page = person.opens(AT).text
    assert page.count('<li class="dads-resource-card">') == 1
    assert all(words in page for words in ("3席（A-1、A-2、A-3）", "A-2を予約へ", "A-3を予約へ"))


def test_a_room_at_another_price_is_a_card_of_its_own(person: Person, registry: FakeRegistry) -> None:
    registry.desks = (free(2, price_yen=500),)
    assert person.opens(AT).text.count('<li class="dads-resource-card">') == 2


def test_those_who_sit_together_get_a_way_to_each_desk(person: Person, registry: FakeRegistry) -> None:
    registry.desks = (free(2, together=(Beside(id=desk_id(3), name="A-3"),)),)
    text = person.opens(f"{AT}&people=2").text
    assert "A-2、A-3は隣どうしで、同じ時間に空いています。" in text
    assert address(3) in unquoted(text)


def test_between_two_meetings_the_least_way_comes_first(person: Person, registry: FakeRegistry) -> None:
    registry.spots = {"九段下": (35.695, 139.751), "浦和": (35.859, 139.657)}
    page = person.reads(f"{AT}&then=浦和")
    assert "九段下駅から浦和へ行く途中" in page
    assert "前の用務先から0.2 km、次の用務先まで20.3 km" in page
    assert len(registry.asked) == 2


def test_a_next_place_without_a_position_is_said_at_its_field(person: Person, registry: FakeRegistry) -> None:
    registry.spots = {"九段下": (35.695, 139.751)}
    answer = person.opens(f"{AT}&then=県庁")
    assert (answer.status_code, 'id="then-error"' in answer.text) == (400, True)


def test_colleagues_are_a_number_and_never_a_name(person: Person, storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        other = directory.add(db, number="000002", name="同僚 花子", section="財政課", now=NOW)
        start = datetime(2026, 11, 24, 4, tzinfo=UTC)
        wish = trips.Wish(
            other.id, HOST, "千代田区", SITE, DESK, start, start + timedelta(hours=2), "satellite", "2", "3"
        )
        trips.ask(db, wish, now=NOW).state = "confirmed"
    page = person.reads(AT)
    assert "あなたの団体の職員 1-2名" in page
    assert "花子" not in page
    assert "あなたの団体の職員" not in person.reads("/search?near=九段下&day=2026-11-25&slot=afternoon")


def test_only_a_search_may_ask_where_the_device_is(person: Person) -> None:
    policies = [person.opens(path).headers["Permissions-Policy"] for path in ("/", AT, "/me")]
    assert ["geolocation=(self)" in policy for policy in policies] == [True, True, False]


def test_the_script_gets_the_results_alone(person: Person) -> None:
    answer = person.client.get(AT, headers={"HX-Request": "true"})
    assert (answer.status_code, "HX-Request" in answer.headers["Vary"]) == (200, True)
    assert "千代田合同庁舎" in answer.text
    assert "<html" not in answer.text
    assert '<p id="count" hx-swap-oob="innerHTML"><a href="#found">1席見つかりました</a></p>' in answer.text


def test_the_page_and_the_part_say_the_same(person: Person) -> None:
    part = plain(person.client.get(AT, headers={"HX-Request": "true"}))
    assert part.removeprefix("1席見つかりました").strip() in person.reads(AT)


def test_a_wish_that_cannot_be_read_is_told_in_the_part_too(person: Person) -> None:
    answer = person.client.get("/search?day=2020-01-01&slot=day", headers={"HX-Request": "true"})
    assert (answer.status_code, "過ぎた日付は選べません" in plain(answer)) == (400, True)


def test_a_person_without_scripts_has_the_same_form_and_its_button(person: Person) -> None:
    page = person.opens(f"{AT}&feature=monitor&yen=0&order=line").text
    assert 'action="/search" method="get"' in page
    assert all(each in page for each in ('value="monitor" checked', 'value="0" selected', 'value="line" selected'))


def test_two_hours_from_now_are_one_press(person: Person, clock: Clock) -> None:
    clock.pass_by(minutes=7)
    onward = way_out(person, "/", "2時間")
    asked = parse_qs(urlsplit(onward).query)
    assert (asked["from"], asked["to"], asked["day"]) == (["09:15"], ["11:15"], ["2026-11-24"])
    assert "1席見つかりました" in person.reads(onward)


def test_from_now_on_ends_with_the_day(person: Person, clock: Clock) -> None:
    clock.pass_by(hours=14, minutes=30)
    person.signs_in()
    assert parse_qs(urlsplit(way_out(person, "/", "2時間")).query)["to"] == ["24:00"]


@pytest.mark.parametrize("query", ["yen=-1", "yen=1e9", "order=price", "access=x", "yen=&access=&order="])
def test_a_filter_nobody_offers_is_none(person: Person, query: str) -> None:
    assert person.opens(f"{AT}&{query}").status_code == 200
