"""The validator that the keepers of RPDE wrote walks the listings of a running town, deletions among them."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from sqlalchemy import select

from node.host import sites
from node.models.sites import Desk, Room
from tests.interop.conftest import SQLITE
from tests.interop.peers import environments
from tests.story.acts import Day

pytestmark = [pytest.mark.peer, pytest.mark.parametrize("day", [SQLITE], indirect=True)]
MANY = 1100
"""Desks that fill two pages of 500 and begin a third."""
TOLD_OF_EVERY_FEED = "no_modelling_data"
"""A hint, whatever the data is: that there are validators of data too. Desks are none of the things OpenActive models."""
MISTAKEN_FOR_A_MIDDLE_PAGE = "missing_cache_control"
"""The validator's walk holds the last page, which may be kept for 8 seconds, to the hour of those before it."""


@pytest.fixture
def listings(day: Day) -> Iterator[str]:
    """The address of the feed, with desks added, renamed and withdrawn."""
    town = day.stage.host.open()
    with town.storage.transaction(write=True) as db:
        room = db.scalars(select(Room).where(Room.site_id == day.site).order_by(Room.name)).first()
        assert room is not None
        for number in range(MANY):
            sites.publish(db, sites.add_desk(db, room, {"name": f"R-{number:04}"}))
    with town.storage.transaction(write=True) as db:
        mine = select(Desk).where(Desk.name.like("R-%")).order_by(Desk.name)
        for number, desk in enumerate(db.scalars(mine).all()):
            if number % 10 == 0:
                sites.withdraw(db, desk)
            elif number % 10 == 1:
                sites.edit(db, town.config, desk, {"note": "窓側"})
    yield f"{day.stage.host.origin}/feeds/listings"
    with town.storage.transaction(write=True) as db:
        for desk in db.scalars(select(Desk).where(Desk.name.like("R-%"))).all():
            sites.withdraw(db, desk)


def validated(url: str) -> Any:
    folder = environments.node_peer("rpde_validator")
    script = folder / "validate.mjs"
    script.write_bytes((environments.HERE / "rpde_validator" / script.name).read_bytes())
    words = [environments.node(), str(script), url]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=120, check=True)
    return json.loads(done.stdout)


def test_the_keepers_of_rpde_find_nothing_wrong(listings: str) -> None:
    seen = validated(listings)
    states = [item["state"] for url in seen["pages"] for item in requests.get(url, timeout=10).json()["items"]]
    assert states.count("deleted") >= MANY // 10
    assert len(set(seen["pages"])) >= 4
    assert {(one["type"], one["severity"]) for one in seen["found"]} <= {
        (TOLD_OF_EVERY_FEED, "suggestion"),
        (MISTAKEN_FOR_A_MIDDLE_PAGE, "warning"),
    }
    assert {one["page"] for one in seen["found"] if one["type"] == MISTAKEN_FOR_A_MIDDLE_PAGE} <= ends(seen["pages"])


def ends(pages: list[str]) -> set[str]:
    """The pages that RPDE calls last: empty, and leading to themselves."""
    read = {url: requests.get(url, timeout=10) for url in pages}
    last = {url for url, page in read.items() if page.json() == {**page.json(), "items": [], "next": url}}
    assert {read[url].headers["Cache-Control"] for url in last} == {"public, max-age=8"}
    return last
