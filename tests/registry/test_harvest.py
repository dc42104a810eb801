"""What a member's feed may say, and what becomes of the rest."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from federation.members import Member
from federation.messages.feed import FeedPage
from federation.messages.harvest import HarvestReport
from registry import oversight, reading
from registry.bureau import Bureau
from registry.models import Desk, FeedReading, FreeRange, Offer, Site
from tests.registry.towns import NOW, Clock, Network, Town

START = NOW + timedelta(days=1)
END = START + timedelta(hours=2)
NEAR = {"lat": 35.635, "lon": 139.579}
Join = Callable[[str], Town]
Harvest = Callable[[], None]


@pytest.fixture
def komae(join: Join) -> Town:
    return join("狛江市")


@pytest.fixture
def saitama(join: Join, komae: Town) -> Town:
    town = join("埼玉県")
    komae.agree(town)
    return town


_ELSEWHERE = {"url": f"https://evil.example/photos/{'a' * 64}", "width": 480, "height": 360}
PHOTO_ELSEWHERE = {"alt": "正面玄関", "large": _ELSEWHERE, "small": _ELSEWHERE}


def faults(bureau: Bureau, town: Town) -> list[tuple[str, str]]:
    with bureau.storage.transaction() as db:
        member = db.scalar(select(Member.id).where(Member.entity_id == town.entity_id)) or 0
        return [(fault.kind, fault.item_id) for fault in oversight.faults(db, member)]


def count(bureau: Bureau, table: Any) -> int:
    with bureau.storage.transaction() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def test_a_site_of_another_municipality_is_skipped_and_shown(
    komae: Town, saitama: Town, harvest: Harvest, bureau: Bureau
) -> None:
    forged = komae.open_site(35.63, 139.58, municipality_code=saitama.code)
    right = komae.open_site(35.63, 139.58)
    harvest()
    assert faults(bureau, komae) == [("site", forged)]
    with bureau.storage.transaction() as db:
        assert db.scalars(select(Site.id)).all() == [right]


@pytest.mark.parametrize("changed", [
    {"url": "https://evil.example/sites/1"}, {"url": "http://localhost:8001.evil.example/x"}, {"lat": 139.58, "lon": 35.63},
    {"lat": None}, {"name": ""}, {"name": "x" * 201}, {"name": "a\x00b"}, {"id": "1"}, {"id": str(uuid.uuid4())},
    {"municipality_code": "132190"}, {"lat": "35.6"}, {"stations": [{"name": "駅", "walk_minutes": -1}]},
    {"half_days": {"noon_end": "25:00"}}, {"photos": [PHOTO_ELSEWHERE]}, {"photos": [{**PHOTO_ELSEWHERE, "alt": ""}]},
])  # fmt: skip
def test_a_site_that_cannot_be_right_is_never_indexed(
    komae: Town, harvest: Harvest, bureau: Bureau, changed: dict[str, Any]
) -> None:
    komae.open_site(35.63, 139.58, **changed)
    harvest()
    assert (count(bureau, Site), len(faults(bureau, komae))) == (0, 1)


def test_a_desk_keeps_its_last_good_copy_and_the_fault_goes_when_it_is_mended(
    komae: Town, saitama: Town, harvest: Harvest, bureau: Bureau, client: FlaskClient
) -> None:
    desk = komae.open_desk(komae.open_site(35.63, 139.58), start=START)
    harvest()
    good = next(item.data for item in komae.feeds["listings"] if item.id == desk)
    komae.publish("listings", "desk", desk, {**(good or {}), "privacy": "cosy"})
    harvest()
    assert len(saitama.search(client, START, END, **NEAR)) == 1
    assert faults(bureau, komae) == [("desk", desk)]
    komae.publish("listings", "desk", desk, good)
    harvest()
    assert faults(bureau, komae) == []


def test_a_member_cannot_touch_anothers_desk(komae: Town, saitama: Town, harvest: Harvest, client: FlaskClient) -> None:
    desk = komae.open_desk(komae.open_site(35.63, 139.58), start=START)
    saitama.publish("listings", "desk", desk, None)
    saitama.free(desk)
    saitama.publish("offers", "free", desk, None)
    saitama.publish("listings", "site", desk, {"id": desk, "url": f"{komae.entity_id}/sites/{desk}"})
    harvest()
    assert [found["desk"]["id"] for found in saitama.search(client, START, END, **NEAR)] == [desk]


def test_a_desk_that_is_read_before_its_site_is_found_once_the_site_is_there(
    komae: Town, saitama: Town, harvest: Harvest, client: FlaskClient
) -> None:
    site = komae.open_site(35.63, 139.58)
    komae.open_desk(site, start=START)
    held = komae.feeds["listings"].pop(0)
    harvest()
    assert saitama.search(client, START, END, **NEAR) == []
    komae.publish("listings", "site", site, held.data)
    harvest()
    assert len(saitama.search(client, START, END, **NEAR)) == 1


@pytest.mark.parametrize("ranges", [
    [("2026-11-25T00:00:00Z", "2026-11-25T02:00:00Z"), ("2026-11-25T01:00:00Z", "2026-11-25T03:00:00Z")],
    [("2026-11-25T02:00:00Z", "2026-11-25T03:00:00Z"), ("2026-11-25T00:00:00Z", "2026-11-25T01:00:00Z")],
    [("2026-11-25T02:00:00Z", "2026-11-25T02:00:00Z")], [("2026-11-25T02:00:00", "2026-11-25T03:00:00")],
    [("1026-11-25T02:00:00Z", "2026-11-25T03:00:00Z")],
])  # fmt: skip
def test_free_ranges_that_make_no_sense_leave_the_old_ones_in_doubt(
    komae: Town, saitama: Town, harvest: Harvest, client: FlaskClient, clock: Clock, ranges: list[tuple[str, str]]
) -> None:
    desk = komae.open_desk(komae.open_site(35.63, 139.58), start=START)
    harvest()
    told = [{"start": start, "end": end} for start, end in ranges]
    komae.publish("offers", "free", desk, {"desk_id": desk, "ranges": told, "as_of": "2026-11-24T00:00:00Z"})
    clock.advance(minutes=20)
    harvest()
    (found,) = saitama.search(client, START, END, **NEAR)
    assert found["stale"] is True


def test_what_is_withdrawn_is_gone(komae: Town, saitama: Town, harvest: Harvest, bureau: Bureau) -> None:
    site = komae.open_site(35.63, 139.58)
    desk = komae.open_desk(site, start=START)
    offer = komae.agree(saitama)
    harvest()
    for feed, kind, name in [
        ("listings", "site", site), ("listings", "desk", desk), ("offers", "free", desk), ("offers", "agreement", offer)
    ]:  # fmt: skip
        komae.publish(feed, kind, name, None)
    harvest()
    assert [count(bureau, table) for table in (Site, Desk, FreeRange, Offer)] == [0, 0, 0, 1]


def test_a_kind_from_a_newer_version_is_no_fault(komae: Town, harvest: Harvest, bureau: Bureau) -> None:
    komae.publish("listings", "sauna", "1", {"hot": True})
    harvest()
    assert faults(bureau, komae) == []


def test_one_town_that_is_down_stops_nobody_else(
    join: Join, komae: Town, saitama: Town, harvest: Harvest, client: FlaskClient, bureau: Bureau
) -> None:
    komae.open_desk(komae.open_site(35.63, 139.58), start=START)
    join("秩父市").up = False
    harvest()
    assert len(saitama.search(client, START, END, **NEAR)) == 1
    with bureau.storage.transaction() as db:
        errors = db.scalars(select(FeedReading.error).where(FeedReading.error != "")).all()
    assert [error.partition(":")[0] for error in errors] == ["peer-unreachable"] * 2


def test_a_page_that_breaks_the_rules_is_told_and_the_old_copy_stays(
    komae: Town, saitama: Town, harvest: Harvest, client: FlaskClient, bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    komae.open_desk(komae.open_site(35.63, 139.58), start=START)
    harvest()
    monkeypatch.setattr(Town, "page", lambda _town, url: FeedPage(next="https://evil.example/feeds/listings"))
    harvest()
    assert len(saitama.search(client, START, END, **NEAR)) == 1
    with bureau.storage.transaction() as db:
        assert all("elsewhere" in error for error in db.scalars(select(FeedReading.error)))


def test_only_so_many_faults_are_kept(komae: Town, harvest: Harvest, bureau: Bureau) -> None:
    for number in range(210):
        komae.publish("listings", "site", f"{number}", {"id": "x"})
    harvest()
    assert len(faults(bureau, komae)) == 200


def test_a_ping_makes_the_reading_prompt_and_tells_the_clock(
    komae: Town, harvest: Harvest, bureau: Bureau, client: FlaskClient, clock: Clock
) -> None:
    harvest()
    assert reading.harvest(bureau) == 0
    clock.advance(seconds=-4)
    form = {"feed": "offers", "client_assertion": komae.assertion(), "client_id": komae.entity_id}
    clock.advance(seconds=4)
    form["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert client.post("/api/v1/pings", data=form).status_code == 202
    assert reading.harvest(bureau) == 1
    with bureau.storage.transaction() as db:
        assert [row.offset for row in oversight.watched(db, clock())] == [-4.0]


def test_a_ping_without_a_members_word_is_refused(komae: Town, client: FlaskClient, network: Network) -> None:
    stranger = Town("川越市", 8999, komae.clock)
    for assertion, status in [(stranger.assertion(), 403), ("x", 401), ("", 401)]:
        form = {"feed": "offers", "client_assertion": assertion}
        form["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        assert client.post("/api/v1/pings", data=form).status_code == status


def test_two_workers_do_not_read_one_feed_at_once(komae: Town, bureau: Bureau) -> None:
    with bureau.storage.transaction(write=True) as db:
        first = reading.claim(db, bureau.clock(), bureau.config.harvest_every)
    with bureau.storage.transaction(write=True) as db:
        assert (len(first), reading.claim(db, bureau.clock(), bureau.config.harvest_every)) == (2, [])


def test_a_member_hears_how_its_own_feeds_are_read_and_of_nobody_elses(
    komae: Town, saitama: Town, harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(komae.open_site(35.63, 139.58), start=START)
    komae.publish("listings", "site", "broken", {"id": "x"})
    harvest()
    own = HarvestReport.read(komae.get(client, "/api/v1/harvest", "feed").data)
    assert {(one.feed, one.number, one.error) for one in own.readings} == {("listings", 3, ""), ("offers", 2, "")}
    assert [(one.feed, one.kind, one.id) for one in own.faults] == [("listings", "site", "broken")]
    assert HarvestReport.read(saitama.get(client, "/api/v1/harvest", "feed").data).faults == ()
    assert client.get("/api/v1/harvest").status_code == 401
