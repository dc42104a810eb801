"""職員証: what tells a guard that a card is the visitor's."""

import pytest

from federation import cards

SALT = "00112233445566778899aabbccddeeff"


@pytest.mark.parametrize("name", ["埼玉 花子", "埼玉　花子", "埼玉花子"])
@pytest.mark.parametrize("number", ["S-1001", "ｓ１００１", " s1001 "])
def test_blanks_width_and_case_do_not_count(name: str, number: str) -> None:
    assert cards.digest(SALT, name, number) == cards.digest(SALT, "埼玉花子", "S1001")


@pytest.mark.parametrize(("name", "number"), [("埼玉 太郎", "S1001"), ("埼玉 花子", "S1002"), ("埼玉 花", "子S1001")])
def test_another_name_or_number_is_another_card(name: str, number: str) -> None:
    assert cards.digest(SALT, name, number) != cards.digest(SALT, "埼玉 花子", "S1001")


def test_without_the_salt_nobody_knows_the_card() -> None:
    first, second = cards.salt(), cards.salt()
    assert len(first) == len(second) == 32
    assert cards.digest(first, "埼玉 花子", "S1001") != cards.digest(second, "埼玉 花子", "S1001")


def test_the_digest_is_hmac_sha_256_cut_in_half() -> None:
    assert cards.digest(SALT, "埼玉 花子", "S1001") == "sdyEt5VUeD9-G5hNxptYpA"
    # As openssl has it: dgst -sha256 -mac HMAC over name, a zero byte and number.
