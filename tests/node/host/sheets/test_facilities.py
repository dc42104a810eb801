"""公共施設一覧 of cities nobody here has seen: read, mended, and never a crash."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import BadInput, TooLarge
from node.host.sheets import table
from node.host.sheets.carrying import SHEETS
from node.host.sheets.rows import Row
from node.host.sheets.table import Table

CURRENT = (
    "全国地方公共団体コード,ID,地方公共団体名,名称,名称_カナ,名称_英字,POIコード,所在地_連結表記,緯度,経度,電話番号,内線番号,"
    "利用可能曜日,開始時間,終了時間,説明"
)
OLDER = (
    "都道府県コード又は市区町村コード,NO,都道府県名,市区町村名,名称,名称_カナ,POIコード,住所,方書,緯度,経度,電話番号"
)
HALL = "132195,1,東京都狛江市,狛江市役所,コマエシヤクショ,,1302,東京都狛江市和泉本町1-1-5,35.6347,139.5786,,,,,,"
REAL = Path(__file__).parents[5] / "shared/data/172120_public-facility.csv"


def hall(**cells: str) -> str:
    """Return the hall's row under the current heading, with some cells otherwise."""
    row = dict(zip(CURRENT.split(","), HALL.split(","), strict=True)) | cells
    return f"{CURRENT}\n{','.join(row.values())}"


def read(text: str, encoding: str = "utf-8", code: str = "132195") -> tuple[Table, list[Row]]:
    return SHEETS["facilities"].read(text.encode(encoding), code)


def only(text: str, encoding: str = "utf-8") -> Row:
    (row,) = read(text, encoding)[1]
    return row


def said(row: Row) -> str:
    return " ".join(each.words for each in row.remarks)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "utf-16"])
def test_any_usual_encoding_is_read(encoding: str) -> None:
    found, (row,) = read(f"{CURRENT}\r\n{HALL}\r\n", encoding)
    assert row.name == "狛江市役所"
    assert found.encoding == {"cp932": "Shift_JIS", "euc_jp": "EUC-JP", "utf-16": "UTF-16"}.get(encoding, "UTF-8")


def test_letters_beyond_jis_are_kept() -> None:
    name = "髙﨑①公民館"
    assert only(f"{CURRENT}\n{HALL.replace('狛江市役所', name)}", "cp932").name == name
    rare = "𠮷野ﾎﾞﾗﾝﾃｨｱ😀" + "館" * 190
    assert only(f"{CURRENT}\n{HALL.replace('狛江市役所', rare)}").facts["name"] == rare


def test_a_name_of_more_than_200_letters_is_told() -> None:
    row = only(f"{CURRENT}\n{HALL.replace('狛江市役所', '館' * 201)}")
    assert row.is_wrong
    assert "文字以内" in said(row)


def test_the_older_form_is_read() -> None:
    row = only(
        f"{OLDER}\n13219,7,東京都,狛江市,中央公民館,,1307a,東京都狛江市和泉本町1-1-5,2階,35.63,139.57,03-0000-0000"
    )
    assert row.facts["code"] == "132195"
    assert row.facts["address"] == "東京都狛江市和泉本町1-1-5 2階"
    assert (row.poi, row.facts["phone"]) == ("1307a", "03-0000-0000")
    assert "6桁に直しました" in said(row)


@pytest.mark.parametrize(
    ("given_code", "code"), [("92011", "092011"), ("13101", "131016"), ("１３２１９５", "132195"), ("131016", "131016")]
)
def test_a_damaged_code_is_mended(given_code: str, code: str) -> None:
    assert only(f"{CURRENT}\n{HALL.replace('132195', given_code, 1)}").facts["code"] == code


def test_own_columns_are_read() -> None:
    row = only("カテゴリ,施設名,所在地,TEL\n文化施設,五反田文化センター,品川区西五反田6-5-1,03-3492-2451")
    assert (row.name, row.poi, row.facts["address"]) == ("五反田文化センター", "文化施設", "品川区西五反田6-5-1")
    assert row.is_wrong
    assert "緯度と経度がありません" in said(row)


@pytest.mark.parametrize("drift", ["名称＿カナ", "名称 カナ", "名称・カナ", "名称_ｶﾅ"])
def test_a_drifting_heading_is_the_same(drift: str) -> None:
    assert only(f"{CURRENT.replace('名称_カナ', drift)}\n{HALL}").facts["name_kana"] == "コマエシヤクショ"


def test_the_numbers_of_ckan_are_no_ids() -> None:
    assert only(f"_id,{CURRENT}\n99,{HALL}").facts["facility_number"] == "1"


def test_a_heading_below_a_title_is_found_and_a_footer_is_told() -> None:
    found, rows = read(f"\n狛江市公共施設一覧\n{CURRENT}\n{HALL}\n\nVer1,,,\n")
    assert [row.line for row in rows] == [4]
    assert {"Ver1"} == {each.facts["shown"] for each in found.remarks if "shown" in each.facts}


def test_tabs_and_quoted_breaks_are_read() -> None:
    assert only(f"{CURRENT}\n{HALL}".replace(",", "\t")).name == "狛江市役所"
    row = only(f"{CURRENT}\n{HALL.replace('狛江市役所', chr(34) + '狛江' + chr(10) + '市役所' + chr(34))}")
    assert row.name == "狛江 市役所"
    assert "改行" in said(row)


@pytest.mark.parametrize(
    "text",
    [
        "施設名称（全角）,住所（必須）,緯度（世界測地系）,経度（10進）\nA館,東京都狛江市1,35.63,139.57",
        '施設名,住所,緯度経度\nA館,東京都狛江市1,"35.63,139.57"',
        "name,address,latitude,longitude\rA館,東京都狛江市1,35.63,139.57\r",
    ],
)
def test_headings_with_notes_and_pairs_are_read(text: str) -> None:
    row = only(text)
    assert (row.name, row.facts["lat"], row.facts["lon"]) == ("A館", 35.63, 139.57)


def test_utf_16_without_a_mark_is_read() -> None:
    assert only(f"{CURRENT}\n{HALL}", "utf-16-le").name == "狛江市役所"


def test_a_damaged_letter_is_a_problem_of_its_row_alone() -> None:
    content = f"{CURRENT}\n{HALL}\n".encode() + b"132195,2,\xff\xfe,A\xff,,,1302,x,35.6,139.5,,,,,,"
    _, (sound, damaged) = SHEETS["facilities"].read(content, "132195")
    assert (sound.is_wrong, damaged.is_wrong) == (False, True)
    assert "読み取れない文字" in said(damaged)


def test_a_nul_is_taken_out() -> None:
    found, (row,) = read(f"{CURRENT}\n{HALL}\0")
    assert row.name == "狛江市役所"
    assert "NUL" in found.remarks[0].words


@pytest.mark.parametrize(
    ("lat", "lon", "words"),
    [
        ("139.5786", "35.6347", "入れ替え"),
        ("356347000", "139578600", "小数点"),
        ("35°38′4.9″", "139°34′43″", "度分秒"),
        ("３５．６３４７", "139.5786", ""),
    ],
)
def test_wrong_coordinates_are_put_right(lat: str, lon: str, words: str) -> None:
    row = only(hall(緯度=lat, 経度=lon))
    assert (row.facts["lat"], row.facts["lon"]) == pytest.approx((35.6347, 139.5786), abs=1e-3)
    assert words in said(row)


@pytest.mark.parametrize(("lat", "lon", "words"), [("0", "0", "日本の外"), ("北", "東", "読み取れません")])
def test_coordinates_that_mean_nothing_are_a_problem(lat: str, lon: str, words: str) -> None:
    row = only(hall(緯度=lat, 経度=lon))
    assert row.is_wrong
    assert words in said(row)


def test_a_place_in_hakone_is_noticed_in_tokyo() -> None:
    row = only(hall(緯度="35.2324", 経度="139.1069"))
    assert not row.is_wrong
    assert "の外です" in said(row)


@pytest.mark.parametrize(
    ("days", "opens", "closes", "hours", "on_holidays"),
    [
        ("月火水木金", "8:30", "17:15", [[day, 510, 1035] for day in range(5)], False),
        ("月・火・水・木・金・土・日曜日、祝日", "9:00", "22:00", [[day, 540, 1320] for day in range(7)], True),
        ("土日", "0:00", "23:59", [[5, 0, 1440], [6, 0, 1440]], False),
    ],
)
def test_hours_are_read(days: str, opens: str, closes: str, hours: list[list[int]], on_holidays: bool) -> None:
    row = only(hall(利用可能曜日=days, 開始時間=opens, 終了時間=closes))
    assert row.facts.get("hours") == hours
    assert row.facts["opens_on_holidays"] is on_holidays


def test_free_words_for_hours_go_into_the_description() -> None:
    row = only(hall(利用可能曜日="通常は施錠・必要時のみ開錠。", 説明="集会所"))
    assert "hours" not in row.facts
    assert row.facts["description"] == "集会所\n通常は施錠・必要時のみ開錠。"


def test_an_id_in_exponents_is_not_believed() -> None:
    row = only(f"{CURRENT}\n{HALL.replace('132195,1,', '132195,4.00E+12,')}")
    assert row.facts["facility_number"] == ""
    assert "指数表示" in said(row)


def test_one_facility_twice_is_told() -> None:
    _, (first, second) = read(f"{CURRENT}\n{HALL}\n{HALL}")
    assert not first.is_wrong
    assert second.is_wrong


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空です"),
        (b"\xef\xbb\xbf\r\n", "空です"),
        (b"PK\x03\x04 and so on", "Excelブック"),
        (b"\xd0\xcf\x11\xe0 and so on", "Excelブック"),
        (b"%PDF-1.7", "PDF"),
        ("あ,い\n1,2".encode(), "見出しの行が見つかりません"),
        (CURRENT.encode(), "行がありません"),
        (f'{CURRENT}\n1,2,"{HALL}'.encode(), "閉じられていません"),
        (bytes(range(128, 256)) * 4, "見出しの行"),
    ],
)
def test_what_is_no_such_file_is_told_what_to_do(content: bytes, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        SHEETS["facilities"].read(content, "132195")
    assert words in str(refused.value.facts["what"])


def test_a_file_of_fifty_megabytes_is_refused() -> None:
    with pytest.raises(TooLarge):
        SHEETS["facilities"].read(b"x" * (50 * 1024 * 1024), "132195")
    with pytest.raises(TooLarge):
        read("\n".join(["名称,住所", *["a,b"] * (table.MOST_ROWS + 1)]))


@given(st.binary(max_size=300), st.sampled_from(["", CURRENT + "\n", OLDER + "\r\n" + HALL]))
def test_no_bytes_raise_anything_else(tail: bytes, head: str) -> None:
    for sheet in SHEETS.values():
        try:
            sheet.read(head.encode("cp932") + tail, "132195")
        except (BadInput, TooLarge):
            continue


@given(st.lists(st.text(max_size=40), min_size=16, max_size=16))
def test_no_cells_raise_anything(cells: list[str]) -> None:
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    try:
        read(f"{CURRENT}\n{quoted}".encode("utf-8", "replace").decode())
    except (BadInput, TooLarge):
        return


@pytest.mark.skipif(not REAL.exists(), reason="the trial data is not beside this checkout")
def test_a_real_list_is_read_whole() -> None:
    found, rows = SHEETS["facilities"].read(REAL.read_bytes(), "172120")
    assert (found.encoding, len(rows)) == ("UTF-8", 189)
    assert [row.name for row in rows if row.poi == "1302"] == ["野々市市役所"]
    assert not any(row.is_wrong for row in rows)
