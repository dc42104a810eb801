"""The outer form by itself: every refusal for its own reason, before a library could have another opinion."""

from typing import Any

import pytest

from federation.envelope import MAX_HEADER, MAX_INTEGER, open_envelope, read_object, shown
from federation.errors import TokenRefused
from federation.jwk import to_base64url
from federation.tokens import peek

HEADER = b'{"alg":"ES256","kid":"k","typ":"t"}'


def envelope(token: Any, *, max_size: int = 65536) -> None:
    open_envelope(token, max_size=max_size, header_members=frozenset({"alg", "kid", "typ"}))


def under(header: bytes) -> str:
    return f"{to_base64url(header)}.{to_base64url(b'{}')}.{to_base64url(b's')}"


REASONS = [
    (None, "ASCII text"),
    (b"a.b.c", "ASCII text"),
    ("Ａ.b.c", "ASCII text"),
    ("a" * 65537, "longer than"),
    ("", "three parts"),
    ("a.b", "three parts"),
    ("a.b.c.d", "three parts"),
    (".b.c", "empty"),
    (under(HEADER).rpartition(".")[0] + ".", "empty"),
    (under(b'{"typ":"' + b"x" * MAX_HEADER + b'"}'), "header too long"),
    (under(b'{"typ":"t","zip":"DEF"}'), "not allowed"),
    (under(b'{"kid":{}}'), "not text"),
    (under(b'{"alg":null}'), "not text"),
    (under(b'{"typ":1}'), "not text"),
    (under(b"[]"), "not a JSON object"),
    (under(b"{"), "not JSON"),
    (under(HEADER)[:-1] + "=", "base64url"),
    ("e31.e30.cw", "canonical"),
    ("e30.e3.cw", "base64url"),
]
NUMBERS = [b"1.0", b"1e3", b"-0.0", b"NaN", b"Infinity", b"-Infinity"]
DATA = [
    (b'{"a":1,"a":2}', "twice"),
    (b'{"a":[{"b":1,"b":1}]}', "twice"),
    (b'{"a":[[[[]]]]}', "deeply"),
    (b"[" * 100_000, "not JSON"),
    (b"null", "not a JSON object"),
    (b"\xff", "not JSON"),
    (b"\xef\xbb\xbf{}", "not JSON"),
    (b'{"a":"\\ud800"}', "surrogate"),
    (b'{"\\udfff":1}', "surrogate"),
    (b'{"a":"\\u0000"}', "NUL"),
    (b'{"a":%d}' % (MAX_INTEGER + 1), "beyond 2"),
    (b'{"a":%d}' % -(MAX_INTEGER + 1), "beyond 2"),
    (b'{"a":' + b"9" * 100 + b"}", "beyond 2"),
]


@pytest.mark.parametrize(("token", "reason"), REASONS, ids=lambda value: ascii(value)[:40])
def test_a_token_is_refused_for_this_reason(token: Any, reason: str) -> None:
    with pytest.raises(TokenRefused, match=reason):
        envelope(token)


@pytest.mark.parametrize("token", [token for token, _ in REASONS], ids=lambda value: ascii(value)[:40])
def test_a_peek_is_as_strict_and_raises_nothing_else(token: Any) -> None:
    with pytest.raises(TokenRefused):
        peek(token)


@pytest.mark.parametrize(("raw", "reason"), DATA, ids=lambda value: ascii(value)[:40])
def test_json_is_refused_for_this_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(TokenRefused, match=reason):
        read_object(raw, depth=4)


@pytest.mark.parametrize("digits", NUMBERS)
def test_a_claim_is_no_fraction(digits: bytes) -> None:
    with pytest.raises(TokenRefused, match="not an integer"):
        read_object(b'{"a":' + digits + b"}", depth=4)


def test_data_may_hold_fractions_but_nothing_infinite() -> None:
    assert read_object(b'{"a":35.5,"b":1e3}', depth=4, fractions=True) == {"a": 35.5, "b": 1000.0}
    for digits in (b"1e400", b"-1e400", b"NaN", b"Infinity"):
        with pytest.raises(TokenRefused, match="number"):
            read_object(b'{"a":' + digits + b"}", depth=4, fractions=True)


def test_what_is_within_the_bounds_is_read() -> None:
    raw = b'{"a":[[[]]],"b":"\xe5\xba\x81\\ud83c\\udfe2","c":%d,"d":null}' % MAX_INTEGER
    assert read_object(raw, depth=4) == {"a": [[[]]], "b": "庁🏢", "c": MAX_INTEGER, "d": None}


def test_untrusted_text_is_shown_short_quoted_and_in_ascii() -> None:
    assert shown("a\r\nb\u202e") == "'a\\r\\nb\\u202e'"
    assert len(shown("x" * 1000)) == 80
