"""Who the names of our own staff stand for: records keep no personal data, and nobody knows people by their row."""

import re
from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from federation.web.tongue import say
from federation.wording import phrase
from node.people import staff as directory

_STAFF = re.compile("staff:([0-9]{1,9})")


def named(db: Session, names: Iterable[str]) -> Mapping[str, str]:
    """Return name and 職員番号 for each of these names (``staff:`` and a row) that is of the directory; one statement."""
    found = directory.by_ids(db, [int(each[1]) for each in map(_STAFF.fullmatch, set(names)) if each])
    return {
        f"staff:{each.id}": say(phrase("%(name)s（%(number)s）"), name=each.name, number=each.number) for each in found
    }
