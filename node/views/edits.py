"""Two who edit one thing: the second is shown the difference, field by field, and nothing is overwritten in silence.

A form carries what it showed (``seen``). When it comes back and something else is stored by then, the page of the difference
is answered instead of saving: for each field one's own words or the other's. A form that does not say what it showed is
taken to have shown nothing. Who comes to save holds the row's lock, so the look and the writing are one act.
"""

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask import make_response, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation.web.forms import FIELD
from federation.web.tongue import say
from federation.wording import phrase
from node.views.filled import Filled
from node.views.labels import LABELS
from node.views.space import ACCESS

SEEN, ASK, TAKE = "seen", "ask", "take_"
LONGEST = 100_000
"""Bytes that what a form showed is unpacked to at most; the longest of them, two texts of 4,000 characters, is far below."""
_MARKS = frozenset({"position_seen"})
"""Fields that are no facts, but say that a warning was read."""
_UNSET = phrase("（空欄）")
_TICKED = phrase("はい")
_NAMED: Mapping[str, str] = {**{f"access_{name}": words for name, words in ACCESS.items()}, **LABELS}
Values = Mapping[str, list[str]]


@dataclass(frozen=True)
class Difference:
    """One field that reads otherwise: what was typed, what is stored now, and whose is taken unless chosen otherwise.

    ``taken`` is ``mine``, ``theirs``, or empty where both changed it and somebody has to choose.
    """

    name: str
    label: str
    mine: str
    theirs: str
    taken: str


def sealed(filled: Filled) -> Filled:
    """Return the form as it is shown, with a note of what it shows."""
    filled.form[SEEN] = _written(_values(filled))
    return filled


def came_back() -> Filled:
    """Return the form as it was sent; where somebody was shown a difference, with what they took of it."""
    form = MultiDict(request.form)
    seen = _read(form.get(SEEN, ""))
    for name in form.getlist(ASK):
        if form.get(TAKE + name) == "theirs":
            form.setlist(name, seen.get(name, []))
    return Filled(form)


def showed(filled: Filled) -> Filled:
    """Return what the form had shown, as it says itself."""
    return Filled(MultiDict([(name, value) for name, values in _read(filled.typed(SEEN)).items() for value in values]))


def conflict(
    filled: Filled,
    stored: Filled,
    *,
    what: str,
    back: str,
    labels: Mapping[str, str] | None = None,
    words: Mapping[str, Mapping[str, str]] | None = None,
) -> Response | None:
    """Return the page of the difference where what is stored is not what the form had shown; None where it may be saved.

    ``what`` is the thing's name, ``back`` where one goes without saving; ``labels`` are those of fields that ``LABELS`` lacks,
    and ``words`` say by field what a stored value is called.
    """
    seen, now = _read(filled.typed(SEEN)), _values(stored)
    # A field that nobody gave a name is guarded all the same, and called as it is in the form.
    named = {name: name for name in filled.form if not _is_ours(name) and name not in _MARKS} | {
        **_NAMED,
        **(labels or {}),
    }
    open_ = [name for name in filled.form.getlist(ASK) if filled.typed(TAKE + name) not in {"mine", "theirs"}]
    if not open_ and all(seen.get(name) == now.get(name) for name in {*seen, *now} & set(named)):
        return None
    mine = _values(filled)
    found = [
        Difference(
            name,
            say(named[name]),
            _shown(mine.get(name, []), (words or {}).get(name, {})),
            _shown(now.get(name, []), (words or {}).get(name, {})),
            _taken(filled, name, seen=seen.get(name, []), mine=mine.get(name, []), theirs=now.get(name, [])),
        )
        for name in named
        if mine.get(name, []) != now.get(name, [])
    ]
    if not found:
        return None
    page = render_template(
        "admin/conflict.html",
        what=what,
        back=back,
        differences=found,
        open=open_,
        kept=[(name, value) for name, values in mine.items() for value in values],
        seen=_written(now),
    )
    return make_response(page, HTTPStatus.CONFLICT)


def _taken(filled: Filled, name: str, *, seen: list[str], mine: list[str], theirs: list[str]) -> str:
    if name in filled.form.getlist(ASK):
        # Chosen already, on the page before; what the other has changed since then is shown anew and chosen anew.
        return filled.typed(TAKE + name) if seen == theirs else ""
    if mine == seen:
        return "theirs"
    return "mine" if theirs == seen else ""


def _is_ours(name: str) -> bool:
    return name in {FIELD, SEEN, ASK} or name.startswith(TAKE)


def _values(filled: Filled) -> dict[str, list[str]]:
    """Return what stands in a form by field, without blanks; line ends are of no matter."""
    plain: dict[str, list[str]] = {}
    for name, values in filled.form.lists():
        if _is_ours(name):
            continue
        kept = [one for value in values if (one := value.replace("\r\n", "\n").strip())]
        if kept:
            plain[name] = sorted(kept) if len(kept) > 1 else kept
    return plain


def _written(values: Values) -> str:
    """Write values for a hidden field: packed, since a form that carries its texts twice must stay below the limit of a body."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True)
    return base64.urlsafe_b64encode(zlib.compress(text.encode())).decode()


def _read(text: str) -> dict[str, list[str]]:
    """Read what a form says it showed; nothing, where that cannot be read."""
    try:
        found = json.loads(zlib.decompressobj().decompress(base64.urlsafe_b64decode(text.encode()), LONGEST))
    except (ValueError, RecursionError, zlib.error):
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        name: values
        for name, values in found.items()
        if isinstance(values, list) and all(isinstance(value, str) for value in values)
    }


def _shown(values: list[str], words: Mapping[str, str]) -> str:
    if not values:
        return say(_UNSET)
    said = [say(words[value]) if value in words else value for value in values]
    return say(_TICKED) if said == ["1"] and not words else say(phrase("、")).join(said)
