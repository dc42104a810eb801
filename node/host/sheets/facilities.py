"""公共施設一覧: the list of facilities that a town publishes, read row by row.

Read generously: what is plain is mended and shown, what is not is a problem of its row, and nothing is ever dropped.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from federation import municipality
from federation.errors import TachiyoriError
from federation.wording import phrase
from node.host.sheets import arrival, cells, headings, phones, position, stretches
from node.host.sheets.headings import TITLES
from node.host.sheets.rows import Remark, Row

_LONGEST = {
    "name": 200,
    "name_kana": 300,
    "name_en": 300,
    "facility_number": 100,
    "address": 300,
    "phone": 300,
    "extension": 300,
}
_POSTCODE = re.compile(r"^〒?\s*[0-9０-９]{3}[-－‐―ー−][0-9０-９]{4}\s*|^〒\s*[0-9０-９]{7}\s*")
_repaired = lru_cache(maxsize=256)(municipality.repair)
"""Nearly all rows of a list have one code."""
_OUT_OF_ORDER = ("故障", "休止", "停止", "中止")
_TYPES: Mapping[str, str] = {
    "1302": "hall",
    "1302a": "hall",
    "1307": "community",
    "1307a": "community",
    "1512a": "library",
}
NO_POSITION = phrase("緯度と経度がありません。")
_TOO_LONG = phrase("%(longest)s文字以内にしてください（現在%(count)s文字）。")


def fill(row: Row, given: Mapping[str, str], own_code: str) -> None:
    """Read a row's cells, given by field, into its facts."""
    _code(row, given)
    _words(row, given)
    _address(row, given)
    _position(row, given, own_code)
    _contact(row, given)
    _hours(row, given)
    _access(row, given)
    row.facts["site_id"] = cells.clean(given.get("site_id", "")).lower()
    row.name = row.facts.get("name", "")
    row.poi = _poi(given)
    row.facts["facility_type"] = _TYPES.get(row.poi, "")
    arrival.fill(row, given)
    for field, longest in _LONGEST.items():
        if len(row.facts.get(field, "")) > longest:
            row.wrong(_TOO_LONG, TITLES[field], row.facts[field], longest=longest, count=len(row.facts[field]))


def _code(row: Row, given: Mapping[str, str]) -> None:
    typed = given.get("code", "")
    if not typed.strip():
        return
    try:
        mended = _repaired(cells.fold(typed).replace(",", "").removesuffix(".0"))
    except TachiyoriError:
        row.noticed(phrase("団体コードを読み取れません。"), phrase("団体コード"), typed)
        return
    row.facts["code"] = mended.code
    if mended.mended:
        row.repaired(phrase("団体コードを6桁に直しました。"), phrase("団体コード"), typed, mended.code)


def _words(row: Row, given: Mapping[str, str]) -> None:
    for field in ("name", "name_kana", "name_en"):
        typed = given.get(field, "")
        row.facts[field] = kept = cells.clean(typed)
        if kept != typed.strip():
            row.repaired(phrase("改行や制御文字を取り除きました。"), TITLES[field], typed, kept)
    if "\ufffd" in row.facts["name"]:
        row.wrong(phrase("読み取れない文字があります。"), TITLES["name"], row.facts["name"])
    elif any("\ue000" <= letter <= "\uf8ff" for letter in row.facts["name"]):
        row.noticed(phrase("外字（ほかの端末では表示できない文字）があります。"), TITLES["name"], row.facts["name"])
    if not row.facts["name"]:
        row.wrong(phrase("名称がありません。"), TITLES["name"])
    number = cells.fold(cells.clean(given.get("facility_number", "")))
    if "E+" in number.upper() and number[:1].isdigit():
        row.noticed(
            phrase("IDがExcelの指数表示で失われています。名称と所在地で照合します。"), TITLES["facility_number"], number
        )
        number = ""
    row.facts["facility_number"] = number


def _address(row: Row, given: Mapping[str, str]) -> None:
    typed = cells.clean(given.get("address", ""))
    address = _POSTCODE.sub("", typed)
    if address != typed:
        row.repaired(phrase("所在地から郵便番号を取り除きました。"), TITLES["address"], typed, address)
    if not address:
        parts = (given.get(f"address_{part}", "") for part in ("prefecture", "city", "town", "rest"))
        address = "".join(cells.clean(part) for part in parts)
        if address:
            row.repaired(
                phrase("所在地を都道府県・市区町村・町字・番地からつなげました。"), TITLES["address"], "", address
            )
    building = cells.clean(given.get("building", ""))
    if building and building not in address:
        address = f"{address} {building}".strip()
    row.facts["address"] = address
    if not address:
        row.wrong(phrase("所在地がありません。"), TITLES["address"])


def _position(row: Row, given: Mapping[str, str], own_code: str) -> None:
    typed = (given.get("lat", ""), given.get("lon", ""))
    if not typed[1].strip():
        typed = position.parted(typed[0] or given.get("lat_lon", "")) or typed
    tokyo = (given.get("lat_tokyo", ""), given.get("lon_tokyo", ""))
    is_old = not any(part.strip() for part in typed) and all(part.strip() for part in tokyo)
    typed = tokyo if is_old else typed
    shown = "、".join(part.strip() for part in typed if part.strip())
    if not shown:
        row.wrong(NO_POSITION, TITLES["lat"])
        return
    found = position.read(*typed)
    if found is not None and is_old:
        found = position.from_tokyo(found)
    if found is None:
        row.wrong(phrase("緯度と経度を読み取れません。"), TITLES["lat"], shown)
        return
    for words in found.repairs:
        row.repaired(words, TITLES["lat"], shown, f"{found.lat}、{found.lon}")
    if not found.in_japan:
        row.wrong(position.OUTSIDE_JAPAN, TITLES["lat"], shown)
        return
    row.facts |= {"lat": found.lat, "lon": found.lon}
    prefecture = _prefecture(row, given, own_code)
    if position.is_far(found.lat, found.lon, prefecture):
        row.noticed(position.OUTSIDE_PREFECTURE, TITLES["lat"], shown, prefecture=prefecture)


def _prefecture(row: Row, given: Mapping[str, str], own_code: str) -> str:
    named = position.prefecture_in(row.facts.get("address", "")) or cells.fold(given.get("address_prefecture", ""))
    return named or municipality.prefecture(row.facts.get("code", own_code))


def _contact(row: Row, given: Mapping[str, str]) -> None:
    typed = cells.clean(given.get("phone", ""))
    row.facts["phone"] = phone = phones.read(typed)
    if typed and not phone:
        row.noticed(phrase("電話番号がExcelの指数表示で失われています。"), TITLES["phone"], typed)
    elif phone != typed:
        row.repaired(phrase("電話番号の文字や、失われた先頭の0を直しました。"), TITLES["phone"], typed, phone)
    extension = cells.clean(given.get("phone_extension", ""))
    row.facts["extension"] = f"内線{extension}" if extension.isdigit() else extension


def _hours(row: Row, given: Mapping[str, str]) -> None:
    """Read when it is open where that is plain; whatever is not goes into the description, so that no word is lost."""
    described = [
        cells.clean(given.get("description", ""), lines=True),
        cells.clean(given.get("hours_note", ""), lines=True),
    ]
    days_typed, hours_typed = given.get("days", "").strip(), given.get("hours", "").strip()
    ends = "～".join(part.strip() for field in ("opens", "closes") if (part := given.get(field, "")).strip())
    days, spans = cells.weekdays(days_typed), _spans(row, given)
    if days is not None and spans:
        row.facts["hours"] = [[day, *span] for day in sorted(days[0]) for span in spans]
        row.facts["opens_on_holidays"] = days[1]
    else:
        unread = [text for text in (days_typed, ends, hours_typed) if text]
        if unread:
            row.noticed(
                phrase("利用時間としては読み取れないので、説明に加えます。"), TITLES["hours"], "、".join(unread)
            )
            described += [cells.clean(text) for text in unread]
    text = "\n".join(part for part in described if part)
    if len(text) > 4000:
        row.repaired(phrase("説明を4000文字までにしました。"), TITLES["description"], text[:40], text[:40])
    row.facts["description"] = text[:4000]


def _spans(row: Row, given: Mapping[str, str]) -> Sequence[tuple[int, int]]:
    typed = (given.get("opens", ""), given.get("closes", ""))
    if not any(part.strip() for part in typed):
        return stretches.plain(given.get("hours", ""))
    opens, closes = cells.time(typed[0]), cells.time(typed[1])
    if closes == 1439:
        row.repaired(phrase("23:59を24:00に直しました。"), TITLES["hours"], typed[1], "24:00")
        closes = 1440
    if opens is None or closes is None or closes <= opens:
        row.noticed(phrase("開始と終了の時刻を読み取れません。"), TITLES["hours"], "～".join(typed))
        return ()
    return ((opens, closes),)


def _access(row: Row, given: Mapping[str, str]) -> None:
    """Read what the list says of accessibility; what is broken, or says neither yes nor no, is told and stays unknown."""
    for viewpoint in headings.ACCESS:
        typed = given.get(viewpoint, "").strip()
        said = cells.yes(typed)
        if typed and (said is None or any(word in typed for word in _OUT_OF_ORDER)):
            row.noticed(phrase("有無として読み取れません。"), TITLES[f"access.{viewpoint}"], typed)
        elif said is not None:
            row.facts[f"access.{viewpoint}"] = said


def _poi(given: Mapping[str, str]) -> str:
    code = cells.fold(given.get("poi", "")).lower().removesuffix(".0")
    return (code or cells.clean(given.get("category", "")))[:20]


def finish(rows: Sequence[Row], own_code: str) -> Sequence[Remark]:
    """Look at a file as a whole: rows that are one facility, and rows of other bodies."""
    _mark_twins(rows)
    foreign = {row.facts["code"] for row in rows if row.facts.get("code")} - {own_code}
    if not foreign:
        return ()
    words = phrase("団体コード%(codes)sの行があります。この自治体のコードは%(own)sです。")
    return (Remark(words, codes="、".join(sorted(foreign)[:5]), own=own_code),)


def _mark_twins(rows: Sequence[Row]) -> None:
    """Mark the second of two rows that are one facility by their own word."""
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        number = row.facts.get("facility_number", "")
        key = (number,) if number else (row.facts["site_id"], row.name, row.facts.get("address", ""))
        if first := seen.get(key):
            row.wrong(
                phrase("%(line)s行目と同じ施設です。"),
                TITLES["facility_number"] if number else TITLES["name"],
                number or row.name,
                line=first,
            )
        elif row.name:
            seen[key] = row.line
