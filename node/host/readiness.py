"""あと何が要るか: what is missing before strangers can find a building's desks, and what would help them to come."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from federation.wording import phrase
from node.host import photos
from node.models.agreements import Agreement
from node.models.sites import Site


@dataclass(frozen=True)
class Step:
    """One thing to do: a sentence, whether it is done, and where it is done: a kind of page and the id it is about."""

    words: str
    done: bool
    page: str
    id: str


@dataclass(frozen=True)
class Readiness:
    """What must be there, in the order in which it is done, and what helps people to come."""

    needed: Sequence[Step]
    helpful: Sequence[Step]

    @property
    def missing(self) -> int:
        """How many of the needed steps are not done."""
        return sum(not step.done for step in self.needed)

    @property
    def may_be_published(self) -> bool:
        """Whether publishing is what comes next: there are desks, and some of it is not published."""
        _room, desks, _agreement, published = self.needed
        return desks.done and not published.done


def of(db: Session, site: Site, today: date) -> Readiness:
    """Look at a site whose rooms and desks are loaded; ``today`` is the site's own day. Two statements."""
    known = photos.counts(db, site)
    return Readiness(tuple(_needed(site, has_agreement=_has_agreement(db, site, today))), tuple(_helpful(site, known)))


def _needed(site: Site, *, has_agreement: bool) -> Iterator[Step]:
    desks = [desk for room in site.rooms for desk in room.desks]
    first = site.rooms[0].id if site.rooms else ""
    yield Step(phrase("部屋を追加する"), bool(site.rooms), "rooms", site.id)
    yield Step(phrase("座席を追加する"), bool(desks), "desks" if first else "rooms", first or site.id)
    yield Step(phrase("協定を登録する（どの団体の職員が利用できるか）"), has_agreement, "agreements", "")
    offered = any(desk.offered and desk.pool == "guests" for desk in desks)
    yield Step(phrase("施設・部屋・座席を掲載する"), offered, "publish", site.id)


def _helpful(site: Site, known: Mapping[str, int]) -> Iterator[Step]:
    yield Step(phrase("入口の写真"), bool(known.get(site.id)), "photos", site.id)
    yield Step(phrase("最寄り駅と徒歩の分"), bool(site.stations), "site", site.id)
    yield Step(phrase("入口と受付の案内"), bool(site.entrance and site.reception), "site", site.id)
    yield Step(phrase("夜間の入口"), bool(site.night_entrance), "site", site.id)
    yield Step(phrase("連絡先（電話または内線）"), bool(site.phone or site.extension), "site", site.id)
    yield Step(phrase("持ち物とWi-Fi"), bool(site.bring and site.wifi), "site", site.id)
    yield Step(phrase("バリアフリーの状況"), bool(site.access), "site", site.id)
    for room in site.rooms[:1]:
        yield Step(phrase("部屋での携帯電話の電波"), all(one.mobile for one in site.rooms), "room", room.id)


def next_steps(db: Session, sites: Sequence[Site], today: date) -> Sequence[tuple[Site, Step, int]]:
    """Return the sites whose desks others cannot find, with the next step and how many are missing; one statement.

    Their rooms and desks are loaded. That the town has no agreement at all is no site's next step.
    """
    running = _running(db, today)
    found = []
    for site in sites:
        steps = _needed(site, has_agreement=not running or any(_brings(one, site) for one in running))
        if missing := [step for step in steps if not step.done]:
            found.append((site, missing[0], len(missing)))
    return found


def _has_agreement(db: Session, site: Site, today: date) -> bool:
    """Say whether some agreement brings somebody here today or later."""
    return any(_brings(one, site) for one in _running(db, today))


def _running(db: Session, today: date) -> Sequence[Agreement]:
    running = select(Agreement).where(
        Agreement.suspended_at.is_(None), or_(Agreement.ends_on.is_(None), Agreement.ends_on >= today)
    )
    return db.scalars(running).all()


def _brings(agreement: Agreement, site: Site) -> bool:
    return not agreement.site_ids or site.id in agreement.site_ids
