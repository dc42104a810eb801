"""Where a search begins: coordinates, a station or a municipality, understood and located."""

import csv
import io
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from federation import municipality
from federation.errors import BadInput, PlaceUnknown
from federation.folding import folded
from federation.messages.search import FoundPlace, SearchQuery
from registry.models import Place, Station

EARTH_KM = 6371.0088
KM_PER_DEGREE = 111.195
_LINE_BREAKS = re.compile("[;/|]")
_ESCAPED_TRAIL = re.compile(r"([^\x00-\x7f])\\")
_KINDS = {"special_ward": "ward"}
_SAME_STATION_KM = 1.0
"""Platforms of one name closer than this are one station to a passenger, whichever company runs them."""


@dataclass(frozen=True)
class Spot:
    """A point on the earth, in degrees."""

    lat: float
    lon: float

    def km_to(self, lat: float, lon: float) -> float:
        """Return the great-circle distance in kilometres (haversine)."""
        lat1, lat2 = radians(self.lat), radians(lat)
        half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin(radians(lon - self.lon) / 2) ** 2
        return 2 * EARTH_KM * asin(min(1.0, sqrt(half)))

    @property
    def on_sphere(self) -> tuple[float, float, float]:
        """Return x, y and z on a sphere of radius one; who is nearer in a straight line is nearer on the ground too."""
        lat, lon = radians(self.lat), radians(self.lon)
        return cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat)

    def box(self, radius_km: float) -> tuple[float, float, float, float]:
        """Return south, north, west and east around the spot, holding at least the circle of ``radius_km``."""
        high = radius_km / KM_PER_DEGREE * 1.01
        wide = high / max(0.1, cos(radians(min(80.0, abs(self.lat) + high))))
        return self.lat - high, self.lat + high, self.lon - wide, self.lon + wide


def locate(db: Session, query: SearchQuery) -> FoundPlace:
    """Say what place is meant; what is no station may be a name. Raises ``BadInput`` when two are named, ``PlaceUnknown``."""
    named = [name for name in ("lat", "station", "municipality") if getattr(query, name) is not None]
    if len(named) > 1:
        raise BadInput(f"two places: {named}", field=named[1])
    if query.lat is not None and query.lon is not None:
        # A thousandth of a degree is about 100 m: near enough for a desk, too coarse for somebody's front door.
        lat, lon = round(query.lat, 3), round(query.lon, 3)
        return FoundPlace(label=f"{lat}, {lon}", kind="coordinates", lat=lat, lon=lon)
    if query.station is not None:
        return _station(db, query.station)
    if query.municipality is not None:
        return _municipality(db, query.municipality)
    return FoundPlace(label="", kind="anywhere")


def _station(db: Session, asked: str) -> FoundPlace:
    name = plain_station(asked)
    found = db.scalars(select(Station).where(Station.name == name).order_by(Station.id)).all()
    if not found and not folded(asked):
        raise PlaceUnknown("nothing but blanks", field="station", facts={"place": asked})
    if not found:
        return FoundPlace(label=asked.strip(), kind="name")
    # Of several towns' stations with one name, the one where most lines meet is most often meant.
    best = max(found, key=lambda station: (len(station.lines), -station.id))
    lines = tuple(line[:100] for line in best.lines if line)[:100]
    return FoundPlace(label=f"{best.name}駅", kind="station", lat=best.lat, lon=best.lon, lines=lines)


def _municipality(db: Session, code: str) -> FoundPlace:
    place = db.get(Place, code)
    if place is None:
        raise PlaceUnknown(f"municipality {code}", field="municipality", facts={"place": code})
    return FoundPlace(label=place.name, kind="municipality", lat=place.lat, lon=place.lon)


def plain_station(text: str) -> str:
    """Return a station's name as the tables have it: composed, half-width where it can be, without 駅 at its end."""
    name = unicodedata.normalize("NFKC", text).strip()
    return name.removesuffix("駅") or name


# --- Import ---------------------------------------------------------------------------------------------------


def import_stations(db: Session, content: bytes) -> int:
    """Replace all stations by those of a file and return how many there are now.

    ``content`` is 国土数値情報 N02 駅 as GeoJSON (cp932 or UTF-8), or CSV with the columns name_ja, lat, lon, lines and
    pref_code, lines being separated by ``|``, ``;`` or ``/``. Raises ``BadInput`` saying which it looked like and what is wrong.
    """
    text = _decoded(content)
    rows = list(_from_geojson(text) if text.lstrip().startswith("{") else _from_csv(text))
    if not rows:
        raise BadInput("the file holds no station")
    db.execute(delete(Station))
    db.execute(insert(Station), rows)
    return len(rows)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return _ESCAPED_TRAIL.sub(_without_escape, content.decode("cp932"))
    except UnicodeDecodeError:
        raise BadInput("the file is neither UTF-8 nor cp932 (Shift_JIS)") from None


def _without_escape(found: re.Match[str]) -> str:
    """Drop a backslash behind a letter whose second byte is one: N02's writer has escaped bytes, not letters (能, 表, 十)."""
    letter = found[1]
    return letter if letter.encode("cp932", "replace").endswith(b"\\") else found[0]


def _from_geojson(text: str) -> Iterator[dict[str, Any]]:
    """Gather the platforms of N02 (N02_003 line, N02_004 company, N02_005 station) into stations."""
    platforms = defaultdict(list)
    try:
        for feature in json.loads(text)["features"]:
            properties, line = feature["properties"], feature["geometry"]["coordinates"]
            lon, lat = line[len(line) // 2]
            platforms[plain_station(properties["N02_005"])].append(
                (Spot(float(lat), float(lon)), f"{properties['N02_004']} {properties['N02_003']}")
            )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise BadInput(f"not the GeoJSON of N02 stations: {type(error).__name__} {error}") from None
    for name, parts in platforms.items():
        for group in _gathered(parts):
            yield _row(name, group[0][0], sorted({line for _spot, line in group}), "")


def _gathered(parts: list[tuple[Spot, str]]) -> list[list[tuple[Spot, str]]]:
    """Group platforms of one name that stand together; two 郡山 stay two."""
    groups: list[list[tuple[Spot, str]]] = []
    for spot, line in parts:
        near = (group for group in groups if group[0][0].km_to(spot.lat, spot.lon) < _SAME_STATION_KM)
        group = next(near, None)
        if group is None:
            groups.append([(spot, line)])
        else:
            group.append((spot, line))
    return groups


def _from_csv(text: str) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(csv.DictReader(io.StringIO(text)), start=2):
        try:
            spot = Spot(float(row["lat"]), float(row["lon"]))
            lines = [line.strip() for line in _LINE_BREAKS.split(row.get("lines", "")) if line.strip()]
            yield _row(plain_station(row["name_ja"]), spot, lines, row.get("pref_code", ""))
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput(f"line {number}: {type(error).__name__} {error}", field=f"line {number}") from None


def _row(name: str, spot: Spot, lines: list[str], prefecture: str) -> dict[str, Any]:
    if not name or not (20 <= spot.lat <= 46 and 122 <= spot.lon <= 154):
        raise ValueError(f"{name!r} at {spot.lat}, {spot.lon} is not in Japan")
    return {
        "name": name,
        "lat": round(spot.lat, 6),
        "lon": round(spot.lon, 6),
        "lines": lines,
        "prefecture": prefecture[:2],
    }


def import_municipalities(db: Session, content: bytes) -> int:
    """Replace all municipalities by those of a CSV and return how many there are now.

    Columns: code, name_ja, name_kana, name_en, kind, lat, lon. Raises ``BadInput`` naming the line.
    """
    rows = []
    for number, row in enumerate(csv.DictReader(io.StringIO(_decoded(content))), start=2):
        try:
            rows.append(_place(row))
        except (BadInput, KeyError, TypeError, ValueError) as error:
            raise BadInput(f"line {number}: {type(error).__name__} {error}", field=f"line {number}") from None
    if not rows:
        raise BadInput("the file holds no municipality")
    db.execute(delete(Place))
    db.execute(insert(Place), rows)
    return len(rows)


def _place(row: dict[str, str]) -> dict[str, Any]:
    return {
        "code": municipality.parse(row["code"]),
        "name": row["name_ja"],
        "name_kana": row["name_kana"],
        "name_en": row["name_en"],
        "kind": _KINDS.get(row["kind"], row["kind"]),
        "lat": float(row["lat"]),
        "lon": float(row["lon"]),
    }


def read_file(path: Path) -> bytes:
    """Return a file's content; raise ``BadInput`` when it cannot be read or is larger than 64 MiB."""
    try:
        if path.stat().st_size > 64 * 1024 * 1024:
            raise BadInput(f"{path} is larger than 64 MiB")
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from None
