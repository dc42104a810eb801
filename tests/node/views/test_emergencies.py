"""The pages of 災害時臨時開放 and 臨時閉鎖: asked, shown, done by one press; and the banner everybody sees."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from federation.members import Member
from federation.messages.feed import FeedItem
from federation.storage import Storage
from node.home import emergencies as heard
from node.host import sites
from node.models.emergencies import Emergency
from node.models.sites import Desk
from node.town import Town
from tests.node.home.conftest import NOW
from tests.node.views.conftest import Person

SITE_ID = "6f1d4a9e-3c44-4f0e-9a55-0b7a1c2d3e4f"
CHICHIBU = "https://node.chichibu.example"
ASKED = {"kind": "opening", "until_day": "2026-11-26", "until_time": "18:00", "reason": "地震のため"}


@pytest.fixture
def site(host_town: Town) -> str:
    """A site with one room, one desk for guests and one for the town's own staff."""
    facts = {"name": "所沢市役所", "address": "所沢市並木1-1-1", "lat": 35.799, "lon": 139.469}
    with host_town.storage.transaction(write=True) as db:
        made = sites.add_site(db, host_town.config, facts)
        room = sites.add_room(db, made, {"name": "会議室", "privacy": "open"})
        desks = [
            sites.add_desk(db, room, {"name": name, "pool": pool}) for name, pool in (("A", "guests"), ("B", "own"))
        ]
        places: tuple[sites.Place, ...] = (made, room, *desks)
        for place in places:
            sites.publish(db, place)
        return made.id


def desk_id(town: Town, name: str) -> str:
    with town.storage.transaction() as db:
        return db.scalars(select(Desk.id).where(Desk.name == name)).one()


def looked_ahead(site_admin: Person, site: str, asked: dict[str, str]) -> tuple[str, str]:
    """Ask what would happen; return the page and the word for what it shows."""
    page = site_admin.client.get(f"/admin/sites/{site}/emergency", query_string=asked).text
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    return page, seen[1] if seen else ""


def kinds(town: Town) -> list[str]:
    with town.storage.transaction() as db:
        return [row.kind for row in db.scalars(select(Emergency).where(Emergency.ended_at.is_(None)))]


def test_one_confirmed_action_opens_a_site_and_stands_above_every_page(
    site_admin: Person, host_town: Town, site: str
) -> None:
    asked = {**ASKED, "desks": desk_id(host_town, "B")}
    page, seen = looked_ahead(site_admin, site, asked)
    assert "所沢市役所 会議室 B" in page
    assert kinds(host_town) == []
    done = site_admin.sends(f"/admin/sites/{site}/emergency", {**asked, "seen": seen})
    assert (done.status_code, kinds(host_town)) == (303, ["opening"])
    assert "所沢市：所沢市役所を災害時臨時開放しています（2026年11月26日(木) 18:00まで）" in site_admin.reads("/")


def test_what_was_not_shown_is_not_done(site_admin: Person, host_town: Town, site: str) -> None:
    _page, seen = looked_ahead(site_admin, site, ASKED)
    asked = {**ASKED, "desks": desk_id(host_town, "B"), "seen": seen}
    refused = site_admin.sends(f"/admin/sites/{site}/emergency", asked)
    assert (refused.status_code, kinds(host_town)) == (409, [])


@pytest.mark.parametrize(("changed", "words"), [
    ({"kind": "party"}, "選択肢から選んでください。"), ({"reason": ""}, "入力してください。"),
    ({"until_day": "2026-12-24"}, "7日以内にしてください。"), ({"until_day": "2026-11-23"}, "7日以内にしてください。"),
    ({"until_day": "soon"}, "日付を"), ({"until_time": "25:00"}, "時刻を"), ({"desks": "x"}, "選択肢から選んでください。"),
    ({"temporary": "51"}, "0から50まで"), ({"temporary": "3"}, "臨時の座席を置く部屋を選んでください。"),
])  # fmt: skip
def test_a_mistake_is_said_beside_its_field_and_what_was_typed_stays(
    site_admin: Person, site: str, changed: dict[str, str], words: str
) -> None:
    answer = site_admin.client.get(f"/admin/sites/{site}/emergency", query_string={**ASKED, **changed})
    assert answer.status_code == 400
    assert re.search(f"＊[^<]*{re.escape(words)}", answer.text)
    assert f'value="{({**ASKED, **changed})["reason"]}"' in answer.text


def test_it_is_prolonged_and_ended_by_hand(site_admin: Person, host_town: Town, site: str) -> None:
    _page, seen = looked_ahead(site_admin, site, ASKED)
    site_admin.sends(f"/admin/sites/{site}/emergency", {**ASKED, "seen": seen})
    with host_town.storage.transaction() as db:
        made = db.scalars(select(Emergency.id)).one()
    late = site_admin.sends(f"/admin/emergencies/{made}/prolong", {"until_day": "2026-12-30"})
    assert (late.status_code, "＊終了は今の終了より後" in late.text) == (400, True)
    assert site_admin.sends(f"/admin/emergencies/{made}/prolong", {"until_day": "2026-11-28"}).status_code == 303
    assert "2026年11月29日(日) 00:00" in site_admin.reads("/admin/emergencies")
    site_admin.sends(f"/admin/emergencies/{made}/end")
    assert kinds(host_town) == []
    assert "災害時臨時開放しています" not in site_admin.reads("/")


def test_a_closing_says_whom_it_hits(site_admin: Person, site: str) -> None:
    page, _seen = looked_ahead(site_admin, site, {**ASKED, "kind": "closing"})
    assert "影響のある予約（0件）" in page


# --- What is heard of others ----------------------------------------------------------------------------------


@pytest.fixture
def chichibu(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        db.add(
            Member(
                entity_id=CHICHIBU, code="112071", name="秩父市", statement="", configuration="", status_index=9,
                status="valid", issued=NOW, configured=NOW, expires=NOW + timedelta(days=1), seen_at=NOW,
            )
        )  # fmt: skip


def hear(storage: Storage, state: str = "updated", **changes: Any) -> None:
    said = {
        "entity_id": CHICHIBU, "site_id": SITE_ID, "site_name": "秩父市役所", "kind": "opening", "reason": "地震のため",
        "extra_desks": 20, "since": "2026-11-23T00:00:00Z", "until": "2026-11-26T09:00:00Z", **changes,
    }  # fmt: skip
    item = {"state": state, "kind": "emergency", "id": f"{CHICHIBU} {SITE_ID}", "modified": 1}
    with storage.transaction(write=True) as db:
        heard.take(db, FeedItem.model_validate(item | ({"data": said} if state == "updated" else {})), NOW)


@pytest.mark.usefixtures("chichibu")
def test_anothers_emergency_stands_above_every_page_until_it_ends(person: Person, storage: Storage, clock: Any) -> None:
    hear(storage)
    words = "秩父市：秩父市役所を災害時臨時開放しています"
    assert all(words in person.reads(path) for path in ("/", "/bookings", "/me"))
    assert "臨時の座席 20席" in person.reads("/emergencies")
    clock.now += timedelta(days=3)
    with storage.transaction() as db:
        assert heard.standing(db, clock()) == []


@pytest.mark.usefixtures("chichibu")
def test_what_is_taken_back_is_gone(person: Person, storage: Storage) -> None:
    hear(storage)
    hear(storage, state="deleted")
    assert "災害時臨時開放しています" not in person.reads("/")


@pytest.mark.usefixtures("chichibu")
def test_words_of_another_town_are_words_and_never_markup(person: Person, storage: Storage) -> None:
    hear(storage, site_name='<script src="//evil">', reason="<img src=x onerror=alert(1)>")
    for path in ("/", "/emergencies"):
        page = person.opens(path).text
        assert '//evil">' not in page
        assert "<img src=x" not in page
    assert "秩父市：&lt;script" in person.opens("/").text


@pytest.mark.usefixtures("chichibu")
@pytest.mark.parametrize("changes", [
    {"until": "2027-11-26T09:00:00Z"}, {"entity_id": "https://node.tokyo.example"}, {"site_id": "1"}, {"kind": "party"},
    {"reason": "x" * 201},
])  # fmt: skip
def test_a_word_that_cannot_be_right_is_not_shown(person: Person, storage: Storage, changes: dict[str, Any]) -> None:
    hear(storage, **changes)
    assert "災害時のお知らせ" not in person.reads("/")


def test_whoever_is_no_member_is_not_heard(person: Person, storage: Storage) -> None:
    hear(storage)
    assert "災害時のお知らせ" not in person.reads("/")


@pytest.mark.usefixtures("chichibu")
def test_no_town_fills_the_page(person: Person, storage: Storage) -> None:
    for number in range(9):
        site = f"6f1d4a9e-3c44-4f0e-9a55-0b7a1c2d3e4{number}"
        item = {"entity_id": CHICHIBU, "site_id": site, "site_name": f"第{number}庁舎", "kind": "closing",
                "since": "2026-11-23T00:00:00Z", "until": "2026-11-26T09:00:00Z"}  # fmt: skip
        told = {"state": "updated", "kind": "emergency", "id": f"{CHICHIBU} {site}", "modified": 1, "data": item}
        with storage.transaction(write=True) as db:
            heard.take(db, FeedItem.model_validate(told), NOW)
    page = person.reads("/")
    assert page.count("秩父市：") == 1
    assert "ほか8件" in page
