"""What went wrong: application/problem+json (RFC 9457), with the sentence in both languages.

May never change: ``type`` is stable and says what happened; people read ``ja`` or ``en``; machines read ``type``.
"""

from typing import Annotated

from pydantic import Field

from federation.messages.base import Line, Message, Text, Url
from federation.messages.booking import Alternative, Reason

TYPES = "https://tachiyori.example/problems/"


class Problem(Message):
    """One problem; ``title`` is the English sentence, as RFC 9457 asks for one that does not vary by occurrence."""

    type: Url
    title: Line
    status: Annotated[int, Field(ge=400, le=599)]
    detail: Text = ""
    ja: Text = ""
    en: Text = ""
    field: Line = ""
    reasons: tuple[Reason, ...] = ()
    alternatives: tuple[Alternative, ...] = ()

    @property
    def code(self) -> str:
        """The last segment of the type: the code of the error class."""
        return self.type.rpartition("/")[2]
