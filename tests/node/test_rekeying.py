"""The node's keys and what the registry attests of them: told until they agree, and revoked with all they signed."""

from datetime import timedelta
from typing import Any, cast

import pytest
from flask import Response
from sqlalchemy import select

from federation import keys
from federation.audit import AuditEntry
from federation.errors import TokenRefused
from federation.keys import Purpose
from federation.tokens import NODE_TOKEN
from federation.web.verified import VerifiedTokens
from node import rekeying
from node.town import Town
from tests.federation.world import REGISTRY
from tests.node.pair import Pair, admit


def told(towns: Pair) -> int:
    """Run the job, and return how often the registry was sent a configuration by it."""
    before = len(towns.wire.passed)
    towns.wire.apps[REGISTRY] = cast(Any, Taking())
    rekeying.keep_told(towns.host)
    return len(towns.wire.passed) - before


class Taking:
    """The registry's address, where everything is taken."""

    def test_client(self) -> "Taking":
        return self

    def open(self, *_args: object, **_options: object) -> Any:
        return Response(status=204)


def attest(towns: Pair) -> None:
    """Have the registry take in what the host publishes now, and the host read it."""
    host = towns.host
    towns.registry.now = towns.clock.pass_by(minutes=1)
    admit(towns.registry, host.config, host, 1)
    host.members.refresh(towns.clock())


def rotate(town: Town, purpose: Purpose) -> None:
    keys.rotate(town.config.data / "keys", purpose, now=town.clock(), announce=timedelta(0), overlap=timedelta(0))


def test_what_is_attested_already_is_not_told_again(towns: Pair) -> None:
    assert rekeying.is_attested(towns.host)
    assert told(towns) == 0


def test_a_new_key_is_told_until_it_is_attested(towns: Pair) -> None:
    keys.rotate(towns.host.config.data / "keys", "protocol", now=towns.clock())
    assert not rekeying.is_attested(towns.host)
    assert (told(towns), told(towns)) == (1, 1)
    attest(towns)
    assert told(towns) == 0


def test_a_federation_key_that_nobody_attests_vouches_for_nothing(towns: Pair) -> None:
    rekeying.revoke(towns.host, "federation")
    assert told(towns) == 0
    attest(towns)
    assert rekeying.is_attested(towns.host)


def test_a_token_verified_before_is_refused_once_its_key_is_revoked(towns: Pair) -> None:
    host, own = towns.host, towns.host.config.entity_id
    tokens = VerifiedTokens(own, host.keys.protocol)
    said = {"iss": own, "aud": own, "sub": REGISTRY, "client_id": REGISTRY, "scope": "feed", "cnf": {"jkt": "a" * 43}}
    token = NODE_TOKEN.sign(host.keys.protocol.current, said, now=towns.clock())
    tokens.verify(token, towns.clock())
    assert tokens.find(token, towns.clock()) is not None
    rekeying.revoke(host, "protocol")
    assert tokens.find(token, towns.clock()) is None
    with pytest.raises(TokenRefused):
        tokens.verify(token, towns.clock())


def test_a_revoked_key_is_in_the_log_and_in_the_history(towns: Pair) -> None:
    host, old = towns.host, towns.host.keys.federation.current.kid
    rekeying.revoke(host, "federation")
    with host.storage.transaction() as db:
        assert "keys" in db.scalars(select(AuditEntry.event)).all()
    (former,) = host.keys.federation.historical()
    assert former["kid"] == old
    assert former["revoked"] == {"revoked_at": int(towns.clock().timestamp()), "reason": "compromised"}
