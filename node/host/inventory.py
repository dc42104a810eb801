"""What we offer, counted, and what is not right with it: the tree of sites that a 施設担当者 works in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from federation.folding import folded
from federation.wording import phrase
from node.models.sites import Desk, Room, Site

MOST_FOUND = 100
"""So many places are listed that a name was looked for; who sees as many types more of it."""
MOST_SHOWN = 20
"""So many problems stand open; the rest are a press away."""
REMINDED = timedelta(days=30)
"""So long before its last day a セキュリティ確認表 is asked for anew."""


@dataclass(frozen=True)
class Problem:
    """Something to put right: a sentence with its facts, the id of the site or room where that is done, and by which day."""

    words: str
    kind: str
    id: str
    facts: Mapping[str, object] = field(default_factory=dict)
    due: date | None = None


@dataclass(frozen=True)
class Counted:
    """A site with its rooms, how many of its desks are published and withdrawn, and its problems."""

    site: Site
    published: int
    withdrawn: int
    problems: tuple[Problem, ...]


def tree(db: Session, today: date) -> Sequence[Counted]:
    """Return all sites with rooms and desks, those with problems first; three statements, however many there are."""
    whole = select(Site).options(selectinload(Site.rooms).selectinload(Room.desks)).order_by(Site.name, Site.id)
    counted = [count(site, today) for site in db.scalars(whole)]
    return sorted(counted, key=lambda one: not one.problems)


def named(counted: Iterable[Counted], wish: str) -> Sequence[Site | Room | Desk]:
    """Return what has the wished words in its name, at most ``MOST_FOUND``; nothing for a wish of blanks."""
    words = folded(wish)
    every = (place for one in counted for place in _places(one.site))
    return tuple(islice((place for place in every if words and words in folded(_name(place))), MOST_FOUND))


def _places(site: Site) -> Iterator[Site | Room | Desk]:
    yield site
    for room in site.rooms:
        yield room
        yield from room.desks


def _name(place: Site | Room | Desk) -> str:
    return " ".join((place.name, place.name_kana, place.name_en)) if isinstance(place, Site) else place.name


def count(site: Site, today: date) -> Counted:
    """Count one site whose rooms and desks are loaded."""
    desks = [desk for room in site.rooms for desk in room.desks]
    published = sum(desk.offered for desk in desks)
    return Counted(site, published, len(desks) - published, tuple(_problems(site, desks, today)))


def _problems(site: Site, desks: Sequence[Desk], today: date) -> Iterator[Problem]:
    if not desks:
        yield _of(site, "site", phrase("%(name)sに座席がありません。部屋と座席を追加してください。"))
    elif site.published and not any(desk.offered for desk in desks):
        yield _of(site, "site", phrase("%(name)sは掲載中ですが、掲載されている座席がありません。"))
    elif not site.published and any(room.published and desk.published for room in site.rooms for desk in room.desks):
        yield _of(site, "site", phrase("%(name)sが掲載されていないため、中の座席は他団体から見えません。"))
    yield from _of_rooms(site.rooms, today)


def _of_rooms(rooms: Iterable[Room], today: date) -> Iterator[Problem]:
    for room in rooms:
        due = date.fromisoformat(room.sheet["valid_until"]) if room.sheet else None
        if room.published and due is None:
            yield _of(room, "room", phrase("%(name)sのセキュリティ確認表が未記入です。"))
        elif room.published and due is not None and due < today:
            words = phrase("%(name)sのセキュリティ確認表は期限が切れています。確認し直してください。")
            yield _of(room, "room", words, due)
        elif room.published and due is not None and due < today + REMINDED:
            yield _of(room, "room", phrase("%(name)sのセキュリティ確認表は、30日以内に期限が切れます。"), due)
        if room.desks and not room.published and any(desk.published for desk in room.desks):
            yield _of(room, "room", phrase("%(name)sが掲載されていないため、中の座席は他団体から見えません。"))


def _of(place: Site | Room, kind: str, words: str, due: date | None = None) -> Problem:
    name = place.name if isinstance(place, Site) else f"{place.site.name} {place.name}"
    return Problem(words, kind, place.id, {"name": name}, due)
