"""感想: what a person may say of a visit that is over, and what the visitors of a room say, in words."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from federation.messages.feedback import MOST_LETTERS, Feedback, FeedbackFacts, Opinion, Tap
from federation.web.tongue import say
from federation.wording import phrase
from node.home import feedback
from node.models.trips import Trip
from node.views import filled
from node.views.filled import Filled

TAPS: Mapping[Tap, str] = {"yes": phrase("はい"), "so_so": phrase("どちらでもない"), "no": phrase("いいえ")}
QUESTIONS: Mapping[str, str] = {
    "quiet": phrase("静かに仕事ができましたか"),
    "network": phrase("通信（Wi-Fi・携帯電話）は快適でしたか"),
    "again": phrase("また利用したいですか"),
}
_OPINIONS: Mapping[str, Mapping[Opinion, str]] = {
    "quiet": {
        "mostly": phrase("静かだったという人が多い"),
        "divided": phrase("静かさの感じ方は分かれている"),
        "hardly": phrase("静かではなかったという人が多い"),
    },
    "network": {
        "mostly": phrase("通信は快適だったという人が多い"),
        "divided": phrase("通信の感じ方は分かれている"),
        "hardly": phrase("通信が快適ではなかったという人が多い"),
    },
    "again": {
        "mostly": phrase("また利用したいという人が多い"),
        "divided": phrase("また利用したいかは分かれている"),
        "hardly": phrase("また利用したいという人は少ない"),
    },
}


@dataclass(frozen=True)
class Asked:
    """The form after a visit; ``state`` is how it stands with what was said before (``asked`` where nothing was)."""

    filled: Filled
    state: str


def asked(db: Session, trip: Trip, typed: Filled | None, *, now: datetime) -> Asked | None:
    """Return the form for one's own trip, as it was typed or empty; None where there is nothing to say, or no more."""
    if not feedback.may_be_given(trip, now=now):
        return None
    row = feedback.of(db, [trip.id]).get(trip.id)
    return Asked(typed or filled.shown({}), row.state if row else "asked")


def read(typed: Filled) -> Feedback | None:
    """Read the form; None where something is wrong with it, which then stands in its errors."""
    for name in QUESTIONS:
        if typed.typed(name) not in TAPS:
            typed.wrong(name, phrase("はい、どちらでもない、いいえから選んでください。"))
    note = typed.text("note", longest=MOST_LETTERS, lines=True)
    if typed.errors:
        return None
    return Feedback.model_validate({**{name: typed.typed(name) for name in QUESTIONS}, "note": note})


def standing(db: Session, found: Collection[Trip], *, now: datetime) -> Mapping[str, str]:
    """Return by trip how it stands with what may be said of it; trips of which nothing may be said are absent."""
    rows = feedback.of(db, [trip.id for trip in found])
    open_ones = (trip.id for trip in found if feedback.may_be_given(trip, now=now))
    return {id_: rows[id_].state if id_ in rows else "asked" for id_ in open_ones}


def opinions(facts: FeedbackFacts | None) -> tuple[str, ...]:
    """Say what the visitors of a room say; nothing where too few have."""
    if facts is None:
        return ()
    said = ((words, getattr(facts, name)) for name, words in _OPINIONS.items())
    return tuple(say(words[opinion]) for words, opinion in said if opinion is not None)
