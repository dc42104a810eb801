"""What a stolen hash costs, which no other test pays."""

from argon2 import PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY


def test_passwords_cost_what_the_rfc_recommends(genuine: dict[str, PasswordHasher]) -> None:
    for kind in ("passwords", "operators"):
        made = genuine[kind]
        least = RFC_9106_LOW_MEMORY
        assert (made.type, made.time_cost, made.memory_cost) == (least.type, least.time_cost, least.memory_cost)
        assert made.verify(made.hash("tachiyori-desu-yo"), "tachiyori-desu-yo")


def test_codes_cost_the_least_that_is_named_for_them(genuine: dict[str, PasswordHasher]) -> None:
    assert (genuine["codes"].time_cost, genuine["codes"].memory_cost) == (2, 19 * 1024)
