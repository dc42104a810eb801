"""写真: what a building's doors, rooms and desks look like; added, put in order, described, taken away, and shown."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from federation.columns import insert
from federation.errors import Conflict, NotFound
from federation.messages.space import Shows
from federation.wording import phrase
from node.host import sites
from node.host.pictures import Pictures
from node.models.photos import Photo, Picture
from node.models.sites import Desk, Room, Site

SHOWS: tuple[str, ...] = get_args(Shows)
MOST: Mapping[type[Any], int] = {Site: 10, Room: 6, Desk: 4}
"""So many photos of one place: a desk is told of with those of its room, ten in all."""
_FACTS = frozenset({"shows", "alt", "alt_en"})


class TooManyPhotos(Conflict):
    """The place has as many photos as it may have."""

    words = phrase("写真は%(most)s枚までです。不要な写真を削除してから追加してください。")


def of(db: Session, place: sites.Place) -> Sequence[Photo]:
    """Return the photos of a place in their order."""
    mine = select(Photo).where(Photo.site_id == sites.site_of(place).id, Photo.place_id == place.id)
    return db.scalars(mine.order_by(Photo.position, Photo.added_at, Photo.id)).all()


def add(db: Session, place: sites.Place, pictures: Pictures, facts: Mapping[str, str], now: datetime) -> Photo:
    """Add a photo at the end, with its facts (``shows``, ``alt``, ``alt_en``), and tell the feeds.

    Raises ``TooManyPhotos``.
    """
    # Who adds the last one at the same time waits, and is then told.
    sites.lock(db, place)
    before, most = of(db, place), MOST[type(place)]
    if len(before) >= most:
        raise TooManyPhotos(f"{most} photos", field="photo", facts={"most": most})
    for size in (pictures.large, pictures.small):
        row = insert(db, Picture).values(digest=size.digest, data=size.data)
        db.execute(row.on_conflict_do_nothing())
    photo = Photo(
        id=str(uuid.uuid4()),
        site_id=sites.site_of(place).id,
        place_id=place.id,
        position=before[-1].position + 1 if before else 0,
        large=pictures.large.digest,
        large_width=pictures.large.width,
        large_height=pictures.large.height,
        small=pictures.small.digest,
        small_width=pictures.small.width,
        small_height=pictures.small.height,
        added_at=now,
        **{name: facts[name] for name in _FACTS},
    )
    db.add(photo)
    _changed(db, place)
    return photo


def digest(photos: Sequence[Photo]) -> str:
    """Return a word for photos in exactly this order, so that nobody puts in order what they have not seen."""
    return hashlib.sha256("\n".join(photo.id for photo in photos).encode()).hexdigest()[:32]


def describe(db: Session, photo: Photo, facts: Mapping[str, str]) -> None:
    """Say anew what a photo shows, and tell the feeds."""
    for name in _FACTS:
        setattr(photo, name, facts[name])
    _changed(db, place_of(db, photo))


def put_first(db: Session, photo: Photo) -> None:
    """Put a photo before all others of its place: it is the one that lists show."""
    place = place_of(db, photo)
    photo.position = min(one.position for one in of(db, place)) - 1
    _changed(db, place)


def put_earlier(db: Session, photo: Photo) -> None:
    """Let a photo change places with the one before it; the first stays where it is."""
    place = place_of(db, photo)
    order = list(of(db, place))
    at = order.index(photo)
    if at == 0:
        return
    order[at - 1], order[at] = photo, order[at - 1]
    for position, one in enumerate(order):
        one.position = position
    _changed(db, place)


def take_away(db: Session, photo: Photo) -> None:
    """Delete a photo, its pictures too where no other photo has the same, and tell the feeds."""
    place, digests = place_of(db, photo), (photo.large, photo.small)
    db.delete(photo)
    db.flush()
    for digest in digests:
        used = select(Photo.id).where(or_(Photo.large == digest, Photo.small == digest))
        db.execute(delete(Picture).where(Picture.digest == digest, ~used.exists()))
    _changed(db, place)


def get(db: Session, id_: str) -> Photo:
    """Return a photo; raise ``NotFound``."""
    photo = db.get(Photo, id_)
    if photo is None:
        raise NotFound("no such photo")
    return photo


def place_of(db: Session, photo: Photo) -> sites.Place:
    """Return the site, room or desk that a photo is of."""
    return sites.get_place(db, photo.place_id)


def data_of(db: Session, digest: str, *, unpublished: bool = False) -> bytes:
    """Return a picture as it is served; raise ``NotFound`` for one that no published place has.

    ``unpublished`` is for those who look after the places.
    """
    photos = db.scalars(select(Photo).where(or_(Photo.large == digest, Photo.small == digest))).all()
    if any(unpublished or _is_public(place_of(db, photo)) for photo in photos):
        picture = db.get(Picture, digest)
        if picture is not None:
            return picture.data
    raise NotFound("no such picture")


def counts(db: Session, site: Site) -> Mapping[str, int]:
    """Return how many photos each place of a building has, by the place's id."""
    question = select(Photo.place_id, func.count()).where(Photo.site_id == site.id).group_by(Photo.place_id)
    return {row[0]: row[1] for row in db.execute(question)}


def _is_public(place: sites.Place) -> bool:
    if isinstance(place, Desk):
        return place.offered
    return place.published and sites.site_of(place).published


def _changed(db: Session, place: sites.Place) -> None:
    db.flush()
    db.expire(sites.site_of(place), ["photos"])
    sites.changed(db, place)
