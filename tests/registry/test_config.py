"""What the registry's operator may set, and what is said about a setting that cannot be."""

from datetime import timedelta
from pathlib import Path

import pytest

from federation.errors import BadInput
from registry.config import HARVEST_EVERY, from_environment

SETTINGS = {"REGISTRY_ENTITY_ID": "https://registry.example", "REGISTRY_DATA": "data"}


def test_the_feeds_are_read_within_a_minute_even_without_a_ping() -> None:
    assert from_environment(SETTINGS).harvest_every == HARVEST_EVERY
    # The scatter of a fifth, and the job that looks for what is due every two seconds.
    assert HARVEST_EVERY * 1.2 + timedelta(seconds=2) < timedelta(minutes=1)


def test_the_interval_may_be_another() -> None:
    assert from_environment({**SETTINGS, "REGISTRY_HARVEST_SECONDS": "7"}).harvest_every == timedelta(seconds=7)


@pytest.mark.parametrize("text", ["0", "-1", "3601", "1.5", "soon"])
def test_an_interval_that_is_none_is_named(text: str) -> None:
    with pytest.raises(BadInput, match="REGISTRY_HARVEST_SECONDS"):
        from_environment({**SETTINGS, "REGISTRY_HARVEST_SECONDS": text})


def test_a_bundle_of_certificates_is_taken_or_missed_at_once(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    with pytest.raises(BadInput, match="PEER_CA_BUNDLE"):
        from_environment({**SETTINGS, "PEER_CA_BUNDLE": str(bundle)})
    bundle.touch()
    assert from_environment({**SETTINGS, "PEER_CA_BUNDLE": str(bundle)}).peer_ca_bundle == bundle
    assert from_environment(SETTINGS).peer_ca_bundle is None
