"""Suspending and lifting, and how the nodes learn of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from federation import audit, events, keys
from federation.errors import BadInput, Conflict, NotFound, SecondOperatorNeeded
from federation.status import StatusList
from federation.tokens import peek
from federation.trust import verify_status_list
from registry import custody, rekeying
from registry.bureau import Bureau
from registry.jobs import sign_status_list
from registry.membership import standing, statements
from registry.pings import Pings
from tests.registry.towns import NOW, REGISTRY, Clock, Network, Town, json_of, problem

START = NOW + timedelta(days=1)
END = START + timedelta(hours=2)
NEAR = {"lat": 35.635, "lon": 139.579}
Join = Callable[..., Town]


@pytest.fixture
def komae(join: Join) -> Town:
    return join("狛江市")


def member_id(bureau: Bureau, town: Town) -> int:
    with bureau.storage.transaction() as db:
        return statements.get_member(db, town.entity_id).id


def suspend(bureau: Bureau, town: Town, *, emergency: bool = True, reason: str = "鍵の漏えい") -> int:
    number = member_id(bureau, town)
    with bureau.storage.transaction(write=True) as db:
        return standing.suspend(db, number, reason=reason, emergency=emergency, by="alice", now=bureau.clock()).id


def confirm(bureau: Bureau, asked: int, by: str) -> None:
    with bureau.storage.transaction(write=True) as db:
        standing.confirm(db, asked, by=by, now=bureau.clock())


def lift(bureau: Bureau, asked: int, reason: str = "鍵を交換した") -> None:
    with bureau.storage.transaction(write=True) as db:
        standing.lift(db, asked, reason=reason, by="bob", now=bureau.clock())


def newest(bureau: Bureau, client: FlaskClient) -> StatusList:
    sign_status_list(bureau)
    token = client.get("/federation/status-list").text
    return verify_status_list(token, anchor=bureau.seal.anchor, now=bureau.clock())


def test_a_suspension_waits_for_a_second_operator(komae: Town, bureau: Bureau, client: FlaskClient) -> None:
    asked = suspend(bureau, komae, emergency=False)
    assert newest(bureau, client).status(0) == "valid"
    with pytest.raises(SecondOperatorNeeded):
        confirm(bureau, asked, "alice")
    confirm(bureau, asked, "bob")
    assert newest(bureau, client).status(0) == "suspended"


def test_an_emergency_is_in_force_at_once_and_confirmed_afterwards(
    komae: Town, bureau: Bureau, client: FlaskClient
) -> None:
    asked = suspend(bureau, komae)
    assert newest(bureau, client).status(0) == "suspended"
    confirm(bureau, asked, "bob")
    with pytest.raises(Conflict):
        confirm(bureau, asked, "carol")


def test_a_suspended_town_gets_no_token_and_is_found_by_nobody(
    komae: Town, join: Join, bureau: Bureau, harvest: Callable[[], None], client: FlaskClient
) -> None:
    saitama = join("埼玉県")
    komae.open_desk(komae.open_site(35.63, 139.58), start=START)
    komae.agree(saitama)
    harvest()
    suspend(bureau, komae)
    assert saitama.search(client, START, END, **NEAR) == []
    with pytest.raises(AssertionError, match="invalid_client"):
        komae.token(client, "search")


def test_a_token_from_before_the_suspension_is_refused(
    komae: Town, bureau: Bureau, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = komae.token(client, "feed")
    suspend(bureau, komae)
    monkeypatch.setattr(Town, "token", lambda *_given: kept)
    answer = komae.get(client, "/feeds/members", "feed")
    assert (answer.status_code, problem(answer)) == (403, "member-suspended")


def test_lifting_brings_everything_back(
    komae: Town, join: Join, bureau: Bureau, harvest: Callable[[], None], client: FlaskClient
) -> None:
    saitama = join("埼玉県")
    komae.open_desk(komae.open_site(35.63, 139.58), start=START)
    komae.agree(saitama)
    harvest()
    lift(bureau, suspend(bureau, komae))
    assert len(saitama.search(client, START, END, **NEAR)) == 1
    assert newest(bureau, client).status(0) == "valid"


def test_a_suspended_towns_listings_leave_the_catalogue(
    komae: Town, join: Join, bureau: Bureau, harvest: Callable[[], None], client: FlaskClient
) -> None:
    saitama = join("埼玉県")
    komae.open_site(35.63, 139.58)
    harvest()
    asked = suspend(bureau, komae)
    (item,) = json_of(saitama.get(client, "/feeds/catalogue", "feed"))["items"]
    assert item["state"] == "deleted"
    lift(bureau, asked)
    (item,) = json_of(saitama.get(client, "/feeds/catalogue", "feed"))["items"]
    assert item["state"] == "updated"


def test_a_request_can_be_withdrawn_before_it_is_in_force(komae: Town, bureau: Bureau, client: FlaskClient) -> None:
    lift(bureau, suspend(bureau, komae, emergency=False), "誤り")
    assert newest(bureau, client).status(0) == "valid"


def test_decisions_need_reasons_and_happen_once(komae: Town, bureau: Bureau) -> None:
    with pytest.raises(BadInput):
        suspend(bureau, komae, reason=" ")
    asked = suspend(bureau, komae)
    with pytest.raises(Conflict):
        suspend(bureau, komae)
    with pytest.raises(BadInput):
        lift(bureau, asked, "")
    lift(bureau, asked)
    with pytest.raises(Conflict):
        lift(bureau, asked)
    with pytest.raises(NotFound):
        lift(bureau, 999)


def test_every_decision_stands_in_the_audit_log(komae: Town, bureau: Bureau) -> None:
    lift(bureau, suspend(bureau, komae))
    with bureau.storage.transaction() as db:
        assert audit.verify(db)
        events = [row["event"] for row in audit._rows(db)]
    assert events == ["invite", "enrol", "admit", "suspend", "lift"]


def test_the_list_is_signed_every_minute_and_fetched_only_when_it_changed(
    komae: Town, bureau: Bureau, client: FlaskClient, clock: Clock
) -> None:
    first = client.get("/federation/status-list")
    again = client.get("/federation/status-list", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    clock.advance(minutes=1)
    sign_status_list(bureau)
    later = client.get("/federation/status-list", headers={"If-None-Match": first.headers["ETag"]})
    assert (later.status_code, later.mimetype) == (200, "application/statuslist+jwt")


def test_a_trust_mark_stands_and_falls_with_its_bearer(komae: Town, bureau: Bureau, client: FlaskClient) -> None:
    query = {"trust_mark_type": f"{REGISTRY}/trust-marks/municipality", "sub": komae.entity_id}
    mark = client.get("/federation/trust-mark", query_string=query).text
    assert _mark_status(client, mark) == "active"
    suspend(bureau, komae)
    assert _mark_status(client, mark) == "revoked"
    assert client.get("/federation/trust-mark", query_string=query).status_code == 404


def _mark_status(client: FlaskClient, mark: str) -> str:
    answer = client.post("/federation/trust-mark-status", data={"trust_mark": mark})
    assert answer.mimetype == "application/trust-mark-status-response+jwt"
    return str(peek(answer.text).claims["status"])


def test_the_others_are_told_at_once(join: Join, komae: Town, bureau: Bureau, network: Network) -> None:
    saitama, chichibu = join("埼玉県"), join("秩父市")
    pings = Pings(bureau)
    assert pings.send() == 0
    suspend(bureau, komae)
    chichibu.up = False
    assert (pings.send(), network.pinged, pings.send()) == (1, [saitama.entity_id], 0)


def test_all_are_pinged_when_one_has_other_keys(
    join: Join, komae: Town, bureau: Bureau, client: FlaskClient, network: Network, clock: Clock
) -> None:
    saitama = join("埼玉県", takes_events=True)
    pings = Pings(bureau)
    pings.send()
    clock.advance(hours=1)
    client.post("/api/v1/configurations", data=komae.configuration())
    assert pings.send() == 0
    komae.protocol = keys.ring_of(keys.make())
    clock.advance(hours=1)
    client.post("/api/v1/configurations", data=komae.configuration())
    assert (pings.send(), set(network.pinged), pings.send()) == (2, {komae.entity_id, saitama.entity_id}, 0)


def test_all_are_pinged_when_the_registry_has_other_keys(komae: Town, bureau: Bureau, network: Network) -> None:
    pings = Pings(bureau)
    pings.send()
    custody.revoke(bureau.config, bureau.seal, "protocol", now=bureau.clock(), reason="compromised")
    rekeying.publish(bureau, "protocol compromised", by="operator")
    assert (pings.send(), network.pinged, pings.send()) == (1, [komae.entity_id], 0)


def test_who_takes_events_is_pushed_a_signed_hint(join: Join, komae: Town, bureau: Bureau, network: Network) -> None:
    saitama = join("埼玉県", takes_events=True)
    pings = Pings(bureau)
    pings.send()
    suspend(bureau, komae)
    assert (pings.send(), network.pinged, pings.send()) == (1, [], 0)
    keys, now = bureau.seal.protocol.public(), bureau.clock()
    token = network.pushed[f"{saitama.entity_id}/api/v1/events"]
    hint = events.read(token, keys, issuer=REGISTRY, audience=saitama.entity_id, now=now)
    assert (hint.kind, hint.subject) == (events.STATUS_CHANGED, f"{REGISTRY}/federation/status-list")


def test_a_decision_moves_the_members_feed(join: Join, komae: Town, bureau: Bureau, client: FlaskClient) -> None:
    saitama = join("埼玉県")
    read_on = json_of(saitama.get(client, "/feeds/members", "feed"))["next"].partition("?")[2]
    suspend(bureau, komae)
    number = member_id(bureau, komae)
    with bureau.storage.transaction(write=True) as db:
        standing.publish(db, bureau.seal, number, bureau.clock())
    after = dict(part.split("=") for part in read_on.split("&"))
    (item,) = json_of(saitama.get(client, "/feeds/members", "feed", **after))["items"]
    assert item["id"] == komae.entity_id


def test_a_feed_from_before_is_gone(komae: Town, client: FlaskClient) -> None:
    old = komae.get(client, "/feeds/members", "feed", epoch="other", afterChangeNumber=1)
    assert (old.status_code, problem(old)) == (410, "feed-epoch-gone")
    assert komae.get(client, "/feeds/members", "feed", epoch="x", afterChangeNumber="-1").status_code == 400
