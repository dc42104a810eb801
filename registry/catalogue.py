"""The catalogue: every member's public listings in one feed, for other registries and for open data.

Ids are ``{member id}:{id}``, since two members may use one id; the message itself names its host's address.
"""

import json
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.feed import Renderer, changed, singly
from federation.members import Member
from federation.messages.base import Message
from federation.messages.listing import DeskListing, SiteListing
from registry.models import Desk, Site

FEED = "catalogue"


def _renderer(table: type[Site] | type[Desk], kind: type[Message]) -> Renderer:
    def render(db: Session, name: str) -> Message | None:
        member_id, _, id_ = name.partition(":")
        row = cast(Site | Desk | None, db.get(table, (int(member_id), id_)))
        member = db.get(Member, int(member_id))
        if row is None or member is None or member.gone or member.status != "valid":
            return None
        return kind.read(json.dumps(row.data))

    return singly(render)


RENDERERS = {"site": _renderer(Site, SiteListing), "desk": _renderer(Desk, DeskListing)}


def note_member(db: Session, member_id: int) -> None:
    """Note that all of a member's listings may read otherwise now, as after a suspension."""
    for table, kind in ((Site, "site"), (Desk, "desk")):
        for id_ in db.scalars(select(table.id).where(table.member_id == member_id)):
            changed(db, FEED, kind, f"{member_id}:{id_}")
