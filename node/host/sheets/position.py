"""Where a place says that it is: coordinates as people write them, put right where it is plain what was meant."""

import re
from dataclasses import dataclass

from federation.prefectures import PREFECTURES, contains, extents_of
from federation.wording import phrase
from node.host.sheets.cells import fold

_LONGEST = 60
"""Letters: more are no coordinate, and no work for an expression."""
LAT, LON = (20.0, 46.0), (122.0, 154.0)
"""Japan's extent, as ``federation.messages.listing`` has it."""
SWAPPED = phrase("緯度と経度が入れ替わっていたので、入れ替えました。")
_POINT = phrase("小数点が抜けていたので、補いました。")
_TOKYO = phrase("日本測地系の位置を世界測地系に直しました。")
_DEGREES = phrase("度分秒を小数の度に直しました。")
OUTSIDE_JAPAN = phrase("位置が日本の外です。緯度と経度を確認してください。")
OUTSIDE_PREFECTURE = phrase("位置が%(prefecture)sの外です。緯度と経度を確認してください。")
_SEXAGESIMAL = re.compile(
    r"[NE北緯東経]*\s*(\d{2,3})[°度.:-]\s*(\d{1,2})['′’分.:-]\s*(\d{1,2}(?:\.\d+)?)[\"″”秒'′]*[NE]?"
)

_MINUTES = re.compile(r"[NE北緯東経]*(\d{2,3})[°度]([0-5]?\d\.\d{1,20})['′’分][NE]?")
"""35°38.08′: minutes with a fraction, and no seconds."""
_TOGETHER = re.compile(r"(\d{2,3})([0-5]\d)([0-5]\d\.\d{1,20})")
"""353804.9: degrees, minutes and seconds in a row."""


@dataclass(frozen=True)
class Position:
    """A point in degrees, what was mended, and whether it lies in Japan."""

    lat: float
    lon: float
    repairs: tuple[str, ...]
    in_japan: bool


def parted(text: str) -> tuple[str, str] | None:
    """Take a pair in one cell apart: 「35.63, 139.57」, 「(35.63，139.57)」, 「POINT(139.57 35.63)」; None where it is no pair."""
    plain = re.sub(r"^POINT\s*|[()\[\]]", "", fold(text[:200]), flags=re.IGNORECASE).strip()
    parts = [part for part in re.split(r"[,、;\s/]+", plain) if part]
    return (parts[0], parts[1]) if len(parts) == 2 else None


def from_tokyo(found: Position) -> Position:
    """Turn a point of the datum that Japan left in 2002 into one of today's, some metres exactly: it lies 450 m beside."""
    lat = found.lat - 0.00010695 * found.lat + 0.000017464 * found.lon + 0.0046017
    lon = found.lon - 0.000046038 * found.lat - 0.000083043 * found.lon + 0.010040
    return Position(round(lat, 7), round(lon, 7), (*found.repairs, _TOKYO), found.in_japan)


def read(lat: str, lon: str) -> Position | None:
    """Read a pair of coordinates; None where one of them is no number."""
    found = (_number(lat), _number(lon))
    if found[0] is None or found[1] is None:
        return None
    (first, mended_lat), (second, mended_lon) = found[0], found[1]
    repairs = [words for words in dict.fromkeys((mended_lat, mended_lon)) if words]
    return _righted(first, second, repairs)


def righted(lat: float, lon: float) -> Position:
    """Put a pair of numbers right where it is plain what was meant."""
    return _righted(lat, lon, [])


def _righted(lat: float, lon: float, repairs: list[str]) -> Position:
    if not _inside(lat, lon) and _inside(lon, lat):
        lat, lon, repairs = lon, lat, [*repairs, SWAPPED]
    elif not _inside(lat, lon) and _inside(*(pointed := (_pointed(lat, LAT), _pointed(lon, LON)))):
        (lat, lon), repairs = pointed, [*repairs, _POINT]
    return Position(lat, lon, tuple(repairs), _inside(lat, lon))


def is_far(lat: float, lon: float, prefecture: str) -> bool:
    """Say whether a point lies outside a prefecture's extent, given by name; an unknown name holds nothing against it."""
    boxes = extents_of(prefecture)
    return bool(boxes) and not contains(boxes, lat, lon)


def prefecture_in(text: str) -> str:
    """Return the prefecture with which an address begins; empty where it begins with none."""
    folded = fold(text)
    return next((each.name for each in PREFECTURES if folded.startswith(each.name)), "")


def _inside(lat: float, lon: float) -> bool:
    return LAT[0] <= lat <= LAT[1] and LON[0] <= lon <= LON[1]


def _pointed(value: float, extent: tuple[float, float]) -> float:
    """Return 356895123 as 35.6895123, if that lies in the extent."""
    for digits in range(3, 12):
        if extent[0] <= value / 10**digits <= extent[1]:
            return round(value / float(10**digits), 9)
    return value


def _number(text: str) -> tuple[float, str] | None:
    """Return degrees, and what had to be mended to read them."""
    folded = fold(text).replace(" ", "").replace("、", ".").replace(",", ".")
    if len(folded) > _LONGEST:
        return None
    if found := _MINUTES.fullmatch(folded):
        return round(int(found[1]) + float(found[2]) / 60, 7), _DEGREES
    if found := _SEXAGESIMAL.fullmatch(folded) or _TOGETHER.fullmatch(folded):
        degrees, minutes, seconds = int(found[1]), int(found[2]), float(found[3])
        return (round(degrees + minutes / 60 + seconds / 3600, 7), _DEGREES) if minutes < 60 and seconds < 60 else None
    plain = re.sub(r"^(?:北緯|東経|[NE])|[°度NE]+$", "", folded)
    if not re.fullmatch(r"[+-]?\d{1,12}(?:\.\d{1,20})?", plain):
        return None
    return float(plain), ""
