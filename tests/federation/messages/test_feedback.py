"""What is made known of visitors' answers: nothing of fewer than five, never an exact number, nobody who stands alone."""

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import BadInput
from federation.messages.feedback import MOST_COUNTED, SHOWN_FROM, STEP, Feedback, FeedbackFacts, Tap, facts_of

TAPS = st.sampled_from(("yes", "so_so", "no"))
ANSWERS = st.lists(st.tuples(TAPS, TAPS, TAPS), max_size=60)
Answers = list[tuple[Tap, Tap, Tap]]


@given(ANSWERS)
def test_fewer_than_five_tell_nothing_and_five_tell_something(answers: Answers) -> None:
    assert (facts_of(answers) is None) == (len(answers) < SHOWN_FROM)


@given(ANSWERS.filter(lambda answers: len(answers) >= SHOWN_FROM))
def test_the_number_told_is_a_whole_step_and_no_more_than_there_are(answers: Answers) -> None:
    facts = facts_of(answers)
    assert facts is not None
    assert facts.answers % STEP == 0
    assert len(answers) - STEP < facts.answers <= len(answers)


@given(st.integers(SHOWN_FROM, 60), TAPS.filter(lambda tap: tap != "so_so"), TAPS)
def test_who_thinks_otherwise_than_all_others_is_not_seen(number: int, tap: Tap, other: Tap) -> None:
    alike: Answers = [(tap, tap, tap)] * number
    one: Answers = [(other, other, other)]
    assert facts_of([*one, *alike[1:]]) == facts_of(alike)


@given(ANSWERS.filter(lambda answers: len(answers) >= SHOWN_FROM), st.randoms(use_true_random=False))
def test_the_order_of_answers_tells_nothing(answers: Answers, random: Random) -> None:
    mixed = list(answers)
    random.shuffle(mixed)
    assert facts_of(mixed) == facts_of(answers)


def test_opinions_are_what_seven_of_ten_say() -> None:
    most: Answers = [("yes", "no", "yes")] * 7
    rest: Answers = [("no", "no", "so_so")] * 3
    answers = most + rest
    assert facts_of(answers) == FeedbackFacts(answers=10, quiet="mostly", network="hardly", again="mostly")
    assert facts_of(answers[1:]) == FeedbackFacts(answers=5, quiet="divided", network="hardly", again="divided")


def test_a_great_many_are_told_as_many() -> None:
    facts = facts_of([("yes", "yes", "yes")] * (MOST_COUNTED + 7))
    assert facts is not None
    assert facts.answers == MOST_COUNTED


@pytest.mark.parametrize(
    "wrong",
    [
        {"quiet": "loud"},
        {"again": ""},
        {"note": "あ" * 401},
        {"note": "\x1b[2J"},
        {"note": "\u202eabc"},
        {"network": 1},
    ],
)
def test_what_is_no_answer_is_refused(wrong: dict[str, object]) -> None:
    right = {"quiet": "yes", "network": "yes", "again": "no"}
    assert Feedback.model_validate(right).wire() == right
    with pytest.raises(BadInput):
        Feedback.read(json.dumps({**right, **wrong}))


def test_a_word_of_a_newer_release_counts_as_none() -> None:
    read = FeedbackFacts.read('{"answers": 5, "quiet": "deafening", "network": "mostly", "again": "mostly"}')
    assert (read.quiet, read.network) == (None, "mostly")
