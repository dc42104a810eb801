"""A town as the registry knows it; the members feed carries these.

May never change: the code comes from the registry's own signed statement, never from the words beside it.
"""

from typing import Annotated, Literal

from pydantic import Field

from federation.messages.base import Code, Line, Message, Url, Word
from federation.messages.listing import Latitude, Longitude

Jwt = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$", max_length=65536)]


class MemberEntry(Message):
    """One member: where it is, what the registry says of it, and what it says of itself."""

    entity_id: Url
    code: Code
    name: Word
    name_kana: Line = ""
    name_en: Line = ""
    kind: Literal["prefecture", "city", "ward", "town", "village", "union"] = "city"
    lat: Latitude | None = None
    lon: Longitude | None = None
    status_index: Annotated[int, Field(ge=0, lt=1_000_000)]
    statement: Jwt
    configuration: Jwt
