"""掲載の届き具合: what the registry has said of reading our feeds, in words that say what to do."""

from datetime import datetime, timedelta

import pytest

from federation.messages.harvest import Fault, HarvestReport, Reading
from node.host import harvested
from node.town import Town
from tests.node.home.conftest import NOW
from tests.node.views.conftest import Person
from tests.node.views.desks import Offered, offer

PATH = "/admin/feeds"
REFUSED = "連携基盤が受け付けなかった内容"


@pytest.fixture
def offered(host_town: Town) -> Offered:
    return offer(host_town)


def hears(town: Town, *faults: Fault, complete_at: datetime = NOW, error: str = "") -> None:
    reading = Reading(feed="listings", number=1, complete_at=complete_at, error=error)
    with town.storage.transaction(write=True) as db:
        harvested.keep(db, HarvestReport(as_of=NOW, readings=(reading,), faults=faults), NOW)


def test_what_was_refused_is_named_with_the_way_to_mend_it(
    site_admin: Person, host_town: Town, offered: Offered
) -> None:
    desk = offered.desks[0]
    hears(host_town, Fault(feed="listings", kind="desk", id=desk, detail="url is not on https://…", seen_at=NOW))
    assert f'href="/admin/desks/{desk}"' in site_admin.client.get(PATH).text
    page = site_admin.reads(PATH)
    assert "受け付けられなかった内容" in page
    assert "url is not on" in page
    assert f"{REFUSED}が1件あります" in site_admin.reads("/admin")


def test_a_registry_that_does_not_come_is_a_thing_to_do(site_admin: Person, host_town: Town) -> None:
    hears(host_town, complete_at=NOW - timedelta(minutes=11), error="peer-unreachable: no route")
    assert "peer-unreachable: no route" in site_admin.reads(PATH)
    assert "連携基盤が10分以上この団体の掲載を読み取れていません。" in site_admin.reads("/admin")
    hears(host_town)
    assert "10分以上" not in site_admin.reads("/admin")


def test_a_first_reading_that_has_only_begun_is_not_late(host_town: Town) -> None:
    for failures, late in ((0, False), (harvested.OFTEN, True)):
        reading = Reading(feed="listings", failures=failures, error="peer-unreachable" if failures else "")
        with host_town.storage.transaction(write=True) as db:
            harvested.keep(db, HarvestReport(as_of=NOW, readings=(reading,)), NOW)
            assert harvested.harvested(db, NOW).late is late


def test_what_is_still_unread_is_counted(host_town: Town, offered: Offered) -> None:
    hears(host_town)
    with host_town.storage.transaction() as db:
        stand = harvested.harvested(db, NOW)
    listings = stand.feeds[0]
    assert (listings.feed, listings.unread) == ("listings", listings.items - 1)
    assert not stand.late


@pytest.mark.usefixtures("offered")
def test_what_is_still_unread_is_not_said_to_have_arrived(site_admin: Person, host_town: Town) -> None:
    hears(host_town)
    (host_town.config.data / "anchor.json").write_text("{}", encoding="utf-8")
    page = site_admin.reads(PATH)
    assert "読み取りを待っている変更があります" in page
    assert "掲載した内容は連携基盤に届いています" not in page


def test_a_registry_that_is_away_is_said(site_admin: Person) -> None:
    answer = site_admin.sends(f"{PATH}/ask")
    assert answer.status_code == 303
    assert "連携基盤に問い合わせられませんでした" in site_admin.reads(PATH)
