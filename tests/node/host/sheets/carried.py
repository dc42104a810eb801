"""Files carried out as the pages do it, and what the feeds then hold, told without ids."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select

from federation.feed import FeedEntry
from federation.storage import Storage
from node.config import Config
from node.host.sheets import carrying, keeping
from node.host.sheets.carrying import SHEETS
from node.models.sites import Desk, Room, Site


def take(
    storage: Storage, config: Config, kind: str, content: str | bytes, now: datetime, **options: object
) -> dict[str, int]:
    """Send a file, choose all that can be, carry it out, and return how many rows were what."""
    data = content.encode() if isinstance(content, str) else content
    id_ = carrying.receive(storage, config, kind, "file.csv", data, by="staff:1", now=now)
    with storage.transaction(write=True) as db:
        kept = keeping.get(db, id_, now)
        keeping.choose_all(db, kept, keeping.Sieve(), chosen=True)
        carrying.begin(db, kept, options, by="staff:1", now=now)
    while not carrying.carry_on(storage, config, id_, now=now, pieces=1):
        pass
    with storage.transaction() as db:
        kept = keeping.get(db, id_, now)
        wrong = [row.remarks for row in keeping.wrong(db, kept)]
        assert not wrong, wrong
        return dict(keeping.counts(db, kept))


def written(storage: Storage, kind: str, now: datetime) -> str:
    """Return the file of a kind as it is given out."""
    with storage.transaction() as db:
        return SHEETS[kind].written(db, now).decode("utf-8-sig")


def told(storage: Storage, site: str) -> list[str]:
    """Return what the feeds say of a site and of what is in it, its ids and stamps as names, without the site's own."""
    with storage.transaction() as db:
        building = db.scalars(select(Site).where(Site.name == site)).one()
        names = {building.id: "site"}
        rooms = db.scalars(select(Room).where(Room.site_id == building.id)).all()
        names |= {room.id: room.name for room in rooms}
        names |= {desk.id: f"{desk.room.name} {desk.name}" for desk in db.scalars(select(Desk)) if desk.room in rooms}
        entries = [entry for entry in db.scalars(select(FeedEntry)) if entry.id in names]
    texts = [json.dumps([entry.kind, _plain(entry.data)], ensure_ascii=False, sort_keys=True) for entry in entries]
    for id_, name in names.items():
        texts = [text.replace(id_, name) for text in texts]
    return sorted(text.replace(site, "") for text in texts)


def _plain(data: dict[str, Any] | None) -> dict[str, Any]:
    """Return an item without its stamp; the parts of a whole stand in the order of their ids, which is none of ours."""
    return {name: len(value) if name == "parts" else value for name, value in (data or {}).items() if name != "as_of"}


def numbers(storage: Storage) -> dict[tuple[str, str, str], int]:
    """Return the number of each thing in each feed: whatever is told anew has another one."""
    with storage.transaction() as db:
        return {(one.feed, one.kind, one.id): one.number for one in db.scalars(select(FeedEntry))}
