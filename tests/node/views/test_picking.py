"""座席を選ぶ: a site's free desks on its host's plan and as a list, each leading to its confirmation."""

import hashlib
import os
import re
from urllib.parse import quote

import pytest

from federation.messages.plan import PlannedDesk, RoomPlan
from federation.storage import Storage
from node.home import borrowed, conditions
from node.people import staff as people
from node.town import Town
from tests.node.fakehost import DESK, DESK_ID, HOST, SITE, FakeHost
from tests.node.home.conftest import NOW
from tests.node.views.conftest import FakeRegistry, Person
from tests.node.views.test_borrowed import picture

OTHER = "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0009"
PAGE = f"/search/desks?site={quote(SITE.url, safe='')}&near=35.694,139.753&day=2026-11-25&slot=day"


@pytest.fixture(autouse=True)
def planned(host: FakeHost) -> None:
    desks = (
        PlannedDesk(desk=DESK_ID, name="A-1", column=2, row=3),
        PlannedDesk(desk=OTHER, name="A-2", column=4, row=3),
    )
    host.planned = RoomPlan(room=DESK.room_id, columns=16, rows=10, desks=desks)


def links(text: str) -> list[str]:
    return [link.replace("&amp;", "&") for link in re.findall(r'href="(/book\?[^"]+)"', text)]


def test_a_free_desk_leads_to_its_confirmation_from_the_plan_and_from_the_list(person: Person) -> None:
    page = person.opens(PAGE).text
    on_plan, in_list = links(page)
    assert on_plan == in_list
    assert "day=2026-11-25" in on_plan
    assert 'aria-label="予約へ進む（A-1）"' in page
    assert person.opens(on_plan).status_code == 200
    assert re.findall(r'data-state="(\w+)"', page[page.index('<svg class="dads-plan') :])[:2] == ["free", "taken"]


def test_the_registry_is_asked_around_the_site_alone(person: Person, registry: FakeRegistry) -> None:
    person.opens(PAGE)
    assert all(part in registry.asked[-1] for part in ("lat=35.694", "lon=139.753", "radius_km=1.0"))


@pytest.mark.parametrize("trouble", ["down", "none", "other room"])
def test_without_a_plan_the_list_stands_alone(person: Person, host: FakeHost, trouble: str) -> None:
    host.down = trouble == "down"
    if host.planned is not None:
        host.planned = host.planned.model_copy(update={"room": OTHER}) if trouble == "other room" else None
    page = person.opens(PAGE)
    assert page.status_code == 200
    assert (len(links(page.text)), "dads-plan__mark" in page.text) == (1, False)


def test_a_desk_that_is_not_ours_to_book_says_why(person: Person, storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        who = people.find(db, "012345")
        assert who is not None
        conditions.lay_down(
            db, privacy=["private"], work_kinds=["satellite"], host_codes=[], employments_barred=[], days_a_week=None,
            limit_yen=None, by=who.id, now=NOW,
        )  # fmt: skip
    page = person.opens(PAGE).text
    assert links(page) == []
    assert "予約できません：所属団体の利用条件" in page
    assert 'data-state="shut"' in page


def test_a_site_with_nothing_free_leads_back(person: Person, registry: FakeRegistry) -> None:
    registry.known = False
    page = person.reads(PAGE)
    assert "この施設に、この条件で空いている座席はありません" in page
    assert "検索結果へ戻る" in page


@pytest.mark.parametrize(
    "site", ["", "x", "http://[", "https://a.example/desks/1", f"https://a.example/sites/{OTHER}x"]
)
def test_an_address_of_no_site_is_not_found(person: Person, site: str) -> None:
    assert person.opens(f"/search/desks?site={quote(site, safe='')}").status_code == 404


def test_a_day_nobody_can_read_is_said(person: Person) -> None:
    answer = person.opens(PAGE.replace("2026-11-25", "いつか"))
    assert (answer.status_code, "日付は「2026-11-24」のように入力してください" in answer.text) == (400, True)


class TestDrawing:
    """The picture under the plan, as the host keeps it."""

    DATA = picture()
    DIGEST = hashlib.sha256(DATA).hexdigest()

    @pytest.fixture(autouse=True)
    def drawn(self, host: FakeHost) -> None:
        assert host.planned is not None
        host.planned, host.drawn = host.planned.model_copy(update={"drawing": self.DIGEST}), self.DATA

    def address(self, person: Person) -> str:
        (found,) = re.findall(r'<image href="([^"]+)"', person.opens(PAGE).text)
        return str(found).replace("&amp;", "&")

    def test_it_lies_under_the_desks_from_our_own_origin_drawn_anew(self, person: Person, host: FakeHost) -> None:
        answers = [person.opens(self.address(person)) for _ in range(2)]
        assert host.drawings == [DESK_ID]
        for answer in answers:
            assert (answer.mimetype, answer.headers["Cache-Control"]) == ("image/webp", "private, max-age=86400")
            assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
            assert b"taken at home" not in answer.data

    @pytest.mark.parametrize("sent", [b"", b"<svg onload='x'/>", picture("navy")])
    def test_another_one_than_the_plan_told_of_or_none_leaves_the_raster(
        self, person: Person, host: FakeHost, sent: bytes
    ) -> None:
        host.drawn, path = sent, self.address(person)
        answers = [person.opens(path) for _ in range(2)]
        assert [(answer.mimetype, b"onload" in answer.data) for answer in answers] == [("image/svg+xml", False)] * 2
        assert len(host.drawings) == 1

    def test_after_a_day_the_host_is_asked_again(self, person: Person, host: FakeHost, town: Town) -> None:
        path = self.address(person)
        person.opens(path)
        (file,) = (town.config.data / borrowed.FOLDER).iterdir()
        os.utime(file, (0, file.stat().st_mtime - borrowed.DRAWING_LASTS - 1))
        host.down = True
        assert person.opens(path).mimetype == "image/svg+xml"

    def test_a_desk_our_people_have_not_seen_is_not_asked_for(self, person: Person, host: FakeHost) -> None:
        path = self.address(person)
        assert person.opens(path.replace(DESK_ID, OTHER)).status_code == 404
        assert person.opens(f"/search/plan?host={HOST}&desk={DESK_ID}&drawing=../x").status_code == 404
        assert host.drawings == []

    def test_a_drawing_that_no_plan_of_ours_named_is_not_asked_for(self, person: Person, host: FakeHost) -> None:
        path = self.address(person)
        assert person.opens(path.replace(self.DIGEST, "0" * 64)).status_code == 404
        assert person.opens(path.split("&seal=")[0]).status_code == 404
        assert host.drawings == []
