"""A host in memory that keeps its word as the protocol asks, and can be made to fail as hosts do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from federation.errors import BookingGone, NotFound, PeerUnreachable, PreconditionFailed, TachiyoriError
from federation.host import Person
from federation.messages.booking import (
    Availability,
    Booking,
    BookingChange,
    BookingRequest,
    FreeRange,
    HouseRules,
    PlaceNow,
    Quote,
    QuoteRequest,
)
from federation.messages.feedback import Feedback
from federation.messages.incident import Incident
from federation.messages.listing import DeskListing, NearStation, ReceptionHours, SiteListing
from federation.messages.plan import RoomPlan
from federation.messages.space import MobileReception, RoomFacts
from federation.messages.trail import Trail

HOST = "https://node.host.example"
SITE_ID = "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0001"
DESK_ID = "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0002"
SITE = SiteListing(
    id=SITE_ID,
    url=f"{HOST}/sites/{SITE_ID}",
    municipality_code="131016",
    name="千代田合同庁舎",
    address="東京都千代田区九段南1-2-1",
    lat=35.694,
    lon=139.753,
    stations=(NearStation(name="九段下", lines=("東西線",), walk_minutes=5),),
    entrance="北側の通用口からお入りください",
    reception="1階 総合案内",
    bring="職員証",
    extension="内線 2110",
    lunch="地下食堂 11:00〜14:00",
    welcome="お気軽にお立ち寄りください",
    night_entrance="西側の夜間口",
    reception_hours=ReceptionHours(),
    wifi="来庁者用Wi-Fiあり",
    phone="03-5211-4111",
)
CODE = "7KM2QX"
DESK = DeskListing(
    id=DESK_ID,
    url=f"{HOST}/desks/{DESK_ID}",
    site_id=SITE_ID,
    name="A-1",
    room_id="5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0003",
    room_name="4階 共用執務室",
    privacy="open",
    features=("monitor", "outlet", "web_meeting"),
    room=RoomFacts(talking="low", usual_staff=12, mobile=MobileReception(docomo="good", au="poor")),
)


@dataclass
class FakeHost:
    """Answers the verbs; ``down`` loses requests, ``deaf`` loses answers, ``no`` refuses."""

    clock: Callable[[], datetime]
    down: bool = False
    deaf: bool = False
    no: TachiyoriError | None = None
    state: str = "confirmed"
    planned: RoomPlan | None = None
    drawn: bytes = b""
    bookings: dict[str, Booking] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    commands: set[str] = field(default_factory=set)
    quotes: list[QuoteRequest] = field(default_factory=list)
    said: dict[str, Feedback] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    trails: dict[str, Trail] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    drawings: list[str] = field(default_factory=list)
    persons: list[Person | None] = field(default_factory=list)
    quoted: Quote = field(
        default_factory=lambda: Quote(
            allowed=True,
            outcome="confirmed",
            house_rules=HouseRules(
                version="3", ja="通話は電話ブースでお願いします。", en="Please use the phone booth."
            ),
        )
    )

    def quote(self, request: QuoteRequest) -> Quote:
        self._reached()
        self.quotes.append(request)
        return self.quoted

    def put_booking(self, uuid: str, request: BookingRequest, person: Person | None) -> Booking:
        self._reached()
        self.persons.append(person)
        if uuid in self.gone:
            raise BookingGone
        if self.no:
            raise self.no
        self.bookings.setdefault(uuid, self._made(uuid, request))
        if self.deaf:
            raise PeerUnreachable("the answer was lost")
        return self.bookings[uuid]

    def get_booking(self, uuid: str) -> Booking:
        self._reached()
        if uuid not in self.bookings:
            raise NotFound
        return self.bookings[uuid]

    def patch_booking(self, uuid: str, change: BookingChange, version: int) -> Booking:
        booking = self.get_booking(uuid)
        if change.command in self.commands:
            return booking
        if booking.version != version:
            raise PreconditionFailed
        if self.no:
            raise self.no
        self.commands.add(change.command)
        if change.action == "move":
            wanted = change.places[0]
            news = {"desk": wanted.desk, "start": wanted.start, "end": wanted.end}
            moved = self.changed(uuid, places=(booking.places[0].model_copy(update=news),), cause="moved")
            if self.deaf:
                raise PeerUnreachable("the answer was lost")
            return moved
        if change.action == "extend":
            longer = booking.places[0].model_copy(update={"end": change.places[0].end})
            return self.changed(uuid, places=(longer,))
        if change.action == "confirm":
            return self.changed(uuid, state=self.state)
        field_, state = {"arrive": ("arrived_at", "checked_in"), "leave": ("left_at", "completed")}[change.action]
        place = booking.places[0].model_copy(update={field_: self.clock()})
        return self.changed(uuid, state=state, places=(place,))

    def delete_booking(self, uuid: str) -> Booking | None:
        self._reached()
        self.gone.add(uuid)
        return self.changed(uuid, state="cancelled", cause="home") if uuid in self.bookings else None

    def put_feedback(self, uuid: str, said: Feedback) -> None:
        self._reached()
        if self.no:
            raise self.no
        self.said[uuid] = said

    def views(self, sub: str, before: int | None = None) -> Trail:
        self._reached()
        return self.trails.get(sub, Trail())

    def trail(self, uuid: str, before: int | None = None) -> Trail:
        self._reached()
        return self.trails.get(uuid, Trail())

    def put_incident(self, uuid: str, said: Incident) -> None:
        self._reached()
        self.incidents[uuid] = said

    def plan(self, desk: str) -> RoomPlan:
        self._reached()
        if self.planned is None:
            raise NotFound(f"no plan of {desk}")
        return self.planned

    def drawing(self, desk: str) -> bytes:
        self._reached()
        self.drawings.append(desk)
        return self.drawn

    def availability(self, desk: str, start: datetime, end: datetime) -> Availability:
        self._reached()
        return Availability(desk=desk, as_of=self.clock(), free=(FreeRange(start=start, end=end),))

    def desk_by_code(self, code: str) -> tuple[SiteListing, DeskListing]:
        self._reached()
        self.codes.append(code)
        if code != CODE:
            raise NotFound
        return SITE, DESK

    def listing(self, desk: str) -> tuple[SiteListing, DeskListing]:
        self._reached()
        if desk != DESK_ID:
            raise NotFound
        return SITE, DESK

    def changed(self, uuid: str, **news: object) -> Booking:
        """Change a booking as the host itself would, and return it."""
        old = self.bookings[uuid]
        self.bookings[uuid] = old.model_copy(update={"version": old.version + 1, "changed_at": self.clock(), **news})
        return self.bookings[uuid]

    def _reached(self) -> None:
        if self.down:
            raise PeerUnreachable("down")

    def _made(self, uuid: str, request: BookingRequest) -> Booking:
        place = request.places[0]
        return Booking(
            id=uuid,
            state="held" if request.hold else self.state,
            version=1,
            places=(
                PlaceNow(
                    desk=place.desk,
                    desk_name=DESK.name,
                    site=SITE_ID,
                    site_name=SITE.name,
                    start=place.start,
                    end=place.end,
                    sub=place.sub,
                ),
            ),
            short_code="7KM-2QX",
            visit_pass="eyJ.eyJ.sig",
            changed_at=self.clock(),
        )
