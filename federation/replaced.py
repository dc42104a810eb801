"""``replaces``: whose place a member has taken, after a merger of towns or a move to another domain.

The registry says it in the metadata it pins (``federation_entity.replaces``), so it is signed with the statement and no
member can say it of itself. Every node moves what refers to the old member over to the new one.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from federation.claims import is_entity_id
from federation.errors import BadMunicipalityCode, TrustBroken
from federation.municipality import parse

PARAMETER = "replaces"
MOST = 50
"""More towns than this have never merged into one."""


@dataclass(frozen=True)
class Replaced:
    """A former member: its entity id, and the 団体コード it had."""

    entity_id: str
    code: str


def pinned(replaced: Iterable[Replaced]) -> dict[str, object]:
    """Return the parameter to pin, or nothing where nobody was replaced."""
    listed = [{"entity_id": one.entity_id, "municipality_code": one.code} for one in replaced]
    return {PARAMETER: listed} if listed else {}


def read(listed: object, *, by: str) -> tuple[Replaced, ...]:
    """Read the parameter from a verified statement about ``by``; raise ``TrustBroken`` for another shape."""
    if listed is None:
        return ()
    if not isinstance(listed, list) or len(listed) > MOST:
        raise TrustBroken(f"{PARAMETER} is no list, or too long")
    found = tuple(_one(one) for one in listed)
    if any(one.entity_id == by for one in found):
        raise TrustBroken(f"{by} replaces itself")
    return found


def dumps(replaced: Iterable[Replaced]) -> str:
    """Write down whose place somebody has taken, for ``loads``."""
    return json.dumps(pinned(replaced).get(PARAMETER, []))


def loads(text: str) -> tuple[Replaced, ...]:
    """Return what ``dumps`` wrote down."""
    return read(json.loads(text), by="")


def _one(said: object) -> Replaced:
    entity_id, code = (said.get("entity_id"), said.get("municipality_code")) if isinstance(said, dict) else (None, None)
    if not isinstance(entity_id, str) or not isinstance(code, str) or not is_entity_id(entity_id):
        raise TrustBroken(f"{PARAMETER} names no entity")
    try:
        return Replaced(entity_id, parse(code))
    except BadMunicipalityCode:
        raise TrustBroken(f"{PARAMETER} names no 団体コード") from None
