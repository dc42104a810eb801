"""The acts of the day, in their order. Each is one sentence that holds, or the story ends there."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import select

from deploy.demo import seed
from deploy.demo.programs import DidNotStart
from deploy.demo.seed import PASSWORD
from federation.errors import TachiyoriError
from node.host import closures, listings
from node.models.agreements import Agreement
from node.models.sites import Desk, Room, Site
from node.models.trips import Trip
from node.town import Town
from tests.story import desk, intruders
from tests.story.browser import Browser, Page
from tests.story.stage import DEMO, Actor, Stage, thumbprints

T = TypeVar("T")
JAPAN = ZoneInfo("Asia/Tokyo")
SITE = "東京都防災センター"
"""The site that is open day and night, so that the story can be played at any hour."""
VISITOR, COLLEAGUE, MANAGER = "S1001", "S1002", "S2001"
ADMIN, RECEPTION, PERSONNEL = "T3001", "T4001", "S5001"


@dataclass
class Day:
    """What one act leaves for the next."""

    stage: Stage
    browsers: dict[str, Browser] = field(default_factory=dict)
    site: str = ""
    links: list[str] = field(default_factory=list)
    trip: str = ""
    measured: dict[str, float] = field(default_factory=dict)
    later: dict[int, str] = field(default_factory=dict)
    """The visitor's trips after the day, by how many days ahead."""
    came: dict[str, str] = field(default_factory=dict)
    """The trips of those who came before the evacuation, by their numbers."""

    def at(self, actor: Actor, number: str) -> Browser:
        """Return the browser of a person of that town, signed in."""
        if number not in self.browsers:
            self.browsers[number] = Browser(actor.origin)
            self.browsers[number].sign_in(number, PASSWORD)
        return self.browsers[number]

    @property
    def visitor(self) -> Browser:
        """The visiting staff member, at home's portal."""
        return self.at(self.stage.home, VISITOR)


def soon(look: Callable[[], T], what: str, seconds: float = 60) -> T:
    """Return what ``look`` sees once it is something; fail after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.1)
    return seen


def wish(hours_ahead: float = 0.0) -> dict[str, str]:
    """Return an hour from the next quarter on, as the search form asks for it; it ends at midnight at the latest."""
    now = datetime.now(UTC) + timedelta(hours=hours_ahead)
    start = (now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + timedelta(minutes=15)).astimezone(
        JAPAN
    )
    midnight = (start + timedelta(days=1)).replace(hour=0, minute=0)
    end = min(start + timedelta(hours=1), midnight)
    to = "24:00" if end == midnight else f"{end:%H:%M}"
    return {"day": f"{start:%Y-%m-%d}", "slot": "hours", "from": f"{start:%H:%M}", "to": to}


# --- Joining ----------------------------------------------------------------------------------------------------------


def the_registry_opens(day: Day) -> None:
    """連携基盤が開く: schema, the list of municipalities, keys, server."""
    registry = day.stage.registry
    registry.command("migrate")
    registry.command("import-municipalities", str(DEMO / "municipalities.csv"))
    registry.command("import-stations", str(DEMO / "stations.csv"))
    day.stage.pins = thumbprints(registry.command("keys", "show"))[:2]
    registry.start()
    registry.wait()


def two_towns_join_and_are_admitted(day: Day) -> None:
    """2つの自治体が招待で参加し、指紋を照合して承認される."""
    for actor in (day.stage.home, day.stage.host):
        actor.program.command("migrate")
        shown = day.stage.join(actor, day.stage.invite(actor))
        day.stage.registry.command("admit", actor.file.code, "--thumbprint", shown)


def an_invitation_is_for_one_town(day: Day) -> None:
    """招待コードは、招待された団体だけが使える."""
    invitation = day.stage.invite(day.stage.home)
    refused(lambda: day.stage.join(day.stage.host, invitation), "another town joined by the invitation")


def a_wrong_thumbprint_is_not_admitted(day: Day) -> None:
    """指紋が違えば承認されない."""
    wrong = "A" * 43
    refused(
        lambda: day.stage.registry.command("admit", day.stage.home.file.code, "--thumbprint", wrong),
        "a town with another key was admitted",
    )


def the_towns_open(day: Day) -> None:
    """自治体のノードが開く: people, rooms and agreements; the host's sites not yet published."""
    for actor in (day.stage.home, day.stage.host):
        town = actor.open()
        seed.sow(town, actor.file, town.clock())
    day.site = not_yet_published(day.stage.host)
    for actor in (day.stage.home, day.stage.host):
        actor.program.start()
    for actor in (day.stage.home, day.stage.host):
        actor.program.wait()


def not_yet_published(host: Actor) -> str:
    """Withdraw the site of the story and return its id."""
    with host.open().storage.transaction(write=True) as db:
        site = db.scalars(select(Site).where(Site.name == SITE)).one()
        site.published = False
        listings.site_changed(db, site)
        return site.id


def each_knows_the_other(day: Day) -> None:
    """互いの参加を、連携基盤の署名で知る."""
    for actor, other in ((day.stage.home, day.stage.host), (day.stage.host, day.stage.home)):
        town = actor.open()
        soon(lambda town=town, other=other: knows(town, other.origin), f"{actor.file.name} knows {other.file.name}")  # type: ignore[misc]


def knows(town: Town, entity_id: str) -> bool:
    try:
        town.members.verified(entity_id, town.clock())
    except TachiyoriError:
        return False
    return True


def both_towns_confirm_their_agreement(day: Day) -> None:
    """協定は、所属団体の人事担当が内容を確認し、双方が署名してはじめて使える."""
    host, personnel = day.stage.host.open(), day.at(day.stage.home, PERSONNEL)
    asked = select(Agreement).where(Agreement.home_code == day.stage.home.file.code)
    with host.storage.transaction() as db:
        made = db.scalars(asked).one()
        assert not made.signed_off
    links = soon(lambda: personnel.get("/personnel/agreements").links("/personnel/agreements/"), "the terms arrive")
    page = personnel.get(links[0])
    assert made.name in page.text
    hidden = {name: page.values(name)[0] for name in ("number", "digest")}
    assert personnel.post(f"{links[0]}/confirm", **hidden).status == 400
    page = personnel.post(f"{links[0]}/confirm", compared="1", **hidden)
    assert page.status == 200, page.text[-2000:]
    soon(lambda: signed_off(host, made.id), "both have signed")
    kept = personnel.get(page.links(f"{links[0]}/versions/")[0]).text
    file = day.stage.home.program.log.with_name("agreement.json")
    file.write_text(kept, encoding="utf-8")
    assert made.number in day.stage.home.program.command("verify-agreement", str(file))
    at = kept.index('"acceptance"') + 300
    file.write_text(f"{kept[:at]}{'A' if kept[at] != 'A' else 'B'}{kept[at + 1 :]}", encoding="utf-8")
    refused(lambda: day.stage.home.program.command("verify-agreement", str(file)), "a tampered agreement was verified")


def signed_off(host: Town, agreement_id: str) -> bool:
    with host.storage.transaction() as db:
        return db.get_one(Agreement, agreement_id).signed_off


def refused(act: Callable[[], object], what: str) -> None:
    """Hold that a command is refused."""
    try:
        act()
    except DidNotStart:
        return
    raise AssertionError(what)


# --- Publishing and searching ---------------------------------------------------------------------------------------------


def what_is_not_published_is_not_found(day: Day) -> None:
    """掲載していない施設は見つからない."""
    assert desks_found(day, day.visitor, **wish()) == []


def publishing_makes_it_searchable(day: Day) -> None:
    """施設担当者が掲載すると、よその職員の検索に出る."""
    admin = day.at(day.stage.host, ADMIN)
    admin.get(f"/admin/sites/{day.site}")
    page = admin.post(f"/admin/places/{day.site}/publish", all="1")
    began = time.monotonic()
    assert page.status == 200, page.text[-2000:]
    day.links = soon(lambda: desks_found(day, day.visitor, **wish()), "published, then found")
    day.measured["掲載から検索まで"] = time.monotonic() - began


def desks_found(play: Day, browser: Browser, **wanted: str) -> list[str]:
    """Return the links to book the desks of the site at the wished hour."""
    page = browser.get("/search", near="新宿", privacy="private", **wanted)
    assert page.status == 200, page.text[-2000:]
    host = play.stage.host.open()
    with host.storage.transaction() as db:
        ours = set(db.scalars(select(Desk.id).join(Room).where(Room.site_id == play.site)))
    return [link for link in page.links("/book?") if desk_of(link) in ours]


def desk_of(link: str) -> str:
    """Return the id of the desk that a link to book leads to."""
    return parse_qs(urlsplit(link).query)["desk"][0].rpartition("/")[2]


# --- Booking ----------------------------------------------------------------------------------------------------------------


def book(day: Day, browser: Browser, link: str) -> Page:
    """Open the page of a desk, agree to its rules and book."""
    page = browser.get(link)
    assert page.status == 200, page.text[-2000:]
    hidden = {name: page.values(name)[0] for name in ("desk", "day", "slot", "from", "to")}
    version = page.values("consent_version")
    rules = {"consent_version": version[0], "consent": "1"} if version else {}
    return browser.post("/book", work_kind="satellite", confidentiality="2", **hidden, **rules)


def the_visitor_books(day: Day) -> None:
    """予約すると、その場で確定し、利用証が出る."""
    began = time.monotonic()
    page = book(day, day.visitor, day.links[0])
    day.measured["予約の確定まで"] = time.monotonic() - began
    assert page.status == 200, page.text[-3000:]
    day.trip = page.url.rpartition("/")[2]
    assert trip_of(day, day.trip).state == "confirmed"


def trip_of(day: Day, trip_id: str) -> Trip:
    """Return a trip as home has it."""
    with day.stage.home.open().storage.transaction() as db:
        return db.get_one(Trip, trip_id)


def the_desk_is_not_booked_twice(day: Day) -> None:
    """同じ座席・同じ時間の2件目は断られ、代わりの座席が示される."""
    page = book(day, day.at(day.stage.home, COLLEAGUE), day.links[0])
    assert page.status == 409, f"{page.status}: {page.text[-2000:]}"
    others = [link for link in page.links("/book?") if desk_of(link) != desk_of(day.links[0])]
    assert others, "no alternatives are shown"


def the_person_is_not_in_two_places(day: Day) -> None:
    """同じ人は、同じ時間に別の座席を予約できない."""
    page = book(day, day.visitor, day.links[1])
    assert page.status == 409, f"{page.status}: {page.text[-2000:]}"


# --- The day itself -----------------------------------------------------------------------------------------------------------


def reception_verifies_the_pass(day: Day) -> None:
    """受付で利用証を確かめられ、偽物は通らない."""
    trip = trip_of(day, day.trip)
    reception = day.at(day.stage.host, RECEPTION)
    for shown in (trip.short_code, trip.visit_pass):
        reception.get("/reception")
        page = reception.post("/reception", code=shown)
        assert f"/reception/visits/{day.trip}" in page.url, page.text[-2000:]
        assert day.stage.home.file.people[0]["name"] in page.text
    forged = trip.visit_pass[:-40] + trip.visit_pass[-40:][::-1]
    reception.get("/reception")
    assert "/reception/visits/" not in reception.post("/reception", code=forged).url


def the_visitor_checks_in_by_the_code_on_the_desk(day: Day) -> None:
    """座席のコードで入室する."""
    with day.stage.host.open().storage.transaction() as db:
        code = db.get_one(Desk, trip_of(day, day.trip).desk_id).code
    day.visitor.get(f"/bookings/{day.trip}")
    page = day.visitor.post(f"/bookings/{day.trip}/arrive", code=code)
    assert page.status == 200, page.text[-2000:]
    assert trip_of(day, day.trip).state == "checked_in"


def home_sees_it_in_its_attendance(day: Day) -> None:
    """所属団体の勤務実績に載る."""
    manager = day.at(day.stage.home, MANAGER)
    soon(lambda: SITE in manager.get("/manager/attendance.csv").text, "attendance shows the visit")


def the_visitor_leaves(day: Day) -> None:
    """退室する."""
    day.visitor.get(f"/bookings/{day.trip}")
    page = day.visitor.post(f"/bookings/{day.trip}/leave")
    assert page.status == 200, page.text[-2000:]


def the_host_closes_the_room_and_the_booked_person_is_told(day: Day) -> None:
    """受入団体が部屋を閉めると、予約していた人に知らせが届く."""
    colleague = day.at(day.stage.home, COLLEAGUE)
    tomorrow = wish(hours_ahead=24)
    page = book(day, colleague, desks_found(day, colleague, **tomorrow)[0])
    assert page.status == 200, page.text[-2000:]
    trip = trip_of(day, page.url.rpartition("/")[2])
    host = day.stage.host.open()
    with host.storage.transaction(write=True) as db:
        room = db.get_one(Desk, trip.desk_id).room
        closures.close(db, room, trip.start, trip.end, template="other", note="電気設備点検", now=host.clock())
    began = time.monotonic()
    soon(lambda: trip_of(day, trip.id).state == "cancelled", "the closure reaches home")
    day.measured["休止から通知まで"] = time.monotonic() - began
    assert SITE in colleague.get("/notices").text


def a_wish_outlives_the_host_being_away(day: Day) -> None:
    """受入団体が止まっている間の申込みは残り、戻ると確定する."""
    colleague = day.at(day.stage.home, COLLEAGUE)
    link = desks_found(day, colleague, **wish(hours_ahead=36))[0]
    day.stage.host.program.stop()
    page = book(day, colleague, link)
    trip_id = page.url.rpartition("/")[2]
    assert trip_of(day, trip_id).state == "asking", page.text[-2000:]
    day.stage.host.program.start()
    day.stage.host.program.wait()
    soon(lambda: trip_of(day, trip_id).state == "confirmed", "the wish is carried again", seconds=120)


def the_town_hall_is_booked_while_the_registry_is_away(day: Day) -> None:
    """連携基盤が止まっていても、知っている施設は予約できる."""
    colleague = day.at(day.stage.home, COLLEAGUE)
    link = desks_found(day, colleague, **wish(hours_ahead=48))[0]
    day.stage.registry.stop()
    page = book(day, colleague, link)
    assert page.status == 200, page.text[-2000:]
    assert trip_of(day, page.url.rpartition("/")[2]).state == "confirmed"


ACTS: tuple[Callable[[Day], None], ...] = (
    the_registry_opens,
    two_towns_join_and_are_admitted,
    an_invitation_is_for_one_town,
    a_wrong_thumbprint_is_not_admitted,
    the_towns_open,
    each_knows_the_other,
    both_towns_confirm_their_agreement,
    what_is_not_published_is_not_found,
    publishing_makes_it_searchable,
    the_visitor_books,
    the_desk_is_not_booked_twice,
    the_person_is_not_in_two_places,
    *intruders.ACTS,
    reception_verifies_the_pass,
    the_visitor_checks_in_by_the_code_on_the_desk,
    home_sees_it_in_its_attendance,
    the_visitor_leaves,
    *desk.ACTS,
    the_host_closes_the_room_and_the_booked_person_is_told,
    a_wish_outlives_the_host_being_away,
    the_town_hall_is_booked_while_the_registry_is_away,
)
