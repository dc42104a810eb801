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


def test_a_bundle_of_certificates_is_taken_or_missed_at_once(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    with pytest.raises(BadInput, match="PEER_CA_BUNDLE"):
        from_environment({**SETTINGS, "PEER_CA_BUNDLE": str(bundle)})
    bundle.touch()
    assert from_environment({**SETTINGS, "PEER_CA_BUNDLE": str(bundle)}).peer_ca_bundle == bundle
    assert from_environment(SETTINGS).peer_ca_bundle is None
