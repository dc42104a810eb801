"""What every message between towns has in common.

May never change: times are UTC and written with a ``Z``; intervals are half-open; a missing member and an empty one mean
the same; a null is an error; an unknown member from a newer version is ignored.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Protocol, Self, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationError,
)

from federation import municipality
from federation.errors import BadInput

MAX_DEPTH = 16
LONGEST = timedelta(days=31)
"""The longest time that may be asked for in one piece: hosts judge every day of it, holding locks meanwhile."""


def _as_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time needs its offset from UTC")
    if not 2000 <= moment.year <= 2200:
        raise ValueError("a time lies between the years 2000 and 2200")
    return moment.astimezone(UTC)


def written(moment: datetime) -> str:
    """Write an aware moment as RFC 3339 in UTC, with microseconds only where there are any."""
    return moment.astimezone(UTC).isoformat()[:-6] + "Z"


Utc = Annotated[datetime, AfterValidator(_as_utc), PlainSerializer(written, return_type=str, when_used="json")]
Uuid = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
]
Code = Annotated[str, AfterValidator(municipality.parse)]
# PostgreSQL keeps no NUL, so one in a text would fail far behind the door it came in by. What steers a terminal or turns
# the direction of reading has no place in a name: a guard would read another one than is written.
_TURNS = r"\u202a-\u202e\u2066-\u2069"
_LEGIBLE = rf"^[^\x00-\x1f\x7f-\x9f{_TURNS}]*$"
_STORABLE = rf"^[^\x00\x1b{_TURNS}]*$"
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s#\x00]{1,500}$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=_LEGIBLE)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_LEGIBLE)]
"""What a building, a room or a desk is called: official names of facilities are long."""
Line = Annotated[str, StringConstraints(max_length=300, pattern=_LEGIBLE)]
Text = Annotated[str, StringConstraints(max_length=4000, pattern=_STORABLE)]
Yen = Annotated[int, Field(ge=0, le=100_000_000)]
"""An amount of money; bounded, since a database's integers are."""
Subject = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,128}$")]


class Wired(Protocol):
    """What crosses the wire: a message, or one that was written before and is handed on as it stands."""

    def wire(self) -> dict[str, Any]:
        """Give it out as JSON values."""
        ...


class Message(BaseModel):
    """A frozen thing that crosses the wire. ``read`` takes it in, ``wire`` and ``text`` give it out."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    @classmethod
    def read(cls, body: str | bytes) -> Self:
        """Take the message in from JSON text; raise ``BadInput`` with the path of the first field that is wrong."""
        _refuse_nulls(body)
        try:
            return cls.model_validate_json(body)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            path = ".".join(str(step) for step in first["loc"])
            raise BadInput(f"{cls.__name__}: {path}: {first['msg']}", field=path) from None

    def wire(self) -> dict[str, Any]:
        """Give the message out as JSON values, leaving out what is empty."""
        return cast(dict[str, Any], _without_empty(self.model_dump(mode="json")))

    def text(self) -> str:
        """Give the message out as JSON text, leaving out what is empty."""
        return as_text(self.wire())


def _refuse_nulls(body: str | bytes) -> None:
    """Walk the JSON once for what the models would let pass: nulls where a member is optional, and twins."""
    try:
        _walk(json.loads(body, object_pairs_hook=_no_twins), "", 0)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"not JSON: {error}") from None


def _no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member stands twice")
    return members


def _walk(value: object, path: str, depth: int) -> None:
    if value is None or depth > MAX_DEPTH:
        raise BadInput(f"{path}: null, or nested too deep", field=path)
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        _walk(member, f"{path}.{name}" if path else str(name), depth + 1)


def as_text(value: object) -> str:
    """Write JSON values as messages are written: a Japanese letter stays one letter, and nothing is blank."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _without_empty(value: object) -> object:
    if isinstance(value, dict):
        kept = {}
        for name, member in value.items():
            # Most members are plain: a call for each would cost more than the whole walk.
            lean = _without_empty(member) if isinstance(member, (dict, list)) else member
            # Zero and False say something; nothing, no text, no list and no members do not.
            if lean or lean == 0:
                kept[name] = lean
        return kept
    if isinstance(value, list):
        return [_without_empty(member) for member in value]
    return value
