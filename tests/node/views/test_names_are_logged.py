"""Every page of a town, walked by its routes: whoever sees a visitor's name is allowed to, and stands in the log."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import MetaData, func, select
from werkzeug.routing import Rule

from federation.audit import AuditEntry
from federation.web.audience import Audience, AudiencedFlask, Kind
from node.app import app_of
from node.people import assurance, sessions
from node.people import staff as people
from node.people.signin import SignedIn
from node.town import Town
from tests.databases import Databases
from tests.node.views.conftest import OWN, Person
from tests.node.views.desks import NOW, Came, begins, books, offer

NAME, WALKED_IN = "井上 彩之丞", "通りすがり 花之介"
ALLOWED = frozenset({"site_admin", "reception"})
_ARGUMENT = re.compile(r"<(?:[^:<>]+:)?(\w+)>")


@dataclass
class Walk:
    """A town with a visitor in the building and a walk-in, and everybody who works there."""

    town: Town
    app: AudiencedFlask
    came: Came
    values: dict[str, str]

    def signed_in(self, role: str) -> Person:
        client = self.app.test_client()
        with self.town.storage.transaction(write=True) as db:
            number = f"00{('staff', 'manager', 'personnel', 'site_admin', 'reception').index(role)}"
            who = people.find(db, number) or people.add(db, number=number, name=role, roles=("staff", role), now=NOW)
            signed_in = SignedIn(who.id, 1, assurance.ONE_FACTOR, NOW, role)
            sessions.begin(db, signed_in)
            kept = {"id": who.id, "epoch": 1, "acr": signed_in.acr, "since": int(NOW.timestamp()), "session": role}
        with client.session_transaction(base_url=OWN) as session:
            session["who"] = kept
        return Person(client)

    def paths(self) -> Iterator[str]:
        """Every address that a browser may GET, with the ids of what there is."""
        for rule in self.app.url_map.iter_rules():
            declared = self.app.declared[rule.endpoint.rpartition(".")[0]]
            mine = declared.kind is Kind.PAGES and declared.audience not in {Audience.PUBLIC, Audience.VISITOR}
            if mine and "GET" in (rule.methods or ()) and (path := self._filled(rule)):
                yield path

    def _filled(self, rule: Rule) -> str:
        return _ARGUMENT.sub(lambda found: self.values.get(found[1], str(uuid4())), rule.rule)

    def looks(self) -> int:
        with self.town.storage.transaction() as db:
            logged = select(func.count()).where(AuditEntry.event.in_(("manifest.viewed", "disclosed", "paper.viewed")))
            return db.scalar(logged) or 0


@pytest.fixture
def storage_url(databases: Databases, metadatas: tuple[MetaData, ...], tmp_path: Path) -> str:
    """One kind of database: what is looked at here is who is shown what."""
    return databases.sqlite(metadatas, tmp_path)


@pytest.fixture
def walk(host_town: Town, site_admin: Person) -> Walk:
    offered = offer(host_town, desks=6)
    came = books(host_town, offered, name=NAME)
    host_town.clock.now = NOW + timedelta(hours=1)  # type: ignore[attr-defined]
    site_admin.sends(f"/reception/places/{came.place}/arrive")
    walked = {"home": "埼玉県", "name": WALKED_IN, "desk": offered.desks[3]}
    assert site_admin.sends("/reception/walkin", walked).status_code == 303
    call = begins(site_admin, host_town)
    values = {"booking_id": came.id, "place_id": str(came.place), "key": str(came.place), "call_id": call}
    values |= {"site_id": offered.site, "room_id": offered.room, "desk_id": offered.desks[0]}
    return Walk(host_town, app_of(host_town), came, values)


@pytest.mark.parametrize("role", ["staff", "manager", "personnel", "site_admin", "reception"])
def test_a_name_is_shown_to_few_and_never_unlogged(walk: Walk, role: str) -> None:
    person, shown = walk.signed_in(role), set()
    for path in walk.paths():
        before = walk.looks()
        answer = person.opens(path)
        if any(name in answer.get_data(as_text=True) for name in (NAME, WALKED_IN)):
            shown.add(path)
            assert walk.looks() > before, f"{path} shows a name, and the log does not have it"
    assert bool(shown) == (role in ALLOWED), f"{role} is shown a name at {sorted(shown)}"


def test_the_preview_of_a_closure_logs_the_names_it_shows(walk: Walk, site_admin: Person) -> None:
    before = walk.looks()
    asked = (
        f"/admin/closures/new?place={walk.came.offered.room}&template=assembly"
        "&start_day=2026-11-24&start_time=11:00&end_day=2026-11-24&end_time=17:00"
    )
    assert NAME in site_admin.reads(asked)
    assert walk.looks() > before
