"""☆: a site or desk is marked where it is found, and found again by one press."""

import pytest

from federation.storage import Storage
from node.home import favourites
from node.people import staff as directory
from tests.node.fakehost import DESK, DESK_ID, HOST, SITE
from tests.node.home.conftest import NOW
from tests.node.views.conftest import FakeRegistry, Person
from tests.node.views.desks import statements
from tests.node.views.test_search import desk_id, free

AT = "/search?near=九段下&day=2026-11-24&slot=afternoon"


def marks(person: Person, kind: str = "site", **changes: str) -> str:
    person.opens(AT)
    form = {"host": HOST, "desk": DESK_ID, "kind": kind, "back": AT.partition("?")[2]}
    return person.sends("/favourites", {**form, **changes}).headers.get("Location", "")


def test_a_marked_site_stands_on_the_start_page_and_among_the_places(person: Person) -> None:
    assert marks(person).startswith("/search?near=")
    page = person.opens("/").text
    assert 'list="known-places"' in page
    assert f'<option value="{SITE.name}">' in page
    assert "★ お気に入りから外す（千代田合同庁舎）" in person.opens(AT).text


def test_a_marked_desk_leads_to_its_booking(person: Person) -> None:
    marks(person, "desk")
    assert "千代田合同庁舎 A-1" in person.reads("/")
    assert "この席を予約へ" in person.reads("/")


def test_a_mark_is_taken_away(person: Person) -> None:
    marks(person)
    assert "お気に入り" in person.reads("/")
    person.sends("/favourites/remove", {"url": SITE.url})
    assert "お気に入り" not in person.reads("/").replace("お気に入りから外しました", "")


def test_one_marks_twice_and_has_it_once(person: Person) -> None:
    marks(person)
    marks(person)
    assert person.opens("/").text.count("★ 外す（") == 1


@pytest.mark.parametrize("desk", ["", "x", "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1cffff"])
def test_what_nobody_has_seen_cannot_be_marked(person: Person, desk: str) -> None:
    person.opens(AT)
    assert person.sends("/favourites", {"host": HOST, "desk": desk}).status_code == 404


def test_the_way_back_leads_to_no_other_place(person: Person) -> None:
    assert marks(person, back="//evil.example/").startswith("/search?")


def test_a_mark_is_ones_own(person: Person, storage: Storage) -> None:
    person.opens(AT)
    with storage.transaction(write=True) as db:
        other = directory.add(db, number="000002", name="同僚 花子", section="財政課", now=NOW)
        favourites.mark(db, other.id, HOST, DESK_ID, whole_site=False, now=NOW)
    assert DESK.name not in person.reads("/")


def test_there_is_an_end_to_marking(person: Person, storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(favourites, "MOST", 1)
    marks(person)
    marks(person, "desk")
    page = person.reads("/")
    assert "お気に入りは30件までです" in page
    assert "A-1" not in page


def test_more_marks_and_more_desks_need_no_more_statements(person: Person, registry: FakeRegistry) -> None:
    marks(person)
    few = [statements(person, path) for path in ("/", AT)]
    registry.desks = tuple(free(number) for number in range(2, 12))
    marks(person, "desk")
    for number in range(2, 8):
        marks(person, "desk", desk=desk_id(number))
    assert [statements(person, path) for path in ("/", AT)] == few
