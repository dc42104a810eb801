"""The anchor's endpoints (OpenID Federation 1.1, 8 and 9), and the recovery of its key."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from federation import keys
from federation.errors import BadInput, TrustBroken
from federation.tokens import HISTORICAL_KEYS, peek
from federation.trust import Pins, verify_anchor
from registry import custody, rekeying
from registry.bureau import Bureau
from registry.jobs import sign_statements
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


def recovery_key(bureau: Bureau) -> Path:
    return custody.folder(bureau.config) / custody.RECOVERY


def test_the_recovery_key_alone_names_another_online_key(
    join: Join, bureau: Bureau, client: FlaskClient, pins: Pins, clock: Clock
) -> None:
    komae = join("狛江市")
    new = custody.revoke(
        bureau.config, bureau.seal, "federation", now=clock(), reason="superseded", recovery=recovery_key(bureau)
    )
    rekeying.publish(bureau, "lost", by="operator")
    configuration = client.get("/.well-known/openid-federation").text
    assert set(verify_anchor(configuration, pins, now=clock()).keys) == {new.kid} != {pins.online}
    assert bureau.members.anchor().keys.keys() == {new.kid}
    assert komae.entity_id in client.get("/federation/list").text
    (former,) = HISTORICAL_KEYS.verify(
        client.get("/federation/historical-keys").text, bureau.seal.trusted(), now=clock(), issuer=REGISTRY
    )["keys"]
    assert (former["kid"], former["revoked"]["reason"]) == (pins.online, "superseded")


def test_the_online_key_is_rotated_with_an_overlap(
    join: Join, bureau: Bureau, client: FlaskClient, pins: Pins, clock: Clock
) -> None:
    join("狛江市")
    new = custody.rotate(bureau.config, bureau.seal, "federation", now=clock(), recovery=recovery_key(bureau))
    rekeying.publish(bureau, "rotated", by="operator")
    for days, signer, known in ((0, pins.online, 2), (1, new.kid, 2), (2, new.kid, 1)):
        clock.advance(days=days)
        sign_statements(bureau)
        configuration = client.get("/.well-known/openid-federation").text
        assert peek(configuration).header["kid"] == signer
        assert len(verify_anchor(configuration, pins, now=clock()).keys) == known


@pytest.mark.parametrize("file", ["other.pem", "absent.pem", None])
def test_another_key_recovers_nothing(
    bureau: Bureau, tmp_path: Path, clock: Clock, pins: Pins, file: str | None
) -> None:
    keys.store(tmp_path / "other.pem", keys.make())
    recovery = tmp_path / file if file else None
    with pytest.raises(BadInput):
        custody.rotate(bureau.config, bureau.seal, "federation", now=clock(), recovery=recovery)
    with pytest.raises(BadInput):
        custody.revoke(bureau.config, bureau.seal, "federation", now=clock(), reason="compromised", recovery=recovery)
    assert bureau.seal.federation.current.kid == pins.online


def test_a_forged_configuration_of_the_anchor_is_refused(bureau: Bureau, pins: Pins, clock: Clock) -> None:
    forged = replace(bureau.seal, federation=keys.ring_of(keys.make())).configuration(clock())
    with pytest.raises(TrustBroken):
        verify_anchor(forged, pins, now=clock())


def test_secrets_are_files_that_only_their_owner_reads(bureau: Bureau) -> None:
    files = [path for path in custody.folder(bureau.config).iterdir() if path.is_file()]
    assert {oct(path.stat().st_mode & 0o077) for path in files} == {"0o0"}
