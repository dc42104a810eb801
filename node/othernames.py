"""Names of other people in a file on one person: found by what this node knows of names, and written over.

A family name alone, and the name of somebody whom no table here knows, are not found: people look through the file before
it is handed over.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from node.models.bookings import ManifestName
from node.models.staff import Staff
from node.models.visits import WalkIn

MASK = "（ほかの方）"
_STAFF = re.compile("staff:[0-9]{1,9}")
_SHORTEST = 2


@dataclass(frozen=True)
class OtherNames:
    """The names of all but one person by their first letter, blanks left out, the longest first."""

    by_letter: Mapping[str, Sequence[str]]

    def written_over(self, value: Any) -> Any:
        """Return a value of a row with the names in its texts written over; what is no text stays as it is."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return {name: self.written_over(member) for name, member in value.items()}
        if isinstance(value, list | tuple):
            return [self.written_over(member) for member in value]
        return value

    def _text(self, text: str) -> str:
        places = [place for place, letter in enumerate(text) if not letter.isspace()]
        plain = "".join(text[place] for place in places)
        made, done, at = [], 0, 0
        while at < len(plain):
            name = next((one for one in self.by_letter.get(plain[at], ()) if plain.startswith(one, at)), "")
            if name:
                made += [text[done : places[at]], MASK]
                done = places[at + len(name) - 1] + 1
            at += len(name) or 1
        return "".join(made) + text[done:] if made else text


def known(db: Session, own: Collection[str]) -> OtherNames:
    """Return all names this node knows of staff, visitors and walk-ins, but those of the person themselves."""
    found = {
        "".join(name.split())
        for question in (select(Staff.name), select(ManifestName.name), select(WalkIn.name))
        for name in db.scalars(question.distinct())
    }
    others = found - {"".join(name.split()) for name in own}
    by_letter: dict[str, list[str]] = {}
    for name in sorted(others, key=len, reverse=True):
        if len(name) >= _SHORTEST:
            by_letter.setdefault(name[0], []).append(name)
    return OtherNames(by_letter)


def is_staff(who: object) -> bool:
    """Say whether an actor or subject of the log is one of our own people."""
    return isinstance(who, str) and _STAFF.fullmatch(who) is not None
