"""The catalogue: every member's public listings in one feed, for other registries and for open data.

Ids are ``{member id}:{id}``, since two members may use one id; the message itself names its host's address.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from federation.feed import Renderer, changed
from federation.members import Member
from federation.messages.base import Wired
from registry.models import Desk, Site

FEED = "catalogue"


@dataclass(frozen=True)
class _AsRead:
    """A listing that was checked when it was read, and is handed on as it was written then."""

    data: dict[str, Any]

    def wire(self) -> dict[str, Any]:
        return self.data


def _renderer(table: type[Site] | type[Desk]) -> Renderer:
    def render(db: Session, names: Sequence[str]) -> Mapping[str, Wired]:
        keys = [(int(member_id), id_) for member_id, _, id_ in (name.partition(":") for name in names)]
        own = table.__table__.c
        live = select(own.member_id, own.id, own.data).join(Member, Member.id == own.member_id)
        live = live.where(~Member.gone, Member.status == "valid", tuple_(own.member_id, own.id).in_(keys))
        return {f"{row.member_id}:{row.id}": _AsRead(row.data) for row in db.execute(live)}

    return render


RENDERERS = {"site": _renderer(Site), "desk": _renderer(Desk)}


def note_member(db: Session, member_id: int) -> None:
    """Note that all of a member's listings may read otherwise now, as after a suspension."""
    for table, kind in ((Site, "site"), (Desk, "desk")):
        for id_ in db.scalars(select(table.id).where(table.member_id == member_id)):
            changed(db, FEED, kind, f"{member_id}:{id_}")
