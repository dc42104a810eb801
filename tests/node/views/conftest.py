"""A town's pages with one host and a registry in memory, and a browser that fills in forms as people do."""

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import MetaData
from werkzeug.test import TestResponse

from federation.answer import Answer
from federation.errors import NotAMember, PeerUnreachable
from federation.messages.booking import Booking
from federation.messages.search import FoundPlace, FreeDesk, Host, NearMiss, SearchAnswer
from federation.storage import Storage
from federation.web.audience import Audience, AudiencedFlask, register
from federation.web.base import WebSettings, create_base_app
from federation.web.clients import Clients
from node.app import app_of, open_town
from node.config import Config
from node.models.tables import METADATAS
from node.people import assurance, sessions
from node.people import staff as people
from node.people.signin import SignedIn
from node.town import Town
from node.views import (
    EXTENSION,
    account,
    accounts,
    again,
    approvals,
    atlas,
    attendance,
    behalf,
    booking,
    bookings,
    borrowed,
    budgets,
    calendars,
    conditions,
    corrections,
    deputies,
    directory,
    emergencies,
    factors,
    favourites,
    here,
    leavers,
    log,
    mail,
    mailed,
    moving,
    noshows,
    permitted,
    personnel,
    picking,
    resets,
    second,
    series,
    session,
    staff,
    standing,
    teams,
    upstream,
    waiting,
    week,
    weekly,
)
from node.views.privacy import assistance, erasures, viewed
from tests.node.fakehost import DESK, HOST, SITE, FakeHost
from tests.node.home.conftest import NOW, Clock

OWN = "http://localhost:8001"
PASSWORD = "tachiyori-desu-yo"


@dataclass
class FakeRegistry:
    """Stands where ``federation.peer`` stands, and answers searches with what it is told to know."""

    clock: Clock
    down: bool = False
    status: int = 200
    known: bool = True
    lines: tuple[str, ...] = ()
    void: str = ""
    """Nothing is found for a question that holds these words."""
    misses: tuple[tuple[str, int], ...] = ()
    """What it says of a question in vain: conditions, and how many desks there are without each."""
    desks: tuple[FreeDesk, ...] = ()
    """What it knows besides the one desk."""
    spots: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Where stations are, by the words of a question."""
    asked: list[str] = field(default_factory=list)

    def request(self, method: str, url: str, **_options: object) -> Answer:
        if self.down:
            raise PeerUnreachable("the registry is away")
        self.asked.append(url)
        return Answer(url, self.status, {"content-type": "application/json"}, self._answer(url).encode())

    def _answer(self, url: str) -> str:
        if self.status != 200:
            problem = {"type": "https://tachiyori.example/problems/place-unknown", "title": "?", "status": self.status}
            return json.dumps(problem)
        now = self.clock()
        found = FreeDesk(
            host=Host(entity_id=HOST, code="131016", name="千代田区"),
            site=SITE,
            desk=DESK,
            free_from=now,
            free_until=now.replace(hour=8),
            distance_km=1.24,
            as_of=now,
        )
        lat, lon = next((spot for words, spot in self.spots.items() if quote(words) in url), (None, None))
        place = FoundPlace(label="九段下駅", kind="station", lines=self.lines, lat=lat, lon=lon)
        desks = (found, *self.desks) if self.known and not (self.void and self.void in url) else ()
        misses = () if desks else tuple(NearMiss(filter=name, count=count) for name, count in self.misses)
        return SearchAnswer(place=place, desks=desks, total=len(desks), as_of=now, near_misses=misses).text()


def plain(answer: TestResponse) -> str:
    """Return a page as it reads: without its tags, drawings and line ends."""
    text = re.sub(r"<svg.*?</svg>", "", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", text)).split())


@dataclass
class Person:
    """A browser that sends forms with their hidden fields."""

    client: FlaskClient

    def opens(self, path: str) -> TestResponse:
        return self.client.get(path)

    def sends(self, path: str, form: Mapping[str, str] | None = None, *, shown_on: str = "/me") -> TestResponse:
        hidden = {"form_token": self._token(shown_on)}
        if path.startswith("/admin/") and "seen" not in (form or {}):
            # What the form had shown, so that it can be told what somebody else has changed since.
            seen = re.search(r'name="seen" value="([^"]+)"', self.client.get(path).text)
            hidden |= {"seen": html.unescape(seen[1])} if seen else {}
        return self.client.post(path, data={**(form or {}), **hidden})

    def _token(self, shown_on: str) -> str:
        """This session's token: as the browser has it already, or else from the form on a page."""
        with self.client.session_transaction() as kept:
            if known := kept.get("form_token"):
                return str(known)
        found = re.search(r'name="form_token" value="([^"]+)"', self.client.get(shown_on).text)
        return found[1] if found else ""

    def reads(self, path: str) -> str:
        return plain(self.client.get(path))

    def signs_in(self, number: str = "012345", password: str = PASSWORD, next_: str = "/") -> TestResponse:
        return self.sends("/signin", {"number": number, "password": password, "next": next_}, shown_on="/signin?next=/")

    def books(self, **changes: str) -> TestResponse:
        return self.sends("/book", {**WISH, **changes})


WISH = {
    "desk": DESK.url,
    "day": "2026-11-24",
    "slot": "hours",
    "from": "13:00",
    "to": "15:00",
    "work_kind": "satellite",
    "confidentiality": "2",
    "consent": "1",
    "consent_version": "3",
}


@pytest.fixture
def metadatas() -> tuple[MetaData, ...]:
    return METADATAS


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def host(clock: Clock) -> FakeHost:
    return FakeHost(clock)


@pytest.fixture
def registry(clock: Clock) -> FakeRegistry:
    return FakeRegistry(clock)


@pytest.fixture
def town(storage: Storage, host: FakeHost, registry: FakeRegistry, clock: Clock, tmp_path: Path) -> Town:
    def hosts(entity_id: str) -> FakeHost:
        if entity_id != HOST:
            raise NotAMember(entity_id)
        return host

    class Rows:
        def row(self, _db: object, _entity_id: str) -> Host:
            return Host(entity_id=HOST, code="131016", name="千代田区")

        def by_code(self, code: str, _now: object) -> SimpleNamespace:
            if code != "131016":
                raise NotAMember(code)
            return SimpleNamespace(entity_id=HOST, metadata={})

    absent = cast(Any, None)
    config = Config(OWN, "112089", "所沢市", "http://localhost:8000", tmp_path, "")
    peer, members = cast(Any, registry), cast(Any, Rows())
    return Town(config, storage, absent, absent, peer, members, absent, clock, cast(Callable[[str], Any], hosts))


@pytest.fixture
def app(town: Town) -> AudiencedFlask:
    settings = WebSettings(OWN, town.config.name, "s" * 40, sign_in=session.SIGN_IN)
    made = create_base_app("node", settings, guards=session.GUARDS)
    made.extensions[EXTENSION] = town
    Clients(OWN, town.members, town.storage, town.clock).attach(made)
    session.attach(made)
    upstream.attach(made, None)
    for part in (session, second, resets, mailed):
        register(made, part.blueprint, audience=Audience.PUBLIC)
    for part in (
        staff,
        account,
        factors,
        borrowed,
        favourites,
        booking,
        bookings,
        again,
        moving,
        weekly,
        series,
        waiting,
        behalf,
        teams,
        calendars,
        here,
        emergencies,
        approvals,
        permitted,
        standing,
        deputies,
    ):
        register(made, part.blueprint, audience=Audience.STAFF)
    register(made, calendars.subscribed, audience=Audience.PUBLIC)
    for part in (viewed, assistance):
        register(made, part.blueprint, audience=Audience.STAFF)
    register(made, mail.blueprint, audience=Audience.STAFF)
    for part in (week, atlas, picking):
        register(made, part.blueprint, audience=Audience.STAFF)
    for part in (attendance, corrections, noshows):
        register(made, part.blueprint, audience=Audience.MANAGER)
    register(made, corrections.laying_down, audience=Audience.PERSONNEL)
    for part in (budgets, personnel, conditions, directory, leavers, log, accounts, erasures):
        register(made, part.blueprint, audience=Audience.PERSONNEL)
    return made


@pytest.fixture
def stranger(app: AudiencedFlask, storage: Storage) -> Person:
    """Somebody of the directory who has not signed in."""
    with storage.transaction(write=True) as db:
        people.add(
            db,
            number="012345",
            name="立寄 太郎",
            section="企画課",
            password=PASSWORD,
            roles=("staff", "manager", "personnel"),
            now=NOW,
        )
    return Person(app.test_client())


@pytest.fixture
def person(stranger: Person) -> Person:
    """The same person, signed in."""
    stranger.signs_in()
    return stranger


@pytest.fixture
def host_town(storage_url: str, clock: Clock, tmp_path: Path) -> Iterator[Town]:
    """A town with keys and feeds of its own, as its process opens it."""
    config = Config(OWN, "112089", "所沢市", "http://localhost:8000", tmp_path / "town", storage_url)
    opened = open_town(config, clock=clock)
    with opened.storage.transaction(write=True) as db:
        roles = ("staff", "site_admin", "reception")
        people.add(db, number="012345", name="立寄 太郎", section="管財課", roles=roles, now=NOW)
    yield opened
    opened.storage.close()
    opened.proofs.close()


@pytest.fixture
def site_admin(host_town: Town) -> Person:
    """The 施設担当者 of that town, signed in, who also stands at its reception."""
    client = app_of(host_town).test_client()
    with host_town.storage.transaction(write=True) as db:
        who = people.find(db, "012345")
        assert who is not None
        signed_in = SignedIn(who.id, 1, assurance.ONE_FACTOR, NOW, "one")
        sessions.begin(db, signed_in)
    with client.session_transaction(base_url=OWN) as kept:
        since = int(NOW.timestamp())
        kept["who"] = {"id": who.id, "epoch": 1, "acr": signed_in.acr, "since": since, "session": "one"}
    return Person(client)


@pytest.fixture
def applicant(person: Person, app: AudiencedFlask, storage: Storage) -> Person:
    """Somebody of 企画課, whose 所属長 is ``person``; their bookings need an approval."""
    person.sends("/personnel/conditions", {"approval_by": "superior"})
    with storage.transaction(write=True) as db:
        people.add(db, number="000500", name="申請 三郎", section="企画課", password=PASSWORD, now=NOW)
    found = Person(app.test_client())
    found.signs_in("000500")
    return found


@pytest.fixture
def held(applicant: Person, host: FakeHost) -> Booking:
    """The applicant's booking at its host, held."""
    applicant.books()
    (booking,) = host.bookings.values()
    return host.changed(booking.id, hold_until=NOW.replace(hour=3))
