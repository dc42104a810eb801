"""Files in the manner of cities nobody here has seen: read with what was mended, or refused with what to do, and nothing lost."""

import subprocess
import sys
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import BadInput, TooLarge
from node.host.sheets import dates, phones
from node.host.sheets.carrying import SHEETS
from node.host.sheets.rows import Row

HEADING = "施設名,所在地,緯度,経度,電話番号,利用可能曜日,開始時間,終了時間,団体コード"
ROW = "青葉会館,東京都狛江市中和泉1-2,35.63,139.57,03-3480-0001,月火水木金,9:00,17:00,132195"
PLAIN = f"{HEADING}\r\n{ROW}\r\n"
WEEK = [[day, 540, 1020] for day in range(5)]


def read(text: str | bytes, kind: str = "facilities") -> tuple[Row, str]:
    """Return the first row, and what was said of it and of the file."""
    found, rows = SHEETS[kind].read(text.encode() if isinstance(text, str) else text, "132195")
    said = [*found.remarks, *rows[0].remarks]
    return rows[0], " ".join(one.words for one in said)


def hall(**cells: str) -> str:
    row = dict(zip(HEADING.split(","), ROW.split(","), strict=True)) | cells
    return HEADING + "\r\n" + ",".join(f'"{cell}"' for cell in row.values())


@pytest.mark.parametrize(
    "text",
    [
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", ";"),
        "sep=;\r\n" + PLAIN.replace(",", ";"),
        PLAIN.replace(",", "|"),
        PLAIN.replace("電話番号", '"電話\n番号"').replace("所在地", " 所　在　地 "),
        "\ufeff公共施設一覧（令和8年4月1日現在）,,,\r\n\r\n作成課：総務課,,,\r\n\ufeff" + PLAIN,
        "施設,,位置,,,,,,\n" + PLAIN,
        PLAIN.replace("\r\n", ",,,,\r\n") + ",,,,,,,,,,\r\n\r\n",
        PLAIN.replace("\r\n", "," + ",".join(f"列{number}" for number in range(41)) + "\r\n", 1),
        "経度,緯度,所在地,施設名,TEL,開館日,開館時間\n139.57,35.63,東京都狛江市中和泉1-2,青葉会館,03-3480-0001,平日,9時から17時まで",
        f"施設名,{HEADING}\r\n,{ROW}",
        PLAIN.encode("iso2022_jp"),
        PLAIN.encode("utf-16-be"),
        PLAIN.encode("cp932").replace(b"\r\n", b"\r"),
    ],
)
def test_a_list_in_any_shape_says_the_same(text: str | bytes) -> None:
    facts = read(text)[0].facts
    assert (facts["name"], facts["address"]) == ("青葉会館", "東京都狛江市中和泉1-2")
    assert (facts["lat"], facts["lon"], facts["phone"], facts["hours"]) == (35.63, 139.57, "03-3480-0001", WEEK)


def test_rows_with_line_ends_of_three_kinds_are_three_rows() -> None:
    rows = "\r".join([ROW, ROW.replace("青葉", "若葉") + "\n" + ROW.replace("青葉", "双葉") + "\r\n"])
    _, found = SHEETS["facilities"].read(f"{HEADING}\r\n{rows}".encode(), "132195")
    assert [row.name for row in found] == ["青葉会館", "若葉会館", "双葉会館"]


@pytest.mark.parametrize(
    ("opens", "closes", "span"),
    [
        ("0.375", "0.71875", [540, 1035]),
        ("9:00:00", "17:00:00", [540, 1020]),
        ("9時", "17時半", [540, 1050]),
        ("午前9時", "午後1時", [540, 780]),
        ("９：００～", "24:00", [540, 1440]),
        ("1900/1/0 9:00", "5:15 PM", [540, 1035]),
        ("0900", "1715", [540, 1035]),
    ],
)
def test_times_are_read_as_they_are_written(opens: str, closes: str, span: list[int]) -> None:
    row, _ = read(hall(開始時間=opens, 終了時間=closes))
    assert row.facts["hours"] == [[day, *span] for day in range(5)]


@pytest.mark.parametrize(
    ("cells", "hours"),
    [
        ("火～日（祝日を除く）,9:00－21:30", [[day, 540, 1290] for day in range(1, 7)]),
        ("月,9:00-12:00、13:00-17:00", [[0, 540, 720], [0, 780, 1020]]),
        ("土日,終日", [[5, 0, 1440], [6, 0, 1440]]),
    ],
)
def test_hours_in_one_cell_are_read(cells: str, hours: list[list[int]]) -> None:
    row, _ = read(f"施設名,所在地,緯度,経度,開館日,開館時間\n青葉会館,狛江市1,35.63,139.57,{cells}")
    assert row.facts["hours"] == hours


def test_hours_that_cannot_be_stored_stay_in_the_description() -> None:
    row, said = read(hall(開始時間="18:00", 終了時間="翌1:00"))
    assert row.facts["description"] == "月火水木金\n18:00～翌1:00"
    assert "説明に加えます" in said


@pytest.mark.parametrize(
    ("lat", "lon", "words"),
    [
        ("35-38-4.9", "139-34-43", "度分秒"),
        ("353804.9", "1393443.0", "度分秒"),
        ("35°38.082′", "139°34.72′", "度分秒"),
        ("(35.63470，139.57870)", "", ""),
        ("POINT(139.5787 35.6347)", "", "入れ替え"),
    ],
)
def test_positions_of_all_sorts_are_one(lat: str, lon: str, words: str) -> None:
    row, said = read(hall(緯度=lat, 経度=lon))
    assert (row.facts["lat"], row.facts["lon"]) == pytest.approx((35.6347, 139.5787), abs=2e-4)
    assert words in said


def test_a_position_of_the_old_datum_is_moved_and_told() -> None:
    row, said = read("施設名,所在地,緯度（日本測地系）,経度（日本測地系）\nA館,狛江市1,35.63146,139.58192")
    assert (row.facts["lat"], row.facts["lon"]) == pytest.approx((35.6347, 139.5787), abs=2e-4)
    assert "日本測地系" in said


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("334800001", "0334800001"),
        ("42-111-2222", "042-111-2222"),
        ("9012345678", "09012345678"),
        ("３３４８０ー０００１", "033480-0001"),
        ("334800001.0", "0334800001"),
        ("3.348E+08", ""),
        ("03-3480-0001（代表）", "03-3480-0001（代表）"),
        ("内線 12", "内線 12"),
    ],
)
def test_a_telephone_number_gets_its_nought_back(typed: str, phone: str) -> None:
    assert phones.read(typed) == phone


@pytest.mark.parametrize(("typed", "code"), [("132195.0", "132195"), ("132,195", "132195"), ("1100", "011002")])
def test_a_code_that_excel_took_for_a_number_is_read(typed: str, code: str) -> None:
    assert read(hall(団体コード=typed))[0].facts["code"] == code


def test_a_postcode_is_no_part_of_an_address() -> None:
    row, said = read(hall(所在地="〒201-0013　東京都狛江市元和泉1"))
    assert row.facts["address"] == "東京都狛江市元和泉1"
    assert "郵便番号" in said


@pytest.mark.parametrize(
    "typed",
    [
        "46350",
        "R8.11.24",
        "令和８年１１月２４日（火）",
        "2026/11/24 0:00",
        "20261124",
        "H38.11.24",
        "2026年11月24日火曜日",
    ],
)
def test_a_day_is_read_as_offices_write_it(typed: str) -> None:
    assert str(dates.day(typed)) == "2026-11-24"


@pytest.mark.parametrize("typed", ["", "12/1/2026", "2026-02-30", "R0.1.1", "99999", "元", "1999-12-31", "火"])
def test_what_is_no_day_is_none(typed: str) -> None:
    assert dates.day(typed) is None


@pytest.mark.parametrize("name", ["髙﨑①㈱№ｱｵﾊﾞ会館～－", "Ⅷ番館㍻"])
def test_letters_of_old_computers_stay_as_they_are(name: str) -> None:
    assert read(hall(施設名=name).encode("cp932", "xmlcharrefreplace"))[0].name in {
        name,
        name.replace("〜", "&#12316;"),
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04" + bytes(22) + b"\x07\0\0\0" + b"list.csv"[:7], "Excelブック"),
        (b"PK\x03\x04" + bytes(22) + b"\x08\0\0\0" + b"list.csv", "展開して"),
        (b"PK\x05\x06" + bytes(18), "展開して"),
        (b"\x1f\x8b\x08\0", "展開して"),
        (b"\xef\xbb\xbf \n<!DOCTYPE html><table><tr><td>", "ウェブページ"),
        ("<html>".encode("utf-16"), "見出しの行"),
        (b'[{"name": "x"}]', "JSON"),
        (b"\x89PNG\r\n", "画像"),
        (hall(施設名="館" * 20_000).encode(), "10,000文字"),
        ((HEADING + ",列" * 300 + "\n" + ROW).encode(), "200列"),
        (f'{HEADING}\n"青葉会館,狛江市\n若葉会館,狛江市\n'.encode(), "閉じられていません"),
    ],
)
def test_what_is_no_list_is_told_what_to_do(content: bytes, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        SHEETS["facilities"].read(content, "132195")
    assert words in str(refused.value.facts["what"])


def test_of_two_columns_alike_the_first_that_says_something_counts_and_that_is_told() -> None:
    row, said = read("施設名,所在地,緯度,経度,電話,電話\nA館,狛江市1,35.63,139.57,,042-111-2222")
    assert row.facts["phone"] == "042-111-2222"
    assert "最初に書いてある内容" in said


_WORDS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["9:00-17:00", "0.375", "令和8年12月1日", "46350", "毎週", "臨時に開く", "○", "はい", "部屋全体", "8", "翌1:00"]
    ),
)
_KINDS: Mapping[str, int] = {kind: len(sheet.aliases) for kind, sheet in SHEETS.items()}


@given(st.sampled_from(sorted(_KINDS)), st.data())
def test_no_cells_of_any_kind_raise_anything(kind: str, data: st.DataObject) -> None:
    cells = data.draw(st.lists(_WORDS, min_size=_KINDS[kind], max_size=_KINDS[kind]))
    heading = ",".join(names[0].replace(",", "、") for names in SHEETS[kind].aliases.values())
    line = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    try:
        SHEETS[kind].read(f"{heading}\n{line}".encode("utf-8", "replace"), "132195")
    except (BadInput, TooLarge):
        return


@pytest.mark.parametrize(
    "text",
    [
        "施設名,所在地,緯度,経度,最寄り駅\n" + f"A館,狛江市1,35.63,139.57,新宿{' ' * 9_900}駅\n" * 20,
        "施設名,所在地,緯度,経度"
        + "".join(f",{n}{'漢字' * 4_990}x" for n in range(150))
        + "\nA館,狛江市1,35.63,139.57",
    ],
    ids=["blanks", "heading"],
)
def test_no_cell_is_read_for_minutes(text: str) -> None:
    # Seconds of the processor, not of a clock: unbounded expressions take hundreds, whatever else the machine does.
    program = (
        "import resource, sys; from node.host.sheets.carrying import SHEETS; "
        "resource.setrlimit(resource.RLIMIT_CPU, (30, 30)); "
        "SHEETS['facilities'].read(sys.stdin.buffer.read(), '132195')"
    )
    assert subprocess.run([sys.executable, "-c", program], input=text.encode(), check=False).returncode == 0
