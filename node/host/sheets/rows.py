"""What a row was read as: its facts, what was mended or is wrong with it, and what it would change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["repair", "notice", "problem"]


class Remark:
    """A sentence about a column (or the whole file), with what stood there and what it became."""

    __slots__ = ("became", "column", "facts", "given", "kind", "words")

    def __init__(
        self, words: str, kind: Kind = "notice", column: str = "", given: str = "", became: str = "", /, **facts: object
    ) -> None:
        """``words`` is a phrase; ``facts`` fill its places."""
        self.words, self.kind, self.column = words, kind, column
        self.given, self.became, self.facts = given[:200], became[:200], facts

    def stored(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass
class Row:
    """One row in the making."""

    line: int
    cells: tuple[str, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    name: str = ""
    """What the row is called in lists."""
    poi: str = ""
    verdict: Literal["new", "update", "same", "problem"] = "new"
    target: str = ""
    differences: list[Mapping[str, Any]] = field(default_factory=list)
    is_doubtful: bool = False
    """Whether it is left for a person to choose."""

    def repaired(self, words: str, column: str, given: str, became: str, /, **facts: object) -> None:
        """Note what was mended."""
        self.remarks.append(Remark(words, "repair", column, given, became, **facts))

    def noticed(self, words: str, column: str, given: str = "", /, **facts: object) -> None:
        """Note what a person should look at."""
        self.remarks.append(Remark(words, "notice", column, given, **facts))

    def wrong(self, words: str, column: str, given: str = "", /, **facts: object) -> None:
        """Note what keeps the row out."""
        self.remarks.append(Remark(words, "problem", column, given, **facts))
        self.verdict = "problem"

    @property
    def is_wrong(self) -> bool:
        """Whether it cannot be taken over as it stands."""
        return self.verdict == "problem"
