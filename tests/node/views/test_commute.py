"""自宅最寄り駅 and 勤務先駅: saved once, they fill the search and mark what is reached without a change."""

from tests.node.views.conftest import FakeRegistry, Person

AT = "day=2026-11-24&slot=afternoon"


def test_a_site_on_a_line_of_ones_own_station_is_marked(person: Person, registry: FakeRegistry) -> None:
    registry.lines = ("東京地下鉄 5号線東西線", "東西線")
    person.sends("/me", {"home_station": "西船橋", "work_station": ""})
    assert "検索では、東京地下鉄 5号線東西線、東西線の駅に近い施設に「乗換なし」と表示します。" in person.reads("/me")
    assert "乗換なし（東西線）" in person.reads(f"/search?{AT}")


def test_a_site_on_other_lines_is_not(person: Person, registry: FakeRegistry) -> None:
    registry.lines = ("西武鉄道 新宿線",)
    person.sends("/me", {"home_station": "所沢", "work_station": ""})
    assert "乗換なし（" not in person.reads(f"/search?{AT}")


def test_the_registry_is_asked_for_a_stations_lines_once(person: Person, registry: FakeRegistry) -> None:
    person.sends("/me", {"home_station": "所沢", "work_station": "新宿"})
    assert len(registry.asked) == 2
    person.opens(f"/search?{AT}")
    person.opens(f"/search?{AT}")
    assert len(registry.asked) == 4


def test_a_station_nobody_knows_is_kept_and_said(person: Person, registry: FakeRegistry) -> None:
    registry.status = 404
    person.sends("/me", {"home_station": "ない駅", "work_station": ""})
    page = person.opens("/me").text
    assert 'value="ない駅"' in page
    assert "「ない駅」は連携基盤の駅の一覧にない" in page


def test_stations_are_saved_while_the_registry_is_away_and_their_lines_learned_later(
    person: Person, registry: FakeRegistry
) -> None:
    registry.down, registry.lines = True, ("東西線",)
    person.sends("/me", {"home_station": "西船橋", "work_station": ""})
    assert 'value="西船橋"' in person.opens("/me").text
    registry.down = False
    assert "乗換なし（東西線）" in person.reads(f"/search?{AT}")


def test_lines_go_with_their_station(person: Person, registry: FakeRegistry) -> None:
    registry.lines = ("東西線",)
    person.sends("/me", {"home_station": "西船橋", "work_station": ""})
    person.sends("/me", {"home_station": "", "work_station": ""})
    assert "乗換なし（" not in person.reads(f"/search?near=九段下&{AT}")
