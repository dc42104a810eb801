"""What a node's operator may set about the parties it calls."""

from pathlib import Path

import pytest

from federation.errors import BadInput
from node.config import from_environment

SETTINGS = {
    "NODE_ENTITY_ID": "https://desks.city.example",
    "NODE_CODE": "132195",
    "NODE_NAME": "狛江市",
    "NODE_REGISTRY": "https://registry.example",
    "NODE_DATA": "data",
}


TILES = {"NODE_MAP_TILES": "https://tiles.example/xyz/{z}/{x}/{y}.png", "NODE_MAP_ATTRIBUTION": "地理院タイル"}


def test_a_map_has_no_tiles_unless_they_are_named_with_whose_they_are() -> None:
    assert from_environment(SETTINGS).map_tiles == ""
    assert from_environment({**SETTINGS, **TILES}).map_attribution == "地理院タイル"
    with pytest.raises(BadInput, match="NODE_MAP_ATTRIBUTION"):
        from_environment({**SETTINGS, **TILES, "NODE_MAP_ATTRIBUTION": " "})


@pytest.mark.parametrize(
    "tiles",
    ["http://a.example/{z}/{x}/{y}.png", "https://a.example/{z}/{x}.png", "https://a.example; img-src */{z}/{x}/{y}",
     "https://{z}.example/{x}/{y}", "https://a.example/{z}/{x}/{y} *"],
)  # fmt: skip
def test_tiles_that_could_say_more_in_a_header_are_refused(tiles: str) -> None:
    with pytest.raises(BadInput, match="NODE_MAP_TILES"):
        from_environment({**SETTINGS, **TILES, "NODE_MAP_TILES": tiles})


def test_a_bundle_of_certificates_is_taken_or_missed_at_once(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    with pytest.raises(BadInput, match="PEER_CA_BUNDLE"):
        from_environment({**SETTINGS, "PEER_CA_BUNDLE": str(bundle)})
    bundle.touch()
    assert from_environment({**SETTINGS, "PEER_CA_BUNDLE": str(bundle)}).peer_ca_bundle == bundle
    assert from_environment(SETTINGS).peer_ca_bundle is None
