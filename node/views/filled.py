"""A form as it was filled in: read field by field, each mistake in words beside its field, everything typed kept."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from werkzeug.datastructures import MultiDict

from federation.errors import BadInput, TachiyoriError
from federation.web.tongue import say
from federation.wording import phrase
from node.host.opening import minutes
from node.views.labels import LABELS

_NEEDED = phrase("入力してください。")
_NOT_A_DAY = phrase("日付を「2026-11-24」の形で入力してください。暦にない日付は登録できません。")
_NOT_A_TIME = phrase("時刻を「08:30」の形で、00:00から24:00までの範囲で入力してください。")
_LINES = frozenset("\r\n\t")
_TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""Bidirectional types of the letters that turn the direction of reading: a name with one reads as another."""
_SPOKEN = re.compile(r"([0-9]{1,2})時(半|([0-9]{1,2})分)?")


class Filled:
    """What came in, and what is wrong with it.

    Each reading method returns a value that may be stored, or a harmless one with a sentence under the field's name in
    ``errors``. Templates use ``typed`` to show again what was typed.
    """

    def __init__(self, form: MultiDict[str, str]) -> None:
        """Begin with nothing found wrong."""
        self.form = form
        self.errors: dict[str, str] = {}

    def typed(self, name: str) -> str:
        """Return what was typed into a field, as it was."""
        return self.form.get(name, "")

    def wrong(self, field: str, words: str, /, **facts: object) -> None:
        """Say what is wrong with a field; the first thing said stays."""
        self.errors.setdefault(field, say(words, **facts))

    def refused(self, error: TachiyoriError, *, otherwise: str, words: Mapping[str, str] | None = None) -> None:
        """Put a refusal of the domain beside its field, or beside ``otherwise`` where it names none that is shown.

        ``words`` has sentences by field that say more than the error's own.
        """
        field = error.field or otherwise
        said = (words or {}).get(field, error.words)
        self.wrong(field if field in self.form else otherwise, said, **error.facts)

    def text(self, name: str, *, longest: int, needed: bool = False, lines: bool = False) -> str:
        """Read words: trimmed, without control characters, at most ``longest`` long."""
        text = self.typed(name).strip()
        if needed and not text:
            self.wrong(name, _NEEDED)
        if len(text) > longest:
            self.wrong(
                name,
                phrase("%(longest)s文字以内で入力してください（現在%(count)s文字）。"),
                longest=longest,
                count=len(text),
            )
        # What is wrong is not handed on either: a database may not hold it, and who reads further may not finish.
        plain = "".join(letter for letter in text[:longest] if not _is_control(letter) or (lines and letter in _LINES))
        if len(plain) < len(text[:longest]):
            self.wrong(name, phrase("使用できない制御文字が含まれています。入力し直してください。"))
        return plain

    def whole(self, name: str, low: int, high: int, *, needed: bool = False) -> int | None:
        """Read a whole number between ``low`` and ``high``; None where nothing was typed."""
        text = _narrow(self.typed(name)).replace(",", "")
        if not text:
            self._missing(name, needed=needed)
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 9 and low <= int(text) <= high):
            self.wrong(name, phrase("%(low)sから%(high)sまでの整数で入力してください。"), low=low, high=high)
            return None
        return int(text)

    def decimal(self, name: str, low: float, high: float) -> float:
        """Read a number with a fraction between ``low`` and ``high``."""
        try:
            value = float(_narrow(self.typed(name)))
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            self.wrong(name, phrase("%(low)sから%(high)sまでの数値で入力してください。"), low=low, high=high)
            return low
        return value

    def day(self, name: str, *, needed: bool = False) -> date | None:
        """Read a date that exists, in this century; None where nothing was typed."""
        text = _narrow(self.typed(name))
        if not text:
            self._missing(name, needed=needed)
            return None
        try:
            found = date.fromisoformat(text)
        except ValueError:
            found = None
        if found is None or not 2000 <= found.year < 2100:
            self.wrong(name, _NOT_A_DAY)
            return None
        return found

    def time(self, name: str, *, needed: bool = False) -> int | None:
        """Read HH:MM, HHMM or 9時30分 as minutes after midnight; None where nothing was typed."""
        text = _with_colon(_narrow(self.typed(name)))
        if not text:
            self._missing(name, needed=needed)
            return None
        try:
            if text.isascii():
                return minutes(text)
        except BadInput:
            pass
        self.wrong(name, _NOT_A_TIME)
        return None

    def choice(self, name: str, among: Collection[str]) -> str:
        """Read one of the offered words."""
        if self.typed(name) not in among:
            self.wrong(name, phrase("選択肢から選んでください。"))
        return self.typed(name)

    def choices(self, name: str, among: Collection[str]) -> list[str]:
        """Read any number of the offered words, each once."""
        chosen = list(dict.fromkeys(self.form.getlist(name)))
        if not set(chosen) <= set(among):
            self.wrong(name, phrase("選択肢から選んでください。"))
            return []
        return chosen

    def ticked(self, name: str) -> bool:
        """Say whether a single box is ticked."""
        return bool(self.typed(name))

    def summary(self, order: Sequence[str] = ()) -> list[tuple[str, str]]:
        """Return the mistakes for the head of a long form, each with its field's label, in the order of its fields.

        Without ``order`` that is the one in which the browser sent them.
        """
        ranks = {name: number for number, name in enumerate(order or self.form)}
        found = sorted(self.errors.items(), key=lambda pair: ranks.get(pair[0], len(ranks)))
        return [(name, _labelled(name, words)) for name, words in found]

    def _missing(self, name: str, *, needed: bool) -> None:
        if needed:
            self.wrong(name, _NEEDED)


def shown(values: Mapping[str, object]) -> Filled:
    """Return a form filled with what is stored, to be changed; lists become several values of one name."""
    form: MultiDict[str, str] = MultiDict()
    for name, value in values.items():
        several = value if isinstance(value, list | tuple) else [value]
        form.setlist(name, ["" if one is None or one is False else _written(one) for one in several])
    return Filled(form)


def _written(value: object) -> str:
    return "1" if value is True else str(value)


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _labelled(name: str, words: str) -> str:
    return say(phrase("%(field)s：%(words)s"), field=say(LABELS[name]), words=words) if name in LABELS else words


def _with_colon(text: str) -> str:
    spoken = _SPOKEN.fullmatch(text)
    if spoken:
        return f"{spoken[1]}:{30 if spoken[2] == '半' else int(spoken[3] or 0):02}"
    return f"{text[:-2]}:{text[-2:]}" if text.isascii() and text.isdigit() and len(text) in {3, 4} else text


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cs"} or unicodedata.bidirectional(letter) in _TURNING
