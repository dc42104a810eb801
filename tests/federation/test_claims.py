"""Each check of the tables by itself, and the clock at its edges."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from federation import claims
from federation.claims import (
    Check,
    Claims,
    check_expected,
    check_life,
    check_table,
    check_times,
    is_entity_id,
    optional,
)
from federation.errors import TokenExpired, TokenRefused

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
SECOND = int(NOW.timestamp())

RIGHT: list[tuple[Check, object]] = [
    (claims.entity_id, "https://node.city.example.lg.jp"),
    (claims.entity_id, "http://localhost:8001"),
    (claims.entity_id, "https://xn--zckzah.example:8443"),
    (claims.short, "a"),
    (claims.text, "庁舎"),
    (claims.number, 0),
    (claims.seconds, 253402300799),
    (claims.identifier, "x" * 128),
    (claims.pairwise, "8c0e"),
    (claims.scope, "search feed"),
    (claims.binding, {"jkt": "A" * 43}),
    (claims.mapping, {}),
    (claims.metadata, {"federation_entity": {}}),
    (claims.mappings, []),
    (claims.texts, ["a"]),
    (claims.tokens, ["a.b.c"]),
    (claims.one_of("a", "b"), "b"),
]
WRONG: list[tuple[Check, object]] = [
    (claims.short, ""),
    (claims.short, "line\nline"),
    (claims.short, "庁舎"),
    (claims.short, "x" * 256),
    (claims.text, ""),
    (claims.number, -1),
    (claims.number, True),
    (claims.number, 1.0),
    (claims.seconds, 253402300800),
    (claims.seconds, "1"),
    (claims.identifier, "x" * 129),
    (claims.pairwise, "https://home.example/8c0e"),
    (claims.scope, " feed"),
    (claims.scope, 'a"b'),
    (claims.binding, {"jkt": "A" * 42}),
    (claims.binding, {"jkt": "A" * 43, "kid": "a"}),
    (claims.binding, []),
    (claims.mapping, []),
    (claims.metadata, {"federation_entity": {"name": None}}),
    (claims.metadata, []),
    (claims.mappings, [1]),
    (claims.mappings, {}),
    (claims.texts, []),
    (claims.texts, [""]),
    (claims.tokens, []),
    (claims.tokens, ["a"] * 5),
    (claims.one_of("a"), "A"),
    (claims.one_of("a"), ["a"]),
    (claims.forbidden, None),
]
NO_ENTITY_IDS = [
    "https://node.example/",
    "https://node.example:443",
    "http://localhost:80",
    "https://node.example:08443",
    "https://node.example:",
    "https://Node.example",
    "https://user@node.example",
    "https://node.example?",
    "https://node.example#a",
    "https://node.example/path",
    "https://node.example:99999",
    "https://[::1",
    "https://.example",
    "https://node.example.",
    "https://no de.example",
    "https://庁.example",
    "https://node.example\n",
    "ftp://node.example",
    "//node.example",
    "https://",
    "node.example",
    "https://" + "a" * 250,
    None,
    1,
]


@pytest.mark.parametrize(("check", "value"), RIGHT)
def test_a_value_that_is_right(check: Check, value: object) -> None:
    check_table({"claim": value}, {"claim": check})


@pytest.mark.parametrize(("check", "value"), WRONG)
def test_a_value_that_is_wrong(check: Check, value: object) -> None:
    with pytest.raises(TokenRefused, match="claim claim"):
        check_table({"claim": value}, {"claim": check})


@pytest.mark.parametrize("value", NO_ENTITY_IDS)
def test_what_is_not_an_origin_in_its_one_spelling_is_no_entity_id(value: object) -> None:
    assert not is_entity_id(value)


def test_a_claim_may_be_absent_only_if_the_table_says_so() -> None:
    check_table({}, {"claim": optional(claims.short)})
    with pytest.raises(TokenRefused):
        check_table({}, {"claim": claims.short})


def test_an_optional_claim_is_still_checked_and_null_is_not_absence() -> None:
    with pytest.raises(TokenRefused):
        check_table({"claim": None}, {"claim": optional(claims.short)})


@pytest.mark.parametrize(
    ("name", "value"), [("sub", None), ("jti", 1), ("nbf", "0"), ("exp", 0.5), ("auth_time", True)]
)
def test_a_registered_claim_has_its_type_even_where_no_table_names_it(name: str, value: object) -> None:
    with pytest.raises(TokenRefused, match=name):
        check_table({name: value}, {})


@pytest.mark.parametrize(("given", "wanted"), [(True, 1), (1, True), ("1", 1), (["a"], "a"), (None, "a")])
def test_an_expected_value_is_compared_with_its_type(given: object, wanted: object) -> None:
    check_expected({"claim": wanted}, {"claim": wanted})
    with pytest.raises(TokenRefused):
        check_expected({"claim": given}, {"claim": wanted})


@pytest.mark.parametrize("life", [0, -1, 61])
def test_a_life_is_longer_than_nothing_and_no_longer_than_allowed(life: int) -> None:
    check_life({"iat": SECOND, "exp": SECOND + 60}, max_life=timedelta(minutes=1))
    with pytest.raises(TokenRefused):
        check_life({"iat": SECOND, "exp": SECOND + life}, max_life=timedelta(minutes=1))


EDGES: list[tuple[dict[str, Any], bool]] = [
    ({"iat": SECOND + 10}, True),
    ({"iat": SECOND + 11}, False),
    ({"iat": SECOND, "nbf": SECOND + 11}, False),
    ({"iat": SECOND - 60, "exp": SECOND - 9}, True),
    ({"iat": SECOND - 60, "exp": SECOND - 10}, False),
    ({"iat": SECOND - 60, "auth_time": SECOND + 11}, False),
    ({"iat": SECOND - 3609}, True),
    ({"iat": SECOND - 3610}, False),
]


@pytest.mark.parametrize(("members", "holds"), EDGES)
def test_the_clock_has_ten_seconds_of_leeway_on_both_sides(members: dict[str, Any], holds: bool) -> None:
    if holds:
        check_times(members, now=NOW, max_age=timedelta(hours=1))
        return
    with pytest.raises(TokenExpired):
        check_times(members, now=NOW, max_age=timedelta(hours=1))


def test_the_zone_in_which_now_is_told_does_not_matter() -> None:
    japan = NOW.astimezone(timezone(timedelta(hours=9)))
    check_times({"iat": SECOND, "exp": SECOND + 1}, now=japan, max_age=None)
    assert claims.as_seconds(japan) == SECOND
    assert claims.moment(SECOND) == NOW


def test_claims_answer_for_what_the_table_demands() -> None:
    read = Claims({"iss": "https://a.example", "sub": "s", "iat": SECOND, "exp": SECOND + 60, "jti": "j"}, kid="k")

    assert (read.issuer, read.subject, read.jti, read.kid) == ("https://a.example", "s", "j", "k")
    assert (read.issued_at, read.expires) == (NOW, NOW + timedelta(minutes=1))
    assert (read.jkt, read.scopes, len(read)) == (None, frozenset(), 5)
