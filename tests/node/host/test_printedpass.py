"""A pass as it is printed."""

import base64
import json
from datetime import timedelta
from uuid import uuid4

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from federation import cards, keys
from federation.errors import TokenRefused
from federation.keys import KeyPair
from federation.tokens import PASS
from node.host import printedpass
from tests.node.host.conftest import NOW

ISSUER = "https://node.tokyo.example"
PAIR = keys.make()
CARD = cards.digest("00112233445566778899aabbccddeeff", "埼玉 花子", "S1001")


def made(*, card: str = "", version: int = 1, pair: KeyPair = PAIR) -> str:
    ids = {"booking": str(uuid4()), "desk": str(uuid4())}
    claims = printedpass.claims_of(ISSUER, **ids, version=version, exp=NOW + timedelta(days=1), card=card)
    return PASS.sign(pair, claims, now=NOW)


def signed(text: str) -> str:
    return printedpass.signed(text, ISSUER, keys.ring_of(PAIR).public())


@given(version=st.integers(1, 2**31 - 1), card=st.sampled_from(["", CARD]))
def test_the_token_is_built_again_byte_by_byte(version: int, card: str) -> None:
    token = made(card=card, version=version)
    text = printedpass.printed(token)
    assert printedpass.is_printed(text)
    assert signed(text) == token


@pytest.mark.parametrize(("card", "level"), [("", "q"), (CARD, "m")])
def test_it_is_a_code_of_version_ten_at_most(card: str, level: str) -> None:
    drawn = segno.make(printedpass.printed(made(card=card)), error=level, micro=False)
    assert int(drawn.version) <= 10
    assert drawn.mode == "alphanumeric"


@pytest.mark.parametrize("at", [0, 3, 20, 60, 100, 209])
def test_any_letter_that_was_changed_is_refused(at: int) -> None:
    text = printedpass.printed(made())
    other = text[:at] + ("B" if text[at] != "B" else "C") + text[at + 1 :]
    with pytest.raises(TokenRefused):
        PASS.verify(signed(other), keys.ring_of(PAIR).public(), now=NOW, issuer=ISSUER, audience=ISSUER)


def test_a_key_that_is_not_ours_is_refused() -> None:
    with pytest.raises(TokenRefused, match="not among ours"):
        signed(printedpass.printed(made(pair=keys.make())))


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=200, max_size=280))
def test_letters_that_are_no_pass_are_refused(text: str) -> None:
    assert printedpass.is_printed(text)
    with pytest.raises(TokenRefused):
        signed(text)


def test_a_token_of_another_town_is_not_printed_as_ours() -> None:
    raw = base64.b32decode(printedpass.printed(made()) + "=" * 6)
    header = json.loads(base64.urlsafe_b64decode(made().split(".")[0] + "=="))
    assert raw[1:7] == base64.urlsafe_b64decode(header["kid"] + "=")[:6]
    other = printedpass.signed(printedpass.printed(made()), "https://other.example", keys.ring_of(PAIR).public())
    with pytest.raises(TokenRefused):
        PASS.verify(
            other,
            keys.ring_of(PAIR).public(),
            now=NOW,
            issuer="https://other.example",
            audience="https://other.example",
        )
