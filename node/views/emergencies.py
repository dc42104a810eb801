"""The banner of 災害時臨時開放 and 臨時閉鎖 on every page of this town's people, and the page that lists them all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from node.home import emergencies as heard
from node.home.emergencies import Declared
from node.models.emergencies import Emergency
from node.models.sites import Site
from node.views import town

blueprint = Blueprint("emergencies", __name__)
"""For ``Audience.STAFF``."""

SHOWN = 3
"""So many towns stand in the banner; the others are behind its link, so that nobody fills the page."""


@dataclass(frozen=True)
class Banner:
    """What the banner says: the newest word of each of a few towns, and how many sites there are besides."""

    first: Sequence[Declared]
    more: int


@blueprint.get("/emergencies")
def every() -> str:
    """Show what stands at all towns, our own first."""
    with town().storage.transaction() as db:
        found = standing(db, town().clock())
    return render_template("emergencies.html", declared=found)


def standing(db: Session, now: datetime) -> Sequence[Declared]:
    """Return what stands now: our own sites as our own books say it, those of others as the registry handed it on."""
    config = town().config
    question = select(Emergency, Site.name).join(Site, Site.id == Emergency.site_id)
    question = question.where(Emergency.ended_at.is_(None), Emergency.until > now).order_by(Emergency.since.desc())
    own = [
        Declared(
            town=config.name,
            code=config.code,
            entity_id=config.entity_id,
            site_id=row.site_id,
            site=name,
            kind=row.kind,
            reason=row.reason,
            extra_desks=0,
            since=row.since,
            until=row.until,
        )
        for row, name in db.execute(question)
    ]
    return own + [one for one in heard.standing(db, now) if one.entity_id != config.entity_id]


def banner(db: Session, now: datetime) -> Banner | None:
    """Return what the banner of every page says, or None where nothing stands."""
    found = standing(db, now)
    newest = list({one.entity_id: one for one in reversed(found)}.values())[::-1]
    return Banner(newest[:SHOWN], len(found) - len(newest[:SHOWN])) if found else None
