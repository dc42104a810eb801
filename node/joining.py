"""Joining the federation: proving our key to the registry, and pinning the registry's (protocol of the design, section 1).

The registry's two thumbprints reach the town's admin with the invitation, by another way than the network. They are
checked before the invitation's secret is sent anywhere, and kept in ``anchor.json`` for good.
"""

import json
import os
from dataclasses import asdict
from datetime import datetime

from federation.errors import TrustBroken
from federation.messages.enrolment import EnrolmentAnswer, EnrolmentRequest
from federation.remote_registry import RemoteRegistry
from federation.tokens import CLIENT_ASSERTION
from federation.trust import Pins, VerifiedAnchor, thumbprints, verify_anchor
from node import entity
from node.config import Config
from node.town import Keys

_FILE = "anchor.json"


def pins(config: Config) -> Pins:
    """Return what ``join`` pinned. Before that nothing is pinned and nobody's signature holds."""
    path = config.data / _FILE
    if not path.exists():
        return Pins(config.registry, "", "")
    return Pins(**json.loads(path.read_text(encoding="utf-8")))


def has_joined(config: Config) -> bool:
    """Say whether an anchor has been pinned, whatever the operator has decided since."""
    return (config.data / _FILE).exists()


def join(
    config: Config, keys: Keys, registry: RemoteRegistry, invitation: str, given: Pins, *, now: datetime
) -> EnrolmentAnswer:
    """Ask to become a member and pin the registry's keys; return how it stands, with the thumbprint to compare.

    ``given`` is what the invitation says of the registry. A member whose federation key was compromised asks in the
    same way for its new one. Raises ``TrustBroken`` when the registry at that address has other keys or speaks of
    another town, and whatever the registry refuses with.
    """
    anchor = verify_anchor(registry.configuration(given.entity_id), given, now=now)
    if given.online not in thumbprints(anchor.keys):
        raise TrustBroken(
            "the registry's online key has been replaced since the invitation; ask for its thumbprint anew"
        )
    answer = registry.enrol(
        EnrolmentRequest(
            invitation=invitation,
            configuration=entity.configuration(config, keys, now),
            proof=_proof(config, keys, now),
        )
    )
    _check(answer, config, keys, given, anchor)
    _pin(config, given)
    return answer


def _proof(config: Config, keys: Keys, now: datetime) -> str:
    """Sign with the federation key itself, which is what the registry is about to attest (OpenID Federation 1.1, 8.8)."""
    claims = {"iss": config.entity_id, "sub": config.entity_id, "aud": config.registry}
    return CLIENT_ASSERTION.sign(keys.federation.current, claims, now=now)


def _check(answer: EnrolmentAnswer, config: Config, keys: Keys, given: Pins, anchor: VerifiedAnchor) -> None:
    said = (answer.registry, answer.recovery_thumbprint)
    if said != (given.entity_id, given.recovery) or answer.anchor_thumbprint not in thumbprints(anchor.keys):
        raise TrustBroken("the registry answered with other keys than the invitation names")
    if answer.code != config.code:
        raise TrustBroken(f"the invitation is for {answer.code}, this town is {config.code}")
    if answer.thumbprint != keys.federation.current.kid:
        raise TrustBroken("the registry has understood another key than ours")


def _pin(config: Config, given: Pins) -> None:
    fresh = config.data / f".{_FILE}"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(given), file)
    fresh.replace(config.data / _FILE)
