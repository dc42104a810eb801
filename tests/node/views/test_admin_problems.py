"""座席の不具合: a thing to do, until somebody has seen to it."""

import pytest

from federation.errors import TooMany
from node.host import problems
from node.town import Town
from tests.node.views.conftest import Person
from tests.node.views.desks import NOW, offer, statements

PATH = "/admin/problems"


@pytest.fixture
def desk(host_town: Town) -> str:
    return offer(host_town).desks[0]


def reports(town: Town, desk: str, words: str = "画面がつきません") -> str:
    with town.storage.transaction(write=True) as db:
        return problems.report(db, desk, kind="broken", words=words, by="https://home.example", now=NOW).id


def test_it_is_a_thing_to_do_until_it_is_seen_to(site_admin: Person, desk: str, host_town: Town) -> None:
    known = reports(host_town, desk)
    assert reports(host_town, desk) == known
    assert "座席の不具合が1件知らされています" in site_admin.reads("/admin")
    assert "画面がつきません" in site_admin.reads(PATH)
    for _twice in range(2):
        assert site_admin.sends(f"{PATH}/{known}/done", shown_on=PATH).status_code == 303
    assert "知らされている不具合はありません" in site_admin.reads(PATH)


def test_one_desk_bears_so_many_and_more_need_no_more_statements(
    site_admin: Person, desk: str, host_town: Town
) -> None:
    reports(host_town, desk)
    few = statements(site_admin, PATH)
    for number in range(problems.MOST_OPEN - 1):
        reports(host_town, desk, str(number))
    with pytest.raises(TooMany):
        reports(host_town, desk, "one more")
    assert statements(site_admin, PATH) == few


def test_what_is_not_there_is_not_found(site_admin: Person, desk: str) -> None:
    assert site_admin.sends(f"{PATH}/{desk}/done", shown_on=PATH).status_code == 404
