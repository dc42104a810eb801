"""From a rule's no to the reason that crosses the wire, in both languages."""

from typing import Literal

from federation import language
from federation.messages.booking import Reason
from federation.rules import No, Verdict


def reason(no: No, side: Literal["home", "host"]) -> Reason:
    """Say one refusal in Japanese and English."""
    return Reason(
        code=no.code,
        side=side,
        ja=language.translate(no.words, "ja", **no.facts),
        en=language.translate(no.words, "en", **no.facts),
        change_ja=language.translate(no.change, "ja", **no.facts) if no.change else "",
        change_en=language.translate(no.change, "en", **no.facts) if no.change else "",
    )


def reasons(verdict: Verdict, side: Literal["home", "host"]) -> tuple[Reason, ...]:
    """Say all of a verdict's refusals."""
    return tuple(reason(no, side) for no in verdict.refusals)
