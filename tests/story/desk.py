"""The acts at a desk: from its label to one's own town and back, and signing in at the host with one's own town."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import TYPE_CHECKING

from sqlalchemy import select

from deploy.demo.seed import PASSWORD
from node.models.bookings import BookingPlace
from node.models.sites import Desk, Room
from node.models.trips import Trip
from tests.story.browser import Browser, Page

if TYPE_CHECKING:
    from tests.story.acts import Day

RULES = {"work_kind": "satellite", "confidentiality": "2"}
VISITOR = "S1001"


def a_sticker_leads_home_and_one_press_books_and_checks_in(day: Day) -> None:
    """座席の表示から所属する自治体を選ぶと、1回の操作で予約と入室ができる."""
    desk, code = a_free_desk(day)
    phone, home = Browser(day.stage.host.origin), day.stage.home
    page = phone.get(f"/desks/{desk}")
    assert "いま空いています" in page.text, page.text
    (choose,) = set(page.links(f"/desks/{desk}/home"))
    (onward,) = [link for link in phone.get(choose, q=home.file.name).links(choose) if link.endswith(home.file.code)]
    page = signed_in(phone, phone.get(onward), home.origin, VISITOR)
    assert page.url.startswith(f"{home.origin}/book?desk="), page.url
    page = phone.post(f"{home.origin}/book", **RULES, **wish_of(page), code=code)
    assert "予約し、入室を記録しました" in page.text, page.text
    trip = page.url.rpartition("/")[2]
    assert (state_at_host(day, trip), day_state(day, trip)) == ("checked_in", "checked_in")
    phone.post(f"{home.origin}/bookings/{trip}/leave")
    assert state_at_host(day, trip) == "completed"


def a_visitor_signs_in_at_the_host_and_checks_in_and_leaves(day: Day) -> None:
    """受入団体の画面に所属する自治体でサインインし、入室・退室できる."""
    from tests.story import acts  # noqa: PLC0415 - the acts of the day import these.

    desk, _code = a_free_desk(day, besides=1)
    home, host = day.stage.home, day.stage.host
    phone = Browser(home.origin)
    signed_in(phone, phone.get("/signin"), home.origin, VISITOR)
    page = phone.get("/book", desk=f"{host.origin}/desks/{desk}")
    trip = phone.post("/book", **RULES, **wish_of(page)).url.rpartition("/")[2]
    assert day_state(day, trip) == "confirmed"

    page = phone.get(f"{host.origin}/visit/signin", desk=desk, town=home.file.code)
    assert home.file.name in page.text, page.text
    page = phone.post(f"{host.origin}/visit/signin", desk=desk, town=home.file.code)
    page = phone.get(unescape(page.links(f"{home.origin}/oauth/authorize")[0]))
    assert host.file.name in page.text, page.text
    asked = {name: page.values(name)[0] for name in ("client_id", "request_uri")}
    page = phone.post(f"{home.origin}/oauth/authorize", **asked, decision="allow")
    assert (page.status, page.url) == (200, f"{host.origin}/visit"), page.text
    place = place_of(day, trip)
    page = phone.post(f"{host.origin}/visit/{place}/arrive")
    assert "入室を記録しました" in page.text, page.text
    acts.soon(lambda: day_state(day, trip) == "checked_in", "home hears of the check-in")
    page = phone.post(f"{host.origin}/visit/{place}/leave")
    assert "退室を記録しました" in page.text, page.text
    acts.soon(lambda: day_state(day, trip) == "completed", "home hears of the leaving")
    phone.post(f"{host.origin}/visit/signout")
    assert "/visit/signin" in phone.get(f"{host.origin}/visit").url


def a_free_desk(day: Day, besides: int = 0) -> tuple[str, str]:
    """Return the id and the printed code of the site's last desk, or of the one ``besides`` before it."""
    question = select(Desk).join(Room).where(Room.site_id == day.site, Desk.pool == "guests").order_by(Desk.id.desc())
    with day.stage.host.open().storage.transaction() as db:
        desks = [desk for desk in db.scalars(question) if desk.offered]
        return desks[besides].id, desks[besides].code


def signed_in(phone: Browser, page: Page, origin: str, number: str) -> Page:
    """Fill in the form of one's own town, where it asks for that."""
    if "/signin" not in page.url:
        return page
    wished = [*page.values("next"), "/"][0]
    return phone.post(f"{origin}/signin", number=number, password=PASSWORD, next=wished)


def wish_of(page: Page) -> dict[str, str]:
    """Return what a booking page has filled in, agreed to."""
    filled = {name: page.values(name)[0] for name in ("desk", "day", "slot", "from", "to")}
    version = page.values("consent_version")
    return filled | ({"consent_version": version[0], "consent": "1"} if version else {})


def day_state(day: Day, trip: str) -> str:
    """Return a trip's state as home has it."""
    with day.stage.home.open().storage.transaction() as db:
        return db.get_one(Trip, trip).state


def state_at_host(day: Day, trip: str) -> str:
    """Return a booking's state as the host has it."""
    with day.stage.host.open().storage.transaction() as db:
        return db.scalars(select(BookingPlace).where(BookingPlace.booking_id == trip)).one().booking.state


def place_of(day: Day, trip: str) -> int:
    """Return the number of a booking's place at the host."""
    with day.stage.host.open().storage.transaction() as db:
        return db.scalars(select(BookingPlace.id).where(BookingPlace.booking_id == trip)).one()


ACTS: tuple[Callable[[Day], None], ...] = (
    a_sticker_leads_home_and_one_press_books_and_checks_in,
    a_visitor_signs_in_at_the_host_and_checks_in_and_leaves,
)
