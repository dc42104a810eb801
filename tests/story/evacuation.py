"""The acts of an evacuation: people of four towns in one building, found, told apart and told home, with parts of it down."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from deploy.demo import installing, seed
from federation.errors import TokenRefused
from federation.messages.base import as_text
from federation.messages.rollcall import RollCall
from federation.tokens import ROLL_CALL
from node.models.bookings import BookingPlace
from node.models.rollcalls import Accounted, HeardRollCall
from node.models.sites import Desk
from node.models.staff import Staff
from node.models.trips import Trip
from node.models.visits import WalkIn
from tests.story import acts, terms
from tests.story.browser import Page
from tests.story.stage import Actor
from tests.story.terms import NEIGHBOUR, third

if TYPE_CHECKING:
    from tests.story.acts import Day

TODAY = "きょうだけの、すべての団体への開放"
NEIGHBOURS_CHIEF, CITIZEN, CITIZENS_CHIEF, OWN = "K2001", "U1001", "U2001", "T1001"
WALKED_IN, FOUND = "飛入 一郎", "迷子 次郎"
COUNT = re.compile(r"<dt>([^<]+)</dt><dd>(\d+)名")


def fourth(day: Day) -> Actor:
    """Return the fourth town."""
    assert day.stage.fourth is not None
    return day.stage.fourth


def a_fourth_town_joins(day: Day) -> None:
    """4つ目の自治体が加わり、受入団体がきょうの利用を全団体に開放する."""
    town = fourth(day)
    bureau = installing.open_registry(day.stage.registry.settings)
    node = installing.open_node(town.program.settings)
    installing.admit(bureau, node)
    for opened in (bureau, node):
        opened.storage.close()
        opened.proofs.close()
    opened_town = town.open()
    seed.sow(opened_town, town.file, opened_town.clock())
    town.program.start()
    on = terms.ahead(0).day.isoformat()
    terms.entered(day, TODAY, who="everyone", seats_a_day="50", starts_on=on, ends_on=on)
    town.program.wait()
    for one, other in ((town, day.stage.host), (day.stage.host, town)):
        known = one.open()
        acts.soon(lambda known=known, other=other: acts.knows(known, other.origin), "the fourth town is known")  # type: ignore[misc]


def people_of_four_towns_come_in(day: Day) -> None:
    """4団体の職員が入室し、1名は退室し、1名はまだ来ない。受付は予約のない方と同行者を記録する."""
    host, home, moment = day.stage.host, day.stage.home, acts.wish()
    comers = (
        (home, acts.VISITOR),
        (host, OWN),
        (third(day), NEIGHBOUR),
        (third(day), NEIGHBOURS_CHIEF),
        (fourth(day), CITIZEN),
        (fourth(day), CITIZENS_CHIEF),
    )
    free = acts.soon(lambda: acts.desks_found(day, day.visitor, **moment), "the visitor finds desks")
    assert len(free) >= len(comers), free
    for (actor, number), link in zip(comers, free, strict=False):
        browser = day.at(actor, number)
        acts.soon(lambda browser=browser, link=link: link in acts.desks_found(day, browser, **moment), number)  # type: ignore[misc]
        trip = day.came[number] = terms.confirmed(acts.book(day, browser, link))
        if number != CITIZENS_CHIEF:
            comes_in(day, actor, number, trip)
        if number == NEIGHBOURS_CHIEF:
            assert browser.post(f"/bookings/{trip}/leave").status == 200
    reception = day.at(host, acts.RECEPTION)
    page = reception.get("/reception/walkin", site=day.site)
    desk = re.findall(r'<option value="([0-9a-f-]{36})"', page.text)[0]
    reception.post("/reception/walkin", home=home.file.name, name=WALKED_IN, desk=desk, until="", section="")
    page = reception.post(f"/reception/people/{key_of_walk_in(day)}/note", badge="", companions="1", note="")
    assert page.status == 200, page.text[-2000:]


def comes_in(day: Day, actor: Actor, number: str, trip: str) -> None:
    """Check in by the code that is printed on the desk."""
    with day.stage.host.open().storage.transaction() as db:
        code = db.scalars(select(Desk.code).join(BookingPlace).where(BookingPlace.booking_id == trip)).one()
    browser = day.at(actor, number)
    browser.get(f"/bookings/{trip}")
    page = browser.post(f"/bookings/{trip}/arrive", code=code)
    assert (page.status, state_of(actor, trip)) == (200, "checked_in"), page.text[-2000:]


def the_registry_and_one_home_go_down(day: Day) -> None:
    """連携基盤と、1つの所属団体が停止する."""
    day.stage.registry.stop()
    third(day).program.stop()


def one_press_finds_everybody_on_site(day: Day) -> None:
    """1回の操作で点呼が始まり、どの団体の職員も、予約のない方と同行者も、館内の全員が「未確認」になる."""
    reception = day.at(day.stage.host, acts.RECEPTION)
    reception.get("/reception/rollcall")
    page = reception.post("/reception/rollcall")
    assert counts(page) == {"在館中": 5, "確認済": 0, "未確認": 5, "来庁予定": 1}, page.text
    assert "ほかに同行者1名" in page.text
    on_site, _, expected = page.text.partition("名簿にない方を見つけたとき")
    assert names(day, on_site) == {acts.VISITOR, OWN, NEIGHBOUR, CITIZEN}
    assert WALKED_IN in on_site
    assert names(day, expected) == {CITIZENS_CHIEF}


def the_list_is_printed(day: Day) -> None:
    """停電に備え、館内の全員と団体と場所の名簿を印刷できる."""
    page = day.at(day.stage.host, acts.RECEPTION).get("/reception/rollcall/list")
    assert names(day, page.text) == {acts.VISITOR, OWN, NEIGHBOUR, CITIZEN}
    assert all(words in page.text for words in (WALKED_IN, "同行者1名", "狛江市", "さいたま市", "埼玉県", "東京都"))
    assert page.text.count("□") == 2 * 5


def two_wardens_mark_at_once(day: Day) -> None:
    """2人が同時に記録しても失われず、同じ方に別の記録をした人には知らされる."""
    host = day.stage.host
    wardens = [day.at(host, number) for number in (acts.RECEPTION, acts.ADMIN)]
    call, keys = call_of(wardens[0].get("/reception/rollcall")), keys_of(day)
    wardens[1].get("/reception/rollcall")
    rounds = (
        ((acts.VISITOR, "seen"), (NEIGHBOUR, "sheltering")),
        ((OWN, "seen"), (OWN, "seen")),
        ((WALKED_IN, "seen"), (WALKED_IN, "sheltering")),
    )
    told = []
    with ThreadPoolExecutor(2) as both:
        for each in rounds:
            asked = [
                both.submit(
                    warden.post, f"/reception/rollcall/{call}/people/{keys[who]}", answer=answer, last="0", site=""
                )
                for warden, (who, answer) in zip(wardens, each, strict=True)
            ]
            told.append(sorted(one.result().status for one in asked))
    assert told == [[200, 200], [200, 200], [200, 409]], told
    page = wardens[1].get("/reception/rollcall")
    assert counts(page) == {"在館中": 5, "確認済": 4, "未確認": 1, "来庁予定": 1}, page.text
    assert "庁舎待機" in page.text


def somebody_is_found_who_was_not_on_the_list(day: Day) -> None:
    """入室の記録がない方も、だれも予定していなかった方も、見つけたその場で名簿に加わる."""
    warden, keys = day.at(day.stage.host, acts.RECEPTION), keys_of(day)
    page = warden.get("/reception/rollcall")
    call = call_of(page)
    page = warden.post(f"/reception/rollcall/{call}/expected/{keys[CITIZENS_CHIEF]}")
    assert page.status == 200, page.text
    desk = re.findall(r'<option value="([0-9a-f-]{36})"', page.text)[-1]
    page = warden.post(f"/reception/rollcall/{call}/found", home="さいたま市", name=FOUND, section="", desk=desk)
    assert counts(page) == {"在館中": 7, "確認済": 6, "未確認": 1, "来庁予定": 0}, page.text


def it_ends_and_each_home_hears_of_its_own_people_alone(day: Day) -> None:
    """終了すると、各団体に自分の職員の結果だけが、確かめられる署名付きで、連携基盤なしで届く."""
    stage, warden = day.stage, day.at(day.stage.host, acts.RECEPTION)
    call = call_of(warden.get("/reception/rollcall"))
    page = warden.post(f"/reception/rollcall/{call}/end")
    assert "未確認のまま終了した方が1名います" in page.text, page.text
    assert all(f"<li>{town.file.name}</li>" in page.text for town in (stage.home, third(day), fourth(day)))
    assert not stage.registry.is_running()
    hears(day, stage.home, {acts.VISITOR: "seen", "": outcome_of_walk_in(day)}, companions=1)
    hears(day, fourth(day), {CITIZEN: "missing", CITIZENS_CHIEF: "seen", "": "seen"})
    hears(day, stage.host, {OWN: "seen"})
    assert "当団体の職員3名、うち未確認1名" in day.at(fourth(day), "U5001").get("/notices").text


def the_home_that_was_away_hears_when_it_is_back(day: Day) -> None:
    """停止していた団体にも、戻ると報告が届く。連携基盤はまだ止まっている."""
    third(day).program.start()
    third(day).program.wait()
    hears(day, third(day), {NEIGHBOUR: "sheltering"})
    assert not day.stage.registry.is_running()


# --- What the acts have in common -------------------------------------------------------------------------------------


def hears(day: Day, actor: Actor, outcomes: dict[str, str], companions: int = 0) -> None:
    """Hold that a home has the report on these people of its own and on nobody else, and can prove whose word it is.

    People by their numbers, without one who was written down at the door.
    """
    host, town = day.stage.host.origin, actor.open()
    acts.soon(lambda: reports_at(actor), f"{actor.file.name} hears of it")
    ((token, people),) = reports_at(actor)
    assert people == outcomes
    is_own = actor is day.stage.host
    keys = town.keys.protocol.public() if is_own else town.members.verified(host, town.clock()).protocol_keys
    verify = partial(ROLL_CALL.verify, token, keys, now=town.clock(), issuer=host)
    call = RollCall.read(as_text(verify(audience=actor.origin)["report"]))
    bookings = {one.booking for one in call.people if one.booking}
    assert (len(call.people), sum(one.companions for one in call.people)) == (len(outcomes), companions)
    assert bookings <= trips_of(actor)
    for other in day.stage.towns:
        if other is not actor:
            assert not bookings & trips_of(other)
            with pytest.raises(TokenRefused):
                verify(audience=other.origin)
    personnel = next(one["number"] for one in actor.file.people if "personnel" in one["roles"])
    assert names(day, day.at(actor, personnel).get("/personnel/rollcalls").text) == set(outcomes) - {""}


def reports_at(actor: Actor) -> list[tuple[str, dict[str, str]]]:
    """Return each report that a town was sent, as it is kept for proof, and how it stands with each of its people."""
    with actor.open().storage.transaction() as db:
        numbers = {one.id: one.number for one in db.scalars(select(Staff))}
        return [
            (heard.token, {numbers.get(one.staff_id or 0, ""): one.outcome for one in heard.people})
            for heard in db.scalars(select(HeardRollCall))
        ]


def trips_of(actor: Actor) -> set[str]:
    """Return the ids of all trips of a town's people."""
    with actor.open().storage.transaction() as db:
        return set(db.scalars(select(Trip.id)))


def state_of(actor: Actor, trip: str) -> str:
    """Return a trip's state as its home has it."""
    with actor.open().storage.transaction() as db:
        return str(db.get_one(Trip, trip).state)


def counts(page: Page) -> dict[str, int]:
    """Return the figures at the head of the page."""
    return {label: int(number) for label, number in COUNT.findall(page.text)}


def names(day: Day, text: str) -> set[str]:
    """Return the numbers of the staff of any town whose names stand in a text of a page, outside of its head."""
    _head, _, main = text.rpartition("<main") if "<main" in text else ("", "", text)
    return {one["number"] for actor in day.stage.towns for one in actor.file.people if one["name"] in main}


def call_of(page: Page) -> str:
    """Return the id of the roll call that is open."""
    return str(re.findall(r"/reception/rollcall/([0-9a-f-]{36})/end", page.text)[0])


def keys_of(day: Day) -> dict[str, str]:
    """Return by what the door knows each person of the evacuation: by their number, or the name they gave."""
    found = {WALKED_IN: key_of_walk_in(day)}
    with day.stage.host.open().storage.transaction() as db:
        for number, trip in day.came.items():
            place = db.scalars(select(BookingPlace.id).where(BookingPlace.booking_id == trip)).one()
            found[number] = str(place)
    return found


def key_of_walk_in(day: Day) -> str:
    """Return the key of the walk-in."""
    with day.stage.host.open().storage.transaction() as db:
        return db.scalars(select(WalkIn.id).where(WalkIn.name == WALKED_IN)).one()


def outcome_of_walk_in(day: Day) -> str:
    """Return what the warden who was first had said of the walk-in."""
    with day.stage.host.open().storage.transaction() as db:
        said = db.scalars(select(Accounted).join(WalkIn).where(WalkIn.name == WALKED_IN)).one()
        return "sheltering" if said.sheltering else "seen"


ACTS: tuple[Callable[[Day], None], ...] = (
    a_fourth_town_joins,
    people_of_four_towns_come_in,
    the_registry_and_one_home_go_down,
    one_press_finds_everybody_on_site,
    the_list_is_printed,
    two_wardens_mark_at_once,
    somebody_is_found_who_was_not_on_the_list,
    it_ends_and_each_home_hears_of_its_own_people_alone,
    the_home_that_was_away_hears_when_it_is_back,
)
"""The acts of the evacuation, in their order."""
