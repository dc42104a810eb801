"""The root of everything that can go wrong, and what it carries."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from federation.wording import phrase


class TachiyoriError(Exception):
    """The root: something a person or another town must be told about."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    words: ClassVar[str] = phrase("処理できませんでした。入力内容を確認して、もう一度お試しください。")
    challenge: ClassVar[str] = ""
    """What WWW-Authenticate tells a program to do about it (RFC 6750, 3; RFC 9449, 7.1), where it can do something."""
    reasons: Sequence[object] = ()
    """Why not, as ``federation.messages.booking.Reason``, where rules have been judged."""
    alternatives: Sequence[object] = ()
    """What would do instead, as ``federation.messages.booking.Alternative``."""

    def __init__(
        self,
        detail: str = "",
        *,
        field: str | None = None,
        retry_after: int | None = None,
        facts: Mapping[str, str | int] | None = None,
    ) -> None:
        """Say what happened: ``detail`` for the log, ``field`` as a path into the input, ``facts`` for the words.

        ``retry_after`` is in seconds and becomes the header of that name (RFC 9110, 10.2.3).
        """
        super().__init__(detail or self.code)
        self.detail = detail
        self.field = field
        self.retry_after = retry_after
        self.facts: dict[str, str | int] = dict(facts or {})
