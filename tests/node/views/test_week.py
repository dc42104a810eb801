"""週の空き状況 as a person reads it: signs with words, where each leads, and what is not ours to book."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from federation.answer import Answer
from federation.messages.search import FoundPlace, Host
from federation.messages.week import FreeCount, HalfDayFree, WeekAnswer, WeekSite
from federation.storage import Storage
from node.home import conditions
from node.people import staff as people
from tests.node.fakehost import DESK_ID, HOST, SITE
from tests.node.home.conftest import NOW, Clock
from tests.node.views.conftest import FakeRegistry, Person

MIDNIGHT = datetime(2026, 11, 24, 15, tzinfo=UTC)
"""The beginning of Wednesday 25 November in Japan."""


@dataclass
class WeekRegistry(FakeRegistry):
    """Answers what stands in ``half_days`` for one site."""

    half_days: tuple[HalfDayFree, ...] = ()

    def _answer(self, url: str) -> str:
        if self.status != 200:
            return super()._answer(url)
        host = Host(entity_id=HOST, code="131016", name="千代田区")
        site = WeekSite(host=host, site=SITE, distance_km=1.24, half_days=self.half_days, as_of=self.clock())
        sites = (site,) if self.known else ()
        place = FoundPlace(label="九段下駅", kind="station")
        return WeekAnswer(place=place, sites=sites, as_of=self.clock()).text()


@pytest.fixture
def registry(clock: Clock) -> WeekRegistry:
    return WeekRegistry(clock)


def half(number: int, name: str, **counts: int) -> HalfDayFree:
    """A half day of the day after so many days; the one desk, where there is one, is the host's."""
    midnight = MIDNIGHT + timedelta(days=number)
    begins, ends = (8.5, 12) if name == "morning" else (13, 17.25)
    told = tuple(
        FreeCount.model_validate({"privacy": privacy, "desks": desks, "desk": DESK_ID if desks == 1 else None})
        for privacy, desks in counts.items()
    )
    day = (midnight + timedelta(hours=12)).date().isoformat()
    start, end = midnight + timedelta(hours=begins), midnight + timedelta(hours=ends)
    return HalfDayFree.model_validate({"day": day, "half": name, "start": start, "end": end, "counts": told})


def cells(page: str) -> list[str]:
    """Every day of every site as it is read."""
    found = re.findall(r"<td.*?</td>", page, flags=re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", cell).split()) for cell in found]


def links(page: str) -> list[str]:
    return [link.replace("&amp;", "&") for link in re.findall(r'<a class="dads-week__mark"[^>]*href="([^"]+)"', page)]


WEEK = "/search/week?near=九段下&day=2026-11-25&slot=day&privacy=open&privacy=private"


def test_each_half_day_is_a_sign_and_words(person: Person, registry: WeekRegistry) -> None:
    registry.half_days = (
        half(0, "morning", open=2, private=3), half(0, "afternoon", open=2), half(1, "morning"), half(1, "afternoon", open=1),
    )  # fmt: skip
    page = person.opens(WEEK).text
    assert cells(page)[:2] == [
        "11/25(水) 千代田合同庁舎 11/25(水) 午前 ○ 5席 千代田合同庁舎 11/25(水) 午後 △ 残り2席",
        "11/26(木) 千代田合同庁舎 11/26(木) 午前 × 空きなし 千代田合同庁舎 11/26(木) 午後 △ 残り1席",
    ]
    assert cells(page)[2].count("－ 予約不可") == 2
    assert "協定の期間外です" in page


def test_the_registry_is_asked_once_for_seven_days_with_the_filters(person: Person, registry: WeekRegistry) -> None:
    person.opens(WEEK)
    (asked,) = registry.asked
    query = parse_qs(urlsplit(asked).query)
    assert (query["start"], query["end"]) == (["2026-11-24T15:00:00Z"], ["2026-12-01T15:00:00Z"])
    assert query["privacy"] == ["open", "private"]


def test_one_desk_leads_to_its_confirmation_and_several_to_their_list(person: Person, registry: WeekRegistry) -> None:
    registry.half_days = (half(0, "morning", open=1), half(0, "afternoon", open=4))
    one, several = links(person.opens(WEEK).text)
    assert person.opens(one).status_code == 200
    assert parse_qs(urlsplit(one).query) == {
        "desk": [f"{HOST}/desks/{DESK_ID}"], "day": ["2026-11-25"], "slot": ["hours"], "from": ["08:30"], "to": ["12:00"],
    }  # fmt: skip
    told = parse_qs(urlsplit(several).query)
    assert (told["day"], told["from"], told["to"]) == (["2026-11-25"], ["13:00"], ["17:15"])
    assert told["privacy"] == ["open", "private"]


def test_each_site_says_what_a_half_day_costs(person: Person, registry: WeekRegistry) -> None:
    dear = half(0, "afternoon", open=1).model_copy(update={"price_yen": 500})
    registry.half_days = (half(0, "morning", open=1), dear)
    assert "半日の料金：無料〜500円" in person.reads(WEEK)
    registry.half_days = (dear,)
    assert "半日の料金：500円" in person.reads(WEEK)
    assert "1時間の料金：500円" in person.reads(f"{WEEK}&gap=60")


def test_a_gap_is_looked_for_at_the_site(person: Person, registry: WeekRegistry) -> None:
    registry.half_days = (half(0, "morning", open=1),)
    (link,) = links(person.opens(f"{WEEK}&gap=60").text)
    assert link.startswith("/search/desks?")
    assert parse_qs(urlsplit(link).query)["gap"] == ["60"]


def test_what_our_conditions_bar_is_closed_and_says_why(
    person: Person, registry: WeekRegistry, storage: Storage
) -> None:
    with storage.transaction(write=True) as db:
        who = people.find(db, "012345")
        assert who is not None
        conditions.lay_down(
            db, privacy=["private"], work_kinds=["satellite"], host_codes=[], employments_barred=[], days_a_week=None,
            limit_yen=None, by=who.id, now=NOW,
        )  # fmt: skip
    registry.half_days = (half(0, "morning", open=4), half(0, "afternoon", open=4, private=3), half(1, "morning"))
    page = person.opens(WEEK).text
    assert "午前 － 予約不可" in cells(page)[0]
    assert "午後 ○ 3席" in cells(page)[0]
    assert "午前 × 空きなし" in cells(page)[1]
    assert len(re.findall(r"－：[^<]*利用条件", page)) == 1


def test_a_half_day_that_has_ended_is_not_called_full(person: Person, registry: WeekRegistry, clock: Clock) -> None:
    registry.half_days = (half(-1, "morning"), half(-1, "afternoon"))
    clock.now = NOW + timedelta(hours=5)
    assert "午前 － 終了" in cells(person.opens(WEEK.replace("11-25", "11-24")).text)[0]


def test_the_time_of_day_does_not_matter(person: Person, registry: WeekRegistry, clock: Clock) -> None:
    registry.half_days = (half(0, "morning", open=4),)
    clock.now = NOW + timedelta(hours=8.5)
    for slot in ("slot=day", "slot=hours&from=99:00&to=x"):
        answer = person.opens(WEEK.replace("11-25", "11-24").replace("slot=day", slot))
        assert (answer.status_code, "午前 ○ 4席" in " ".join(cells(answer.text))) == (200, True)


def test_the_weeks_follow_on_and_none_begins_in_the_past(person: Person) -> None:
    first = person.opens(WEEK.replace("11-25", "11-24")).text
    assert 'rel="prev"' not in first
    following = re.search(r'<a[^>]*href="([^"]+)"[^>]*rel="next"', first)
    assert following is not None
    assert "day=2026-12-01" in following[1]
    assert "privacy=private" in following[1]
    assert re.search(r'day=2026-11-24"[^>]*rel="prev"', person.opens(WEEK.replace("11-25", "11-27")).text)


def test_without_the_registry_the_page_says_so_and_leads_to_the_list(person: Person, registry: WeekRegistry) -> None:
    registry.down = True
    answer = person.opens(WEEK)
    assert answer.status_code == 200
    assert "横断検索に接続できないため、週の空き状況を表示できません" in answer.text
    assert "一覧で探す" in answer.text


def test_a_place_nobody_knows_and_no_site_are_said_apart(person: Person, registry: WeekRegistry) -> None:
    registry.known = False
    assert "この条件の座席がある施設はありません" in person.reads(WEEK)
    registry.status = 400
    answer = person.opens(WEEK)
    assert (answer.status_code, "「九段下」という場所が見つかりません" in answer.text) == (400, True)


def test_a_day_nobody_can_read_is_named_at_its_field(person: Person) -> None:
    answer = person.opens("/search/week?day=いつか")
    assert (answer.status_code, 'aria-invalid="true"' in answer.text) == (400, True)


OTHER_SITE = "0b8a3c5e-7d21-4f6a-9c3e-5d7f9a1b3c5d"


class TestBetweenMeetings:
    """From 九段下 to a place some 20 km to the west, with a second site that lies there."""

    @pytest.fixture
    def registry(self, clock: Clock) -> WeekRegistry:
        return _TwoPlaces(clock)

    def test_the_site_with_the_least_way_to_both_comes_first(self, person: Person, registry: WeekRegistry) -> None:
        registry.half_days = (half(0, "morning", open=3),)
        page = person.opens(f"{WEEK}&then=三鷹").text
        near, far = (page.index(f"/sites/{site}") for site in (OTHER_SITE, SITE.id))
        assert near < far
        assert page.count("次の用務先まで") == 2
        assert [("near" if "九段下" in asked else "then") for asked in map(unquote, registry.asked)] == ["near", "then"]

    def test_a_place_nobody_knows_is_said_and_nothing_is_lost(self, person: Person, registry: WeekRegistry) -> None:
        page = person.opens(f"{WEEK}&then=どこでもない")
        assert page.status_code == 400
        assert "どこでもない" in person.reads(f"{WEEK}&then=どこでもない")
        assert 'name="then" value="どこでもない"' in page.text


class _TwoPlaces(WeekRegistry):
    def request(self, method: str, url: str, **options: object) -> Answer:
        self.status = 404 if "どこでもない" in unquote(url) else 200
        return super().request(method, url, **options)

    def _answer(self, url: str) -> str:
        if self.status != 200:
            return super()._answer(url)
        answer = WeekAnswer.read(super()._answer(url))
        lat, lon = (35.694, 139.753) if "九段下" in unquote(url) else (35.694, 139.559)
        there = SITE.model_copy(update={"id": OTHER_SITE, "lat": 35.694, "lon": 139.656})
        detour = SITE.model_copy(update={"lat": 35.9, "lon": 139.753})
        sites = [answer.sites[0].model_copy(update={"site": site}) for site in (detour, there)]
        place = answer.place.model_copy(update={"lat": lat, "lon": lon})
        return answer.model_copy(update={"place": place, "sites": tuple(sites)}).text()
