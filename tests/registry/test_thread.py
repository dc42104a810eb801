"""The whole thread once: enrol, admit, members feed, harvest, search."""

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient

from federation.trust import verify_member
from registry.bureau import Bureau
from tests.registry.towns import NOW, Town, json_of

START = NOW + timedelta(days=1)
END = START + timedelta(hours=2)


def test_a_town_that_was_admitted_finds_the_desk_of_another(
    join: Callable[[str], Town], harvest: Callable[[], None], client: FlaskClient
) -> None:
    komae, saitama = join("狛江市"), join("埼玉県")
    desk = komae.open_desk(komae.open_site(35.6349, 139.5788), start=START)
    komae.agree(saitama)
    harvest()
    (found,) = saitama.search(client, START, END, lat=35.64, lon=139.58)
    assert found["desk"]["id"] == desk
    assert found["host"] == {
        "entity_id": komae.entity_id,
        "code": komae.code,
        "name": "狛江市",
        "name_en": "132195 Town",
    }


def test_the_members_feed_carries_chains_that_verify(
    join: Callable[[str], Town], client: FlaskClient, bureau: Bureau
) -> None:
    komae = join("狛江市")
    (item,) = json_of(komae.get(client, "/feeds/members", "feed"))["items"]
    member = verify_member(
        anchor=bureau.seal.anchor,
        entity_configuration=item["data"]["configuration"],
        subordinate_statement=item["data"]["statement"],
        now=bureau.clock(),
    )
    assert (member.entity_id, member.code, member.name) == (komae.entity_id, komae.code, "狛江市")
