"""What members declare in a disaster: checked, handed on to every member, and ended without anybody's word."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from federation.messages.base import written
from registry import emergencies, jobs
from registry.bureau import Bureau
from registry.models import Emergency, FeedFault
from registry.pings import Pings
from tests.registry.test_standing import suspend
from tests.registry.towns import NOW, Clock, Network, Town, json_of

Join = Callable[..., Town]
Harvest = Callable[[], None]


@pytest.fixture
def komae(join: Join) -> Town:
    return join("狛江市")


def declare(town: Town, **changes: Any) -> str:
    site = str(changes.pop("site_id", uuid.uuid4()))
    said = {
        "site_id": site,
        "site_name": "狛江市役所",
        "kind": "opening",
        "reason": "地震のため",
        "since": written(NOW),
        "until": written(NOW + timedelta(days=2)),
    }
    town.publish("offers", "emergency", changes.pop("id", site), {**said, **changes})
    return site


def handed_on(town: Town, client: FlaskClient) -> list[dict[str, Any]]:
    answer = town.get(client, "/feeds/emergencies", scope="feed")
    return [item for item in json_of(answer)["items"] if item["state"] == "updated"]


def count(bureau: Bureau, table: Any) -> int:
    with bureau.storage.transaction() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def test_what_one_member_declares_every_member_reads(
    komae: Town, join: Join, harvest: Harvest, client: FlaskClient
) -> None:
    site = declare(komae)
    harvest()
    (item,) = handed_on(join("埼玉県"), client)
    assert (item["id"], item["data"]["entity_id"]) == (f"{komae.entity_id} {site}", komae.entity_id)


def test_nobody_declares_anything_in_anothers_name(
    komae: Town, join: Join, harvest: Harvest, client: FlaskClient
) -> None:
    declare(komae, entity_id="https://node.tokyo.example")
    harvest()
    (item,) = handed_on(join("埼玉県"), client)
    assert item["data"]["entity_id"] == komae.entity_id


@pytest.mark.parametrize("changed", [
    {"until": "2026-12-24T00:00:00Z"}, {"until": "2026-11-23T00:00:00Z"}, {"reason": "x" * 201}, {"kind": "party"},
    {"site_name": ""}, {"site_name": "a\x00b"}, {"site_name": "あ\u202eい"}, {"extra_desks": -1}, {"extra_desks": 10_000},
    {"site_id": "1"}, {"id": "another"},
])  # fmt: skip
def test_what_cannot_be_right_is_handed_on_to_nobody(
    komae: Town, harvest: Harvest, bureau: Bureau, changed: dict[str, Any]
) -> None:
    declare(komae, **changed)
    harvest()
    assert (count(bureau, Emergency), count(bureau, FeedFault)) == (0, 1)


def test_a_member_cannot_flood_the_others(komae: Town, harvest: Harvest, bureau: Bureau) -> None:
    for _ in range(emergencies.MOST + 3):
        declare(komae)
    harvest()
    assert (count(bureau, Emergency), count(bureau, FeedFault)) == (emergencies.MOST, 3)


def test_a_site_has_one_word_and_the_newest_counts(
    komae: Town, join: Join, harvest: Harvest, client: FlaskClient
) -> None:
    site = declare(komae)
    declare(komae, site_id=site, kind="closing")
    harvest()
    assert [item["data"]["kind"] for item in handed_on(join("埼玉県"), client)] == ["closing"]


def test_it_is_taken_back_by_its_town_and_by_time(
    komae: Town, join: Join, harvest: Harvest, client: FlaskClient, bureau: Bureau, clock: Clock
) -> None:
    first, _second = declare(komae), declare(komae, until=written(NOW + timedelta(hours=1)))
    harvest()
    komae.publish("offers", "emergency", first, None)
    harvest()
    reader = join("埼玉県")
    assert len(handed_on(reader, client)) == 1
    clock.advance(hours=1)
    jobs.purge(bureau)
    assert handed_on(reader, client) == []


def test_a_suspended_towns_word_is_handed_on_no_longer(
    komae: Town, join: Join, harvest: Harvest, client: FlaskClient, bureau: Bureau
) -> None:
    declare(komae)
    harvest()
    suspend(bureau, komae)
    assert handed_on(join("埼玉県"), client) == []


def test_every_member_is_pinged_at_once(komae: Town, harvest: Harvest, bureau: Bureau, network: Network) -> None:
    pings = Pings(bureau)
    pings.send()
    network.pinged.clear()
    declare(komae)
    harvest()
    assert (pings.send(), network.pinged) == (1, [komae.entity_id])
    assert pings.send() == 0
