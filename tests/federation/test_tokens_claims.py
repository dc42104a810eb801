"""J16 to J18 and A01 to A06: times, numbers, issuer, audience and subject, with joserfc's opinion where it has one."""

from datetime import timedelta
from typing import Any

import pytest

from federation import tokens
from federation.errors import TokenExpired, TokenRefused
from tests.federation.forgery import (
    ACCEPTED,
    HOME,
    HOST,
    IAT,
    KINDS,
    NOW,
    PAIR,
    STRANGER,
    claims,
    forged,
    peer_accepts,
    verify,
)

NAME = "VISIT_GRANT"
DAYS_LONG = {"AGREEMENT", "MONTHLY_REPORT", "ROLL_CALL", "FEED_PAGE", "HISTORICAL_KEYS", "ANCHOR_KEYS"}
REGISTRY = "https://registry.example"

TIMES = [
    ("J16 just expired", {"iat": IAT - 71, "exp": IAT - 11}, TokenExpired, False),
    ("J16 expired long ago", {"iat": IAT - 3660, "exp": IAT - 3600}, TokenExpired, False),
    ("J16 exp missing", {"exp": ...}, TokenRefused, False),
    ("J16 exp null", {"exp": None}, TokenRefused, False),
    ("J16 lives ten years", {"exp": IAT + 315_360_000}, TokenRefused, True),
    ("J16 lives a second too long", {"exp": IAT + 61}, TokenRefused, True),
    ("J16 exp before iat", {"iat": IAT + 5, "exp": IAT + 4}, TokenRefused, True),
    ("J16 exp at iat", {"exp": IAT}, TokenRefused, True),
    ("J14 exp a text", {"exp": str(IAT + 60)}, TokenRefused, False),
    ("J14 exp true", {"exp": True}, TokenRefused, False),
    ("J14 exp negative", {"exp": -1}, TokenRefused, False),
    ("J14 exp beyond any calendar", {"exp": 2**52}, TokenRefused, True),
    ("J16 iat missing", {"iat": ...}, TokenRefused, False),
    ("J17 iat 11 s ahead", {"iat": IAT + 11}, TokenExpired, False),
    ("J17 iat an hour ahead", {"iat": IAT + 3600, "exp": IAT + 3660}, TokenExpired, False),
    ("J17 nbf 11 s ahead", {"nbf": IAT + 11}, TokenExpired, False),
    ("J17 nbf a text", {"nbf": "0"}, TokenRefused, False),
    ("J18 jti missing", {"jti": ...}, TokenRefused, True),
    ("J18 jti empty", {"jti": ""}, TokenRefused, True),
    ("J18 jti a number", {"jti": 1}, TokenRefused, False),
    ("J18 jti of 129", {"jti": "j" * 129}, TokenRefused, True),
    ("A08 signed in tomorrow", {"auth_time": IAT + 86400}, TokenExpired, True),
    ("A08 acr missing", {"acr": ...}, TokenRefused, True),
    ("A08 acr a list", {"acr": ["2"]}, TokenRefused, True),
]
ISSUERS = [
    "https://unknown.example",
    HOME.upper(),
    HOME.replace("https", "HTTPS"),
    HOME + "/",
    HOME + ":443",
    HOME + ":8443",
    HOME + ".",
    HOME.replace("//", "//user@"),
    HOME.replace("home", "hоme"),
    HOME.replace("home", "xn--hme-fmd"),
    HOME.replace("https", "http"),
    HOME + "?",
    HOME + "#",
    " " + HOME,
    "",
    HOST,
    REGISTRY,
    None,
    ...,
    1,
    [HOME],
    {"iss": HOME},
]
AUDIENCES = [
    (..., False),
    (None, False),
    ("", False),
    ("https://other.example", False),
    ([HOST, "https://evil.example"], True),
    ([HOST], True),
    ([], False),
    ({HOST: 1}, False),
    (1, False),
    (HOST + "/token", False),
    (HOST + "/", False),
    (HOST.upper(), False),
    (HOST + ":443", False),
    (HOME, False),
]


@pytest.mark.parametrize(("changes", "error", "peer"), [row[1:] for row in TIMES], ids=[row[0] for row in TIMES])
def test_times_and_numbers_outside_the_table(changes: dict[str, Any], error: type[TokenRefused], peer: bool) -> None:
    token = forged(NAME, **changes)

    with pytest.raises(TokenRefused) as refused:
        verify(NAME, token)
    assert type(refused.value) is error
    assert peer_accepts(NAME, token) is peer


@pytest.mark.parametrize(
    "changes", [{"iat": IAT + 9, "exp": IAT + 60}, {"iat": IAT - 68, "exp": IAT - 9}, {"nbf": IAT + 9}]
)
def test_clocks_may_differ_by_ten_seconds(changes: dict[str, Any]) -> None:
    token = forged(NAME, **changes)

    assert verify(NAME, token)
    assert peer_accepts(NAME, token)


@pytest.mark.parametrize("name", [name for name in KINDS if "exp" in ACCEPTED[name]])
def test_every_kind_that_ends_does_end(name: str) -> None:
    token = KINDS[name].sign(PAIR, claims(name), now=NOW)
    end = ACCEPTED[name]["exp"] - IAT

    assert verify(name, token, now=NOW + timedelta(seconds=end + 9))
    with pytest.raises(TokenExpired):
        verify(name, token, now=NOW + timedelta(seconds=end + 10))
    assert not peer_accepts(name, token, now=NOW + timedelta(seconds=end + 10))


@pytest.mark.parametrize("name", [name for name in KINDS if KINDS[name].max_life and name != "PASS"])
def test_every_kind_with_a_longest_life_is_held_to_it(name: str) -> None:
    life = KINDS[name].max_life
    assert life is not None
    with pytest.raises(TokenRefused, match="a life of"):
        verify(name, forged(name, exp=IAT + int(life.total_seconds()) + 1))


@pytest.mark.parametrize("name", [name for name in KINDS if KINDS[name].max_age])
def test_a_kind_without_an_end_grows_too_old(name: str) -> None:
    age = KINDS[name].max_age
    assert age is not None
    assert verify(name, forged(name), now=NOW + age)
    with pytest.raises(TokenExpired):
        verify(name, forged(name), now=NOW + age + timedelta(seconds=10))


@pytest.mark.parametrize("name", sorted(DAYS_LONG))
def test_what_must_be_proven_years_later_still_verifies(name: str) -> None:
    assert verify(name, forged(name), now=NOW + timedelta(days=3650))


def test_only_a_genuine_token_is_called_expired() -> None:
    with pytest.raises(TokenRefused) as refused:
        verify(NAME, forged(NAME, pair=STRANGER, iat=IAT - 3660, exp=IAT - 3600))
    assert not isinstance(refused.value, TokenExpired)


@pytest.mark.parametrize("issuer", ISSUERS, ids=repr)
def test_an_issuer_is_one_spelling_and_the_one_whose_keys_were_taken(issuer: object) -> None:
    token = forged(NAME, iss=issuer, client_id=issuer)

    with pytest.raises(TokenRefused):
        verify(NAME, token)
    assert not peer_accepts(NAME, token) or issuer == [HOME]


@pytest.mark.parametrize(("audience", "peer"), AUDIENCES, ids=repr)
@pytest.mark.parametrize("name", ["VISIT_GRANT", "CLIENT_ASSERTION", "ID_TOKEN", "EVENT"])
def test_an_audience_is_one_string_and_it_is_ours(name: str, audience: object, peer: bool) -> None:
    token = forged(name, aud=audience)

    with pytest.raises(TokenRefused):
        verify(name, token)
    assert peer_accepts(name, token) is peer


@pytest.mark.parametrize("name", [name for name in KINDS if "aud" not in ACCEPTED[name]])
def test_a_kind_made_for_nobody_names_no_audience(name: str) -> None:
    with pytest.raises(TokenRefused, match="aud"):
        verify(name, forged(name, aud=HOST))


SUBJECTS = [
    ...,
    None,
    "",
    1,
    True,
    ["8c0e"],
    {"id": "8c0e"},
    HOME,
    HOME + "/people/8c0e",
    "8c\r\n0e",
    "山田",
    "x" * 256,
]


@pytest.mark.parametrize("subject", SUBJECTS, ids=ascii)
@pytest.mark.parametrize("name", ["VISIT_GRANT", "PERSON_TOKEN", "ID_TOKEN"])
def test_a_visitors_subject_is_short_text_and_never_a_url(name: str, subject: object) -> None:
    with pytest.raises(TokenRefused, match="sub"):
        verify(name, forged(name, sub=subject))


OTHER_PARTIES = [
    ("A02 a grant of the host to itself", "VISIT_GRANT", {"aud": HOME}),
    ("A06 a grant for another client", "VISIT_GRANT", {"client_id": "https://thief.example"}),
    ("A06 a grant for no client", "VISIT_GRANT", {"client_id": ...}),
    ("A06 an assertion about another", "CLIENT_ASSERTION", {"sub": "https://thief.example"}),
    ("O01 an assertion about nobody", "CLIENT_ASSERTION", {"sub": ...}),
    ("O02 a request with a subject", "REQUEST_OBJECT", {"sub": HOME}),
    ("O02 a request of another client", "REQUEST_OBJECT", {"client_id": HOST}),
    ("T02 a person token by another node", "PERSON_TOKEN", {"iss": HOME}),
    ("T02 a node token by another node", "NODE_TOKEN", {"iss": HOME}),
    ("a node token about a person", "NODE_TOKEN", {"sub": "8c0e-pairwise"}),
    ("a node token about another node", "NODE_TOKEN", {"sub": HOST}),
    ("O09 azp of another client", "ID_TOKEN", {"azp": "https://thief.example"}),
    ("O09 nonce missing", "ID_TOKEN", {"nonce": ...}),
    ("A10 acting for somebody", "VISIT_GRANT", {"act": {"sub": "x"}}),
    ("A09 scope a list", "VISIT_GRANT", {"scope": ["create"]}),
    ("A09 scope with two spaces", "NODE_TOKEN", {"scope": "feed  manage"}),
    ("A09 scope empty", "NODE_TOKEN", {"scope": ""}),
    ("D07 cnf missing", "PERSON_TOKEN", {"cnf": ...}),
    ("D07 cnf of a certificate", "PERSON_TOKEN", {"cnf": {"x5t#S256": PAIR.kid}}),
    ("D07 cnf of both", "PERSON_TOKEN", {"cnf": {"jkt": PAIR.kid, "x5t#S256": PAIR.kid}}),
    ("D07 cnf short", "NODE_TOKEN", {"cnf": {"jkt": "abc"}}),
    ("D07 cnf a text", "NODE_TOKEN", {"cnf": PAIR.kid}),
    ("S01 an event about a subject", "EVENT", {"sub": HOME}),
    ("S01 an event that ends", "EVENT", {"exp": IAT + 60}),
    ("S01 two events", "EVENT", {"events": {"urn:a": {}, "urn:b": {}}}),
    ("S01 no event", "EVENT", {"events": {}}),
    ("F01 no keys", "ENTITY_STATEMENT", {"jwks": ...}),
    ("F10 a policy in a configuration", "ENTITY_STATEMENT", {"metadata_policy": {}}),
    ("F10 null metadata", "ENTITY_STATEMENT", {"metadata": {"federation_entity": {"name": None}}}),
    ("F10 null entity type", "ENTITY_STATEMENT", {"metadata": {"federation_entity": None}}),
    ("F12 critical claims", "ENTITY_STATEMENT", {"crit": ["urn:x"]}),
    ("F13 no hints in the list", "ENTITY_STATEMENT", {"authority_hints": []}),
    ("F13 hints about a subordinate", "ENTITY_STATEMENT", {"sub": HOST}),
    ("a delegation that is no text", "TRUST_MARK", {"delegation": {}}),
    ("a status of its own invention", "TRUST_MARK_STATUS", {"status": "fine"}),
    ("a pass of another host", "PASS", {"iss": HOME}),
    ("a pass for no booking", "PASS", {"booking": ...}),
    ("a pass for version true", "PASS", {"version": True}),
    ("a resolved chain of numbers", "RESOLVE_RESPONSE", {"trust_chain": [1]}),
]


@pytest.mark.parametrize(("name", "changes"), [row[1:] for row in OTHER_PARTIES], ids=[row[0] for row in OTHER_PARTIES])
def test_claims_that_do_not_belong_together_or_here(name: str, changes: dict[str, Any]) -> None:
    token = forged(name, **changes)
    issuer = claims(name, **changes)["iss"]
    audience = claims(name, **changes).get("aud")

    with pytest.raises(TokenRefused):
        KINDS[name].verify(token, {PAIR.kid: PAIR.public}, now=NOW, issuer=issuer, audience=audience)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", ["other", None, ..., 1, ["n-0S6_WzA2Mj"]], ids=repr)
def test_an_expected_claim_has_exactly_the_expected_value(given: object) -> None:
    with pytest.raises(TokenRefused, match="nonce"):
        verify("ID_TOKEN", forged("ID_TOKEN", nonce=given), nonce="n-0S6_WzA2Mj")


def test_an_expected_number_is_not_satisfied_by_true() -> None:
    with pytest.raises(TokenRefused, match="version"):
        verify("PASS", forged("PASS", version=2), version=True)


def test_claims_the_table_does_not_name_are_let_through() -> None:
    assert verify("CLIENT_ASSERTION", forged("CLIENT_ASSERTION", feed="visits"))["feed"] == "visits"


def test_the_log_line_of_a_refusal_is_one_short_ascii_line() -> None:
    with pytest.raises(TokenRefused) as refused:
        verify(NAME, forged(NAME, sub="\r\n\u202e偽" * 100))
    assert refused.value.detail.isascii()
    assert refused.value.detail.isprintable()
    assert len(refused.value.detail) < 200


def test_a_subordinate_statement_may_limit_what_a_configuration_may_not() -> None:
    about: dict[str, Any] = {"sub": HOST, "authority_hints": ..., "constraints": {"max_path_length": 0}}

    assert verify("ENTITY_STATEMENT", forged("ENTITY_STATEMENT", **about)).subject == HOST
    assert tokens.ENTITY_STATEMENT.max_size == 65536
