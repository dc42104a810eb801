"""The way from a desk's label to the visitor's own town: chosen here, and leading to members alone."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from federation.members import Member
from federation.roster import find
from node import entity
from node.app import app_of
from tests.federation.world import REGISTRY
from tests.federation.world import Town as Party
from tests.node.pair import HOME, HOST, Pair
from tests.node.views.conftest import plain

LGWAN = "https://tachiyori.city.tokorozawa.lg.example"


@pytest.fixture
def visitor(towns: Pair) -> FlaskClient:
    """Somebody's phone, at the host."""
    return app_of(towns.host).test_client()


@pytest.fixture
def sticker(towns: Pair) -> str:
    return f"/desks/{towns.desk}"


def known(towns: Pair, **facts: object) -> None:
    """Change what the host's members table says of the home."""
    with towns.host.storage.transaction(write=True) as db:
        row = find(db, HOME)
        assert row is not None
        for name, value in facts.items():
            setattr(row, name, value)


def test_the_choice_leads_to_the_home_with_the_desk(visitor: FlaskClient, towns: Pair, sticker: str) -> None:
    answer = visitor.get(f"{sticker}/home/112089")
    desk = quote(f"{HOST}{sticker}", safe="")
    assert (answer.status_code, answer.location) == (303, f"{HOME}/book?desk={desk}")


def test_the_choice_is_remembered_and_forgotten(visitor: FlaskClient, sticker: str) -> None:
    visitor.get(f"{sticker}/home/112089", base_url=HOST)
    assert f'href="{sticker}/home/112089"' in visitor.get(sticker, base_url=HOST).text
    page = visitor.get(f"{sticker}/home", base_url=HOST).text
    assert "前回選択した自治体" in page
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token is not None
    visitor.post(f"{sticker}/home/forget", data={"form_token": token[1]}, base_url=HOST)
    assert "前回選択した自治体" not in visitor.get(f"{sticker}/home", base_url=HOST).text


@pytest.mark.parametrize(
    "typed", ["所沢", "ところざわ", "トコロザワ", "TOKOROZAWA", "１１２０８９", "さいたまけん", "saitama"]
)
def test_a_town_is_found_however_its_name_is_written(
    visitor: FlaskClient, towns: Pair, sticker: str, typed: str
) -> None:
    known(towns, name_kana="ところざわし", name_en="Tokorozawa City")
    page = visitor.get(f"{sticker}/home", query_string={"q": typed}).text
    assert (f"{sticker}/home/112089" in page, f"{sticker}/home/131016" in page) == (True, False)


def test_prefectures_lead_to_their_towns(visitor: FlaskClient, sticker: str) -> None:
    page = visitor.get(f"{sticker}/home?prefecture=13").text
    assert (f"{sticker}/home/112089" in page, f"{sticker}/home/131016" in page) == (False, True)


def test_what_was_typed_comes_back_escaped(visitor: FlaskClient, sticker: str) -> None:
    page = visitor.get(f"{sticker}/home", query_string={"q": "<script>alert(1)</script>"}).text
    assert "<script>alert" not in page
    assert "該当する自治体が見つかりません" in page


@pytest.mark.parametrize("facts", [{"status": "suspended"}, {"status": "unknown"}, {"gone": True}])
def test_who_may_not_come_is_neither_offered_nor_led_anywhere(
    visitor: FlaskClient, towns: Pair, sticker: str, facts: dict[str, object]
) -> None:
    known(towns, **facts)
    assert f"{sticker}/home/112089" not in visitor.get(f"{sticker}/home").text
    assert visitor.get(f"{sticker}/home/112089").status_code == 404


def test_a_member_whose_word_has_expired_is_not_offered(visitor: FlaskClient, towns: Pair, sticker: str) -> None:
    known(towns, expires=towns.clock() - timedelta(seconds=1))
    assert f"{sticker}/home/112089" not in visitor.get(f"{sticker}/home").text
    assert visitor.get(f"{sticker}/home/112089").status_code == 404


@pytest.mark.parametrize(
    "code", ["999999", "evil.example", "https:%2F%2Fevil.example", "112089@evil.example", "%2e%2e", "112089%0d%0aX: y"]
)
def test_nobody_is_sent_to_anywhere_but_a_member(visitor: FlaskClient, sticker: str, code: str) -> None:
    answer = visitor.get(f"{sticker}/home/{code}")
    assert answer.status_code == 404
    assert answer.location is None


@pytest.mark.parametrize("name", ["desk", "home", "next", "url", "origin", "redirect_uri", "target"])
def test_no_address_of_a_request_leads_anywhere(visitor: FlaskClient, sticker: str, name: str) -> None:
    answer = visitor.get(f"{sticker}/home/112089", query_string={name: "https://evil.example"})
    assert answer.location is not None
    assert answer.location.startswith(f"{HOME}/book?desk=")
    assert "evil" not in answer.location


def test_our_own_people_are_led_to_our_own_page(visitor: FlaskClient, sticker: str) -> None:
    location = visitor.get(f"{sticker}/home/131016").location
    assert location is not None
    assert location.startswith(f"{HOST}/book?desk=")


def test_a_town_with_two_addresses_asks_which_and_remembers(visitor: FlaskClient, towns: Pair, sticker: str) -> None:
    declared(towns, [LGWAN])
    page = visitor.get(f"{sticker}/home/112089", base_url=HOST)
    assert page.status_code == 200
    assert "tachiyori.city.tokorozawa.lg.example" in plain(page)
    location = visitor.get(f"{sticker}/home/112089?via=1", base_url=HOST).location
    assert location is not None
    assert location.startswith(f"{LGWAN}/book?desk=")
    assert f'href="{sticker}/home/112089?via=1"' in visitor.get(sticker, base_url=HOST).text


@pytest.mark.parametrize("via", ["2", "-1", "x", "https://evil.example", "١"])
def test_an_address_that_is_not_declared_is_not_gone_to(
    visitor: FlaskClient, towns: Pair, sticker: str, via: str
) -> None:
    declared(towns, [LGWAN])
    answer = visitor.get(f"{sticker}/home/112089", query_string={"via": via})
    assert answer.status_code == 200
    assert answer.location is None


def declared(towns: Pair, origins: list[str]) -> None:
    """Let the home declare further origins of its own, and the host hear of it."""
    keys, now = towns.home.keys, towns.clock()
    own = entity.metadata(towns.home.config, keys.protocol)
    metadata = {**own, "desk_exchange": {**own["desk_exchange"], "origins": origins}}
    party = Party(HOME, "112089", "所沢市", 0, federation=keys.federation.current)
    towns.registry.statements[HOME] = towns.registry.about(party)
    towns.registry.configurations[HOME] = party.configuration(now, metadata, authority_hints=[REGISTRY])
    assert towns.host.members.refetch(HOME, now)


def test_the_page_is_made_from_our_own_table_while_the_registry_is_away(
    visitor: FlaskClient, towns: Pair, sticker: str
) -> None:
    towns.registry.down = True
    asked = list(towns.registry.calls)
    assert f"{sticker}/home/112089" in visitor.get(f"{sticker}/home").text
    assert visitor.get(f"{sticker}/home/112089").status_code == 303
    assert towns.registry.calls == asked


def test_what_the_cookie_says_is_believed_only_as_far_as_the_table_does(visitor: FlaskClient, sticker: str) -> None:
    visitor.get(f"{sticker}/home/112089", base_url=HOST)
    (name,) = [cookie for _domain, _path, cookie in visitor._cookies or () if cookie.endswith("-town")]
    for value in ("999999", "112089-9", "https://evil.example", "x" * 4000):
        visitor.set_cookie(name, value, domain="node.chiyoda.example", path="/")
        page = visitor.get(sticker, base_url=HOST)
        assert page.status_code == 200
        assert "evil" not in page.text


def test_it_works_for_members_by_the_hundred(visitor: FlaskClient, towns: Pair, sticker: str) -> None:
    with towns.host.storage.transaction(write=True) as db:
        home = find(db, HOME)
        assert home is not None
        for number in range(100):
            facts = {"entity_id": f"https://node{number}.example", "code": f"2{number:05}", "name": f"第{number}町"}
            same = {"statement": "", "configuration": "", "status_index": 9, "status": "valid", "seen_at": home.seen_at}
            times = {"issued": home.issued, "configured": home.configured, "expires": home.expires}
            db.add(Member(**facts, **same, **times))
    page = visitor.get(f"{sticker}/home").text
    assert f"{sticker}/home/112089" not in page
    assert "都道府県から選ぶ" in page
    assert f"{sticker}/home/112089" in visitor.get(f"{sticker}/home", query_string={"q": "所沢"}).text
