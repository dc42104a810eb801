"""Joining: the registry's keys are checked against the invitation before anything is told to it."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from federation.errors import TrustBroken
from federation.messages.enrolment import EnrolmentAnswer, EnrolmentRequest
from federation.tokens import peek
from federation.trust import Pins
from node.app import open_keys
from node.config import Config
from node.joining import has_joined, join, pins
from node.town import Keys
from tests.federation.world import HOME, NOW, REGISTRY, Registry


@dataclass
class Enrolling:
    """The registry as ``join`` speaks to it; ``other`` members replace the right ones of its answer."""

    registry: Registry
    other: dict[str, str] = field(default_factory=dict)
    asked: list[EnrolmentRequest] = field(default_factory=list)

    def configuration(self, _entity_id: str) -> str:
        return self.registry.own_configuration()

    def enrol(self, request: EnrolmentRequest) -> EnrolmentAnswer:
        self.asked.append(request)
        facts: dict[str, Any] = {
            "state": "pending",
            "registry": REGISTRY,
            "code": "131130",
            "name": "帰宅市",
            "thumbprint": peek(request.configuration).header["kid"],
            "anchor_thumbprint": self.registry.pins.online,
            "recovery_thumbprint": self.registry.pins.recovery,
        }
        return EnrolmentAnswer.model_validate({**facts, **self.other})


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(HOME, "131130", "帰宅市", REGISTRY, tmp_path, f"sqlite:///{tmp_path}/node.db")


@pytest.fixture
def keys(config: Config) -> Keys:
    return open_keys(config)


def joined(config: Config, keys: Keys, registry: Enrolling, given: Pins | None = None) -> EnrolmentAnswer:
    return join(config, keys, cast(Any, registry), "SECRET", given or registry.registry.pins, now=NOW)


def test_joining_pins_what_the_invitation_names(config: Config, keys: Keys) -> None:
    registry = Enrolling(Registry())
    assert not has_joined(config)
    assert joined(config, keys, registry).thumbprint == keys.federation.current.kid
    assert has_joined(config)
    assert pins(config) == registry.registry.pins
    assert (config.data / "anchor.json").stat().st_mode & 0o777 == 0o600


def test_before_joining_nobody_is_trusted(config: Config) -> None:
    assert pins(config) == Pins(REGISTRY, "", "")


def test_a_registry_with_other_keys_never_sees_the_invitation(config: Config, keys: Keys) -> None:
    registry = Enrolling(Registry())
    with pytest.raises(TrustBroken):
        joined(config, keys, registry, replace(registry.registry.pins, online="A" * 43))
    assert not registry.asked
    assert not has_joined(config)


@pytest.mark.parametrize(
    "other",
    [
        {"code": "132195"},
        {"thumbprint": "A" * 43},
        {"anchor_thumbprint": "A" * 43},
        {"recovery_thumbprint": "A" * 43},
        {"registry": "https://another.example"},
    ],
)
def test_an_answer_about_anything_else_pins_nothing(config: Config, keys: Keys, other: dict[str, str]) -> None:
    with pytest.raises(TrustBroken):
        joined(config, keys, Enrolling(Registry(), other))
    assert not has_joined(config)
