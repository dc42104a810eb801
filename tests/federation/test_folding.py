"""Names as they are searched: however they are written or typed, they are found, and nothing of them is changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.folding import folded


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("髙﨑市役所", "高崎市役所"),
        ("𠮷野ビル", "吉野"),
        ("ﾃﾚﾜｰｸ室", "てれわーく"),
        ("霞ヶ関合同庁舎", "霞が関"),
        ("三ケ島会館", "三ヶ島"),
        ("Ｓｔａｔｉｏｎ　Ｄｅｓｋ", "station desk"),
        ("渡邉記念館", "渡邊"),
        ("窓側🪟Ａ－１", "🪟a"),
        ("埼玉縣廳", "県庁"),
    ],
)
def test_a_name_is_found_as_people_type_it(written: str, typed: str) -> None:
    assert folded(typed) in folded(written)


def test_other_letters_stay_apart() -> None:
    assert folded("ケーキ") != folded("ガーキ")
    assert folded("土") != folded("士")


@given(st.text(max_size=200))
def test_folding_is_done_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert not any(letter.isspace() for letter in folded(text))
