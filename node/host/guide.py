"""案内: what anybody may know of a site or a desk, for its public page. Facts of places: no person, no booking, no free time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session, selectinload

from federation.errors import PlaceNotShown
from federation.messages.feedback import FeedbackFacts
from federation.messages.listing import DeskListing, Feature, Privacy, SiteListing
from federation.messages.sheet import SecuritySheet
from federation.messages.space import Photo, RoomFacts
from node.config import Config
from node.host import listings, opening, space
from node.host.opening import Hours
from node.models.sites import Desk, Room, Site

Stretch = tuple[int, int]
"""Opening and closing minute after local midnight."""


@dataclass(frozen=True)
class Weekdays:
    """Weekdays (Monday is 0) that have the same hours, as runs of first and last day, and those hours in order."""

    runs: tuple[tuple[int, int], ...]
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True)
class Timetable:
    """When a place is open in a usual week; ``own`` where a room or desk differs from what is around it."""

    week: tuple[Weekdays, ...]
    opens_on_holidays: bool
    own: bool


@dataclass(frozen=True)
class RoomGuide:
    """A room; ``sheet`` is its newest signed セキュリティ確認表, ``desks`` are those for guests."""

    name: str
    privacy: Privacy
    usual_staff: int
    sheet: SecuritySheet | None
    facts: RoomFacts
    photos: tuple[Photo, ...]
    timetable: Timetable
    desks: tuple[DeskListing, ...]
    feedback: FeedbackFacts | None = None

    @property
    def features(self) -> tuple[Feature, ...]:
        """What at least one of the desks has, in the order first met."""
        return tuple(dict.fromkeys(feature for desk in self.desks for feature in desk.features))


@dataclass(frozen=True)
class SiteGuide:
    """A site with its rooms, as a visitor wonders about them."""

    site: SiteListing
    timetable: Timetable
    rooms: tuple[RoomGuide, ...]

    @property
    def usual_staff(self) -> int:
        """How many of the town's own staff usually work in these rooms."""
        return sum(room.usual_staff for room in self.rooms)


@dataclass(frozen=True)
class DeskGuide:
    """A desk with the room around it; ``pool`` says for whom it is kept (``guests``, ``own`` or ``walk_in``)."""

    site: SiteListing
    desk: DeskListing
    pool: str
    room: RoomGuide
    timetable: Timetable


def of_site(db: Session, site_id: str, config: Config, *, on: date | None = None) -> SiteGuide:
    """Return what to say of a site and its published rooms; raise ``PlaceNotShown`` for a withdrawn or unknown one.

    The hours are those of the season ``on`` lies in; without a day, those for good.
    """
    site = db.get(Site, site_id, options=[selectinload(Site.rooms).selectinload(Room.desks)])
    if site is None or not site.published:
        raise PlaceNotShown("no such site, or withdrawn")
    rooms = [room for room in site.rooms if room.published]
    known = opening.hours_by_place(db, [site.id, *(room.id for room in rooms)], on=on)
    return SiteGuide(
        site=listings.site_listing(site, config),
        timetable=_timetable(site, known),
        rooms=tuple(_room(room, known, [desk for desk in room.desks if desk.published], config) for room in rooms),
    )


def of_desk(db: Session, desk_id: str, config: Config, *, on: date | None = None) -> DeskGuide:
    """Return what to say of a desk; raise ``PlaceNotShown`` for an unknown one, or where desk, room or site is withdrawn."""
    desk = db.get(Desk, desk_id)
    if desk is None or not desk.offered:
        raise PlaceNotShown("no such desk, or withdrawn")
    room, site = desk.room, desk.room.site
    known = opening.hours_by_place(db, [site.id, room.id, desk.id], on=on)
    return DeskGuide(
        site=listings.site_listing(site, config),
        desk=listings.desk_listing(desk, config),
        pool=desk.pool,
        room=_room(room, known, [desk], config),
        timetable=_timetable(site, known, desk, room),
    )


def _room(room: Room, known: Mapping[str, tuple[Hours, ...]], desks: Iterable[Desk], config: Config) -> RoomGuide:
    return RoomGuide(
        name=room.name,
        privacy=room.privacy,
        usual_staff=room.usual_staff,
        sheet=listings.sheet_of(room),
        facts=space.facts_of(room),
        photos=space.photos_of(room.site, {room.id}, config),
        timetable=_timetable(room.site, known, room),
        desks=tuple(listings.desk_listing(desk, config) for desk in desks if desk.pool == "guests"),
        feedback=listings.feedback_of(room),
    )


def _timetable(site: Site, known: Mapping[str, tuple[Hours, ...]], *inner: Room | Desk) -> Timetable:
    """Read the hours of the first place of ``inner``, nearest first, that has any of its own; else the site's."""
    own = next((known[place.id] for place in inner if place.id in known), None)
    hours = known.get(site.id, opening.usual_hours(site)) if own is None else own
    return Timetable(week_of(hours), site.opens_on_holidays, own=own is not None)


def week_of(hours: Iterable[Hours]) -> tuple[Weekdays, ...]:
    """Gather weekdays that have the same hours, the earliest day first; days without any are absent."""
    days: dict[int, list[Stretch]] = {}
    for weekday, opens, closes in sorted(hours):
        days.setdefault(weekday, []).append((opens, closes))
    alike: dict[tuple[Stretch, ...], list[int]] = {}
    for weekday, stretches in days.items():
        alike.setdefault(tuple(stretches), []).append(weekday)
    return tuple(Weekdays(_runs(found), stretches) for stretches, found in alike.items())


def _runs(days: Iterable[int]) -> tuple[tuple[int, int], ...]:
    runs: list[tuple[int, int]] = []
    for day in days:
        if runs and runs[-1][1] == day - 1:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return tuple(runs)
