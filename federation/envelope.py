"""A compact JWS opened by hand: size, alphabet, canonical spelling, header and JSON, before any library sees the token.

python-jose and the ``json`` module accept much that RFC 7515, RFC 7519 and RFC 8725 forbid or leave open: duplicate
members, several spellings of one signature, NaN, unknown ``crit``. All of it is refused here, as ``TokenRefused``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from federation.errors import TokenRefused
from federation.jwk import from_base64url

MAX_HEADER = 4096
MAX_INTEGER = 2**53 - 1
_WIDE_BLANK = "\u3000"


@dataclass(frozen=True)
class Envelope:
    """The three parts of a token whose outer form is sound. Nothing in it is trusted yet."""

    header: Mapping[str, Any]
    payload: bytes
    signature: bytes
    signed: bytes
    """The JWS signing input (RFC 7515, 5.2): header and payload in the very letters they came in."""


def open_envelope(token: object, *, max_size: int, header_members: frozenset[str]) -> Envelope:
    """Take a token apart; raise ``TokenRefused`` unless it is three canonical base64url parts under an allowed header.

    ``max_size`` counts characters of the whole token. ``header_members`` is the whole list of what the header may
    hold: crit, b64, jku, x5u, x5c, zip and enc are refused by not being on it (RFC 8725, 3.10).
    """
    if not isinstance(token, str) or not token.isascii():
        raise TokenRefused("a token is ASCII text")
    if len(token) > max_size:
        raise TokenRefused(f"a token longer than {max_size} characters")
    parts = token.split(".")
    if len(parts) != 3:
        raise TokenRefused("a token has three parts (RFC 7515, 7.1)")
    if len(parts[0]) > MAX_HEADER or not all(parts):
        raise TokenRefused("a part is empty, or the header too long")
    header = read_object(from_base64url(parts[0]), depth=3)
    if not header_members.issuperset(header):
        raise TokenRefused(f"header members {shown(sorted(set(header) - header_members))} are not allowed")
    if not all(isinstance(header.get(name, ""), str) for name in ("alg", "kid", "typ")):
        raise TokenRefused("alg, kid or typ is not text")
    signed = f"{parts[0]}.{parts[1]}".encode("ascii")
    return Envelope(header, from_base64url(parts[1]), from_base64url(parts[2]), signed)


def read_object(raw: bytes, *, depth: int, fractions: bool = False) -> dict[str, Any]:
    """Parse a JSON object as RFC 7493 (I-JSON) wants it; raise ``TokenRefused`` for anything else.

    Refused: other encodings than UTF-8, a byte order mark, duplicate members, nesting beyond ``depth``, lone
    surrogates and NUL in text (no database stores them), integers beyond 2**53, NaN and infinities, and all other
    fractions unless ``fractions`` says that the content may be data rather than claims.
    """
    try:
        value = json.loads(
            raw.decode("utf-8", "strict"),
            object_pairs_hook=_members,
            parse_int=_integer,
            parse_float=_fraction if fractions else _no_number,
            parse_constant=_no_number,
        )
    except TokenRefused:
        raise
    except (ValueError, RecursionError) as error:
        raise TokenRefused("not JSON in UTF-8") from error
    if not isinstance(value, dict):
        raise TokenRefused("not a JSON object")
    _check_nesting(value, depth)
    return value


def shown(value: object) -> str:
    """Return untrusted text for the log: ASCII only, quoted, at most 80 characters, so that it forges no line."""
    return ascii(value)[:80]


def legible(text: str, *, longest: int = 1000) -> str:
    """Return text from anywhere as one line that shows all there is in it, cut at ``longest``.

    Line breaks, what steers a terminal and what turns the direction of reading are spelt out (``\\u202e``), so that nobody
    forges a line of a log or hides a word in one. Letters of every language stay.
    """
    if text.isprintable():
        return text[:longest]
    return "".join(letter if letter.isprintable() or letter == _WIDE_BLANK else ascii(letter)[1:-1] for letter in text)[
        :longest
    ]


def _members(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise TokenRefused("a member stands twice in one JSON object")
    return members


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > MAX_INTEGER:
        raise TokenRefused("an integer beyond 2**53")
    return int(digits)


def _fraction(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise TokenRefused("a number beyond the range of a double")
    return value


def _no_number(_digits: str) -> NoReturn:
    raise TokenRefused("a number that is not an integer")


def _check_nesting(value: object, depth: int) -> None:
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, (dict, list)):
        if depth <= 0:
            raise TokenRefused("JSON is nested too deeply")
        for name in value if isinstance(value, dict) else ():
            _check_text(name)
        for inner in value.values() if isinstance(value, dict) else value:
            _check_nesting(inner, depth - 1)


def _check_text(text: str) -> None:
    if "\0" in text or (not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)):
        raise TokenRefused("text with NUL or half a surrogate pair")
