"""The raster on which desks are put on a room's plan, and which of them stand beside each other on it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from node.host.adjacency import adjacent
from node.models.planpictures import PlanPicture
from node.models.sites import Desk, Room

COLUMNS, ROWS = 16, 10
"""The raster where there is no picture."""
FINE = 96
"""Fields along the longer side of a picture."""
STRIDE = FINE // COLUMNS
"""How many of those a desk takes up, and one press of an arrow key goes."""


@dataclass(frozen=True)
class Raster:
    """How finely desks are put on a plan. Its fields are square, so distances on it are in proportion."""

    columns: int
    rows: int
    stride: int
    picture: PlanPicture | None = None

    def cell(self, x: float, y: float) -> "Cell":
        """Return the field in which a spot lies, given as parts of the plan's width and height."""
        return Cell(_field(x, self.columns), _field(y, self.rows))

    def spot(self, cell: "Cell") -> tuple[float, float]:
        """Return the middle of a field, as parts of the plan's width and height."""
        return (cell.column - 0.5) / self.columns, (cell.row - 0.5) / self.rows

    @property
    def word(self) -> str:
        """What a form carries, so that columns and rows are not read on another raster than they were typed for."""
        return f"{self.columns}x{self.rows}"


def raster_of(room: Room) -> Raster:
    """Return the raster of a room's plan: over its picture, or over none."""
    picture = room.plan_picture
    if picture is None:
        return Raster(COLUMNS, ROWS, 1)
    longer = max(picture.width, picture.height)
    columns, rows = (max(round(FINE * side / longer), 1) for side in (picture.width, picture.height))
    return Raster(columns, rows, STRIDE, picture)


@dataclass(frozen=True)
class Cell:
    """A field of the raster; both count from 1, from the upper left."""

    column: int
    row: int


def beside(desk: Desk, others: Iterable[Desk]) -> frozenset[str]:
    """Return which of these desks stand next to a desk, in its own room."""
    raster = raster_of(desk.room)
    spots = tuple(
        sorted(
            (each.id, each.plan_x * raster.columns, each.plan_y * raster.rows)
            for each in {desk, *others}
            if each.room_id == desk.room_id and each.plan_x is not None and each.plan_y is not None
        )
    )
    return _adjacent(spots).get(desk.id, frozenset())


@lru_cache(maxsize=16)
def _adjacent(spots: tuple[tuple[str, float, float], ...]) -> Mapping[str, frozenset[str]]:
    """Reckon a room once for all its desks, which are asked for one after the other."""
    return adjacent({id_: (x, y) for id_, x, y in spots})


def _field(part: float, fields: int) -> int:
    return min(max(int(part * fields) + 1, 1), fields)
