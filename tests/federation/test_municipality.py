"""団体コード: what is accepted, mended and refused."""

import contextlib
import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation import municipality
from federation.errors import BadCheckDigit, BadMunicipalityCode

NATIONWIDE = Path(__file__).parents[3] / "shared/data/municipalities_nationwide.csv"
PUBLISHED = ("010006", "110001", "111007", "130001", "132195", "172120", "473821")


@pytest.mark.parametrize("code", PUBLISHED)
def test_a_published_code_is_accepted_as_it_stands(code: str) -> None:
    assert municipality.parse(code) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "13219",
        "1321955",
        "132196 ",
        "13219a",
        "\uff11\uff13\uff12\uff11\uff19\uff15",
        "000000",
        "990001",
        "48000９",
    ],
)
def test_anything_but_six_plain_digits_of_a_prefecture_is_refused(text: str) -> None:
    with pytest.raises(BadMunicipalityCode):
        municipality.parse(text)


def test_a_wrong_check_digit_is_refused_and_the_right_one_is_named() -> None:
    with pytest.raises(BadCheckDigit) as refusal:
        municipality.parse("132196")
    assert refusal.value.facts == {"given": "132196", "repaired": "132195"}


@pytest.mark.parametrize(
    ("given_text", "code"),
    [
        ("132195", "132195"),
        ("13219", "132195"),
        ("10006", "010006"),
        ("\uff11\uff13\uff12\uff11\uff19\uff15", "132195"),
        (" 110001 ", "110001"),
    ],
)
def test_what_a_spreadsheet_did_to_a_code_is_mended_and_said(given_text: str, code: str) -> None:
    repaired = municipality.repair(given_text)
    assert (repaired.code, repaired.mended) == (code, given_text != code)


@given(st.integers(1, 47), st.integers(0, 999))
def test_every_code_with_its_check_digit_is_accepted_and_no_other_digit_is(prefecture: int, body: int) -> None:
    first_five = f"{prefecture:02}{body:03}"
    right = municipality.check_digit(first_five)
    assert municipality.parse(first_five + right)[:2] == f"{prefecture:02}"
    with pytest.raises(BadCheckDigit):
        municipality.parse(first_five + str((int(right) + 1) % 10))


@given(st.text(max_size=12))
def test_no_text_breaks_the_reader(text: str) -> None:
    with contextlib.suppress(BadMunicipalityCode):
        assert len(municipality.repair(text).code) == 6


@pytest.mark.skipif(not NATIONWIDE.exists(), reason="the nationwide list of codes is not beside this checkout")
def test_all_1788_bodies_of_japan_are_accepted() -> None:
    with NATIONWIDE.open(encoding="utf-8") as lines:
        codes = [row["code"] for row in csv.DictReader(lines)]
    assert [municipality.parse(code) for code in codes] == codes
    assert len(codes) == 1788


def test_a_code_knows_its_prefecture() -> None:
    assert (municipality.prefecture("132195"), municipality.prefecture("111007")) == ("東京都", "埼玉県")
    assert (municipality.is_prefecture("130001"), municipality.is_prefecture("132195")) == (True, False)
