"""One desk's note is changed and stands in the listings; and a page of 500 is read: beside the barest SQL for the same rows.

Ours: the desk as its admin saves it, what it means for both feeds, every message validated and numbered, one durable commit. Bare: an update of the
desk, of the counter and of the feed's row with its JSON ready made, on the database's own driver and with the same durability.
"""

import itertools
import json
import os
from collections.abc import Iterator

from sqlalchemy import select

from federation import clock, feed
from federation.storage import Storage
from node.config import Config
from node.host import listings, sites
from node.models.sites import Desk
from node.models.tables import METADATAS
from tests.bench import bare
from tests.bench.measure import Candidate, Figure, compare
from tests.bench.servers import Ground

DESKS = 1000
PAGE = 500
URL = "https://node.example/feeds/listings"


def figures(ground: Ground) -> Iterator[Figure]:
    """Measure both on one database of 1,000 published desks."""
    os.environ[bare.DATABASE] = ground.url
    storage = Storage(ground.url, *METADATAS)
    storage.create_all()
    config = Config("https://node.example", "132195", "狛江市", "https://registry.example", ground.folder, "")
    now = clock.now()
    feeds = feed.Feeds(listings.renderers(config, lambda: now), clock=lambda: now)
    feeds.attach(storage)
    desks = itertools.cycle(_publish(storage, config))
    numbers = itertools.count()

    def edit() -> None:
        with storage.transaction(write=True) as db:
            sites.edit(db, config, db.get_one(Desk, next(desks)), {"note": f"変更{next(numbers)}"})

    def page() -> None:
        with storage.transaction() as db:
            text = feeds.written(db, listings.LISTINGS, URL, epoch=None, after=None, limit=PAGE).text
        if text.count('"kind"') < PAGE:
            raise RuntimeError("not a whole page")

    def bare_edit() -> None:
        bare.publish(next(desks), f"変更{next(numbers)}", json.dumps({"note": f"変更{next(numbers)}"}))

    def bare_page() -> None:
        if bare.page(PAGE).count('"kind"') < PAGE:
            raise RuntimeError("not a whole page")

    yield compare(f"change a desk in the feed ({ground.name})", Candidate([edit]), Candidate([bare_edit]))
    yield compare(f"read a page of {PAGE} items ({ground.name})", Candidate([page]), Candidate([bare_page]))
    storage.close()


def _publish(storage: Storage, config: Config) -> tuple[str, ...]:
    facts = {"name": "本庁舎", "address": "東京都狛江市和泉本町1-1-5", "lat": 35.6348, "lon": 139.5787}
    with storage.transaction(write=True) as db:
        site = sites.add_site(db, config, facts)
        room = sites.add_room(db, site, {"name": "執務室", "privacy": "open"})
        every: list[sites.Place] = [site, room]
        every += [sites.add_desk(db, room, {"name": f"A-{number:04}"}) for number in range(DESKS)]
        for place in every:
            sites.publish(db, place)
    with storage.transaction() as db:
        return tuple(db.scalars(select(Desk.id).order_by(Desk.id)))
