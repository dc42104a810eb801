"""The entrance, reached from a desk: the desk goes along to the chosen town, and nothing else ever does."""

import html
import re
from collections.abc import Callable
from urllib.parse import quote, unquote

import pytest
from flask.testing import FlaskClient

from registry.bureau import Bureau
from registry.membership import standing, statements
from tests.registry.towns import NOW, Town

Join = Callable[[str], Town]
DESK = "0b2f9c3e-6f0d-4a57-9d5e-6a1f2d3c4b5a"


@pytest.fixture
def komae(join: Join) -> Town:
    return join("狛江市")


def links(client: FlaskClient, address: str, **wish: str) -> list[str]:
    """Where 進む leads on the page that a desk's page leads to."""
    page = client.get("/", query_string={"desk": address, **wish}).text
    return [html.unescape(link) for link in re.findall(r'href="(/go/[^"]+)"', page)]


def test_the_desk_goes_along_to_the_chosen_town(join: Join, komae: Town, client: FlaskClient) -> None:
    saitama = join("埼玉県")
    address = f"{komae.entity_id}/desks/{DESK}"
    (onward,) = (link for link in links(client, address) if link.startswith("/go/110001"))
    answer = client.get(onward)
    wanted = f"{saitama.entity_id}/book?desk={quote(address, safe='')}"
    assert (answer.status_code, answer.location) == (303, wanted)


def test_the_desk_stays_through_searching_and_forgetting(join: Join, komae: Town, client: FlaskClient) -> None:
    join("埼玉県")
    address = f"{komae.entity_id}/desks/{DESK}"
    assert [link[:17] for link in links(client, address, q="埼玉")] == ["/go/110001?desk=h"]
    client.get(links(client, address)[0])
    page = client.get("/", query_string={"desk": address}).text
    assert page.count(f'name="desk" value="{address}"') == 2
    assert f"/?desk={address}&prefecture=11" in unquote(html.unescape(page))
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token is not None
    answer = client.post("/forget", data={"form_token": token[1], "desk": address})
    assert (answer.status_code, answer.location.startswith("/?desk=http")) == (303, True)


def test_the_page_names_the_desk_as_its_host_publishes_it(
    komae: Town, client: FlaskClient, harvest: Callable[[], None]
) -> None:
    desk = komae.open_desk(komae.open_site(35.635, 139.579), start=NOW)
    address = f"{komae.entity_id}/desks/{desk}"
    assert "狛江市の座席の予約に進みます" in client.get("/", query_string={"desk": address}).text
    harvest()
    assert "狛江市役所 会議室 A-1" in client.get("/", query_string={"desk": address}).text


WRONG = [
    "https://evil.example/desks/{desk}",
    "{origin}.evil.example/desks/{desk}",
    "{origin}@evil.example/desks/{desk}",
    "http://user@localhost:8001/desks/{desk}",
    "{origin}//evil.example/desks/{desk}",
    "{origin}/desks/{desk}/",
    "{origin}/desks/{desk}?next=//evil.example",
    "{origin}/desks/{desk}#x",
    "{origin}/desks/{desk}\n",
    "{origin}/desks/../signin",
    "{origin}/desks/nothing",
    "{origin}/sites/{desk}",
    "{origin}\\desks\\{desk}",
    "HTTP://LOCALHOST:8001/desks/{desk}",
    "//localhost:8001/desks/{desk}",
    "javascript:alert(1)//localhost:8001/desks/{desk}",
    "/desks/{desk}",
    "\x00",
]


@pytest.mark.parametrize("wrong", WRONG)
def test_nothing_but_a_members_desk_goes_along(komae: Town, client: FlaskClient, wrong: str) -> None:
    address = wrong.format(origin=komae.entity_id, desk=DESK)
    assert links(client, address) == ["/go/132195"]
    assert "座席を確認できませんでした" in client.get("/", query_string={"desk": address}).text
    answer = client.get("/go/132195", query_string={"desk": address})
    assert answer.status_code == 404
    assert "Location" not in answer.headers


def test_a_desk_of_a_member_that_is_suspended_goes_nowhere(
    join: Join, komae: Town, client: FlaskClient, bureau: Bureau
) -> None:
    join("埼玉県")
    with bureau.storage.transaction(write=True) as db:
        number = statements.get_member(db, komae.entity_id).id
        standing.suspend(db, number, reason="漏えい", emergency=True, by="operator", now=bureau.clock())
    assert links(client, f"{komae.entity_id}/desks/{DESK}") == ["/go/110001"]


def test_a_desk_opens_no_way_to_who_is_no_member(komae: Town, client: FlaskClient) -> None:
    address = f"{komae.entity_id}/desks/{DESK}"
    assert client.get("/go/999999", query_string={"desk": address}).status_code == 404
