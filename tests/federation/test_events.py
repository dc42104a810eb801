"""Security events: whose people they may be about, and for how long they are taken."""

from datetime import timedelta
from typing import Any

import pytest

from federation import events
from federation.errors import Forbidden, TokenExpired, TokenRefused
from federation.events import ACCOUNT_DISABLED, CREDENTIAL_CHANGE, SESSION_REVOKED, STATUS_CHANGED, SecurityEvent
from federation.keys import make, ring_of
from federation.tokens import EVENT, peek
from tests.federation.world import HOME, HOST, NOISE, NOW, REGISTRY

KEY = make()
KEYS = ring_of(KEY).public()
PERSON = {"format": "iss_sub", "iss": HOME, "sub": "Zm9v"}


def token(**changes: Any) -> str:
    said = {"iss": HOME, "aud": HOST, "sub_id": PERSON, "events": {ACCOUNT_DISABLED: {}}}
    return EVENT.sign(KEY, {**said, **changes}, now=NOW)


def read(token: str, *, issuer: str = HOME, **later: float) -> SecurityEvent:
    return events.read(token, KEYS, issuer=issuer, audience=HOST, now=NOW + timedelta(**later))


@pytest.mark.parametrize("kind", [ACCOUNT_DISABLED, SESSION_REVOKED, CREDENTIAL_CHANGE])
def test_what_is_signed_is_what_is_read(kind: str) -> None:
    said = SecurityEvent(kind, HOME, "Zm9v", NOW - timedelta(seconds=3), {"initiating_entity": "admin"})
    got = read(events.sign(KEY, said, audience=HOST, txn="t", now=NOW))
    assert (got.kind, got.issuer, got.subject, got.at) == (kind, HOME, "Zm9v", said.at)
    assert got.jti


def test_the_wire_has_the_form_of_shared_signals() -> None:
    said = SecurityEvent(SESSION_REVOKED, HOME, "Zm9v", NOW, {"initiating_entity": "user"})
    sent = peek(events.sign(KEY, said, audience=HOST, txn="t", now=NOW))
    when = int(NOW.timestamp())
    assert sent.header["typ"] == "secevent+jwt"
    assert {"sub", "exp"}.isdisjoint(sent.claims)
    assert (sent.claims["sub_id"], sent.claims["txn"], sent.claims["toe"]) == (PERSON, "t", when)
    assert sent.claims["events"] == {SESSION_REVOKED: {"initiating_entity": "user", "event_timestamp": when}}


def test_the_registry_speaks_of_its_status_list() -> None:
    uri = f"{REGISTRY}/federation/status-list"
    said = SecurityEvent(STATUS_CHANGED, REGISTRY, uri, NOW)
    assert read(events.sign(KEY, said, audience=HOST, txn="t", now=NOW), issuer=REGISTRY).subject == uri


@pytest.mark.parametrize(
    "sub_id",
    [
        {"format": "iss_sub", "iss": NOISE, "sub": "Zm9v"},
        {"format": "iss_sub", "iss": HOME, "sub": "Zm9v", "email": "a@b"},
        {"format": "opaque", "id": "Zm9v", "sub": "Zm9v"},
        {"format": "uri", "uri": f"{HOME}/federation/status-list"},
    ],
    ids=["of another town", "with more", "of another format", "no person"],
)
def test_nobody_speaks_of_anothers_people(sub_id: dict[str, str]) -> None:
    with pytest.raises(Forbidden):
        read(token(sub_id=sub_id))


@pytest.mark.parametrize(
    "changes",
    [
        {"sub_id": {"format": "iss_sub", "iss": HOME, "sub": "https://a.example/b"}},
        {"sub_id": {"format": "iss_sub", "iss": HOME, "sub": "a\u202eb"}},
        {"sub_id": {}},
        {"events": {"urn:of:something:else": {}}},
        {"events": {ACCOUNT_DISABLED: "now"}},
        {"toe": "now"},
        {"toe": int(NOW.timestamp()) + 60},
        {"toe": True},
        {"aud": NOISE},
    ],
    ids=str,
)
def test_what_has_no_sound_form_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        read(token(**changes))


def test_its_twin_that_is_sound_is_taken() -> None:
    assert read(token(toe=int(NOW.timestamp()))).subject == "Zm9v"


def test_an_event_is_taken_for_seven_days() -> None:
    assert read(token(), days=6, hours=23)
    with pytest.raises(TokenExpired):
        read(token(), days=7, minutes=1)
