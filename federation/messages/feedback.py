"""What a visitor says of a visit once it is over, and what a host makes known of what all of them say.

May never change: three answers out of three words each, and a note that the host's own people alone read; nobody is named.
What is made known stands for at least ``SHOWN_FROM`` answers, and its number is one of ``STEP``s, never exact.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Literal, get_args

from pydantic import Field, StringConstraints

from federation.messages.base import Message, Text
from federation.messages.space import known

GIVEN_WITHIN = timedelta(days=30)
"""So long after its end a visit may be spoken of."""
SHOWN_FROM = 5
"""Fewer answers than this could tell of one person."""
STEP = 5
MOST_COUNTED = 1000
MOST_LETTERS = 400

Tap = Literal["yes", "so_so", "no"]
Opinion = Literal["mostly", "divided", "hardly"]


class Feedback(Message):
    """One visit: whether it was quiet, whether the network held, whether the person would come again."""

    quiet: Tap
    network: Tap
    again: Tap
    note: Annotated[Text, StringConstraints(max_length=MOST_LETTERS)] = ""
    """For the host's own people alone."""


class FeedbackFacts(Message):
    """What the visitors of a room say: of each question whether most said yes, most said no, or they are divided."""

    answers: Annotated[int, Field(ge=SHOWN_FROM, le=MOST_COUNTED)]
    """At least so many answers."""
    quiet: Annotated[Opinion | None, known(*get_args(Opinion))] = None
    network: Annotated[Opinion | None, known(*get_args(Opinion))] = None
    again: Annotated[Opinion | None, known(*get_args(Opinion))] = None


def facts_of(answers: Sequence[tuple[Tap, Tap, Tap]]) -> FeedbackFacts | None:
    """Return what may be made known of answers (quiet, network, again); None while they are too few.

    One who thinks otherwise than all others is not to be seen, so where all agree it reads as where most do.
    """
    if len(answers) < SHOWN_FROM:
        return None
    counted = min(len(answers) // STEP * STEP, MOST_COUNTED)
    quiet, network, again = (_opinion(said) for said in zip(*answers, strict=True))
    return FeedbackFacts(answers=counted, quiet=quiet, network=network, again=again)


def _opinion(said: Sequence[Tap]) -> Opinion:
    """Return what at least seven of ten say."""
    if 10 * said.count("yes") >= 7 * len(said):
        return "mostly"
    return "hardly" if 10 * said.count("no") >= 7 * len(said) else "divided"
