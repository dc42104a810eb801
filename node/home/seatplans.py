"""A room's plan as its host draws it, with what this person may book on it at the wished time."""

from collections.abc import Sequence
from dataclasses import dataclass

from federation.errors import TachiyoriError
from federation.messages.plan import PlannedDesk, RoomPlan
from node.home.search import Result
from node.town import Town


@dataclass(frozen=True)
class Room:
    """A room with the desks found free in it."""

    id: str
    name: str
    results: tuple[Result, ...]


@dataclass(frozen=True)
class Seat:
    """A desk on the plan, and what was found of it: None for one that is not free, or not as wished."""

    desk: PlannedDesk
    found: Result | None

    @property
    def state(self) -> str:
        """The state as a plan draws it: free, shut for one our conditions bar, or taken."""
        return "taken" if self.found is None else "shut" if self.found.reasons else "free"


def rooms_of(results: Sequence[Result], host: str, site_id: str) -> tuple[Room, ...]:
    """Return the rooms of one site of ``host`` (entity id) in which something was found, in the order of their names."""
    by_room: dict[str, list[Result]] = {}
    for one in results:
        if (one.desk.host.entity_id, one.desk.site.id) == (host, site_id):
            by_room.setdefault(one.desk.desk.room_id, []).append(one)
    rooms = (
        Room(room_id, found[0].desk.desk.room_name, tuple(sorted(found, key=lambda one: one.desk.desk.name)))
        for room_id, found in by_room.items()
    )
    return tuple(sorted(rooms, key=lambda room: (room.name, room.id)))


def plan_of(town: Town, host: str, room: Room) -> RoomPlan | None:
    """Ask the host for a room's plan; None where it does not answer, has none, or speaks an older protocol."""
    try:
        plan = town.hosts(host).plan(room.results[0].desk.desk.id)
    except TachiyoriError:
        return None
    return plan if plan.desks and plan.room == room.id else None


def seats_of(plan: RoomPlan, room: Room) -> tuple[Seat, ...]:
    """Return the plan's desks with what was found of each; of a group that sits together, each belongs to what was found."""
    found: dict[str, Result] = {}
    for one in room.results:
        for desk_id in (one.desk.desk.id, *(each.id for each in one.desk.together)):
            found.setdefault(desk_id, one)
    return tuple(Seat(desk, found.get(desk.desk)) for desk in plan.desks)
