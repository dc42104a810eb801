"""Municipal boundaries for the map: taken from the operator's file, made small, kept in the town's data folder.

The map asks nobody else for a picture of the land, so it works in a closed network; what is drawn are these lines.
"""

import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from federation.errors import BadInput

MOST_READ = 64 * 1024 * 1024
"""The largest file that is read; a prefecture's N03 is smaller."""
MOST_KEPT = 2 * 1024 * 1024
"""Bytes before compression: what a slow line and an old machine carry."""
FILE = "boundaries.json.gz"
_FINEST, _COARSEST = 0.0005, 0.016
"""Degrees by which a line may be off, some 50 m to 1.5 km; doubled until the whole is small enough."""
_SMALLEST = 4
_CODE, _NAME = ("code", "N03_007"), ("name_ja", "name", "N03_004", "N03_003", "N03_001")

Point = tuple[float, float]
Ring = Sequence[Point]


@dataclass(frozen=True)
class Boundaries:
    """What is kept: gzipped GeoJSON, and a tag of its contents."""

    packed: bytes
    tag: str


def simplify(contents: Iterable[bytes], *, credit: str = "") -> bytes:
    """Return the municipalities of GeoJSON files (国土数値情報 N03, or ``code`` and ``name``) as one small GeoJSON.

    ``credit`` names the source in it, for the map to show.

    Raises ``BadInput`` for what is none, lies outside Japan, or cannot be made small enough.
    """
    outlines: dict[tuple[str, str], list[Ring]] = defaultdict(list)
    for content in contents:
        for key, ring in _outlines(content):
            outlines[key].append(ring)
    if not outlines:
        raise BadInput("the file holds no boundary")
    tolerance = _FINEST
    while tolerance <= _COARSEST:
        text = _written(outlines, tolerance, credit)
        if len(text) <= MOST_KEPT:
            return text
        tolerance *= 2
    raise BadInput(f"{len(outlines)} municipalities are too many for one map")


def keep(folder: Path, text: bytes) -> None:
    """Put the boundaries in place at once: no reader sees half a file."""
    unfinished = folder / f"{FILE}.new"
    unfinished.write_bytes(gzip.compress(text, mtime=0))
    unfinished.replace(folder / FILE)


def find(folder: Path) -> Boundaries | None:
    """Return the boundaries that are kept, or None where none were imported."""
    try:
        packed = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return None
    return Boundaries(packed, hashlib.sha256(packed).hexdigest()[:32])


def read_file(path: Path) -> bytes:
    """Return a file's content; raise ``BadInput`` when it cannot be read or is too large."""
    try:
        if path.stat().st_size > MOST_READ:
            raise BadInput(f"{path} is larger than 64 MiB")
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from None


# --- Reading --------------------------------------------------------------------------------------------------


def _outlines(content: bytes) -> Iterator[tuple[tuple[str, str], Ring]]:
    """Return the outer rings, each with code and name of its municipality; lakes and enclaves are left out."""
    try:
        for feature in json.loads(content)["features"]:
            key = _first(feature["properties"], _CODE), _first(feature["properties"], _NAME)
            for polygon in _polygons(feature["geometry"]):
                yield key, _ring(polygon[0])
    except (KeyError, TypeError, ValueError, IndexError, RecursionError) as error:
        raise BadInput(f"not the GeoJSON of boundaries: {type(error).__name__} {error}") from None


def _first(properties: Mapping[str, object], names: Sequence[str]) -> str:
    return next((text for name in names if (text := str(properties.get(name) or "").strip())), "")[:100]


def _polygons(geometry: Mapping[str, Any]) -> list[Any]:
    kinds = {"Polygon": [geometry["coordinates"]], "MultiPolygon": geometry["coordinates"]}
    return list(kinds[geometry["type"]])


def _ring(positions: Sequence[Sequence[float]]) -> Ring:
    if len(positions) < _SMALLEST:
        raise ValueError("a ring has at least four positions")
    return [_point(*position[:2]) for position in positions]


def _point(lon: float, lat: float) -> Point:
    if not (122 <= lon <= 154 and 20 <= lat <= 46):
        raise ValueError(f"{lat}, {lon} is not in Japan")
    return float(lon), float(lat)


# --- Making small ---------------------------------------------------------------------------------------------


def _written(outlines: Mapping[tuple[str, str], Sequence[Ring]], tolerance: float, credit: str) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": name},
            "geometry": {"type": "MultiPolygon", "coordinates": [[ring] for ring in _seen(rings, tolerance)]},
        }
        for (code, name), rings in sorted(outlines.items())
    ]
    whole = {"type": "FeatureCollection", "credit": credit, "features": features}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def _seen(rings: Sequence[Ring], tolerance: float) -> list[list[Point]]:
    """Return the simplified rings that can be seen at this scale, and the largest one in any case."""
    largest = max(rings, key=_extent)
    kept = (ring for ring in rings if ring is largest or _extent(ring) > 4 * tolerance)
    return [[(round(lon, 4), round(lat, 4)) for lon, lat in thinned(ring, tolerance)] for ring in kept]


def _extent(ring: Ring) -> float:
    lons, lats = zip(*ring, strict=True)
    return float(max(max(lons) - min(lons), max(lats) - min(lats)))


def thinned(line: Ring, tolerance: float) -> list[Point]:
    """Leave out points that lie within ``tolerance`` of the line without them (Douglas-Peucker, without recursion)."""
    kept, open_parts = {0, len(line) - 1}, [(0, len(line) - 1)]
    while open_parts:
        first, last = open_parts.pop()
        far, at = tolerance, 0
        for number in range(first + 1, last):
            if (off := _off(line[number], line[first], line[last])) > far:
                far, at = off, number
        if at:
            kept.add(at)
            open_parts += [(first, at), (at, last)]
    return [line[number] for number in sorted(kept)]


def _off(point: Point, one: Point, other: Point) -> float:
    """Return how far a point is from the stretch between two others, in degrees."""
    along, across = other[0] - one[0], other[1] - one[1]
    length = along * along + across * across
    share = ((point[0] - one[0]) * along + (point[1] - one[1]) * across) / length if length else 0.0
    share = min(1.0, max(0.0, share))
    east, north = point[0] - one[0] - share * along, point[1] - one[1] - share * across
    return float((east * east + north * north) ** 0.5)
