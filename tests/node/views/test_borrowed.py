"""Photos of other towns' desks: fetched by us from their host alone, drawn anew, kept, and missed without harm."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest
from PIL import Image

from federation.answer import Answer
from federation.errors import PeerUnreachable
from federation.messages.search import FreeDesk, SearchAnswer
from federation.messages.space import Photo, Picture
from federation.storage import Storage
from node.home import borrowed, places
from node.town import Town
from tests.node.fakehost import DESK_ID, HOST
from tests.node.home.conftest import NOW, Clock
from tests.node.views.conftest import FakeRegistry, Person
from tests.node.views.test_search import AT

SMALL = f"{HOST}/photos/{'a' * 64}"


def address(host: str = HOST, desk_id: str = DESK_ID) -> str:
    return f"/search/photo?host={quote(host, safe='')}&desk={desk_id}"


def picture(colour: str = "teal") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(written, "JPEG", comment=b"taken at home")
    return written.getvalue()


@dataclass
class PictureRegistry(FakeRegistry):
    """Its desk has a photo; ``sent`` is what the host sends for it, None for nothing."""

    url: str = SMALL
    sent: bytes | None = field(default_factory=picture)
    media: str = "image/jpeg"
    fetched: list[str] = field(default_factory=list)

    @property
    def transport(self) -> "PictureRegistry":
        """The way to the host itself."""
        return self

    def send(self, _method: str, url: str, **_options: object) -> Answer:
        self.fetched.append(url)
        if self.sent is None:
            raise PeerUnreachable(url)
        return Answer(url, 200, {"content-type": self.media}, self.sent)

    def _answer(self, url: str) -> str:
        answer = SearchAnswer.read(super()._answer(url))
        return answer.model_copy(update={"desks": tuple(map(self._shown, answer.desks))}).text()

    def _shown(self, found: FreeDesk) -> FreeDesk:
        size = Picture(url=self.url, width=480, height=360)
        photo = Photo(alt="窓際の座席", alt_en="A desk by the window", large=size, small=size)
        return found.model_copy(update={"desk": found.desk.model_copy(update={"photos": (photo,)})})


@pytest.fixture
def registry(clock: Clock) -> PictureRegistry:
    return PictureRegistry(clock)


@pytest.fixture
def finds(person: Person) -> Callable[[], str]:
    """Search, so that the desk is one our people have seen."""
    return lambda: person.opens(AT).text


def test_a_card_shows_its_photo_from_our_own_origin(finds: Callable[[], str]) -> None:
    text = finds()
    assert f'src="/search/photo?host={HOST}&amp;desk={DESK_ID}"' in text
    assert 'alt="窓際の座席" loading="lazy" width="160" height="120"' in text
    assert SMALL not in text


def test_every_card_has_its_photo_once_it_comes_near_the_window(
    registry: PictureRegistry, finds: Callable[[], str]
) -> None:
    (found,) = SearchAnswer.read(registry._answer("")).desks
    rooms = [f"0b8a3c5e-7d21-4f6a-9c3e-5d7f9a1b3c5{number}" for number in range(6)]
    registry.desks = tuple(
        found.model_copy(update={"desk": found.desk.model_copy(update={"room_id": room})}) for room in rooms
    )
    assert finds().count('loading="lazy" width="160"') == 7


def test_it_is_fetched_once_and_drawn_anew(person: Person, registry: PictureRegistry, finds: Callable[[], str]) -> None:
    finds()
    answers = [person.opens(address()) for _ in range(2)]
    assert registry.fetched == [SMALL]
    for answer in answers:
        assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("image/webp", "nosniff")
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert b"taken at home" not in answer.data
        assert Image.open(io.BytesIO(answer.data)).size == (480, 360)


@pytest.mark.parametrize("sent", [None, b"<svg onload='x'/>", b""])
def test_what_does_not_come_leaves_an_empty_field_and_is_left_alone(
    person: Person, registry: PictureRegistry, finds: Callable[[], str], sent: bytes | None
) -> None:
    registry.sent = sent
    finds()
    for _ in range(2):
        answer = person.opens(address())
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
        assert b"onload" not in answer.data
        assert answer.headers["Cache-Control"] == "no-store"
    assert len(registry.fetched) == 1


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/photos/1", f"{HOST}.evil.example/photos/1", f"{HOST}/admin"]
)
def test_a_photo_elsewhere_is_never_fetched(
    person: Person, registry: PictureRegistry, finds: Callable[[], str], url: str
) -> None:
    registry.url = url
    finds()
    assert person.opens(address()).mimetype == "image/svg+xml"
    assert registry.fetched == []


def test_what_calls_itself_no_picture_is_not_looked_at(
    person: Person, registry: PictureRegistry, finds: Callable[[], str]
) -> None:
    registry.media = "text/html"
    finds()
    assert person.opens(address()).mimetype == "image/svg+xml"


def test_only_desks_our_people_have_seen_have_a_photo(person: Person, registry: PictureRegistry) -> None:
    assert person.opens(address()).mimetype == "image/svg+xml"
    assert person.opens(address("https://elsewhere.example")).mimetype == "image/svg+xml"
    assert registry.fetched == []


def test_a_host_that_is_no_member_any_more_is_not_asked(
    person: Person, registry: PictureRegistry, storage: Storage
) -> None:
    (found,) = SearchAnswer.read(registry._answer("")).desks
    gone = "https://gone.example"
    photos = [
        photo.model_copy(update={"small": Picture(url=f"{gone}/photos/1", width=4, height=3)})
        for photo in found.desk.photos
    ]
    found = found.model_copy(update={
        "host": found.host.model_copy(update={"entity_id": gone}),
        "desk": found.desk.model_copy(update={"photos": tuple(photos)}),
    })  # fmt: skip
    with storage.transaction(write=True) as db:
        places.remember(db, [found], now=NOW)
    assert person.opens(address(gone)).mimetype == "image/svg+xml"
    assert registry.fetched == []


def test_the_oldest_pictures_go(
    person: Person, town: Town, finds: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(borrowed, "MOST", 1)
    folder = town.config.data / borrowed.FOLDER
    folder.mkdir()
    (folder / "old.webp").write_bytes(b"old")
    finds()
    assert person.opens(address()).mimetype == "image/webp"
    assert len(list(folder.iterdir())) == 1


def test_strangers_are_sent_to_the_sign_in(stranger: Person) -> None:
    assert stranger.opens(address()).status_code in {302, 303}
