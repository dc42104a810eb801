"""The anchor's endpoints (OpenID Federation 1.1, 8 and 9), and the recovery of its key."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from federation import clock as time_of_day
from federation import keys
from federation.errors import BadInput, TrustBroken
from federation.tokens import HISTORICAL_KEYS, peek
from federation.trust import Pins, recovered, verify_anchor
from registry import custody
from registry.bureau import Bureau
from registry.jobs import sign_statements
from registry.membership import statements
from tests.registry.towns import REGISTRY, Clock, Town, json_of

Join = Callable[[str], Town]


@pytest.fixture
def pins(bureau: Bureau) -> Pins:
    return Pins(REGISTRY, bureau.seal.federation.current.kid, bureau.seal.recovery)


def test_the_configuration_verifies_under_the_pinned_key(client: FlaskClient, pins: Pins, clock: Clock) -> None:
    answer = client.get("/.well-known/openid-federation")
    assert answer.content_type == "application/entity-statement+jwt"
    anchor = verify_anchor(answer.text, pins, now=clock())
    assert anchor.token_endpoint == f"{REGISTRY}/oauth/token"


def test_a_statement_is_fetched_by_its_subject(join: Join, client: FlaskClient) -> None:
    komae = join("狛江市")
    answer = client.get("/federation/fetch", query_string={"sub": komae.entity_id, "iss": REGISTRY})
    assert answer.content_type == "application/entity-statement+jwt"
    assert peek(answer.text).claims["metadata"]["federation_entity"]["municipality_code"] == "132195"


@pytest.mark.parametrize(("query", "status", "error"), [
    ({}, 400, "invalid_request"), ({"sub": REGISTRY}, 400, "invalid_request"),
    ({"sub": "https://a.example"}, 404, "not_found"), ({"sub": "http://localhost:8001/"}, 404, "not_found"),
])  # fmt: skip
def test_fetch_refuses_in_the_words_of_the_standard(
    join: Join, client: FlaskClient, query: dict[str, str], status: int, error: str
) -> None:
    join("狛江市")
    answer = client.get("/federation/fetch", query_string=query)
    assert (answer.status_code, json_of(answer)["error"]) == (status, error)
    assert json_of(answer)["error_description"]


def test_the_list_names_the_members(join: Join, client: FlaskClient) -> None:
    towns = [join("狛江市"), join("埼玉県")]
    assert client.get("/federation/list").json == [town.entity_id for town in towns]
    assert client.get("/federation/list?intermediate=true").json == []
    assert client.get("/federation/list?trust_marked=true").status_code == 400


def test_bearers_of_the_mark_are_listed(join: Join, client: FlaskClient) -> None:
    komae = join("狛江市")
    kind = f"{REGISTRY}/trust-marks/municipality"
    assert client.get("/federation/trust-marked", query_string={"trust_mark_type": kind}).json == [komae.entity_id]
    assert client.get("/federation/trust-marked").status_code == 404


@pytest.mark.parametrize("mark", ["", "x", "a.b.c"])
def test_a_mark_of_nobodys_is_unknown(client: FlaskClient, mark: str) -> None:
    assert client.post("/federation/trust-mark-status", data={"trust_mark": mark}).status_code == 404


def test_former_keys_are_listed(bureau: Bureau, client: FlaskClient, clock: Clock) -> None:
    token = client.get("/federation/historical-keys").text
    assert HISTORICAL_KEYS.verify(token, bureau.seal.trusted(), now=clock(), issuer=REGISTRY)["keys"] == []


def test_the_recovery_key_alone_names_another_online_key(
    join: Join, bureau: Bureau, client: FlaskClient, pins: Pins, clock: Clock
) -> None:
    komae = join("狛江市")
    clock.now = max(clock.now, time_of_day.now())
    pem = custody.folder(bureau.config) / custody.RECOVERY
    said = custody.replace_online_key(bureau.config, bureau.seal, pem, clock())
    with bureau.storage.transaction(write=True) as db:
        statements.sign_own(db, bureau.seal, clock(), recovered=said)
    assert sign_statements(bureau) == 1
    configuration = client.get("/.well-known/openid-federation").text
    moved = recovered(configuration, pins, now=clock())
    assert moved is not None
    assert moved.online == bureau.seal.federation.current.kid != pins.online
    assert bureau.members.anchor().keys.keys() == {moved.online}
    assert komae.entity_id in client.get("/federation/list").text


def test_another_key_recovers_nothing(bureau: Bureau, tmp_path: Path, clock: Clock, pins: Pins) -> None:
    keys.store(tmp_path / "other.pem", keys.make())
    with pytest.raises(BadInput):
        custody.replace_online_key(bureau.config, bureau.seal, tmp_path / "other.pem", clock())
    with pytest.raises(BadInput):
        custody.replace_online_key(bureau.config, bureau.seal, tmp_path / "absent.pem", clock())
    assert bureau.seal.federation.current.kid == pins.online


def test_a_forged_configuration_of_the_anchor_is_refused(bureau: Bureau, pins: Pins, clock: Clock) -> None:
    forged = replace(bureau.seal, federation=keys.ring_of(keys.make())).configuration(clock())
    with pytest.raises(TrustBroken):
        verify_anchor(forged, pins, now=clock())


def test_secrets_are_files_that_only_their_owner_reads(bureau: Bureau) -> None:
    files = [path for path in custody.folder(bureau.config).iterdir() if path.is_file()]
    assert {oct(path.stat().st_mode & 0o077) for path in files} == {"0o0"}
