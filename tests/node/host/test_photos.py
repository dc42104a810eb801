"""Photos of places: told of, in order, shown to the public only where the place is."""

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

import pytest
from PIL import Image
from sqlalchemy import func, select

from federation.errors import NotFound
from federation.feed import Feeds
from federation.messages.listing import DeskListing, SiteListing
from federation.storage import Storage
from node.config import Config
from node.host import listings, photos, pictures, sites
from node.host.photos import TooManyPhotos
from node.models.photos import Picture
from node.models.sites import Desk, Room, Site
from tests.node.host.conftest import NOW, Desks, page
from tests.node.views.desks import counted

FACTS = {"shows": "door", "alt": "北側の通用口", "alt_en": "The north door"}


def a_picture(colour: str = "navy") -> pictures.Pictures:
    written = io.BytesIO()
    Image.new("RGB", (640, 400), colour).save(written, "JPEG")
    return pictures.read(written.getvalue())


@dataclass
class Album:
    """Adds photos, and says what is told of them."""

    storage: Storage
    config: Config

    def add(self, place: str, colour: str = "navy", alt: str = "北側の通用口") -> str:
        with self.storage.transaction(write=True) as db:
            found = sites.get_place(db, place)
            return photos.add(db, found, a_picture(colour), {**FACTS, "alt": alt}, NOW).id

    def told(self, desk: str) -> tuple[SiteListing, DeskListing]:
        with self.storage.transaction() as db:
            return listings.listing_of(db, desk, self.config)


@pytest.fixture
def album(desks: Desks, storage: Storage, config: Config) -> Album:
    return Album(storage, config)


def test_photos_are_told_with_absolute_addresses_and_words(album: Album, desks: Desks) -> None:
    album.add(desks.site)
    album.add(desks.room, "green", "窓際の席")
    site, desk = album.told(desks.first)
    assert [(one.alt, one.alt_en, one.shows) for one in site.photos] == [("北側の通用口", "The north door", "door")]
    assert [one.alt for one in desk.photos] == ["窓際の席"]
    large, small = site.photos[0].large, site.photos[0].small
    assert large.url.startswith("https://node.tokyo.example/photos/")
    assert (large.width, large.height, small.width, small.height) == (640, 400, 480, 300)
    assert album.told(desks.booth)[1].photos == ()


def test_a_new_photo_reaches_the_feed(album: Album, desks: Desks, storage: Storage, feeds: Feeds) -> None:
    album.add(desks.room)
    items = {item.id: item.data for item in page(storage, feeds, "listings")}
    assert len(items[desks.first]["photos"]) == 1
    assert "photos" not in items[desks.site]


def test_what_is_put_first_is_told_first(album: Album, desks: Desks, storage: Storage) -> None:
    album.add(desks.site, "navy", "一枚目")
    second = album.add(desks.site, "green", "二枚目")
    with storage.transaction(write=True) as db:
        photos.put_first(db, photos.get(db, second))
    assert [one.alt for one in album.told(desks.first)[0].photos] == ["二枚目", "一枚目"]


@pytest.mark.parametrize("what", ["site", "room", "desk"])
def test_a_picture_is_public_as_long_as_its_place_is(album: Album, desks: Desks, storage: Storage, what: str) -> None:
    place = {"site": desks.site, "room": desks.room, "desk": desks.first}[what]
    photo = album.add(place)
    with storage.transaction(write=True) as db:
        digest = photos.get(db, photo).small
        assert photos.data_of(db, digest)[8:12] == b"WEBP"
        sites.withdraw(db, db.get_one(Site, desks.site))
        with pytest.raises(NotFound):
            photos.data_of(db, digest)
        assert photos.data_of(db, digest, unpublished=True)


def test_a_withdrawn_rooms_photos_are_not_public(album: Album, desks: Desks, storage: Storage) -> None:
    hidden = (album.add(desks.room), album.add(desks.first, "green"))
    with storage.transaction(write=True) as db:
        sites.withdraw(db, db.get_one(Room, desks.room))
        for photo in hidden:
            with pytest.raises(NotFound):
                photos.data_of(db, photos.get(db, photo).large)


@pytest.mark.parametrize("digest", ["", "0" * 64, "../../etc/passwd", "' OR 1=1 --"])
def test_a_digest_of_no_picture_is_not_found(album: Album, desks: Desks, storage: Storage, digest: str) -> None:
    album.add(desks.site)
    with storage.transaction() as db, pytest.raises(NotFound):
        photos.data_of(db, digest, unpublished=True)


def test_a_deleted_photo_takes_its_pictures_along_unless_another_has_them(
    album: Album, desks: Desks, storage: Storage
) -> None:
    first, twin = album.add(desks.site), album.add(desks.room)
    with storage.transaction(write=True) as db:
        photos.take_away(db, photos.get(db, first))
        assert photos.data_of(db, photos.get(db, twin).large)
        photos.take_away(db, photos.get(db, twin))
        assert db.scalar(select(func.count()).select_from(Picture)) == 0


def test_a_place_has_only_so_many(album: Album, desks: Desks) -> None:
    for _ in range(photos.MOST[Desk]):
        album.add(desks.first)
    with pytest.raises(TooManyPhotos):
        album.add(desks.first)


def test_telling_of_a_site_takes_no_more_statements_for_more_photos(album: Album, desks: Desks) -> None:
    def statements() -> int:
        with counted() as seen:
            album.told(desks.first)
        return len(seen)

    album.add(desks.site)
    before = statements()
    for colour in ("red", "green", "blue"):
        album.add(desks.site, colour)
        album.add(desks.room, colour)
    assert statements() == before


def test_of_those_who_add_in_one_moment_no_one_adds_too_many(album: Album, desks: Desks) -> None:
    at_once = Barrier(6)

    def add(number: int) -> bool:
        at_once.wait()
        try:
            album.add(desks.first, alt=str(number))
        except TooManyPhotos:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(add, range(6))) == [False, False, True, True, True, True]
