"""One federation of real processes for each file that needs one: a registry, a home and a host, each on free ports."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from deploy.demo import confirming, installing, seed
from node.models.sites import Site
from tests.conftest import BOTH
from tests.story import acts
from tests.story.acts import Day
from tests.story.stage import Actor, Front, Stage, built

SQLITE = BOTH[0]
"""For what the database has no part in."""
UNPROMPTED = 4
"""Seconds after which the registry of these tests reads a feed that nobody told it about."""


@pytest.fixture(scope="module", params=BOTH)
def day(request: pytest.FixtureRequest) -> Iterator[Day]:
    """Two towns that know each other, running, with one site published."""
    with federation(request.param) as day:
        yield day


@contextmanager
def federation(database: str, front: Front | None = None) -> Iterator[Day]:
    """Set a federation up by the shortest way; the long one is the story's."""
    with built(database, workers=1, front=front) as stage:
        stage.registry.settings = {**stage.registry.settings, "REGISTRY_HARVEST_SECONDS": str(UNPROMPTED)}
        day = Day(stage)
        let_in(stage)
        day.site = site_of(stage.host)
        for actor in (stage.home, stage.host):
            actor.program.start()
        for actor in (stage.home, stage.host):
            actor.program.wait()
        acts.each_knows_the_other(day)
        assert confirming.confirm({actor.file.code: actor.open() for actor in (stage.home, stage.host)}) == 0
        yield day


def let_in(stage: Stage) -> None:
    """Start the registry, and admit both towns with their people and places."""
    bureau = installing.open_registry(stage.registry.settings)
    stage.registry.start()
    stage.registry.wait()
    for actor in (stage.home, stage.host):
        town = installing.open_node(actor.program.settings)
        installing.admit(bureau, town)
        seed.sow(town, actor.file, town.clock())
        town.storage.close()
        town.proofs.close()
    bureau.storage.close()
    bureau.proofs.close()


def site_of(host: Actor) -> str:
    """Return the id of the site that is open day and night."""
    with host.open().storage.transaction() as db:
        return db.scalars(select(Site.id).where(Site.name == acts.SITE)).one()


def restart(actor: Actor, *arguments: str) -> None:
    """Start a town's program again, with these options of ``serve``."""
    actor.program.stop()
    actor.program.arguments = arguments
    actor.program.start()
    actor.program.wait()
