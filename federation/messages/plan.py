"""Where the desks of a room stand, as a host shows it to a town that an agreement brings there.

May never change: columns and rows count from 1, from the upper left; a desk's field is where its middle stands.
"""

from typing import Annotated

from pydantic import Field, StringConstraints

from federation.messages.base import Message, Name, Uuid

MOST_DESKS = 400
Count = Annotated[int, Field(ge=1, le=200)]
Digest = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")]


class PlannedDesk(Message):
    """A desk that is offered, and the field on which it stands."""

    desk: Uuid
    name: Name
    column: Count
    row: Count


class RoomPlan(Message):
    """A room's raster, and the desks that have a place on it; ``stride`` is how many fields a desk takes up.

    ``drawing`` is the SHA-256, in hexadecimal, of the picture that lies under the raster; empty where there is none.
    """

    room: Uuid
    columns: Count
    rows: Count
    stride: Count = 1
    drawing: Digest = ""
    desks: Annotated[tuple[PlannedDesk, ...], Field(max_length=MOST_DESKS)] = ()
