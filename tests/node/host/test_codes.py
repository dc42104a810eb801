"""The short codes, and the check over them."""

from hypothesis import given
from hypothesis import strategies as st

from node.host import codes

LETTERS = st.sampled_from(codes.ALPHABET)


def test_a_bookings_code_is_sound_and_five_letters_of_it_are_chance() -> None:
    made = {codes.new_checked() for _ in range(2000)}
    assert all(codes.is_sound(code) for code in made)
    assert len(made) == len({code[:5] for code in made}) > 1990


@given(at=st.integers(0, 5), other=LETTERS)
def test_one_wrong_letter_shows(at: int, other: str) -> None:
    code = codes.new_checked()
    wrong = code[:at] + other + code[at + 1 :]
    assert codes.is_sound(wrong) == (wrong == code)


@given(at=st.integers(0, 4))
def test_two_letters_that_changed_places_show(at: int) -> None:
    code = codes.new_checked()
    wrong = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    assert codes.is_sound(wrong) == (wrong == code)


def test_what_has_another_length_or_letter_is_not_sound() -> None:
    assert not any(codes.is_sound(typed) for typed in ("", "00000", "0000000", "00000U", "０００００".ljust(6, "0")))
