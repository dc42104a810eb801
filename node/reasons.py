"""From a rule's no to the reason that crosses the wire, in both languages."""

from functools import lru_cache
from typing import Literal

from federation import language
from federation.messages.booking import Reason
from federation.rules import No, Verdict


def reason(no: No, side: Literal["home", "host"]) -> Reason:
    """Say one refusal in Japanese and English."""
    return _said(no.code, no.words, tuple(no.facts.items()), no.change, side)


@lru_cache(maxsize=1024)
def _said(
    code: str, words: str, facts: tuple[tuple[str, str | int], ...], change: str, side: Literal["home", "host"]
) -> Reason:
    """A hundred results of a search are refused for the same few reasons, in words that are the same each time."""
    known = dict(facts)
    return Reason(
        code=code,
        side=side,
        ja=language.translate(words, "ja", **known),
        en=language.translate(words, "en", **known),
        change_ja=language.translate(change, "ja", **known) if change else "",
        change_en=language.translate(change, "en", **known) if change else "",
    )


def reasons(verdict: Verdict, side: Literal["home", "host"]) -> tuple[Reason, ...]:
    """Say all of a verdict's refusals."""
    return tuple(reason(no, side) for no in verdict.refusals)
