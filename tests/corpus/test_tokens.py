"""J01 to J20 at every door: each forged token is refused in the right words and leaves nothing; its twin is taken."""

import secrets

import pytest

from federation.jwk import from_base64url, to_base64url
from tests.corpus.attacks import FORMS, ORDER, injected
from tests.corpus.cases import case
from tests.corpus.doors import DOORS, Door
from tests.corpus.siege import Siege
from tests.corpus.target import REFETCHED

pytestmark = pytest.mark.peer


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest, siege: Siege) -> Door:
    return DOORS[request.param](siege)


@pytest.mark.parametrize("id_", FORMS)
def test_a_forged_token_is_refused(door: Door, id_: str) -> None:
    door.withstands(FORMS[id_], but=REFETCHED if id_ == "J10" else frozenset())


@case("J11", "F07", "F15")
def test_no_key_comes_from_a_header(door: Door, siege: Siege) -> None:
    door.withstands(injected(siege.bait.origin), but=REFETCHED)


def mirrored(token: str) -> str:
    """Return the same token with the other of its two valid signatures (ECDSA: s and n - s)."""
    head, payload, signature = token.split(".")
    raw = from_base64url(signature)
    s = ORDER - int.from_bytes(raw[32:])
    return f"{head}.{payload}.{to_base64url(raw[:32] + s.to_bytes(32))}"


@case("J18")
def test_what_counts_once_counts_once_under_any_signature(door: Door) -> None:
    if not door.once:
        return
    token = door.draft().text()
    door.welcomes(token)
    with door.target.unmoved(lines=door.lines * 2):
        door.refuses(token)
        door.refuses(mirrored(token))


@case("J18")
def test_the_same_jti_of_another_issuer_is_another_token(siege: Siege) -> None:
    jti = secrets.token_urlsafe(16)
    for town in (siege.home, siege.thief):
        grant = siege.grant(town).claiming(jti=jti).text()
        assertion = siege.assertion(siege.host, town).claiming(jti=f"a-{jti}").text()
        assert siege.redeem(grant, assertion=assertion).status_code == 200


@case("J17")
@pytest.mark.parametrize("seconds", [8, -8])
def test_clocks_may_differ_a_little(door: Door, seconds: int) -> None:
    draft = door.draft()
    times = {name: draft.claims[name] + seconds for name in ("iat", "exp") if name in draft.claims}
    if door.kind in {"CLIENT_ASSERTION", "VISIT_GRANT", "PROOF", "NODE_TOKEN", "PERSON_TOKEN"}:
        door.welcomes(draft.claiming(**times).text())


GARBAGE = ("x", "a.b.c", "..", "é" * 9, "{}", "null", "eyJ9.eyJ9.eyJ9", "%00", "A" * 3000, "'; --")


@case("J20")
def test_whatever_bytes_come_the_answer_is_a_refusal(door: Door) -> None:
    with door.target.unmoved(lines=door.lines * len(GARBAGE)):
        for text in GARBAGE:
            door.refuses(text)
    door.welcomes()
