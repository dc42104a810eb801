"""乗換なし: which lines are one line, however a table or a town writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.messages.listing import NearStation
from node.home import commute
from node.home.commute import BRANDS, Commute
from tests.node.fakehost import SITE


@pytest.mark.parametrize(
    ("table", "typed"),
    [
        ("東日本旅客鉄道 高崎線", "JR高崎線"),
        ("東日本旅客鉄道 高崎線", "ＪＲ高崎線"),
        ("西武鉄道 新宿線", "西武新宿線"),
        ("東京都 10号線新宿線", "都営新宿線"),
        ("東京地下鉄 4号線丸ノ内線", "東京メトロ丸ノ内線"),
        ("京王電鉄 京王線", "京王線"),
        ("JR埼京線", "JR京浜東北線・宇都宮線・埼京線"),
    ],
)
def test_one_line_is_known_under_both_its_names(table: str, typed: str) -> None:
    assert commute.keys(table) & commute.keys(typed)


@pytest.mark.parametrize(("one", "other"), [("都営新宿線", "西武鉄道 新宿線"), ("西武新宿線", "新宿線")])
def test_lines_of_two_companies_are_two(one: str, other: str) -> None:
    assert not commute.keys(one) & commute.keys(other)


@given(st.text(max_size=100))
def test_any_text_is_read_without_failing(line: str) -> None:
    assert commute.keys(line) == commute.keys(line)


@given(st.sampled_from(sorted(BRANDS)), st.text("中央高崎池袋新宿", min_size=1, max_size=6))
def test_a_company_and_its_brand_name_one_line(company: str, line: str) -> None:
    assert commute.keys(f"{company} {line}線") == commute.keys(f"{BRANDS[company]}{line}線")


def test_a_site_is_reached_without_a_change_on_a_line_of_either_station() -> None:
    site = SITE.model_copy(update={"stations": (NearStation(name="九段下", lines=("東京メトロ東西線", "都営新宿線")),)})
    stations = (("所沢", ("西武鉄道 新宿線",)), ("新宿", ("東京都 10号線新宿線",)))
    assert Commute(stations).line_to(site) == "都営新宿線"
    assert Commute(stations[:1]).line_to(site) == ""
