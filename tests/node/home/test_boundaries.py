"""Boundaries as the map gets them: small, of Japan, and of municipalities that an operator's file names."""

import gzip
import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import BadInput
from node.home import boundaries

SAMPLE = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "boundaries_tokyo_saitama.geojson"
SQUARE = [[139.5, 35.6], [139.6, 35.6], [139.6, 35.7], [139.5, 35.7], [139.5, 35.6]]
SPECK = [[139.7, 35.6], [139.7001, 35.6], [139.7001, 35.6001], [139.7, 35.6]]


def geojson(*rings: list[list[float]], **properties: str) -> bytes:
    named = properties or {"N03_001": "東京都", "N03_004": "狛江市", "N03_007": "13219"}
    geometry = {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}
    return json.dumps({"features": [{"properties": named, "geometry": geometry}]}).encode()


def features(text: bytes) -> list[dict[str, Any]]:
    return list(json.loads(text)["features"])


def circle(points: int) -> list[list[float]]:
    angles = [2 * math.pi * number / points for number in range(points)]
    ring = [[139.5 + math.cos(angle) / 10, 35.6 + math.sin(angle) / 10] for angle in angles]
    return [*ring, ring[0]]


def test_the_columns_of_n03_and_plain_ones_are_read() -> None:
    (komae,) = features(boundaries.simplify([geojson(SQUARE)]))
    assert komae["properties"] == {"code": "13219", "name": "狛江市"}
    (plain,) = features(boundaries.simplify([geojson(SQUARE, code="132195", name="狛江市")]))
    assert plain["properties"]["code"] == "132195"


def test_several_files_make_one_map_with_its_source() -> None:
    text = boundaries.simplify([geojson(SQUARE, code="1"), geojson(SQUARE, code="2")], credit="出典")
    assert [each["properties"]["code"] for each in features(text)] == ["1", "2"]
    assert json.loads(text)["credit"] == "出典"


def test_what_cannot_be_seen_is_left_out_but_no_municipality_is() -> None:
    (town,) = features(boundaries.simplify([geojson(SQUARE, SPECK)]))
    assert len(town["geometry"]["coordinates"]) == 1
    (island,) = features(boundaries.simplify([geojson(SPECK)]))
    assert len(island["geometry"]["coordinates"]) == 1


def test_a_detailed_coast_becomes_small(monkeypatch: pytest.MonkeyPatch) -> None:
    fine = boundaries.simplify([geojson(circle(5000))])
    assert len(fine) < 5000
    monkeypatch.setattr(boundaries, "MOST_KEPT", len(fine) // 2)
    assert len(boundaries.simplify([geojson(circle(5000))])) <= len(fine) // 2


def test_what_cannot_be_made_small_enough_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boundaries, "MOST_KEPT", 10)
    with pytest.raises(BadInput, match="too many"):
        boundaries.simplify([geojson(SQUARE)])


@pytest.mark.parametrize("wrong", [
    b"", b"{}", b"[1]", b'{"features": 3}', b'{"features": []}', b"\xff", b'{"features": [{"properties": {}, "geometry": null}]}',
    geojson([[35.6, 139.5], [35.7, 139.5], [35.6, 139.6], [35.6, 139.5]]), geojson([]),
    b'{"features": [{"properties": {}, "geometry": {"type": "Point", "coordinates": [139.5, 35.6]}}]}', b"[" * 100_000,
])  # fmt: skip
def test_what_is_no_boundary_is_refused(wrong: bytes) -> None:
    with pytest.raises(BadInput):
        boundaries.simplify([wrong])


@given(st.lists(st.tuples(st.floats(139, 140), st.floats(35, 36)), min_size=2, max_size=40), st.floats(0.0005, 0.1))
def test_no_point_left_out_was_farther_off_than_allowed(line: list[tuple[float, float]], tolerance: float) -> None:
    kept = boundaries.thinned(line, tolerance)
    assert (kept[0], kept[-1]) == (line[0], line[-1])
    stretches = list(pairwise(kept))
    assert all(min(boundaries._off(point, *ends) for ends in stretches) <= tolerance for point in line)


def test_what_is_kept_is_replaced_as_a_whole_and_has_a_tag_of_its_contents(tmp_path: Path) -> None:
    assert boundaries.find(tmp_path) is None
    boundaries.keep(tmp_path, b"one")
    first = boundaries.find(tmp_path)
    boundaries.keep(tmp_path, b"other")
    second = boundaries.find(tmp_path)
    assert first is not None
    assert second is not None
    assert (gzip.decompress(second.packed), first.tag == second.tag) == (b"other", False)
    assert [each.name for each in tmp_path.iterdir()] == [boundaries.FILE]


@pytest.mark.skipif(not SAMPLE.exists(), reason="the trial data stand beside the repository only")
def test_two_prefectures_fit_easily() -> None:
    text = boundaries.simplify([SAMPLE.read_bytes()])
    assert len(features(text)) == 125
    assert len(gzip.compress(text)) < 100_000
