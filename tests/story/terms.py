"""The acts after the day: what three towns agree on, what a home lays down and approves, and how either is stopped."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

from sqlalchemy import select

from deploy.demo import seed
from node.models.agreements import Agreement
from tests.story import acts
from tests.story.browser import Browser, Page
from tests.story.stage import Actor

if TYPE_CHECKING:
    from tests.story.acts import Day

NEIGHBOUR, NEIGHBOURS_PERSONNEL = "K1001", "K5001"
SHARED, OPEN_TO_ALL = "三団体の相互利用協定", "すべての団体への開放"
OFFERED = 3
"""Days ahead on which the offer to all members holds, with so few seats that two towns use them up."""
APPROVED, NOTICE, BEYOND = 5, 7, 12
"""Days ahead: one within the notice period of the agreement, the period, one beyond it."""
ENDED = "協定が終了したため、予約が取り消されました"


@dataclass(frozen=True)
class Moment:
    """A time at the site, some days ahead, as the search and the booking page ask for it."""

    wanted: dict[str, str]

    @property
    def day(self) -> date:
        return date.fromisoformat(self.wanted["day"])


def ahead(days: int) -> Moment:
    """Return the hour that comes next, so many days ahead."""
    return Moment(acts.wish(hours_ahead=24 * days))


def third(day: Day) -> Actor:
    """Return the third town."""
    assert day.stage.third is not None
    return day.stage.third


def a_third_town_joins(day: Day) -> None:
    """3つ目の自治体が加わる."""
    town = third(day)
    day.stage.registry.start()
    day.stage.registry.wait()
    town.program.command("migrate")
    shown = day.stage.join(town, day.stage.invite(town))
    day.stage.registry.command("admit", town.file.code, "--thumbprint", shown)
    opened = town.open()
    seed.sow(opened, town.file, opened.clock())
    town.program.start()
    town.program.wait()
    for one, other in ((town, day.stage.host), (day.stage.host, town)):
        known = one.open()
        acts.soon(partial(acts.knows, known, other.origin), "the third town is known")


def without_an_agreement_nobody_comes(day: Day) -> None:
    """協定を確認していない団体の職員は予約できず、理由が示される."""
    page = at_desk(day, day.at(third(day), NEIGHBOUR), 0, ahead(OFFERED))
    refused_for(page, "協定")


def an_offer_to_all_members_needs_no_acceptance(day: Day) -> None:
    """すべての団体への開放は、相手の確認を待たずに使える."""
    on = ahead(OFFERED).day.isoformat()
    entered(day, OPEN_TO_ALL, who="everyone", seats_a_day="2", starts_on=on, ends_on=on)
    assert not awaiting(day.at(third(day), NEIGHBOURS_PERSONNEL), OPEN_TO_ALL)
    neighbour = day.at(third(day), NEIGHBOUR)
    found = acts.soon(lambda: acts.desks_found(day, neighbour, **ahead(OFFERED).wanted), "the third town finds it")
    confirmed(acts.book(day, neighbour, found[0]))


def the_host_stops_an_agreement(day: Day) -> None:
    """受入団体が協定の受付を停止すると、その団体の職員は、すべての団体への開放で予約する."""
    admin = day.at(day.stage.host, acts.ADMIN)
    page = admin.get("/admin/agreements")
    name = next(one["name"] for one in day.stage.host.file.data["agreement"] if one["home"] == day.stage.home.file.code)
    card = page.text[page.text.index(name) :]
    (path,) = re.findall(r'action="(/admin/agreements/[0-9a-f-]+/suspend)"', card)[:1]
    assert admin.post(path, reason="改修工事").status == 200
    confirmed(acts.book(day, day.visitor, link(day, 1, ahead(OFFERED))))


def two_homes_use_up_the_seats_and_the_next_reads_why(day: Day) -> None:
    """2団体で席を使い切ると、次の人は断られ、だれのどの条件か、どうすればよいかを読める."""
    page = acts.book(day, day.at(day.stage.home, acts.COLLEAGUE), link(day, 2, ahead(OFFERED)))
    assert page.status == 409, f"{page.status}: {page.text[-2000:]}"
    refused_for(page, "協定の1日2席は、この日はすべて予約済みです。", "別の日なら予約できます。", "受入団体")


def the_two_sides_sign_new_terms(day: Day) -> None:
    """受入団体が登録した協定を2団体が確認し、それぞれの署名つきの控えを検証できる."""
    first, last = ahead(OFFERED + 1).day.isoformat(), ahead(BEYOND + 30).day.isoformat()
    codes = f"{day.stage.home.file.code}\n{third(day).file.code}"
    entered(day, SHARED, who="towns", home_codes=codes, notice_days=str(NOTICE), starts_on=first, ends_on=last)
    for actor, number in ((day.stage.home, acts.PERSONNEL), (third(day), NEIGHBOURS_PERSONNEL)):
        signs(day, actor, number)
    acts.soon(lambda: stands_at_host(day), "the host has heard of both")


def stands_at_host(day: Day) -> bool:
    """Say whether, as the host has heard, both towns have signed and neither has stopped the agreement."""
    with day.stage.host.open().storage.transaction() as db:
        made = db.scalars(select(Agreement).where(Agreement.name == SHARED)).one()
        return all(made.stands_for(one.file.code) for one in (day.stage.home, third(day)))


def signs(day: Day, actor: Actor, number: str) -> None:
    """Have one side compare and confirm the agreement, and verify the file that it keeps."""
    personnel = day.at(actor, number)
    path = acts.soon(lambda: awaiting(personnel, SHARED), f"the terms arrive at {actor.file.name}")
    page = personnel.get(path)
    hidden = {name: page.values(name)[0] for name in ("number", "digest")}
    page = personnel.post(f"{path}/confirm", compared="1", **hidden)
    assert page.status == 200, page.text[-2000:]
    kept = personnel.get(page.links(f"{path}/versions/")[0]).text
    file = actor.program.log.with_name(f"{actor.file.code}.json")
    file.write_text(kept, encoding="utf-8")
    assert "三総第1号" in actor.program.command("verify-agreement", str(file))


def a_booking_waits_for_the_superior(day: Day) -> None:
    """所属団体が承認を求めると、予約は座席を確保して待ち、所属長の承認で確定する."""
    personnel = day.at(day.stage.home, acts.PERSONNEL)
    personnel.get("/personnel/conditions")
    page = personnel.post("/personnel/conditions", approval_by="superior")
    assert page.status == 200, page.text[-2000:]
    found = acts.soon(lambda: acts.desks_found(day, day.visitor, **ahead(APPROVED).wanted), "the agreement is in force")
    trip = day.later[APPROVED] = trip_of(acts.book(day, day.visitor, found[0]))
    assert state(day, trip) == "held", state(day, trip)
    manager = day.at(day.stage.home, acts.MANAGER)
    (asked,) = manager.get("/manager/approvals").values("approval")
    page = manager.post("/manager/approvals", approval=asked, act="approve")
    assert "1件を承認しました" in page.text, page.text[-2000:]
    acts.soon(lambda: state(day, trip) == "confirmed", "approved, then confirmed")


def what_is_approved_beforehand_passes_unasked(day: Day) -> None:
    """包括承認の範囲内の予約は、承認を待たずに確定する."""
    manager = day.at(day.stage.home, acts.MANAGER)
    manager.get("/manager/standing")
    first, last = (ahead(days).day.isoformat() for days in (0, BEYOND))
    hours = {"from": "", "until": ""}
    page = manager.post("/manager/standing", number=acts.VISITOR, from_on=first, until_on=last, **hours)
    assert page.status == 200, page.text[-2000:]
    day.later[BEYOND] = confirmed(acts.book(day, day.visitor, link(day, 0, ahead(BEYOND))))
    assert manager.get("/manager/approvals").values("approval") == []


def home_stops_the_agreement_at_once(day: Day) -> None:
    """所属団体が協定を停止すると、新しい予約は直ちに断られ、予告期間より後の予約は取り消されて本人に知らされる."""
    personnel, path = day.at(day.stage.home, acts.PERSONNEL), offered(day)
    personnel.get(path)
    assert personnel.post(f"{path}/suspend", reason="人事異動のため").status == 200
    page = at_desk(day, day.visitor, 0, ahead(APPROVED + 1))
    refused_for(page, "所属団体がこの団体との協定による利用を停止しています。", "所属団体")
    acts.soon(lambda: state(day, day.later[BEYOND]) == "cancelled", "what lies beyond the notice ends")
    assert state(day, day.later[APPROVED]) == "confirmed"
    acts.soon(lambda: ENDED in day.visitor.get("/notices").text, "the visitor is told")


def the_other_home_goes_on(day: Day) -> None:
    """もう一方の団体は、同じ協定でそのまま予約できる."""
    confirmed(acts.book(day, day.at(third(day), NEIGHBOUR), link(day, 2, ahead(APPROVED))))


def home_resumes_it(day: Day) -> None:
    """停止を解くと、また予約できる."""
    personnel, path = day.at(day.stage.home, acts.PERSONNEL), offered(day)
    personnel.get(path)
    assert personnel.post(f"{path}/resume").status == 200
    acts.soon(lambda: stands_at_host(day), "the host has heard of it")
    wanted = ahead(APPROVED + 1)
    found = acts.soon(lambda: acts.desks_found(day, day.visitor, **wanted.wanted), "the visitor finds it again")
    confirmed(acts.book(day, day.visitor, found[0]))


# --- What the acts have in common -------------------------------------------------------------------------------------


def entered(day: Day, name: str, **facts: str) -> None:
    """Have the 施設担当者 enter an agreement on the story's site by the form; overlapping with others is meant so."""
    admin = day.at(day.stage.host, acts.ADMIN)
    admin.get("/admin/agreements/new")
    usual = {"number": "三総第1号", "years": "dates", "lead": "0", "per": "use", "price_yen": "0", "named": "1"}
    page = admin.post("/admin/agreements/new", **{**usual, "name": name, "site_ids": day.site, "overlap": "1", **facts})
    assert page.status == 200, page.text[-3000:]
    assert name in page.text


def awaiting(personnel: Browser, name: str) -> str:
    """Return the address of an agreement that a town was offered, empty while it has not arrived."""
    links = dict.fromkeys(personnel.get("/personnel/agreements").links("/personnel/agreements/"))
    return next((one for one in links if name in personnel.get(one).text), "")


def offered(day: Day) -> str:
    """Return the address of the shared agreement at home."""
    return awaiting(day.at(day.stage.home, acts.PERSONNEL), SHARED)


def link(day: Day, number: int, moment: Moment) -> str:
    """Return the link that books the story's nth desk at that moment."""
    (desk,) = parse_qs(urlsplit(day.links[number]).query)["desk"]
    return f"/book?{urlencode({'desk': desk, **moment.wanted})}"


def at_desk(day: Day, browser: Browser, number: int, moment: Moment) -> Page:
    """Open the page that books a desk at that moment."""
    return browser.get(link(day, number, moment))


def refused_for(page: Page, *words: str) -> None:
    """Hold that a page says all the words, and offers no booking."""
    missing = [one for one in words if one not in page.text]
    assert not missing, f"{missing} in {re.sub('<[^>]*>', ' ', page.text)[-3000:]}"


def trip_of(page: Page) -> str:
    """Return the id of the trip whose page this is."""
    assert page.status == 200, f"{page.status}: {page.text[-3000:]}"
    assert "/bookings/" in page.url, page.url
    return page.url.rpartition("/")[2]


def confirmed(page: Page) -> str:
    """Hold that a booking is confirmed at once, its page being the pass; return the id of the trip."""
    trip = trip_of(page)
    assert "dads-ticket" in page.text, re.sub("<[^>]*>", " ", page.text)[-3000:]
    return trip


def state(day: Day, trip: str) -> str:
    """Return a trip's state as home has it."""
    return acts.trip_of(day, trip).state


ACTS: tuple[Callable[[Day], None], ...] = (
    a_third_town_joins,
    without_an_agreement_nobody_comes,
    an_offer_to_all_members_needs_no_acceptance,
    the_host_stops_an_agreement,
    two_homes_use_up_the_seats_and_the_next_reads_why,
    the_two_sides_sign_new_terms,
    a_booking_waits_for_the_superior,
    what_is_approved_beforehand_passes_unasked,
    home_stops_the_agreement_at_once,
    the_other_home_goes_on,
    home_resumes_it,
)
