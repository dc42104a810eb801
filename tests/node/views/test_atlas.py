"""地図: the list that stands beside it, the land it is drawn on, and whom the page may ask for pictures."""

import dataclasses
import gzip
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from federation.storage import Storage
from federation.web.audience import AudiencedFlask
from node.home import boundaries, conditions
from node.people import staff as people
from node.town import Town
from node.views import EXTENSION
from tests.node.fakehost import DESK, HOST, SITE
from tests.node.home.conftest import NOW
from tests.node.views.conftest import FakeRegistry, Person

MAP = "/search/map?near=九段下&day=2026-11-25&slot=day&privacy=open"


def test_a_site_stands_once_with_its_free_desks_and_where_it_is(person: Person, registry: FakeRegistry) -> None:
    page = person.opens(MAP).text
    assert page.count("data-site=") == 1
    assert f'data-site="{SITE.name}" data-lat="{SITE.lat}" data-lon="{SITE.lon}" data-state="free"' in page
    assert "○ 1席" in page
    assert parse_qs(urlsplit(registry.asked[0]).query)["privacy"] == ["open"]


def test_one_desk_leads_to_its_confirmation(person: Person) -> None:
    (link,) = re.findall(r'href="(/book\?[^"]+)"', person.opens(MAP).text)
    assert DESK.url.replace(":", "%3A").replace("/", "%2F") in link
    assert person.opens(link.replace("&amp;", "&")).status_code == 200


def test_a_site_that_is_not_ours_to_book_says_why(person: Person, storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        who = people.find(db, "012345")
        assert who is not None
        conditions.lay_down(
            db, privacy=["private"], work_kinds=["satellite"], host_codes=[], employments_barred=[], days_a_week=None,
            limit_yen=None, by=who.id, now=NOW,
        )  # fmt: skip
    page = person.opens(MAP)
    assert 'data-state="closed"' in page.text
    assert "予約できません：所属団体の利用条件" in page.text
    assert "/book?" not in page.text


def test_without_scripts_the_list_stands_alone_and_says_so(person: Person) -> None:
    page = person.opens(MAP).text
    assert re.search(r"<div class=\"dads-map\"[^>]* hidden", page)
    assert "地図の表示にはJavaScriptが必要です" in page


def test_leaflet_comes_with_the_map_and_not_with_the_list(person: Person) -> None:
    assert "leaflet" in person.opens(MAP).text
    assert "leaflet" not in person.opens(MAP.replace("/map", "")).text
    assert "leaflet" not in person.opens(MAP.replace("/map", "/week")).text


def test_without_the_registry_the_hosts_are_asked(person: Person, registry: FakeRegistry) -> None:
    person.opens(MAP)
    registry.down = True
    assert "受入団体に直接確認しました" in person.reads(MAP)


def test_a_wish_nobody_can_read_is_named_at_its_field(person: Person) -> None:
    answer = person.opens("/search/map?day=いつか")
    assert (answer.status_code, 'aria-invalid="true"' in answer.text) == (400, True)


def test_the_land_comes_from_us_once(person: Person, town: Town) -> None:
    path = "/search/map/boundaries"
    assert (person.opens(path).status_code, "data-boundaries" in person.opens(MAP).text) == (404, False)
    boundaries.keep(town.config.data, b'{"features":[]}')
    assert f'data-boundaries="{path}"' in person.opens(MAP).text
    packed = person.client.get(path, headers={"Accept-Encoding": "gzip"})
    assert (packed.mimetype, gzip.decompress(packed.data)) == ("application/geo+json", b'{"features":[]}')
    assert person.opens(path).data == b'{"features":[]}'
    again = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
    assert person.client.get(path, headers=again).status_code == 304


def test_strangers_are_sent_to_the_sign_in(stranger: Person) -> None:
    assert stranger.opens("/search/map/boundaries").status_code in {302, 303}


@pytest.mark.parametrize("path", [MAP, "/search?day=2026-11-25&slot=day"])
def test_pictures_come_from_us_alone(person: Person, path: str) -> None:
    assert "img-src" not in person.opens(path).headers["Content-Security-Policy"]


def test_tiles_are_allowed_where_the_operator_chose_them_on_the_map_alone(
    person: Person, app: AudiencedFlask, town: Town
) -> None:
    tiles = "https://tiles.example/{z}/{x}/{y}.png"
    config = dataclasses.replace(town.config, map_tiles=tiles, map_attribution="地理院タイル")
    app.extensions[EXTENSION] = dataclasses.replace(town, config=config)
    answer = person.opens(MAP)
    assert answer.headers["Content-Security-Policy"].endswith("; img-src 'self' https://tiles.example")
    assert f'data-tiles="{tiles}" data-attribution="地理院タイル"' in answer.text
    assert "img-src" not in person.opens("/search?day=2026-11-25&slot=day").headers["Content-Security-Policy"]
    assert HOST not in answer.headers["Content-Security-Policy"]
