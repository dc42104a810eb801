"""Two who edit one thing: the second is shown the difference and loses nothing, and nothing is overwritten in silence."""

import base64
import html
import json
import re
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from federation.audit import AuditEntry
from node.host import house, photos, pictures, pools
from node.models.agreements import Agreement
from node.models.opening import DatedException
from node.models.sites import Desk, HouseRulesEdition, Room, Site
from node.town import Town
from node.views.labels import LABELS
from tests.node.host.test_pictures import encoded
from tests.node.views.conftest import OWN, Person, plain
from tests.node.views.desks import NOW, Offered, offer

INPUT = re.compile(r'<(?:input|textarea|select)\b[^>]*\bname="([^"]+)"')
NOT_FACTS = {"form_token", "seen", "position_seen"}


def opened(person: Person, path: str) -> dict[str, str]:
    """Open a form, as somebody who will be a while: what it has hidden in it."""
    page = person.opens(path).text
    return {"seen": html.unescape(re.search(r'name="seen" value="([^"]*)"', page)[1])}  # type: ignore[index]


def desk_form(**changes: str) -> dict[str, str]:
    return {"name": "A-01", "pool": "guests", "note": "", **changes}


@pytest.fixture
def offered(host_town: Town) -> Offered:
    return offer(host_town)


def first_desk(town: Town, offered: Offered) -> Desk:
    with town.storage.transaction() as db:
        return db.get_one(Desk, offered.desks[0])


def edited_twice(person: Person, path: str, mine: Mapping[str, str], theirs: Mapping[str, str]) -> TestResponse:
    """Let the first save while the second still has the form open, and the second save then."""
    open_since = opened(person, path)
    assert person.sends(path, {**theirs, **opened(person, path)}).status_code == 303
    return person.sends(path, {**mine, **open_since})


def test_the_second_is_told_and_shown_both(site_admin: Person, host_town: Town, offered: Offered) -> None:
    path = f"/admin/desks/{offered.desks[0]}"
    answer = edited_twice(site_admin, path, desk_form(note="窓側"), desk_form(note="柱の横"))
    assert answer.status_code == 409
    assert all(words in plain(answer) for words in ("自分の入力：窓側", "保存されている内容：柱の横"))
    assert first_desk(host_town, offered).note == "柱の横"


def test_field_by_field_one_takes_over_or_keeps(site_admin: Person, host_town: Town, offered: Offered) -> None:
    path = f"/admin/desks/{offered.desks[0]}"
    mine, theirs = desk_form(name="B-01", note="窓側"), desk_form(name="C-01", note="柱の横")
    page = edited_twice(site_admin, path, mine, theirs).text
    seen = html.unescape(re.search(r'name="seen" value="([^"]*)"', page)[1])  # type: ignore[index]
    chosen = {**mine, "seen": seen, "ask": ["name", "note"], "take_name": "theirs", "take_note": "mine"}
    assert site_admin.sends(path, chosen).status_code == 303  # type: ignore[arg-type]
    desk = first_desk(host_town, offered)
    assert (desk.name, desk.note) == ("C-01", "窓側")


def test_where_both_changed_it_somebody_has_to_choose(site_admin: Person, host_town: Town, offered: Offered) -> None:
    path = f"/admin/desks/{offered.desks[0]}"
    page = edited_twice(site_admin, path, desk_form(note="窓側"), desk_form(note="柱の横")).text
    seen = html.unescape(re.search(r'name="seen" value="([^"]*)"', page)[1])  # type: ignore[index]
    answer = site_admin.sends(path, {**desk_form(note="窓側"), "seen": seen, "ask": "note"})
    assert answer.status_code == 409
    assert "＊どちらを残すかを選んでください。" in answer.text
    assert first_desk(host_town, offered).note == "柱の横"


def test_a_third_change_meanwhile_is_shown_again(site_admin: Person, host_town: Town, offered: Offered) -> None:
    path = f"/admin/desks/{offered.desks[0]}"
    page = edited_twice(site_admin, path, desk_form(note="窓側"), desk_form(note="柱の横")).text
    seen = html.unescape(re.search(r'name="seen" value="([^"]*)"', page)[1])  # type: ignore[index]
    site_admin.sends(path, desk_form(note="出口の横"))
    chosen = {**desk_form(note="窓側"), "seen": seen, "ask": "note", "take_note": "mine"}
    assert site_admin.sends(path, chosen).status_code == 409
    assert first_desk(host_town, offered).note == "出口の横"


def test_a_form_that_says_nothing_of_what_it_showed_overwrites_nothing(
    site_admin: Person, host_town: Town, offered: Offered
) -> None:
    bomb = base64.urlsafe_b64encode(zlib.compress(b'{"note": ["' + b"x" * 10_000_000 + b'"]}')).decode()
    one = base64.urlsafe_b64encode(zlib.compress(b'{"note": 1}')).decode()
    for seen in ("", "no JSON", "あ", "W10=", one, bomb):
        answer = site_admin.sends(f"/admin/desks/{offered.desks[0]}", {**desk_form(note="窓側"), "seen": seen})
        assert answer.status_code == 409
    assert first_desk(host_town, offered).note == ""


def test_words_typed_are_words_on_the_page_of_the_difference(site_admin: Person, offered: Offered) -> None:
    path = f"/admin/desks/{offered.desks[0]}"
    page = edited_twice(site_admin, path, desk_form(note="<script>1</script>"), desk_form(note='"><b>')).text
    assert "<script>1" not in page
    assert '"><b>' not in page


def test_the_same_words_twice_are_no_conflict(site_admin: Person, offered: Offered) -> None:
    path = f"/admin/desks/{offered.desks[0]}"
    assert edited_twice(site_admin, path, desk_form(note="窓側"), desk_form(note="窓側")).status_code == 303


def as_shown(person: Person, path: str) -> dict[str, str]:
    """Every field of a form as it stands, by its own note of that."""
    packed = zlib.decompress(base64.urlsafe_b64decode(opened(person, path)["seen"]))
    return {name: values[0] for name, values in json.loads(packed).items()}


def test_sites_rooms_and_hours_are_guarded_too(site_admin: Person, host_town: Town, offered: Offered) -> None:
    every = {
        f"/admin/sites/{offered.site}/edit": ("lunch", "食堂", "売店"),
        f"/admin/rooms/{offered.room}/edit": ("usual_staff", "3", "4"),
        f"/admin/places/{offered.room}/hours": ("day0_1_opens", "09:00", "10:00"),
    }
    for path, (name, mine, theirs) in every.items():
        form = as_shown(site_admin, path) | {"own": "1"}
        answer = edited_twice(site_admin, path, {**form, name: mine}, {**form, name: theirs})
        assert (answer.status_code, f"保存されている内容：{theirs}" in plain(answer)) == (409, True), path
    with host_town.storage.transaction() as db:
        assert (db.get_one(Site, offered.site).lunch, db.get_one(Room, offered.room).usual_staff) == ("売店", 4)


@pytest.mark.usefixtures("offered")
def test_agreements_are_guarded(site_admin: Person, host_town: Town) -> None:
    with host_town.storage.transaction() as db:
        one = db.scalars(select(Agreement)).one()
    form = {"who": "town", "home_code": "110001", "years": "open", "lead": "0", "price_yen": "0", "per": "use"}
    mine, theirs = ({**form, "name": name, "named": "1"} for name in ("甲", "乙"))
    assert edited_twice(site_admin, f"/admin/agreements/{one.id}", mine, theirs).status_code == 409


def test_an_edition_published_meanwhile_is_shown(site_admin: Person, host_town: Town) -> None:
    form = {"version": "1", "ja": "通話は廊下で。", "since": ""}
    open_since = opened(site_admin, "/admin/house-rules")
    with host_town.storage.transaction(write=True) as db:
        house.publish(db, "1", "静かに。", "", NOW)
    assert site_admin.sends("/admin/house-rules", {**form, **open_since}).status_code == 409
    with host_town.storage.transaction() as db:
        assert db.scalars(select(HouseRulesEdition.ja)).all() == ["静かに。"]


def test_every_field_of_a_form_that_edits_has_a_name_for_the_difference(site_admin: Person, offered: Offered) -> None:
    paths = [f"/admin/sites/{offered.site}/edit", f"/admin/desks/{offered.desks[0]}", "/admin/house-rules"]
    for path in paths:
        page = site_admin.opens(path).text
        form = page[page.index('name="seen"') :]
        fields = {name for name in INPUT.findall(form) if not name.startswith("access_")}
        assert fields - NOT_FACTS <= set(LABELS), path


def another_window(person: Person) -> Person:
    """The same session in another window, with a connection of its own."""
    client = person.client.application.test_client()
    with person.client.session_transaction(base_url=OWN) as kept, client.session_transaction(base_url=OWN) as copy:
        copy.update(kept)
    return Person(client)


def test_of_two_who_save_in_one_moment_one_is_told(site_admin: Person, host_town: Town, offered: Offered) -> None:
    path = f"/admin/desks/{offered.desks[0]}"
    site_admin.opens("/me")
    windows = [another_window(site_admin) for _ in range(4)]
    shown_then = opened(site_admin, path)
    at_once = Barrier(len(windows))

    def save(window: Person, note: str) -> int:
        at_once.wait()
        return window.sends(path, {**desk_form(note=note), **shown_then}).status_code

    with ThreadPoolExecutor(len(windows)) as pool:
        answers = list(pool.map(save, windows, ("窓側", "柱の横", "出口の横", "通路側")))
    assert sorted(answers) == [303, 409, 409, 409]


def test_an_exception_is_guarded(site_admin: Person, host_town: Town, offered: Offered) -> None:
    path = f"/admin/places/{offered.site}/exceptions"
    form = {"kind": "closed", "first_day": "2026-12-10", "words": "点検", "weekdays": "3"}
    site_admin.sends(f"{path}/new", form)
    with host_town.storage.transaction() as db:
        number = db.scalars(select(DatedException.id)).one()
    mine, theirs = {**form, "words": "停電"}, {**form, "kind": "usual", "words": "工事"}
    answer = edited_twice(site_admin, f"{path}/{number}", mine, theirs)
    assert answer.status_code == 409
    told = ("自分の入力：停電", "保存されている内容：工事", "保存されている内容：祝日でも開く")
    assert all(words in plain(answer) for words in told)
    with host_town.storage.transaction() as db:
        assert db.get_one(DatedException, number).words == "工事"


def test_an_exception_that_was_taken_back_is_not_changed(site_admin: Person, host_town: Town, offered: Offered) -> None:
    path = f"/admin/places/{offered.site}/exceptions"
    form = {"kind": "closed", "first_day": "2026-12-10", "words": "点検"}
    site_admin.sends(f"{path}/new", form)
    with host_town.storage.transaction() as db:
        number = db.scalars(select(DatedException.id)).one()
    open_since = opened(site_admin, f"{path}/{number}")
    site_admin.sends(f"{path}/{number}/end")
    assert site_admin.sends(f"{path}/{number}", {**form, **open_since}).status_code == 404


def test_a_room_s_pools_are_guarded_and_written_down(site_admin: Person, host_town: Town, offered: Offered) -> None:
    path = f"/admin/rooms/{offered.room}/pools"
    answer = edited_twice(site_admin, path, {"own_0": "1"}, {"own_0": "2"})
    assert answer.status_code == 409
    assert "月曜日：自団体の職員に取り置く席数" in plain(answer)
    with host_town.storage.transaction() as db:
        assert pools.rules_of(db, [offered.room])[offered.room][0].own == 2
        found = select(AuditEntry.subject).where(AuditEntry.event == "pools-changed")
        assert db.scalars(found).all() == [f"room:{offered.room}"]


def test_what_is_said_of_a_photo_is_guarded(site_admin: Person, host_town: Town, offered: Offered) -> None:
    picture = pictures.read(encoded())
    facts = {"shows": "door", "alt": "北口", "alt_en": ""}
    with host_town.storage.transaction(write=True) as db:
        photo = photos.add(db, db.get_one(Site, offered.site), picture, facts, NOW).id
    answer = edited_twice(site_admin, f"/admin/photos/{photo}", {**facts, "alt": "裏口"}, {**facts, "alt": "通用口"})
    assert answer.status_code == 409
    assert all(words in plain(answer) for words in ("自分の入力：裏口", "保存されている内容：通用口"))
