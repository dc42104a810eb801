"""The town's own mark: fetched, kept, renewed, and carried only while it holds."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask, Response

from federation import entity
from federation.errors import PeerUnreachable, TrustBroken
from federation.keys import ring_of
from federation.tokens import HISTORICAL_KEYS, peek
from node import jobs, marks
from tests.federation.world import REGISTRY
from tests.node.pair import HOME, HOST, Pair


class Desk:
    """The registry's endpoint for marks, counting who asks."""

    def __init__(self, towns: Pair) -> None:
        self.towns, self.asked, self.claims = towns, 0, dict[str, Any]()
        app = Flask("registry")
        app.add_url_rule("/federation/trust-mark", view_func=self.mark)
        towns.wire.apps[REGISTRY] = app

    def mark(self) -> Response:
        self.asked += 1
        config, registry = self.towns.home.config, self.towns.registry
        made: dict[str, Any] = {"issuer": REGISTRY, "federation": ring_of(registry.online), "subject": config.entity_id}
        made = {**made, "code": config.code, "now": self.towns.clock(), **self.claims}
        return Response(entity.trust_mark(**made)["trust_mark"], content_type="application/trust-mark+jwt")


@pytest.fixture
def desk(towns: Pair) -> Desk:
    return Desk(towns)


def carried(towns: Pair, at: datetime | None = None) -> int:
    return len(marks.carried(towns.home.config, towns.home.members, at or towns.clock()))


def test_a_mark_is_fetched_once_and_carried_until_it_ends(towns: Pair, desk: Desk) -> None:
    assert carried(towns) == 0
    assert (marks.renew(towns.home), marks.renew(towns.home), desk.asked) == (True, False, 1)
    assert (carried(towns), carried(towns, towns.clock() + timedelta(hours=25))) == (1, 0)
    said = peek(towns.wire.apps[HOME].test_client().get(entity.CONFIGURATION).text).claims
    assert said["trust_marks"][0]["trust_mark_type"] == REGISTRY + entity.MUNICIPALITY_MARK


def test_a_mark_is_renewed_with_half_a_day_left(towns: Pair, desk: Desk) -> None:
    marks.renew(towns.home)
    towns.clock.now += timedelta(hours=11)
    assert not marks.renew(towns.home)
    towns.clock.now += timedelta(hours=2)
    assert marks.renew(towns.home)


@pytest.mark.parametrize("wrong", [{"subject": HOST}, {"code": "131016"}, {"issuer": HOST}])
def test_a_mark_that_others_would_refuse_is_not_kept(towns: Pair, desk: Desk, wrong: dict[str, str]) -> None:
    desk.claims = wrong
    with pytest.raises(TrustBroken):
        marks.renew(towns.home)
    assert carried(towns) == 0


def test_without_the_registry_the_last_mark_is_carried_on(towns: Pair, desk: Desk) -> None:
    marks.renew(towns.home)
    towns.wire.down.add(REGISTRY)
    towns.clock.now += timedelta(hours=13)
    with pytest.raises(PeerUnreachable):
        marks.renew(towns.home)
    assert carried(towns) == 1


def test_renewing_is_a_job_of_a_town_that_has_joined(towns: Pair) -> None:
    (towns.home.config.data / "anchor.json").write_text("{}")
    assert "112089 mark" in {job.name for job in jobs.jobs(towns.home)}


def test_a_town_publishes_its_former_keys(towns: Pair) -> None:
    answer = towns.wire.apps[HOME].test_client().get(entity.HISTORY)
    keys = towns.home.keys.federation.public()
    assert HISTORICAL_KEYS.verify(answer.text, keys, now=towns.clock(), issuer=HOME)["keys"] == []
    assert answer.content_type == "application/jwk-set+jwt"
